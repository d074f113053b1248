//! The contract of every catalog, kept by the publisher over both generations. A real server is judged by the same
//! suite in the live lane.

use std::collections::BTreeMap;

use async_trait::async_trait;
use catalog_core::model::{
    ColumnSet, CurrentTable, FieldPath, FieldValue, ForeignKey, Fqn, Operation, TableId, TableRef, WriteOutcome,
};
use catalog_core::ports::{Publisher, PublisherCapabilities};
use catalog_core::{Error, ErrorKind, Result};
use catalog_om::{FkAs, OmPublisher};
use catalog_testkit::fake_om::{FakeOm, Generation};
use catalog_testkit::publisher_suite::PublisherSubject;
use catalog_testkit::samples;
use serde_json::json;

use super::world::{World, columns, create_table, edit, fqn};

/// The suite's tables are named `bank.main.*` and have ids of their own: both are told apart from the server's here.
struct Translated {
    inner: OmPublisher,
    tables: BTreeMap<TableId, TableRef>,
}

impl Translated {
    fn to_server(&self, table: &TableRef) -> TableRef {
        self.tables.get(&table.id).cloned().unwrap_or_else(|| table.clone())
    }

    fn value(value: &FieldValue, rename: &impl Fn(&Fqn) -> Fqn) -> FieldValue {
        let side = |set: &ColumnSet| ColumnSet { table: rename(&set.table), columns: set.columns.clone() };
        match value {
            FieldValue::Key(key) => FieldValue::Key(Box::new(ForeignKey {
                child: side(&key.child),
                parent: side(&key.parent),
                ..(**key).clone()
            })),
            other => other.clone(),
        }
    }

    fn operation(&self, operation: &Operation) -> Operation {
        let rename = |name: &Fqn| fqn(name.name());
        Operation {
            table: self.to_server(&operation.table),
            before: operation.before.as_ref().map(|v| Self::value(v, &rename)),
            after: operation.after.as_ref().map(|v| Self::value(v, &rename)),
            ..operation.clone()
        }
    }

    fn current(mut current: CurrentTable) -> CurrentTable {
        let rename = |name: &Fqn| samples::table_ref(name.name()).fqn;
        for field in &mut current.fields {
            field.current.value = Self::value(&field.current.value, &rename);
        }
        current
    }
}

#[async_trait]
impl Publisher for Translated {
    fn capabilities(&self) -> PublisherCapabilities {
        self.inner.capabilities()
    }

    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        Ok(self.inner.read(&self.to_server(table)).await?.map(Self::current))
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        if operations.iter().any(|o| o.table.id != table.id) {
            return Err(Error::new(ErrorKind::InvalidInput, "write_entry", "another table"));
        }
        let operations: Vec<Operation> = operations.iter().map(|o| self.operation(o)).collect();
        Ok(match self.inner.write(&self.to_server(table), based_on, &operations).await? {
            WriteOutcome::Conflict { current } => WriteOutcome::Conflict { current: current.map(Self::current) },
            other => other,
        })
    }

    async fn table_gone(&self, table: &TableId) -> Result<()> {
        self.inner.table_gone(table).await
    }
}

struct Subject {
    server: FakeOm,
    publisher: Translated,
    keeps_authors: bool,
}

impl Subject {
    async fn new(generation: Generation, fk_as: &[FkAs]) -> Self {
        let world = World::with(generation, |settings| settings.fk_as = fk_as.to_vec()).await;
        let mut tables = BTreeMap::new();
        for table in ["loan", "card", "account"] {
            create_table(&world.server, table, &columns(&["id", "email", "account_id", "\"; DROP TABLE x; --"]));
            tables.insert(samples::table_ref(table).id, world.table(table).await);
        }
        let keeps_authors = generation == Generation::V2_0;
        Self { server: world.server, publisher: Translated { inner: world.publisher, tables }, keeps_authors }
    }
}

#[async_trait]
impl PublisherSubject for Subject {
    fn publisher(&self) -> &dyn Publisher {
        &self.publisher
    }

    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        let (FieldPath::Description, FieldValue::Text(text)) = (field, value) else {
            panic!("the suite edits descriptions only");
        };
        let operations = json!([{"op": "add", "path": "/description", "value": text}]);
        let answer = self.server.with(|s| s.edit(&edit("alice", table.fqn.name(), operations)));
        assert_eq!(answer.status, 200);
    }

    fn keeps_authors(&self) -> bool {
        self.keeps_authors
    }

    fn keeps_entries(&self) -> bool {
        false
    }
}

mod newer_with_keys_as_lineage {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V2_0, &[FkAs::Lineage]).await);
}

mod newer_with_keys_as_constraints {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V2_0, &[FkAs::TableConstraint]).await);
}

mod older_with_keys_as_both {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V1_6, &[FkAs::Lineage, FkAs::TableConstraint]).await);
}
