//! A publisher whose tables have other names and ids than the suite's.

use std::collections::BTreeMap;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{
    ColumnSet, CurrentTable, FieldPath, FieldValue, ForeignKey, Fqn, Operation, TableId, TableRef, WriteOutcome,
};
use catalog_core::ports::{Publisher, PublisherCapabilities};

/// Lets the [publisher suite](crate::publisher_suite) judge a catalog that gives ids of its own: the suite's tables are
/// told to the publisher by its own references, and its answers by the suite's.
pub struct RenamedPublisher<P> {
    inner: P,
    /// The catalog's references by the suite's.
    tables: BTreeMap<TableRef, TableRef>,
}

impl<P: Publisher> RenamedPublisher<P> {
    /// A publisher to which each of the suite's tables is another one.
    pub fn new(inner: P, tables: impl IntoIterator<Item = (TableRef, TableRef)>) -> Self {
        Self { inner, tables: tables.into_iter().collect() }
    }

    /// The catalog's reference for one of the suite's.
    pub fn theirs(&self, table: &TableRef) -> TableRef {
        self.tables.get(table).unwrap_or(table).clone()
    }

    fn name(&self, fqn: &Fqn, to_theirs: bool) -> Fqn {
        let other = |(ours, theirs): (&TableRef, &TableRef)| {
            let (from, to) = if to_theirs { (ours, theirs) } else { (theirs, ours) };
            (from.fqn == *fqn).then(|| to.fqn.clone())
        };
        self.tables.iter().find_map(other).unwrap_or_else(|| fqn.clone())
    }

    fn value(&self, value: &FieldValue, to_theirs: bool) -> FieldValue {
        let key = match value {
            FieldValue::Key(key) => key,
            FieldValue::Query { sql, question, tables } => {
                let tables = tables.iter().map(|table| self.name(table, to_theirs)).collect();
                return FieldValue::Query { sql: sql.clone(), question: question.clone(), tables };
            }
            other => return other.clone(),
        };
        let side =
            |set: &ColumnSet| ColumnSet { table: self.name(&set.table, to_theirs), columns: set.columns.clone() };
        let (child, parent) = (side(&key.child), side(&key.parent));
        FieldValue::Key(Box::new(ForeignKey { child, parent, ..(**key).clone() }))
    }

    fn operation(&self, operation: &Operation) -> Operation {
        Operation {
            table: self.theirs(&operation.table),
            before: operation.before.as_ref().map(|value| self.value(value, true)),
            after: operation.after.as_ref().map(|value| self.value(value, true)),
            ..operation.clone()
        }
    }

    fn current(&self, mut current: CurrentTable) -> CurrentTable {
        for field in &mut current.fields {
            field.current.value = self.value(&field.current.value, false);
        }
        current
    }
}

#[async_trait]
impl<P: Publisher> Publisher for RenamedPublisher<P> {
    fn capabilities(&self) -> PublisherCapabilities {
        self.inner.capabilities()
    }

    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        Ok(self.inner.read(&self.theirs(table)).await?.map(|current| self.current(current)))
    }

    async fn read_with(&self, table: &TableRef, beside: &[FieldPath]) -> Result<Option<CurrentTable>> {
        Ok(self.inner.read_with(&self.theirs(table), beside).await?.map(|current| self.current(current)))
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        let operations: Vec<Operation> = operations.iter().map(|o| self.operation(o)).collect();
        Ok(match self.inner.write(&self.theirs(table), based_on, &operations).await? {
            WriteOutcome::Conflict { current } => WriteOutcome::Conflict { current: current.map(|c| self.current(c)) },
            other => other,
        })
    }

    async fn table_gone(&self, table: &TableId) -> Result<()> {
        let theirs = self.tables.iter().find(|(ours, _)| ours.id == *table).map(|(_, theirs)| &theirs.id);
        self.inner.table_gone(theirs.unwrap_or(table)).await
    }
}
