//! Tables registered in OpenMetadata as its own ingestion of Trino would, under a service that ends with the test.

use catalog_core::model::{Column, DataType, Secret, Table};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use e2e::variable;
use serde_json::{Value, json};

pub(crate) struct Service {
    pub(crate) name: String,
    id: String,
    url: String,
    token: String,
    schema: String,
}

impl Service {
    pub(crate) async fn register(tables: Vec<Table>) -> Self {
        let url = variable("CATALOG_TEST_OPENMETADATA_URL").unwrap();
        let token_file = variable("CATALOG_TEST_OPENMETADATA_TOKEN_FILE").unwrap();
        let token = std::fs::read_to_string(token_file).unwrap().trim().to_owned();
        let name = format!("walk_{}", std::process::id());
        let engine = &tables[0].table_ref.engine;
        let database = format!("{name}.{}", engine.catalog);
        let schema = format!("{database}.{}", engine.schema);
        let mut service = Self { name, id: String::new(), url, token, schema };
        let made =
            service.post("/services/databaseServices", json!({"name": service.name, "serviceType": "Trino"})).await;
        service.id = made["id"].as_str().unwrap().to_owned();
        service.post("/databases", json!({"name": engine.catalog, "service": service.name})).await;
        service.post("/databaseSchemas", json!({"name": engine.schema, "database": database})).await;
        for table in &tables {
            let columns: Vec<Value> = table.columns.iter().map(column).collect();
            let name = &table.table_ref.engine.table;
            service.post("/tables", json!({"name": name, "databaseSchema": service.schema, "columns": columns})).await;
        }
        service
    }

    /// The table's entry.
    pub(crate) async fn table(&self, name: &str) -> Value {
        let path = format!("/tables/name/{}.{name}", self.schema);
        let request = HttpRequest::new("read", Method::Get, path).query("fields", "columns,tags");
        self.client().send(request).await.unwrap().require_success().unwrap().json().unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = HttpRequest::new("make", Method::Post, path).json("application/json", &body).unwrap();
        self.client().send(request).await.unwrap().require_success().unwrap().json().unwrap()
    }

    fn client(&self) -> HttpClient {
        let url: url::Url = self.url.parse().unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port_or_known_default().unwrap());
        let options =
            HttpOptions { credential: Credential::Bearer(Secret::new(&self.token)), ..HttpOptions::default() };
        let base = format!("{}/api/v1", self.url.trim_end_matches('/'));
        HttpClient::new(&base, &EgressPolicy::allowing([target]), options).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let base = self.url.trim_end_matches('/');
        let url = format!("{base}/api/v1/services/databaseServices/{}?recursive=true&hardDelete=true", self.id);
        let header = format!("Bearer {}", self.token);
        // On a thread of its own, since the runtime may be blocked by the drop; a service that stays is only untidy.
        let _ = std::thread::spawn(move || ureq::delete(&url).header("Authorization", &header).call().is_ok()).join();
    }
}

fn column(column: &Column) -> Value {
    let kind = match column.data_type {
        DataType::Integer => "BIGINT",
        DataType::Float => "DOUBLE",
        DataType::Decimal => "DECIMAL",
        DataType::Boolean => "BOOLEAN",
        DataType::Date => "DATE",
        DataType::Timestamp => "TIMESTAMP",
        _ => "STRING",
    };
    json!({"name": column.name, "dataType": kind, "description": column.description.as_ref().map(|d| &d.text)})
}
