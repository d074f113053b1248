//! Postgres's SQLSTATE codes in words (https://www.postgresql.org/docs/current/errcodes-appendix.html). Its own
//! messages stay out.

use catalog_core::{Error, ErrorKind};

use crate::failure::{Failure, Place};

/// The driver's error at our port.
pub(crate) fn tell(error: sqlx::Error, step: &'static str, place: &Place) -> Error {
    let (kind, message, hint) = match &error {
        sqlx::Error::Database(refused) => in_words(refused.code().as_deref().unwrap_or_default()),
        sqlx::Error::Tls(_) => (
            ErrorKind::Unavailable,
            "the TLS connection could not be made",
            "check sslmode and sslrootcert in the ledger's URL",
        ),
        // A document that is not UTF-8, or a column of another type: the schema was changed by hand.
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => {
            (ErrorKind::Corrupt, "a column of the ledger cannot be read", "restore the ledger from a backup")
        }
        error if is_broken(error) => (
            ErrorKind::Unavailable,
            "the connection to the database broke",
            "nothing is lost: what was committed is there, the rest is done again",
        ),
        _ => (ErrorKind::Internal, "the Postgres driver refused the call", "report this"),
    };
    let told = place.name(Error::new(kind, step, message));
    match code(&error) {
        Some(code) => told.with("sqlstate", code),
        None => told,
    }
    .hint(hint)
    .caused_by(error)
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|refused| refused.code()).map(|code| code.into_owned())
}

/// Is the connection itself gone? The server's last words when it shuts down or an operator ends a session count too.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    let broken = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed);
    broken || matches!(code(error).as_deref(), Some("57P01" | "57P02" | "57P03" | "08003" | "08006"))
}

/// May the same transaction succeed when it is run once more? Serialization failure, deadlock, and two transactions
/// that made the same row at once.
pub(super) fn is_collision(failure: &Failure) -> bool {
    let Failure::Postgres(error) = failure else { return false };
    matches!(code(error).as_deref(), Some("40001" | "40P01" | "23505"))
}

/// Is a table of ours missing?
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("42P01" | "3F000"))
}

fn in_words(code: &str) -> (ErrorKind, &'static str, &'static str) {
    match code {
        "42P01" | "3F000" | "42703" | "42883" => (
            ErrorKind::Configuration,
            "the ledger's schema is not there, or not whole",
            "run `catalog-syncd ledger migrate` with the migration role",
        ),
        "3D000" => (ErrorKind::Configuration, "there is no such database", "check the database's name in the URL"),
        "42501" => (
            ErrorKind::Forbidden,
            "the role has not the rights",
            "run `catalog-syncd ledger migrate` again, naming the runtime role",
        ),
        "28000" | "28P01" => {
            (ErrorKind::Forbidden, "the database refuses the role or the password", "check the ledger's URL")
        }
        "25006" => (
            ErrorKind::Forbidden,
            "the database is read-only",
            "it may be a standby, or be set so by an operator; work waits until it can be written",
        ),
        "57014" => (
            ErrorKind::Timeout,
            "the statement took too long",
            "raise the ledger's statement timeout, or see what the database is busy with",
        ),
        "55P03" => (ErrorKind::Unavailable, "a row is locked for too long", "try again"),
        "53300" | "53400" => (
            ErrorKind::Unavailable,
            "the database has no free connection",
            "try again, lower the ledger's pool size, or raise max_connections",
        ),
        "53100" => {
            (ErrorKind::LimitExceeded, "the database's disk is full", "free some space; what was committed is safe")
        }
        "40001" | "40P01" | "23505" => {
            (ErrorKind::Unavailable, "other transactions were in the way again and again", "try again")
        }
        "XX001" | "XX002" => {
            (ErrorKind::Corrupt, "the stored data are damaged", "check the database's log, and restore a backup")
        }
        _ => match code.get(..2).unwrap_or_default() {
            "08" | "57" => (ErrorKind::Unavailable, "the database is not ready", "try again"),
            "53" | "54" => (ErrorKind::LimitExceeded, "the database ran out of a resource", "see the database's log"),
            _ => (ErrorKind::Internal, "the database refused a statement", "report this with the code"),
        },
    }
}
