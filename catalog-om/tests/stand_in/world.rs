//! A served stand-in with a few tables in it, and our clients of it.

use catalog_core::model::{
    Confidence, FieldPath, FieldValue, Fqn, Operation, OperationId, SourceId, TableId, TableRef,
};
use catalog_core::ports::{MetadataSource, Publisher};
use catalog_net::{Credential, EgressPolicy};
use catalog_om::{OmClient, OmPublisher, OmSettings, OmSource, ServerCapabilities};
use catalog_testkit::fake_om::{Answer, Edit, FakeOm, Generation, Options, Quirks, Request};
use serde_json::{Value, json};

pub(crate) const SCHEMA: &str = "lake.iceberg.sales";
pub(crate) const BOT: &str = "ingestion-bot";

pub(crate) struct World {
    pub(crate) server: FakeOm,
    pub(crate) settings: OmSettings,
    pub(crate) capabilities: ServerCapabilities,
    pub(crate) source: OmSource,
    pub(crate) publisher: OmPublisher,
}

/// A policy that lets an address be reached.
pub(crate) fn policy(url: &str) -> EgressPolicy {
    let url: url::Url = url.parse().unwrap();
    EgressPolicy::allowing([(url.host_str().unwrap().to_owned(), url.port_or_known_default().unwrap())])
}

impl World {
    pub(crate) async fn new(generation: Generation) -> Self {
        Self::with(generation, |_| ()).await
    }

    /// A world whose settings differ from the default.
    pub(crate) async fn with(generation: Generation, change: impl FnOnce(&mut OmSettings)) -> Self {
        let server = FakeOm::start(Options::of(generation), 0).await.unwrap();
        for (collection, body) in [
            ("services/databaseServices", json!({"name": "lake", "serviceType": "Trino"})),
            ("databases", json!({"name": "iceberg", "service": "lake"})),
            ("databaseSchemas", json!({"name": "sales", "database": "lake.iceberg"})),
        ] {
            created(&server, collection, &body);
        }
        create_table(&server, "customers", &[json!({"name": "id", "dataType": "BIGINT", "constraint": "PRIMARY_KEY"})]);
        let mut orders = columns(&["id", "customer_id", "email"]);
        orders.push(json!({
            "name": "attrs", "dataType": "STRUCT", "dataTypeDisplay": "struct<zip:varchar>",
            "children": [{"name": "zip", "dataType": "STRING"}],
        }));
        create_table(&server, "orders", &orders);
        let mut settings = OmSettings {
            url: server.url(),
            credential: Credential::Bearer(catalog_core::model::Secret::new(format!("{BOT}-token"))),
            attempts_max: 2,
            ..OmSettings::default()
        };
        change(&mut settings);
        let client = OmClient::new(&settings, &policy(&server.url())).unwrap();
        let capabilities = client.probe().await.unwrap();
        let source = OmSource::new(client.clone(), &settings, &capabilities).unwrap();
        let publisher = OmPublisher::new(client, &settings, capabilities.clone());
        Self { server, settings, capabilities, source, publisher }
    }

    pub(crate) async fn table(&self, name: &str) -> TableRef {
        self.source.get(&fqn(name)).await.unwrap().unwrap().table_ref
    }

    /// Somebody patches a table.
    pub(crate) fn edit(&self, user: &str, table: &str, operations: Value) {
        let edit = edit(user, table, operations);
        let answer = self.server.with(|s| s.edit(&edit));
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// The table as the server stores it.
    pub(crate) fn stored(&self, table: &str) -> Value {
        self.server.with(|s| s.table(&fqn(table).to_string()).cloned()).unwrap_or(Value::Null)
    }

    /// A request past the client, as somebody.
    pub(crate) fn request(&self, user: &str, request: Request) -> Answer {
        self.server.with(|s| {
            let request = s.authorised(request, user);
            s.handle(&request)
        })
    }

    pub(crate) fn quirks(&self, change: impl FnOnce(&mut Quirks), generation: Generation) {
        let mut quirks = generation.quirks();
        change(&mut quirks);
        self.server.with(|s| s.set_quirks(quirks));
    }

    /// Writes on the state just read.
    pub(crate) async fn write(
        &self,
        operations: &[Operation],
    ) -> catalog_core::Result<catalog_core::model::WriteOutcome> {
        let table = &operations[0].table;
        let fields: Vec<FieldPath> = operations.iter().map(|operation| operation.field.clone()).collect();
        let current = self.publisher.read_with(table, &fields).await?.unwrap();
        self.publisher.write(table, &current, operations).await
    }

    /// The requests since the last call, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        self.server.with(|s| s.journal()).into_iter().map(|entry| (entry.method, entry.path)).collect()
    }
}

pub(crate) fn fqn(table: &str) -> Fqn {
    let schema: Fqn = SCHEMA.parse().unwrap();
    schema.child(table)
}

pub(crate) fn edit(user: &str, table: &str, operations: Value) -> Edit {
    Edit { user: user.to_owned(), table: fqn(table).to_string(), operations }
}

pub(crate) fn columns(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"name": name, "dataType": "STRING"})).collect()
}

pub(crate) fn created(server: &FakeOm, collection: &str, body: &Value) -> Value {
    let answer = server.with(|s| {
        let request = Request::new("POST", &format!("/api/v1/{collection}")).json(body);
        s.handle(&s.authorised(request, "admin"))
    });
    assert_eq!(answer.status, 201, "{body} {:?}", answer.body);
    answer.body.unwrap()
}

pub(crate) fn create_table(server: &FakeOm, name: &str, columns: &[Value]) -> Value {
    created(server, "tables", &json!({"name": name, "databaseSchema": SCHEMA, "columns": columns}))
}

pub(crate) fn operation(table: &TableRef, field: FieldPath, after: FieldValue) -> Operation {
    Operation {
        id: OperationId(format!("{field} of {}", table.fqn)),
        table: table.clone(),
        field,
        before: None,
        after: Some(after),
        confidence: Confidence::new(0.9),
        author: "rules".into(),
        prompt_version: "rules/1".into(),
        evidence_hash: "e".into(),
    }
}

pub(crate) fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

pub(crate) fn describe(table: &TableRef, words: &str) -> Operation {
    operation(table, FieldPath::Description, text(words))
}

pub(crate) fn describe_column(table: &TableRef, column: &str, words: &str) -> Operation {
    operation(table, FieldPath::ColumnDescription { column: column.to_owned() }, text(words))
}

/// The operation that takes another one back.
pub(crate) fn undo(operation: &Operation) -> Operation {
    Operation { before: operation.after.clone(), after: operation.before.clone(), ..operation.clone() }
}

/// A reference to a table that is not there.
pub(crate) fn nowhere() -> TableRef {
    let fqn = fqn("nowhere");
    TableRef {
        source: SourceId("openmetadata".into()),
        id: TableId("00000000-0000-4000-8000-000000000000".into()),
        engine: catalog_core::model::EngineName {
            catalog: "iceberg".into(),
            schema: "sales".into(),
            table: "nowhere".into(),
        },
        fqn,
    }
}
