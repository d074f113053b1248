//! Opening the file: is it ours, is its schema current, is the key right?

use std::fs::OpenOptions;
use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::time::{Duration, Instant};

use catalog_core::{Error, ErrorKind};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use crate::failure::Failure;
use crate::seal::{Seal, private};

/// The schema's versions in order; the version of a file (`PRAGMA user_version`) is how many of them it has.
const MIGRATIONS: [&str; 9] = [
    include_str!("../../migrations/sqlite/0001_ledger.sql"),
    include_str!("../../migrations/sqlite/0002_notes_and_age.sql"),
    include_str!("../../migrations/sqlite/0003_compact_reads_and_claims.sql"),
    include_str!("../../migrations/sqlite/0004_vector_queue.sql"),
    include_str!("../../migrations/sqlite/0005_inbox.sql"),
    include_str!("../../migrations/sqlite/0006_coverage.sql"),
    include_str!("../../migrations/sqlite/0007_use_first.sql"),
    include_str!("../../migrations/sqlite/0008_vector_claims.sql"),
    include_str!("../../migrations/sqlite/0009_names_backwards.sql"),
];
/// Marks the file as a ledger of ours (`PRAGMA application_id`): "AKLG".
const APPLICATION_ID: i64 = 0x414b_4c47;
/// How long to wait for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries to open a file that others are opening or closing.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// After a burst the WAL file is cut back to this.
const WAL_BYTES_MAX: i64 = 64 << 20;
/// The WAL is copied into the file when it has so many pages (32 MiB). Ids are hashes, so a batch touches pages all
/// over the file: the more batches share a copy, the fewer pages are written and flushed.
const WAL_PAGES: i64 = 8 << 10;
/// Memory for pages of the connection that writes, in KiB.
const CACHE_KIB: i64 = 16 << 10;
/// All statements that the ledger has, with room to grow.
const STATEMENTS_CACHED: usize = 96;

/// The connection that writes, its schema up to date.
///
/// Turning the WAL on and closing the last connection lock the whole file, and who meets those locks is refused at
/// once: SQLite does not ask the busy handler where waiting could end in a deadlock. Trying anew is the way it names
/// (<https://sqlite.org/c3ref/busy_handler.html>).
pub(super) fn open(path: &Path, seal: &Seal) -> Result<Connection, Failure> {
    create_private(path)?;
    let began = Instant::now();
    loop {
        match open_once(path, seal) {
            Err(Failure::Sqlite(error))
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(BUSY_PAUSE);
            }
            opened => return opened,
        }
    }
}

fn open_once(path: &Path, seal: &Seal) -> Result<Connection, Failure> {
    let mut connection = connect(path)?;
    refuse_foreign(&connection, path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_MAX)?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    migrate(&transaction, path)?;
    check_key(&transaction, seal, path)?;
    transaction.commit()?;
    Ok(connection)
}

/// A connection that reads beside it, once the schema is there.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Failure> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    // Without SQLITE_OPEN_URI a path is only ever a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

/// Makes the file before SQLite does, so that only its owner can read it; WAL files take over its rights.
fn create_private(path: &Path) -> Result<(), Error> {
    let error = match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == IoKind::AlreadyExists => return Ok(()),
        Err(error) => error,
    };
    let (kind, message, hint) = match error.kind() {
        IoKind::NotFound | IoKind::NotADirectory => {
            (ErrorKind::NotFound, "the state directory is missing", "create it, or name another one")
        }
        IoKind::PermissionDenied | IoKind::ReadOnlyFilesystem => (
            ErrorKind::Forbidden,
            "the state directory may not be written",
            "let this user write to it, or name another one",
        ),
        IoKind::StorageFull | IoKind::QuotaExceeded => {
            (ErrorKind::LimitExceeded, "the disk is full", "free some space")
        }
        _ => (ErrorKind::Unavailable, "the file cannot be made", "name a state directory on a local disk"),
    };
    Err(Error::new(kind, "open_ledger", message).with("path", path.display()).hint(hint).caused_by(error))
}

/// Leaves alone what is a database, but not ours: somebody may have named a warehouse by mistake.
fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), Failure> {
    // One statement sees one moment: another process may be making the ledger right now.
    let ours_or_empty: bool = connection.query_row(
        "SELECT application_id = ?1 OR (application_id = 0 AND NOT EXISTS (SELECT 1 FROM sqlite_schema))
         FROM pragma_application_id",
        [APPLICATION_ID],
        |row| row.get(0),
    )?;
    if ours_or_empty {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "open_ledger", "the file is a database of another program")
        .with("path", path.display())
        .hint("name another state directory; nothing was written to this one")
        .into())
}

fn migrate(transaction: &Transaction<'_>, path: &Path) -> Result<(), Failure> {
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let Some(missing) = usize::try_from(version).ok().and_then(|version| MIGRATIONS.get(version..)) else {
        return Err(Error::new(ErrorKind::Unsupported, "open_ledger", "a newer version of the program made it")
            .with("path", path.display())
            .with("schema", version)
            .with("newest_known_schema", MIGRATIONS.len())
            .hint("use that version or a later one")
            .into());
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
        tracing::info!(ledger.path = %path.display(), schema.from = version, schema.to = MIGRATIONS.len(), "ledger migrated");
    }
    Ok(())
}

fn check_key(transaction: &Transaction<'_>, seal: &Seal, path: &Path) -> Result<(), Failure> {
    let stored: Option<Vec<u8>> =
        transaction.query_row("SELECT sealed FROM seal_check", [], |row| row.get(0)).optional()?;
    match stored {
        None => {
            transaction.execute("INSERT INTO seal_check VALUES (1, ?1)", [seal.check()?])?;
            Ok(())
        }
        Some(check) if seal.is_of_same_key(&check) => Ok(()),
        Some(_) => Err(Error::new(ErrorKind::Configuration, "open_ledger", "it was sealed with another key")
            .with("path", path.display())
            .hint("give the key file that this ledger was made with, or move the ledger away and start anew")
            .into()),
    }
}
