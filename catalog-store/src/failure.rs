//! What can go wrong inside the store, and how it is told at the port: in our own words, naming the file and what to
//! do. A driver's message is never repeated.

use std::path::Path;

use catalog_core::{Error, ErrorKind};
use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;

/// A failure before it has a place and a step.
pub(crate) enum Failure {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
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

impl Failure {
    /// The error for the port.
    pub(crate) fn tell(self, step: &'static str, path: &Path) -> Error {
        match self {
            Self::Told(error) => error,
            Self::Damaged(what) => Error::new(ErrorKind::Corrupt, step, format!("{what} in the ledger cannot be read"))
                .with("path", path.display())
                .hint(
                    "restore the ledger from a backup, or move it away: every table is then walked anew, and open \
                     proposals and the audit log stay in the file that was moved",
                ),
            Self::Sqlite(error) => tell_sqlite(error, step, path),
        }
    }
}

fn tell_sqlite(error: rusqlite::Error, step: &'static str, path: &Path) -> Error {
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
    let told = Error::new(kind, step, message).with("path", path.display());
    match error.sqlite_error() {
        Some(code) if kind == ErrorKind::Internal => told.with("sqlite_code", code.extended_code),
        _ => told,
    }
    .hint(hint)
    .caused_by(error)
}
