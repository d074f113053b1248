//! Postgres's SQLSTATE codes in words (https://www.postgresql.org/docs/current/errcodes-appendix.html). Its own
//! messages stay out: they may quote a cell.

use catalog_core::{Error, ErrorKind};

/// The driver's error at our port.
pub(super) fn from_driver(operation: &'static str, error: &sqlx::Error) -> Error {
    let code = match error {
        sqlx::Error::Database(e) => e.code().map(|c| c.into_owned()),
        sqlx::Error::Tls(_) => {
            return Error::new(ErrorKind::Unavailable, operation, "the TLS connection could not be made")
                .hint("check sslmode and sslrootcert in the URL");
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => {
            return Error::new(ErrorKind::Unavailable, operation, "the connection to the database broke")
                .hint("try again; check the database's log if it stays");
        }
        _ => None,
    };
    let Some(code) = code else {
        return Error::new(ErrorKind::Internal, operation, "the Postgres driver refused the call");
    };
    let (kind, cause, hint) = in_words(&code);
    Error::new(kind, operation, cause).with("sqlstate", code).hint(hint)
}

fn in_words(code: &str) -> (ErrorKind, &'static str, &'static str) {
    match code {
        "42P01" | "3F000" => (
            ErrorKind::NotFound,
            "the table is not there any more",
            "nothing to do if it was dropped; the next sync forgets it",
        ),
        "42703" => (ErrorKind::NotFound, "a column is not there any more", "the next sync reads the new columns"),
        "3D000" => (ErrorKind::NotFound, "there is no such database", "check the database's name in the URL"),
        "42501" => (
            ErrorKind::Forbidden,
            "the user may not read it",
            "grant SELECT on the table and USAGE on its schema, or exclude it",
        ),
        "28000" | "28P01" => (
            ErrorKind::Forbidden,
            "the database refuses the user or the password",
            "check user and password; PGPASSWORD is honoured",
        ),
        "57014" => (ErrorKind::Timeout, "the query was cancelled", "raise the deadline, or exclude the table"),
        "53300" => {
            (ErrorKind::Unavailable, "the database has no free connection", "try again, or raise max_connections")
        }
        "40001" | "40P01" | "55P03" => (ErrorKind::Conflict, "another transaction is in the way", "try again"),
        "XX001" | "XX002" => (ErrorKind::Corrupt, "the stored data are damaged", "check the database's log"),
        _ => match code.get(..2).unwrap_or_default() {
            "08" | "57" => (ErrorKind::Unavailable, "the database is not ready", "try again"),
            "53" | "54" => (ErrorKind::LimitExceeded, "the database ran out of a resource", "exclude the table"),
            "22" => {
                (ErrorKind::Corrupt, "a value or a view's computation fails", "correct the view, or exclude the table")
            }
            _ => {
                (ErrorKind::InvalidInput, "the database cannot run the query", "look the code up in Postgres's manual")
            }
        },
    }
}
