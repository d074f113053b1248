//! The ledger in one SQLite file.
//!
//! One connection, in WAL mode with `synchronous = FULL`: a commit is on the disk when it returns, because receipts
//! and audit rows must not be lost with the power (`NORMAL` would lose the last commits). Writes begin as `IMMEDIATE`,
//! so that two processes on one file take turns instead of failing half-way.

mod audit_log;
mod open;
mod outbox;
mod proposals;
#[cfg(test)]
mod same_as_twin;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use catalog_core::model::{Secret, WalkStage};
    use catalog_core::ports::ledger::WorkQueue;
    use catalog_testkit::samples::work_item;

    use super::*;

    pub(super) fn open(folder: &Path) -> SqliteLedger {
        let key = LedgerKey::from_secret(&Secret::new("c".repeat(64))).unwrap();
        SqliteLedger::open(&folder.join("ledger.sqlite"), &key).unwrap()
    }

    pub(super) async fn set(ledger: &SqliteLedger, pragma: &str, value: i64) {
        let connection = ledger.connection.lock().await;
        connection.query_row(&format!("PRAGMA {pragma} = {value}"), [], |_| Ok(())).or_else(ignore_no_rows).unwrap();
    }

    fn ignore_no_rows(error: rusqlite::Error) -> rusqlite::Result<()> {
        if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
    }

    #[tokio::test]
    async fn a_batch_of_any_size_is_one_commit() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(folder.path());
        let commits = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&commits);
        let count = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            false
        };
        ledger.connection.lock().await.commit_hook(Some(count)).unwrap();
        let many: Vec<_> = (0..10_000).map(|i| work_item(&format!("t{i}"))).collect();
        assert_eq!(ledger.enqueue(&many, WalkStage::Inspect).await.unwrap(), 10_000);
        assert_eq!(commits.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_full_disk_refuses_the_whole_batch_and_the_ledger_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(folder.path());
        ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.unwrap();
        set(&ledger, "max_page_count", 40).await;
        let many: Vec<_> = (0..5_000).map(|i| work_item(&format!("t{i}"))).collect();
        let error = ledger.enqueue(&many, WalkStage::Inspect).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert!(error.to_string().contains("disk is full") && error.to_string().contains("ledger.sqlite"), "{error}");
        assert_eq!(ledger.counts().await.unwrap().queued, 1);
        ledger.enqueue(&[work_item("card")], WalkStage::Inspect).await.unwrap();
    }

    #[tokio::test]
    async fn a_ledger_that_may_not_be_written_says_so_and_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(folder.path());
        set(&ledger, "query_only", 1).await;
        let error = ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert!(error.to_string().contains("may not be written"), "{error}");
        assert_eq!(ledger.counts().await.unwrap().queued, 0);
    }

    #[tokio::test]
    async fn a_ledger_held_by_another_process_can_be_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, other) = (open(folder.path()), open(folder.path()));
        set(&ledger, "busy_timeout", 1).await;
        let mut connection = other.connection.lock().await;
        let holding = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let error = ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(matches!(error.retry(), catalog_core::Retry::Temporary(_)));
        drop(holding);
        assert_eq!(ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_that_panics_is_rolled_back() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(folder.path());
        let outcome: Result<()> = ledger
            .write("fall_over", |transaction| {
                transaction.execute("INSERT INTO parked VALUES ('t', '{}')", [])?;
                panic!("on purpose")
            })
            .await;
        assert_eq!(outcome.err().unwrap().kind(), ErrorKind::Internal);
        assert_eq!(ledger.counts().await.unwrap().parked, 0);
    }
}
