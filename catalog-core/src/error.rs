//! The one error shape that crosses a port: what kind, whether to try again, during what, with which facts, and why.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What every port returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as the caller has to tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The thing is not there (any more).
    NotFound,
    /// What was given cannot be understood: a name, a URL, a document.
    InvalidInput,
    /// Stored data is damaged: a file that is no database, a row that breaks its format.
    Corrupt,
    /// We may not do this.
    Forbidden,
    /// Somebody else changed it first, or holds it.
    Conflict,
    /// The other side asks us to slow down.
    RateLimited,
    /// The other side cannot be reached or is not ready.
    Unavailable,
    /// A deadline passed.
    Timeout,
    /// A configured limit was reached: bytes, rows, columns, queries.
    LimitExceeded,
    /// The other side cannot do this at all.
    Unsupported,
    /// The configuration is wrong.
    Configuration,
    /// A promise of our own code was broken.
    Internal,
}

impl ErrorKind {
    /// The kind as one lowercase word, for logs, metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::InvalidInput => "invalid_input",
            Self::Corrupt => "corrupt",
            Self::Forbidden => "forbidden",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::LimitExceeded => "limit_exceeded",
            Self::Unsupported => "unsupported",
            Self::Configuration => "configuration",
            Self::Internal => "internal",
        }
    }
}

/// Whether doing the same again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Never: the same call fails the same way.
    Permanent,
    /// Yes, after the given time (`None`: after the caller's own backoff).
    Temporary(Option<Duration>),
    /// It was retried already and still failed; a person should look.
    Persistent,
}

/// An error that names the thing, the cause and what to do, and never a secret or a cell value.
///
/// ```
/// use catalog_core::{Error, ErrorKind};
/// let e = Error::new(ErrorKind::NotFound, "open_warehouse", "no such file")
///     .with("path", "sales.sqlite")
///     .hint("check the path given to --warehouse");
/// assert_eq!(
///     e.to_string(),
///     "failed to open warehouse: no such file (path: sales.sqlite); check the path given to --warehouse"
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    retry: Retry,
    operation: &'static str,
    message: String,
    context: Vec<(&'static str, String)>,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A new error. `operation` is the step in snake case (`open_warehouse`); `message` the cause, lowercase.
    ///
    /// `RateLimited`, `Unavailable` and `Timeout` start out as temporary, every other kind as permanent.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout => Retry::Temporary(None),
            _ => Retry::Permanent,
        };
        Self(Box::new(Inner {
            kind,
            retry,
            operation,
            message: message.into(),
            context: Vec::new(),
            hint: None,
            source: None,
        }))
    }

    /// Adds a fact: which table, which path, which host. Never a cell value or a secret.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Keeps the underlying error for `source()`. It is not printed by `Display`, since a driver's own
    /// message may quote a cell value.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Overrides whether trying again can help.
    #[must_use]
    pub fn retry_as(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether doing the same again can help.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The step that failed, in snake case.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The facts attached with [`Error::with`].
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "failed to {}: {}", inner.operation.replace('_', " "), inner.message)?;
        for (i, (key, value)) in inner.context.iter().enumerate() {
            let lead = if i == 0 { " (" } else { ", " };
            write!(f, "{lead}{key}: {value}")?;
        }
        if !inner.context.is_empty() {
            f.write_str(")")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

/// The same as `Display`: the source stays out, because a driver's message may quote a cell.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind.as_str())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|s| &**s as &(dyn StdError + 'static))
    }
}
