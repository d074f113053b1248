//! SQLite's error codes in words. Its own messages stay out: they may quote a cell or the SQL of a view.

use catalog_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

use super::connection::CELL_READ_MAX;
use crate::sources::warehouse_location::{OUT_OF_FILES, is_out_of_files};

/// The driver's error at our port.
pub(super) fn from_driver(operation: &'static str, error: &rusqlite::Error) -> Error {
    let failure = match error {
        rusqlite::Error::SqliteFailure(failure, _) | rusqlite::Error::SqlInputError { error: failure, .. } => failure,
        _ => return Error::new(ErrorKind::Internal, operation, "the SQLite driver refused the call"),
    };
    let code = failure.extended_code;
    let (kind, cause, hint) = match failure.code {
        ErrorCode::NotADatabase => {
            (ErrorKind::Corrupt, "the file is not a SQLite database", "check the file, or take it out of the folder")
        }
        ErrorCode::DatabaseCorrupt => (
            ErrorKind::Corrupt,
            "the SQLite file is damaged",
            "check it with `PRAGMA integrity_check` and restore it from a backup",
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (ErrorKind::Unavailable, "another process holds the SQLite file locked", "try again when it is done")
        }
        ErrorCode::OperationInterrupted => {
            (ErrorKind::Timeout, "the deadline passed", "raise the deadline, or exclude the table")
        }
        ErrorCode::TooBig => return too_big(operation),
        ErrorCode::ReadOnly => (
            ErrorKind::Unavailable,
            "a writer left the SQLite file in the middle of a transaction",
            "open it once with its application or the sqlite3 shell, so that it can recover",
        ),
        ErrorCode::CannotOpen if no_file_can_be_opened() => OUT_OF_FILES,
        ErrorCode::CannotOpen => (ErrorKind::Unavailable, "the SQLite file cannot be opened", "check its permissions"),
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            (ErrorKind::Forbidden, "the SQLite file may not be read", "grant this user read access")
        }
        ErrorCode::SystemIoFailure => {
            (ErrorKind::Corrupt, "the SQLite file cannot be read to its end", "check the disk; the file may be cut off")
        }
        ErrorCode::OutOfMemory => (ErrorKind::LimitExceeded, "SQLite ran out of memory", "exclude the table"),
        _ => (
            ErrorKind::InvalidInput,
            "SQLite cannot run the query",
            "a view may refer to something that is not there, or need an extension",
        ),
    };
    Error::new(kind, operation, cause).with("sqlite_code", code).hint(hint)
}

/// SQLite gives one code for every file that it cannot open; a folder can be opened unless files have run out.
fn no_file_can_be_opened() -> bool {
    std::fs::File::open("/").is_err_and(|e| is_out_of_files(&e))
}

fn too_big(operation: &'static str) -> Error {
    Error::new(ErrorKind::LimitExceeded, operation, "a cell is larger than can be read")
        .with("limit_bytes", CELL_READ_MAX)
        .hint("exclude the table, or store such values outside of it")
}
