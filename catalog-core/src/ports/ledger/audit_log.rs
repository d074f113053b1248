//! Who changed what, when and why; append-only.

use async_trait::async_trait;

use crate::Result;
use crate::model::{AuditRow, Fqn, RunId};

/// Which rows to read. An empty filter reads all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// Only of this table.
    pub table: Option<Fqn>,
    /// Only what this run wrote.
    pub run: Option<RunId>,
    /// Only of operations whose id begins so.
    pub operation: Option<String>,
    /// Only from this time on, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// So many of the latest are passed over: the next page of a reader who goes back in time. A row that is written
    /// meanwhile makes the pages overlap and leaves out none.
    pub skip: usize,
    /// At most this many (0: 1,000), the latest.
    pub limit: usize,
}

/// The audit log. Rows are written by [`super::Outbox::record`] and [`super::Proposals::decide`], in the transaction
/// of the change that they tell of; there is no way to change or delete one.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Rows in order of time.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>>;
}
