//! Listing a SQLite file.

use std::time::Duration;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Fqn, SourceId, Table};
use catalog_core::ports::{MetadataSource, TablePage};

use super::SqliteWarehouse;
use super::connection::OpenFile;
use super::errors::from_driver;
use super::relations::Relations;
use super::schema::SchemaReader;
use crate::sources::blocking_job;

const OPERATION: &str = "list_tables";
const DEADLINE: Duration = Duration::from_secs(60);

#[async_trait]
impl MetadataSource for SqliteWarehouse {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage> {
        let after = cursor.map(str::to_owned);
        self.read_schema(move |reader| {
            let page: Vec<_> = reader.relations.after(after.as_deref()).take(limit).collect();
            let next = page.last().filter(|_| page.len() == limit).map(|r| r.name.clone());
            Ok(TablePage::new(page.into_iter().map(|r| reader.discover(r)).collect(), next))
        })
        .await
    }

    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>> {
        let [source, schema, name] = fqn.parts() else { return Ok(None) };
        if *source != self.id.0 || schema != "main" {
            return Ok(None);
        }
        let name = name.clone();
        self.read_schema(move |reader| {
            let relation = reader.relations.named(&name).filter(|r| r.name == name);
            relation.map(|r| reader.table(r)).transpose()
        })
        .await
        .map_err(|e| e.with("table", fqn))
    }
}

impl SqliteWarehouse {
    async fn read_schema<T: Send + 'static>(
        &self,
        read: impl FnOnce(&SchemaReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connections = self.connections.clone();
        let source = self.id.clone();
        blocking_job::run(OPERATION, Some(DEADLINE), move |stop| {
            let facts = connections.file_facts()?;
            let listed = connections.with(stop, |file| {
                let failed = |e| from_driver(OPERATION, &e);
                let OpenFile { connection, relations } = file;
                // One transaction: one view of the schema, and one lock instead of one a statement.
                let _snapshot = connection.unchecked_transaction().map_err(failed)?;
                let relations = Relations::current(connection, relations).map_err(failed)?;
                read(&SchemaReader::new(connection, relations, &source, facts))
            });
            listed.map_err(|e| {
                if e.context().iter().any(|(k, _)| *k == "path") {
                    e
                } else {
                    e.with("path", connections.path().display())
                }
            })
        })
        .await
    }
}
