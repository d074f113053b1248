//! Which logs are mined, and from where.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use catalog_core::ports::QueryLogSource;
use catalog_core::{Error, ErrorKind, Result};
use catalog_querylog::JsonLinesLog;

/// The query logs to mine.
#[derive(Clone)]
pub struct QueryLogInput {
    pub(super) logs: Vec<Log>,
    pub(super) queries_max: usize,
}

/// One log.
#[derive(Clone)]
pub(super) struct Log {
    /// Its place in it is kept under this name.
    pub(super) name: String,
    pub(super) source: Arc<dyn QueryLogSource>,
    /// Changes when the log does.
    pub(super) token: String,
    /// It never shrinks, and may be out of reach for a while.
    pub(super) grows: bool,
}

impl QueryLogInput {
    /// A file of JSON lines. Keeps the `queries_max` most valuable queries.
    ///
    /// # Errors
    /// `NotFound` when the file cannot be read.
    pub fn file(path: &Path, queries_max: usize) -> Result<Self> {
        let missing = |e: std::io::Error| {
            Error::new(ErrorKind::NotFound, "open_query_log", e.kind().to_string())
                .with("path", path.display())
                .hint("check the path given to --query-log or querylog.files")
        };
        let meta = std::fs::metadata(path).map_err(missing)?;
        let modified = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
        let full: PathBuf = path.canonicalize().map_err(missing)?;
        let log = Log {
            name: format!("file:{}", full.display()),
            source: Arc::new(JsonLinesLog::open(path)?),
            token: format!("{}:{}:{modified}", full.display(), meta.len()),
            grows: false,
        };
        Ok(Self { logs: vec![log], queries_max })
    }

    /// A log that only grows, under its name: each run mines what came since the last. `token` must be another one
    /// whenever there may be something new.
    pub fn growing(
        name: impl Into<String>,
        source: Arc<dyn QueryLogSource>,
        token: impl Into<String>,
        queries_max: usize,
    ) -> Self {
        let log = Log { name: name.into(), source, token: token.into(), grows: true };
        Self { logs: vec![log], queries_max }
    }

    /// Both, mined into one result.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.logs.extend(other.logs);
        self
    }

    /// Files alone are the whole truth and are mined anew when any of them changes. As soon as one log can be asked
    /// for its new entries only, all are mined from where the last run left them.
    pub(super) fn resumes(&self) -> bool {
        self.logs.iter().any(|log| log.grows)
    }
}
