//! One thread that writes, and commits together whatever waits.
//!
//! A commit costs a flush of the disk. While one is under way, further calls gather in the channel; the next commit
//! takes them all. Each call runs in a savepoint of its own, so that one that fails takes back its own changes alone,
//! and each is answered only after the commit: what was answered is on the disk.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};

use catalog_core::{Error, ErrorKind};
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};
use tokio::sync::{mpsc, oneshot};

use crate::failure::Failure;

/// Calls that may wait for the thread; further callers wait for room.
const WAITING_MAX: usize = 256;
/// Calls in one commit.
const BATCH_MAX: usize = 128;

/// A call to make, and whom to tell.
trait Call: Send {
    /// Does nobody wait for the answer any more?
    fn abandoned(&self) -> bool;
    /// Runs inside the batch's transaction. Gives whether its changes are to be kept.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;
    /// Tells the caller what came of it; with a failure of the whole batch, that.
    fn tell(self: Box<Self>, batch: Result<(), rusqlite::Error>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Call for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send,
{
    fn abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let outcome =
            catch_unwind(AssertUnwindSafe(|| work(transaction))).unwrap_or_else(|panic| Err(fell_over(panic)));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn tell(self: Box<Self>, batch: Result<(), rusqlite::Error>) {
        let outcome = match (self.outcome, batch) {
            // What failed by itself keeps its own reason.
            (Some(Err(own)), _) => Err(own),
            (_, Err(batch)) => Err(Failure::Sqlite(batch)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(ended()),
        };
        // A caller that gave up is not told.
        let _ = self.reply.send(outcome);
    }
}

/// The panic's message is withheld: it may quote what was to be stored.
fn fell_over(_: Box<dyn Any + Send>) -> Failure {
    Error::new(ErrorKind::Internal, "write_ledger", "the code that writes panicked").into()
}

fn ended() -> Failure {
    Error::new(ErrorKind::Internal, "write_ledger", "the ledger's thread ended early").into()
}

/// The writing end of a ledger. Dropping it carries out what was begun and closes the connection.
pub(super) struct Writer {
    calls: Option<mpsc::Sender<Box<dyn Call>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, Failure> {
        let (calls, waiting) = mpsc::channel(WAITING_MAX);
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || write_all(connection, waiting))
            .map_err(|error| {
                Error::new(ErrorKind::Unavailable, "open_ledger", "the system gives no thread").caused_by(error)
            })?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Runs the work in a transaction that is on the disk when this returns. Dropped before the work began, it is
    /// never done; dropped later, it is carried out.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let call = Pending { work: Some(work), outcome: None, reply };
        let calls = self.calls.as_ref().ok_or_else(ended)?;
        calls.send(Box::new(call)).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            // It catches the panics of calls and has none of its own.
            let _ = thread.join();
        }
    }
}

fn write_all(mut connection: Connection, mut waiting: mpsc::Receiver<Box<dyn Call>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut done = Vec::new();
        let outcome = write_batch(&mut connection, first, &mut waiting, &mut done);
        for call in done {
            call.tell(outcome.as_ref().map_err(again).copied());
        }
    }
}

/// Runs the first call and those that wait behind it, and commits. What was run is in `done`, also after a failure.
fn write_batch(
    connection: &mut Connection,
    first: Box<dyn Call>,
    waiting: &mut mpsc::Receiver<Box<dyn Call>>,
    done: &mut Vec<Box<dyn Call>>,
) -> rusqlite::Result<()> {
    let mut transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            done.push(first);
            return Err(error);
        }
    };
    let mut next = Some(first);
    while let Some(mut call) = next {
        if !call.abandoned() {
            let ran = run_one(&mut transaction, &mut *call);
            done.push(call);
            ran?;
        }
        next = if done.len() < BATCH_MAX { waiting.try_recv().ok() } else { None };
    }
    transaction.commit()
}

/// Runs one call in a savepoint. An error is the whole transaction's: SQLite ended it (disk full, broken disk).
fn run_one(transaction: &mut Transaction<'_>, call: &mut dyn Call) -> rusqlite::Result<()> {
    transaction.execute_batch("SAVEPOINT one_call")?;
    let keep = call.run(transaction);
    if transaction.is_autocommit() {
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), None));
    }
    transaction.execute_batch(if keep { "RELEASE one_call" } else { "ROLLBACK TO one_call; RELEASE one_call" })
}

/// The same error for another call of the batch; the driver's own cannot be copied.
fn again(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(code, _) => rusqlite::Error::SqliteFailure(*code, None),
        _ => rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ERROR), None),
    }
}
