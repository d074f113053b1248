//! Guarded writes.
//!
//! A write is one PATCH that carries three guards: `If-Match` with the version that was read, `test` operations on
//! that state, on every name along a column's path and on every value that is replaced, and a second read that must
//! show what was written. Keys as lineage, counts and queries follow it, since they carry no version. Whatever fails,
//! writing the same operations again finishes the work.

mod beside;
mod current;
mod keys;
mod labels;
mod patch;
mod queries;
mod suggest;
mod tags;
mod write;

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog_core::model::{CurrentTable, FieldPath, Fqn, Operation, OperationId, TableId, TableRef, WriteOutcome};
use catalog_core::ports::{Publisher, PublisherCapabilities};
use catalog_core::{Error, ErrorKind, Result};
use tokio::sync::Mutex;

use self::current::Snapshot;
use crate::authors::Authors;
use crate::client::{Call, OmClient};
use crate::lineage;
use crate::path_segment;
use crate::probe::ServerCapabilities;
use crate::settings::{FkAs, OmSettings};
use crate::wire::OmTable;

/// Tables are spread over so many locks; two that share one wait for each other.
const WRITERS: usize = 64;

/// OpenMetadata as the catalog to publish to.
///
/// A field counts as ours only when the server says so: by its change summary, by labels that a program set and nobody
/// confirmed, by our own lines in lineage edges, or by the history of versions. Everything else is left alone. Servers
/// without change summaries (1.6) cannot tell a steward's text that we published from our own.
pub struct OmPublisher {
    client: OmClient,
    settings: OmSettings,
    server: ServerCapabilities,
    authors: Authors,
    known_tags: Mutex<BTreeSet<String>>,
    /// One writer a table: older servers lose concurrent PATCHes and answer 200 to all of them.
    writers: Vec<Mutex<()>>,
}

impl OmPublisher {
    /// A publisher to the server.
    pub fn new(client: OmClient, settings: &OmSettings, server: ServerCapabilities) -> Self {
        Self {
            client,
            settings: settings.clone(),
            authors: Authors::new(&server.user),
            server,
            known_tags: Mutex::default(),
            writers: std::iter::repeat_with(Mutex::default).take(WRITERS).collect(),
        }
    }

    fn writer(&self, table: &TableId) -> &Mutex<()> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        table.0.hash(&mut hasher);
        &self.writers[(hasher.finish() % WRITERS as u64) as usize]
    }

    /// The table and what we make of it, with those of the fields beside the entry that are named; `None` when it is
    /// gone.
    async fn snapshot(&self, table: &TableRef, beside: &[FieldPath]) -> Result<Option<Snapshot>> {
        let id = path_segment(&Fqn::from_parts([table.id.0.as_str()]));
        let call = Call::get("read_entry", format!("/tables/{id}")).query("fields", "columns,tags,tableConstraints");
        let Some(om) = self.client.find::<OmTable>(call).await? else { return Ok(None) };
        // The id stays when a table is renamed; edges are asked for by the name it has now.
        let fqn: Fqn = om.fully_qualified_name.parse()?;
        let as_lineage = self.settings.fk_as.contains(&FkAs::Lineage);
        let graph = if as_lineage { lineage::read(&self.client, &fqn).await? } else { None };
        let mut current = self.current_of(&om, &fqn, graph.as_ref()).await?;
        current.fields.extend(self.queries_of(&fqn, beside).await?);
        Ok(Some(Snapshot { table: om, fqn, graph, current }))
    }
}

#[async_trait]
impl Publisher for OmPublisher {
    fn capabilities(&self) -> PublisherCapabilities {
        PublisherCapabilities { optimistic_locking: self.server.optimistic_locking && self.server.ordered_patches }
    }

    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        self.read_with(table, &[]).await
    }

    async fn read_with(&self, table: &TableRef, beside: &[FieldPath]) -> Result<Option<CurrentTable>> {
        Ok(self.snapshot(table, beside).await?.map(|snapshot| snapshot.current))
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        let refuse = |kind, why: &str| Error::new(kind, "write_entry", why).with("table", &table.fqn);
        if operations.iter().any(|o| o.table.id != table.id) {
            return Err(refuse(ErrorKind::InvalidInput, "an operation belongs to another table"));
        }
        if !self.server.ordered_patches {
            return Err(refuse(ErrorKind::Unsupported, "the server changes the order of a patch's operations")
                .with("version", &self.server.version)
                .hint("update OpenMetadata to 1.4 or later"));
        }
        let of_keys = |o: &Operation| matches!(o.field, FieldPath::ForeignKey { .. });
        if self.settings.fk_as.is_empty() && operations.iter().any(of_keys) {
            return Err(refuse(ErrorKind::Configuration, "no form is set in which keys are written")
                .hint("set publish.fk_as, or switch keys off"));
        }
        let _writer = self.writer(&table.id).lock().await;
        self.write_guarded(table, based_on, operations).await
    }

    async fn suggest(&self, table: &TableRef, operations: &[Operation]) -> Result<Vec<OperationId>> {
        let _writer = self.writer(&table.id).lock().await;
        self.suggest_all(table, operations).await
    }
}
