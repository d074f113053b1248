//! The ledger in one SQLite file.
//!
//! One connection, in WAL mode with `synchronous = FULL`: a commit is on the disk when it returns, because receipts
//! and audit rows must not be lost with the power (`NORMAL` would lose the last commits). Writes begin as `IMMEDIATE`,
//! so that two processes on one file take turns instead of failing half-way.

mod audit_log;
mod open;
mod outbox;
mod proposals;
mod stored;
mod table_states;
mod work_queue;

use std::path::Path;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Mutex;

use crate::LedgerKey;
use crate::failure::Failure;
use crate::seal::Seal;

/// How many rows a listing gives when its filter sets no limit.
const DEFAULT_LIMIT: usize = 1_000;

/// A [`Ledger`](catalog_core::ports::Ledger) on a SQLite file. Several processes may share the file.
///
/// A call whose future is dropped either has not begun or is carried out to its end; it is never done by half.
pub struct SqliteLedger {
    // An asynchronous lock: who waits for it holds no thread, and may give up waiting.
    connection: Arc<Mutex<Connection>>,
    seal: Arc<Seal>,
    path: Arc<Path>,
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
        let seal = Seal::new(key);
        let connection = open::open(path, &seal).map_err(|failure| failure.tell("open_ledger", path))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), seal: Arc::new(seal), path: path.into() })
    }

    async fn read<T, F>(&self, step: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.transact(step, TransactionBehavior::Deferred, work).await
    }

    async fn write<T, F>(&self, step: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.transact(step, TransactionBehavior::Immediate, work).await
    }

    /// Runs the work in one transaction on a blocking thread; an error or a panic rolls it back.
    async fn transact<T, F>(&self, step: &'static str, behavior: TransactionBehavior, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let transaction = connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        match done.await {
            Ok(outcome) => outcome.map_err(|failure: Failure| failure.tell(step, &self.path)),
            Err(_) => Err(Error::new(ErrorKind::Internal, step, "the ledger's thread ended early")
                .with("path", self.path.display())),
        }
    }
}

/// SQLite's integers are signed: a limit beyond them is no limit.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn sql_limit_or_default(limit: usize) -> i64 {
    sql_limit(if limit == 0 { DEFAULT_LIMIT } else { limit })
}
