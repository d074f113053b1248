//! The embedded catalog: one SQLite file in which published fields land, for a walk without OpenMetadata.
//!
//! It keeps the promises of a real catalog: an entry has a version, a write that is based on another version is
//! refused, and a field knows whether a person wrote it.

mod entries;
mod failure;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use catalog_core::model::{
    CurrentField, CurrentTable, FieldPath, FieldValue, Operation, TableId, TableRef, WriteOutcome,
};
use catalog_core::ports::{Publisher, PublisherCapabilities};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use failure::Failure;

/// A catalog in one SQLite file. Clones share the connection; several processes may share the file.
#[derive(Clone)]
pub struct LocalCatalog {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

impl LocalCatalog {
    /// Opens the catalog at `path`, or makes an empty one there.
    ///
    /// # Errors
    /// `Corrupt` when the file is damaged, `InvalidInput` when it is somebody else's, `Configuration` when a newer
    /// release wrote it, `Forbidden` or `Unavailable` when it cannot be opened. The file is left as it is then.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = entries::open(path).map_err(|f| f.tell("open_catalog", path))?;
        Ok(Self { path: path.to_owned(), connection: Arc::new(Mutex::new(connection)) })
    }

    /// A person sets a field, whatever it held: from now on nobody else changes it.
    ///
    /// # Errors
    /// `Unavailable`, `Forbidden`, `Corrupt`, `LimitExceeded` (disk full).
    pub async fn set_by_human(&self, table: &TableRef, field: &FieldPath, value: FieldValue) -> Result<()> {
        let (table, field) = (table.clone(), field.clone());
        self.transaction("edit_entry", move |tx| {
            let mut entry = entries::read(tx, &table.id)?;
            entry.set(&field, Some(CurrentField { value, by_human: true }));
            entries::store(tx, &table, &entry).map(|_| ())
        })
        .await
    }

    /// Runs the work in one immediate transaction on a blocking thread. An error rolls it back.
    async fn transaction<T, F>(&self, step: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let catalog = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = catalog.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let run = || {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let value = work(&tx)?;
                tx.commit()?;
                Ok(value)
            };
            run().map_err(|f: Failure| f.tell(step, &catalog.path))
        });
        done.await.unwrap_or_else(|error| {
            Err(Error::new(ErrorKind::Internal, step, "the catalog's task ended early").caused_by(error))
        })
    }
}

#[async_trait]
impl Publisher for LocalCatalog {
    fn capabilities(&self) -> PublisherCapabilities {
        PublisherCapabilities { optimistic_locking: true }
    }

    /// A table without an entry has an empty one: this catalog knows of no table but by what was published.
    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        let id = table.id.clone();
        self.transaction("read_entry", move |tx| entries::read(tx, &id)).await.map(Some)
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        if operations.iter().any(|o| o.table.id != table.id) {
            return Err(Error::new(ErrorKind::InvalidInput, "write_entry", "an operation belongs to another table")
                .with("table", &table.fqn));
        }
        let (to, based_on, operations) = (table.clone(), based_on.version.clone(), operations.to_vec());
        let asked = operations.clone();
        let outcome = self.transaction("write_entry", move |tx| guarded_write(tx, &to, &based_on, &operations)).await?;
        if let WriteOutcome::Applied { version } = &outcome {
            self.check_written(table, version, &asked).await?;
        }
        Ok(outcome)
    }

    async fn table_gone(&self, table: &TableId) -> Result<()> {
        let table = table.clone();
        self.transaction("forget_entry", move |tx| entries::delete(tx, &table)).await
    }
}

impl LocalCatalog {
    /// Reads the entry back from the file, since `Applied` means "seen in the catalog".
    async fn check_written(&self, table: &TableRef, version: &str, operations: &[Operation]) -> Result<()> {
        let id = table.id.clone();
        let seen = self.transaction("read_entry_back", move |tx| entries::read(tx, &id)).await?;
        // A later version is somebody's next write, and theirs to judge.
        if seen.version != version || operations.iter().all(|o| seen.holds_after(o)) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Internal, "write_entry", "the entry does not hold what was written")
            .with("table", &table.fqn)
            .with("path", self.path.display())
            .hint("check the disk that the file is on"))
    }
}

fn guarded_write(
    tx: &Transaction<'_>,
    table: &TableRef,
    based_on: &str,
    operations: &[Operation],
) -> Result<WriteOutcome, Failure> {
    let mut entry = entries::read(tx, &table.id)?;
    if operations.iter().all(|o| entry.holds_after(o)) {
        return Ok(WriteOutcome::AlreadyThere);
    }
    if entry.version != based_on || !operations.iter().all(|o| entry.holds_before(o)) {
        return Ok(WriteOutcome::Conflict { current: Some(entry) });
    }
    for operation in operations {
        entry.apply(operation);
    }
    let version = entries::store(tx, table, &entry)?;
    Ok(WriteOutcome::Applied { version })
}
