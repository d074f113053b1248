//! A service of our own in the server under test, deleted again when the test ends.

use catalog_core::model::Secret;
use catalog_core::ports::MetadataSource;
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use catalog_om::{FkAs, OmClient, OmPublisher, OmSettings, OmSource, ServerCapabilities};
use e2e::variable;
use serde_json::{Value, json};

/// A file with a person's token. The stand-in's `alice` needs none.
const PERSON_TOKEN_FILE: &str = "CATALOG_TEST_OPENMETADATA_PERSON_TOKEN_FILE";

pub(crate) struct Service {
    pub(crate) name: String,
    id: String,
    url: String,
    token: String,
    pub(crate) source: OmSource,
    pub(crate) server: ServerCapabilities,
    publisher: Option<OmPublisher>,
}

impl Service {
    /// A service with the tables `loan`, `card` and `account` in it.
    pub(crate) async fn new(name: &str) -> Self {
        let url = variable("CATALOG_TEST_OPENMETADATA_URL").unwrap();
        let token_file = variable("CATALOG_TEST_OPENMETADATA_TOKEN_FILE").unwrap();
        let token = std::fs::read_to_string(&token_file).unwrap().trim().to_owned();
        let name = format!("{name}_{}", std::process::id());
        let settings = OmSettings {
            url: url.clone(),
            credential: Credential::bearer_file(token_file),
            include: vec![format!("service:{name}")],
            fk_as: vec![FkAs::Lineage, FkAs::TableConstraint],
            ..OmSettings::default()
        };
        let post = async |path: &str, body: Value| {
            let http = client(&url, &token);
            let request = HttpRequest::new("make", Method::Post, path).json("application/json", &body).unwrap();
            let made: Value = http.send(request).await.unwrap().require_success().unwrap().json().unwrap();
            made["id"].as_str().unwrap_or_default().to_owned()
        };
        let id = post("/services/databaseServices", json!({"name": name, "serviceType": "Trino"})).await;
        post("/databases", json!({"name": "bank", "service": name})).await;
        post("/databaseSchemas", json!({"name": "main", "database": format!("{name}.bank")})).await;
        let column = |name: &str| json!({"name": name, "dataType": "STRING"});
        let columns = ["id", "email", "account_id", "\"; DROP TABLE x; --"].map(column);
        for table in ["loan", "card", "account"] {
            let schema = format!("{name}.bank.main");
            post("/tables", json!({"name": table, "databaseSchema": schema, "columns": columns})).await;
        }
        let om = OmClient::new(&settings, &policy(&url)).unwrap();
        let server = om.probe().await.unwrap();
        let source = OmSource::new(om.clone(), &settings, &server).unwrap();
        let publisher = Some(OmPublisher::new(om, &settings, server.clone()));
        Self { name, id, url, token, source, server, publisher }
    }

    /// The publisher, once.
    pub(crate) fn take_publisher(&mut self) -> OmPublisher {
        self.publisher.take().unwrap()
    }

    pub(crate) fn fqn(&self, table: &str) -> catalog_core::model::Fqn {
        catalog_core::model::Fqn::from_parts([self.name.as_str(), "bank", "main", table])
    }

    pub(crate) async fn table(&self, table: &str) -> catalog_core::model::Table {
        self.source.get(&self.fqn(table)).await.unwrap().unwrap()
    }

    /// A person edits a table's description.
    pub(crate) async fn describe_by_hand(&self, table: &str, text: &str) {
        let token = match std::env::var(PERSON_TOKEN_FILE) {
            Ok(path) => std::fs::read_to_string(path).unwrap().trim().to_owned(),
            Err(_) => "alice-token".to_owned(),
        };
        let path = format!("/tables/name/{}", catalog_om::path_segment(&self.fqn(table)));
        let body = json!([{"op": "add", "path": "/description", "value": text}]);
        let request = HttpRequest::new("edit", Method::Patch, path).json("application/json-patch+json", &body).unwrap();
        client(&self.url, &token).send(request).await.unwrap().require_success().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let url = format!(
            "{}/api/v1/services/databaseServices/{}?recursive=true&hardDelete=true",
            self.url.trim_end_matches('/'),
            self.id
        );
        let header = format!("Bearer {}", self.token);
        // On a thread of its own, since the runtime may be blocked by the drop; a service that stays is only untidy.
        let _ = std::thread::spawn(move || ureq::delete(&url).header("Authorization", &header).call().is_ok()).join();
    }
}

fn policy(url: &str) -> EgressPolicy {
    let url: url::Url = url.parse().unwrap();
    EgressPolicy::allowing([(url.host_str().unwrap().to_owned(), url.port_or_known_default().unwrap())])
}

fn client(url: &str, token: &str) -> HttpClient {
    let options = HttpOptions { credential: Credential::Bearer(Secret::new(token)), ..HttpOptions::default() };
    HttpClient::new(&format!("{}/api/v1", url.trim_end_matches('/')), &policy(url), options).unwrap()
}
