//! Keeping a ledger in shape: is it usable, and what may go.

use async_trait::async_trait;

use crate::Result;

/// How long things stay that no promise rests on. `None`: for ever. Ages are in milliseconds, counted from the time
/// the thing was made.
///
/// The audit log, receipts, open proposals on the catalog's fields and rejections (which say what must not return) are
/// never removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Runs, but for the latest closed one.
    pub runs_ms: Option<i64>,
    /// Proposals that were superseded, or accepted and are published or withdrawn.
    pub decided_proposals_ms: Option<i64>,
    /// Verified queries that no steward decided on become superseded.
    pub open_queries_ms: Option<i64>,
    /// At most so many rows of a kind in one call, which is one transaction.
    pub rows_max: usize,
}

impl Default for Retention {
    /// Runs for 90 days, decided proposals for 400, undecided queries for 180; 10,000 rows a call.
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        Self {
            runs_ms: Some(90 * DAY_MS),
            decided_proposals_ms: Some(400 * DAY_MS),
            open_queries_ms: Some(180 * DAY_MS),
            rows_max: 10_000,
        }
    }
}

/// What a call of [`Upkeep::retain`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// Runs removed.
    pub runs: u64,
    /// Proposals removed.
    pub proposals: u64,
    /// Queries that became superseded.
    pub queries: u64,
}

impl Retained {
    /// Was a limit of rows reached, so that another call finds more to do?
    pub fn more(&self, policy: &Retention) -> bool {
        let limit = policy.rows_max as u64;
        self.runs >= limit || self.proposals >= limit || self.queries >= limit
    }
}

/// What the daemon asks of a ledger beside its work.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Can the ledger be read and written right now? Asks its own database and nothing else.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached; `Forbidden` when it may only be read.
    async fn ready(&self) -> Result<()>;

    /// Removes what is older than the policy allows.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn retain(&self, policy: &Retention, now_ms: i64) -> Result<Retained>;
}
