//! Opening a SQLite file so that neither it nor its side files are written.

use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::errors::from_driver;
use super::idle::IdleConnections;
use super::relations::Relations;
use crate::sources::blocking_job::StopSign;
use crate::sources::change_token;
use crate::sources::warehouse_location::io_error;

/// A larger cell is an error of its table: SQLite can cut a cell only after it has read it whole.
pub(super) const CELL_READ_MAX: i32 = 128 << 20;
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two looks at the stop sign, in steps of SQLite's virtual machine; about a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 20_000;

/// A connection, with what was learned over it.
pub(super) struct OpenFile {
    pub(super) connection: Connection,
    /// The names in the schema, once somebody asked for them.
    pub(super) relations: Option<Relations>,
}

/// Connections to one file. An idle connection is used again as long as the file did not change.
pub(super) struct Connections {
    path: PathBuf,
    idle: IdleConnections,
    /// Is it a write-ahead file? Found out once, before the first connection: closing a file by ourselves would
    /// release the locks that SQLite holds on it in this process (POSIX advisory locks).
    is_wal: Mutex<Option<bool>>,
}

impl Connections {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: IdleConnections::new(), is_wal: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on a connection; a statement that runs when the sign goes up is interrupted.
    pub(super) fn with<T>(&self, stop: &StopSign, work: impl FnOnce(&mut OpenFile) -> Result<T>) -> Result<T> {
        let (token, _) = self.file_facts()?;
        let mut file = match self.idle.take(&token) {
            Some(file) => file,
            None => {
                let connection = open(&self.path, self.is_wal()?).map_err(|e| e.with("path", self.path.display()))?;
                OpenFile { connection, relations: None }
            }
        };
        let sign = stop.clone();
        let watched = file.connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || sign.is_up()));
        watched.map_err(|e| from_driver("open_warehouse", &e))?;
        let result = work(&mut file);
        if file.connection.progress_handler(0, None::<fn() -> bool>).is_ok() {
            self.idle.keep(token, file);
        }
        result
    }

    /// The file's change token (of it and its write-ahead log), and its size in bytes with the log.
    pub(super) fn file_facts(&self) -> Result<(String, u64)> {
        let file = fs::metadata(&self.path).map_err(|e| io_error(&e, &self.path))?;
        let mut token = change_token::of_file(&file);
        let mut size = file.len();
        if let Some(log) = non_empty(&side_file(&self.path, "-wal")) {
            token.push('+');
            token.push_str(&change_token::of_file(&log));
            size += log.len();
        }
        Ok((token, size))
    }

    fn is_wal(&self) -> Result<bool> {
        let mut known = self.is_wal.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            *known = read_version(&self.path)?.map(|version| version == WAL_VERSION);
        }
        Ok(known.unwrap_or(false))
    }
}

/// How a file can be read without leaving a trace.
#[derive(Debug, PartialEq, Eq)]
enum ReadingMode {
    /// The usual locks: a rollback-journal file, or a write-ahead log that somebody has open.
    Shared,
    /// A write-ahead file whose log is empty: nobody has it open. A usual connection would create a log beside it,
    /// or fail in a read-only folder.
    Unchanging,
    /// A log with content that nobody has open: its index is built in memory instead of in a `-shm` file.
    LogInMemory,
}

/// "Read version" of the file format (https://sqlite.org/fileformat2.html): 1 for a rollback journal, 2 for WAL.
const WAL_VERSION: u8 = 2;
const READ_VERSION_OFFSET: usize = 19;

/// The file's read version; `None` for a file that is too short to have one.
fn read_version(path: &Path) -> Result<Option<u8>> {
    let mut head = [0; READ_VERSION_OFFSET + 1];
    match File::open(path).and_then(|mut f| f.read_exact(&mut head)) {
        Ok(()) => Ok(Some(head[READ_VERSION_OFFSET])),
        Err(e) if e.kind() == IoErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(io_error(&e, path)),
    }
}

fn reading_mode(path: &Path, is_wal: bool) -> ReadingMode {
    if !is_wal {
        return ReadingMode::Shared;
    }
    let has_log = non_empty(&side_file(path, "-wal")).is_some();
    let is_open = side_file(path, "-shm").exists();
    match (has_log, is_open) {
        (_, true) => ReadingMode::Shared,
        (false, false) => ReadingMode::Unchanging,
        (true, false) => ReadingMode::LogInMemory,
    }
}

/// Opens the file to be read. A file that is not written meanwhile may be called a write-ahead one whether it is or
/// not.
pub(super) fn open(path: &Path, is_wal: bool) -> Result<Connection> {
    let failed = |e: &rusqlite::Error| from_driver("open_warehouse", e);
    let mode = reading_mode(path, is_wal);
    let options = match mode {
        ReadingMode::Shared => "mode=ro",
        ReadingMode::Unchanging => "mode=ro&immutable=1",
        ReadingMode::LogInMemory => "mode=ro&vfs=unix-none",
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file_uri(path, options), flags).map_err(|e| failed(&e))?;
    if mode == ReadingMode::LogInMemory {
        // Exclusive locking keeps the log's index in memory. Without the second setting the last connection would
        // try to copy the log into the file when it closes.
        connection.pragma_update(None, "locking_mode", "exclusive").map_err(|e| failed(&e))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(|e| failed(&e))?;
    }
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|e| failed(&e))?;
    connection.pragma_update(None, "query_only", true).map_err(|e| failed(&e))?;
    // A hostile schema must not reach functions with side effects through its views.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(|e| failed(&e))?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, CELL_READ_MAX).map_err(|e| failed(&e))?;
    // The first read finds out whether this is a database at all.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(|e| failed(&e))?;
    Ok(connection)
}

/// `file:` URI of a path (https://sqlite.org/uri.html): all but plain characters as %XX.
fn file_uri(path: &Path, options: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push('?');
    uri.push_str(options);
    uri
}

fn side_file(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn non_empty(path: &Path) -> Option<fs::Metadata> {
    fs::metadata(path).ok().filter(|m| m.len() > 0)
}

/// The error of a table that is not in the file.
pub(super) fn vanished(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation, "the table is not there any more")
        .hint("nothing to do if it was dropped; the next sync forgets it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_path_characters_do_not_change_the_uri() {
        assert_eq!(file_uri(Path::new("/a b/50%?#.db"), "mode=ro"), "file:/a%20b/50%25%3F%23.db?mode=ro");
    }
}
