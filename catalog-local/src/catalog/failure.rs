//! What can go wrong inside the embedded catalog, told at the port in our own words.

use std::path::Path;

use catalog_core::model::TableId;
use catalog_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// A failure before it has a step and a place.
pub(super) enum Failure {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// The file is a database of somebody else.
    Foreign,
    /// The file has the schema of a newer release.
    Newer(i64),
    /// A table's entry cannot be read.
    Damaged(TableId),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

const RESTORE: &str = "restore the file from a backup, or move it away and sync again";

impl Failure {
    /// The error for the port. The driver's message stays out of it.
    pub(super) fn tell(self, step: &'static str, path: &Path) -> Error {
        let error = match self {
            Self::Sqlite(error) => sqlite(step, error),
            Self::Foreign => Error::new(ErrorKind::InvalidInput, step, "the file is a database that is not ours")
                .hint("name another state directory"),
            Self::Newer(version) => Error::new(ErrorKind::Configuration, step, "a newer release wrote the catalog")
                .with("schema_version", version)
                .hint("run that release, or name another state directory"),
            Self::Damaged(table) => {
                Error::new(ErrorKind::Corrupt, step, "an entry cannot be read").with("table_id", table).hint(RESTORE)
            }
        };
        error.with("path", path.display())
    }
}

fn sqlite(step: &'static str, error: rusqlite::Error) -> Error {
    let (kind, why, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => (
            ErrorKind::Corrupt,
            "the file is no SQLite database",
            "name another state directory, or move the file away",
        ),
        Some(ErrorCode::DatabaseCorrupt) => (ErrorKind::Corrupt, "the catalog is damaged", RESTORE),
        Some(ErrorCode::DiskFull) => (ErrorKind::LimitExceeded, "the disk is full", "free some space"),
        Some(ErrorCode::TooBig) => (ErrorKind::LimitExceeded, "an entry is larger than SQLite can hold", "shorten it"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            ErrorKind::Forbidden,
            "the catalog may not be written",
            "let this user write to the file and its directory, or name another state directory",
        ),
        Some(ErrorCode::CannotOpen) => (
            ErrorKind::Unavailable,
            "the file cannot be opened",
            "check that the directory is there and that this user may write to it",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ErrorKind::Unavailable,
            "another process is writing the catalog",
            "end the other process, or try again when it is done",
        ),
        _ => (ErrorKind::Unavailable, "SQLite refused", "check the disk and the file"),
    };
    Error::new(kind, step, why).hint(hint).caused_by(error)
}
