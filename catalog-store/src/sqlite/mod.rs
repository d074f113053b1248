//! The ledger in one SQLite file.
//!
//! WAL mode with `synchronous = FULL`: a commit is on the disk when it returns, because receipts and audit rows must
//! not be lost with the power (`NORMAL` would lose the last commits). One thread writes, and commits together what
//! waits; a second connection reads beside it. Writes begin as `IMMEDIATE`, so that two processes on one file take
//! turns instead of failing half-way.

mod audit_log;
mod inbox;
mod open;
mod outbox;
mod proposals;
#[cfg(test)]
mod same_as_twin;
mod table_names;
mod table_states;
mod upkeep;
mod vector_queue;
mod work_queue;
mod writer;

use std::path::Path;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, Transaction};
use tokio::sync::Mutex;

use self::writer::Writer;
use crate::LedgerKey;
use crate::failure::{Failure, Place};
use crate::seal::Seal;

/// How many rows a listing gives when its filter sets no limit.
const DEFAULT_LIMIT: usize = 1_000;

/// A [`Ledger`](catalog_core::ports::Ledger) on a SQLite file. Several processes may share the file.
///
/// A call whose future is dropped either has not begun or is carried out to its end; it is never done by half.
pub struct SqliteLedger {
    writer: Writer,
    // An asynchronous lock: who waits for it holds no thread, and may give up waiting.
    reader: Arc<Mutex<Connection>>,
    seal: Arc<Seal>,
    place: Place,
}

impl SqliteLedger {
    /// Opens the ledger at `path`, makes it if it is not there, and brings its schema up to date. The directory must
    /// exist. Blocks for a few file operations.
    ///
    /// # Errors
    /// `NotFound` when the directory is missing; `Forbidden` when it may not be written; `Corrupt` when the file is
    /// no database or damaged; `InvalidInput` when it is the database of another program; `Unsupported` when a newer
    /// version made it; `Configuration` when it was sealed with another key; `Unavailable` when another process holds
    /// it for longer than five seconds.
    pub fn open(path: &Path, key: &LedgerKey) -> Result<Self> {
        Self::open_tuned(path, key, |_| Ok(()))
    }

    /// As [`SqliteLedger::open`]; the connection that writes is `tuned` before its first call.
    fn open_tuned(
        path: &Path,
        key: &LedgerKey,
        tune: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self> {
        let seal = Seal::new(key);
        let opened = || -> Result<(Writer, Connection), Failure> {
            let connection = open::open(path, &seal)?;
            let reader = open::open_reader(path)?;
            tune(&connection)?;
            Ok((Writer::start(connection)?, reader))
        };
        let place = Place::File(path.into());
        let (writer, reader) = opened().map_err(|failure| failure.tell("open_ledger", &place))?;
        Ok(Self { writer, reader: Arc::new(Mutex::new(reader)), seal: Arc::new(seal), place })
    }

    /// Runs the work in one read transaction on a blocking thread.
    async fn read<T, F>(&self, step: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let mut connection = Arc::clone(&self.reader).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || work(&connection.transaction()?));
        match done.await {
            Ok(outcome) => outcome.map_err(|failure: Failure| failure.tell(step, &self.place)),
            Err(_) => Err(self.place.name(Error::new(ErrorKind::Internal, step, "the ledger's thread ended early"))),
        }
    }

    /// Runs the work in one transaction, on the disk when this returns; an error or a panic takes it back.
    async fn write<T, F>(&self, step: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.writer.write(work).await.map_err(|failure| failure.tell(step, &self.place))
    }
}

/// SQLite's integers are signed: a limit beyond them is no limit.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn sql_limit_or_default(limit: usize) -> i64 {
    sql_limit(if limit == 0 { DEFAULT_LIMIT } else { limit })
}

#[cfg(test)]
mod tests;
