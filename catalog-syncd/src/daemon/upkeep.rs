//! What is too old goes.

use std::sync::Arc;

use catalog_core::Result;
use catalog_core::ports::ledger::{Retained, Retention};
use catalog_core::ports::{Clock, Ledger};

use crate::config::RetentionConfig;

const DAY_MS: i64 = 24 * 3_600_000;
/// Rows of a kind in one transaction: short ones let others write in between.
const ROWS_MAX: usize = 1_000;

/// Removes old runs, decided proposals and mined queries from the ledger; never the audit log.
pub struct Upkeep {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    policy: Retention,
}

impl Upkeep {
    /// Upkeep by the operator's ages.
    pub fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>, config: &RetentionConfig) -> Self {
        let days = |n: u32| Some(i64::from(n) * DAY_MS);
        let policy = Retention {
            runs_ms: days(config.runs_days),
            decided_proposals_ms: days(config.proposals_days),
            open_queries_ms: days(config.queries_days),
            rows_max: ROWS_MAX,
        };
        Self { ledger, clock, policy }
    }

    /// Removes all that is too old now.
    ///
    /// # Errors
    /// The ledger's; what was removed before stays removed.
    pub async fn run(&self) -> Result<Retained> {
        let mut all = Retained::default();
        loop {
            let some = self.ledger.retain(&self.policy, self.clock.now_ms()).await?;
            all.runs += some.runs;
            all.proposals += some.proposals;
            all.queries += some.queries;
            if !some.more(&self.policy) {
                return Ok(all);
            }
            tokio::task::yield_now().await;
        }
    }
}
