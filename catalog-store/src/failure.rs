//! What can go wrong inside the store, and how it is told at the port: in our own words, naming the file or the
//! database and what to do. A driver's message is never repeated.

use std::path::Path;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind};
use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;

use crate::postgres;

/// A failure before it has a place and a step.
pub(crate) enum Failure {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// Postgres refused, or is out of reach.
    Postgres(sqlx::Error),
    /// A stored document or seal cannot be read back; names what.
    Damaged(&'static str),
    /// Already told as it has to be.
    Told(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<FromSqlError> for Failure {
    fn from(_: FromSqlError) -> Self {
        Self::Damaged("a column")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// Where a ledger lives.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file of SQLite.
    File(Arc<Path>),
    /// A database of Postgres, as `host:port/database`.
    Database(Arc<str>),
}

impl Place {
    /// The error, naming the place.
    pub(crate) fn name(&self, error: Error) -> Error {
        match self {
            Self::File(path) => error.with("path", path.display()),
            Self::Database(database) => error.with("database", database),
        }
    }
}

impl Failure {
    /// The error for the port.
    pub(crate) fn tell(self, step: &'static str, place: &Place) -> Error {
        match self {
            Self::Told(error) => error,
            Self::Damaged(what) => {
                place.name(Error::new(ErrorKind::Corrupt, step, format!("{what} in the ledger cannot be read"))).hint(
                    "restore the ledger from a backup, or move it away: every table is then walked anew, and open \
                     proposals and the audit log stay in what was moved",
                )
            }
            Self::Sqlite(error) => tell_sqlite(error, step, place),
            Self::Postgres(error) => postgres::tell(error, step, place),
        }
    }
}

fn tell_sqlite(error: rusqlite::Error, step: &'static str, place: &Place) -> Error {
    let (kind, message, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => (
            ErrorKind::Corrupt,
            "the file is not a SQLite database",
            "name another state directory, or move the file away",
        ),
        Some(ErrorCode::DatabaseCorrupt) => (
            ErrorKind::Corrupt,
            "the ledger is damaged",
            "restore it from a backup, or move it away: every table is then walked anew, and open proposals and the \
             audit log stay in the file that was moved",
        ),
        Some(ErrorCode::DiskFull) => {
            (ErrorKind::LimitExceeded, "the disk is full", "free some space; what was committed is safe")
        }
        Some(ErrorCode::TooBig) => {
            (ErrorKind::LimitExceeded, "a row is larger than SQLite can hold", "exclude the table")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            ErrorKind::Forbidden,
            "the ledger may not be written",
            "let this user write to the file and its directory, or name another state directory",
        ),
        Some(ErrorCode::CannotOpen) => (
            ErrorKind::Unavailable,
            "the file cannot be opened",
            "check that the directory is there and that this user may write to it",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ErrorKind::Unavailable,
            "another process holds the ledger",
            "end the other process, or try again when it is done",
        ),
        Some(ErrorCode::SystemIoFailure) => {
            (ErrorKind::Unavailable, "reading or writing the file failed", "check the disk and its free space")
        }
        _ => (ErrorKind::Internal, "the database refused a statement", "report this with the code"),
    };
    let told = place.name(Error::new(kind, step, message));
    match error.sqlite_error() {
        Some(code) if kind == ErrorKind::Internal => told.with("sqlite_code", code.extended_code),
        _ => told,
    }
    .hint(hint)
    .caused_by(error)
}
