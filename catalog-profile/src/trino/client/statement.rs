//! A query before it is sent.

use std::time::Duration;

/// One query and its limits.
#[derive(Clone)]
pub struct Statement {
    /// The pass it belongs to, a client tag: `sample`, `profile`, `keys`.
    pub pass: &'static str,
    /// The step in errors, in snake case.
    pub operation: &'static str,
    /// The text. It names tables and columns and holds no cell.
    pub sql: String,
    /// The query and its result take no longer than this.
    pub deadline: Duration,
    /// Rows kept; the query is abandoned when more arrive.
    pub rows_max: usize,
    /// Bytes of one page; a longer one fails the query.
    pub page_bytes_max: Option<usize>,
}

impl Statement {
    /// A query of a pass with 60 seconds and 10,000 rows.
    pub fn new(pass: &'static str, operation: &'static str, sql: impl Into<String>) -> Self {
        Self {
            pass,
            operation,
            sql: sql.into(),
            deadline: Duration::from_secs(60),
            rows_max: 10_000,
            page_bytes_max: None,
        }
    }
}
