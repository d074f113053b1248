//! How to reach the ledger's database.

use std::path::Path;
use std::time::Duration;

use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};

/// A URL is never longer than this, in bytes.
const URL_BYTES_MAX: u64 = 8 << 10;

/// Where the ledger is and how much of the database it may take.
#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://role:password@host:5432/database?sslmode=…`. A secret, since it holds a password.
    pub url: Secret,
    /// The schema that the ledger lives in: lowercase letters, digits and `_`.
    pub schema: String,
    /// Connections open at once, at least 1.
    pub pool_size: usize,
    /// The longest that one statement may take.
    pub statement_timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
    /// The longest that a call waits for one of our own connections to be free.
    pub acquire_timeout: Duration,
}

impl PostgresSettings {
    /// The defaults for a URL: schema `catalog_sync`, 8 connections, 30 seconds a statement, 10 to connect, 30 to wait
    /// for a connection.
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            schema: "catalog_sync".to_owned(),
            pool_size: 8,
            statement_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(30),
        }
    }

    /// The same, with the URL read from a file, as an orchestrator mounts a secret.
    ///
    /// # Errors
    /// `Configuration` when the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self> {
        use std::io::Read;
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(URL_BYTES_MAX).read_to_string(&mut text));
        read.map_err(|error| {
            Error::new(ErrorKind::Configuration, "read_ledger_url", error.kind().to_string())
                .with("path", path.display())
                .hint("write the ledger's URL into the file and let this user read it")
        })?;
        Ok(Self::new(Secret::new(text.trim())))
    }

    /// The schema's name, checked: it stands in statements, where no parameter can.
    pub(super) fn checked_schema(&self) -> Result<&str> {
        let mut chars = self.schema.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
        let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if first && rest && self.schema.len() <= 63 && !self.schema.starts_with("pg_") {
            return Ok(&self.schema);
        }
        Err(Error::new(ErrorKind::Configuration, "open_ledger", "this is no name for a schema")
            .with("schema", &self.schema)
            .hint("use up to 63 lowercase letters, digits and underscores, not beginning with a digit or pg_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_that_could_end_a_statement_is_refused() {
        for (name, fine) in [
            ("catalog_sync", true),
            ("_a1", true),
            ("", false),
            ("1a", false),
            ("pg_catalog", false),
            ("Catalog", false),
            ("a; DROP SCHEMA public", false),
            ("a\"", false),
            (&"a".repeat(64), false),
        ] {
            let settings = PostgresSettings { schema: name.to_owned(), ..PostgresSettings::new(Secret::new("")) };
            assert_eq!(settings.checked_schema().is_ok(), fine, "{name}");
        }
    }

    #[test]
    fn a_url_is_read_from_its_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url");
        std::fs::write(&path, "postgres://u:hunter2@db/ledger\n").unwrap();
        assert_eq!(PostgresSettings::from_file(&path).unwrap().url.expose(), "postgres://u:hunter2@db/ledger");
        let error = PostgresSettings::from_file(&folder.path().join("none")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
