//! Readiness and retention in SQLite.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::ports::ledger::{Retained, Retention, Upkeep};

use super::{SqliteLedger, sql_limit};

/// Runs, but for the latest closed one.
const RUNS: &str = "DELETE FROM run WHERE place IN (
    SELECT place FROM run
    WHERE begun_at_ms < ?1 AND place IS NOT (
        SELECT place FROM run WHERE finished_at_ms IS NOT NULL ORDER BY finished_at_ms DESC, place DESC LIMIT 1)
    ORDER BY place LIMIT ?2)";

/// What a steward accepted goes with its operation's fate; a rejection stays, since it says what must not return.
const PROPOSALS: &str = "DELETE FROM proposal WHERE id IN (
    SELECT id FROM proposal p
    WHERE created_at_ms < ?1 AND (state = 'superseded' OR state = 'accepted' AND EXISTS (
        SELECT 1 FROM outbox
        WHERE operation_id = json_extract(p.operation, '$.id') AND fate IN ('published', 'withdrawn')))
    ORDER BY id LIMIT ?2)";

const QUERIES: &str = "UPDATE proposal SET state = 'superseded' WHERE id IN (
    SELECT id FROM proposal WHERE created_at_ms < ?1 AND state = 'open' AND kind = 'query' ORDER BY id LIMIT ?2)";

#[async_trait]
impl Upkeep for SqliteLedger {
    async fn ready(&self) -> Result<()> {
        // Beginning to write is what fails when the file is read-only or held for too long.
        self.write("check_ledger", |_| Ok(())).await
    }

    async fn retain(&self, policy: &Retention, now_ms: i64) -> Result<Retained> {
        let limit = sql_limit(policy.rows_max);
        let ages =
            [(RUNS, policy.runs_ms), (PROPOSALS, policy.decided_proposals_ms), (QUERIES, policy.open_queries_ms)];
        self.write("remove_old_rows", move |transaction| {
            let mut counts = [0; 3];
            for (count, (sql, age_ms)) in counts.iter_mut().zip(ages) {
                if let Some(age_ms) = age_ms {
                    *count = transaction.prepare_cached(sql)?.execute([now_ms.saturating_sub(age_ms), limit])? as u64;
                }
            }
            let [runs, proposals, queries] = counts;
            Ok(Retained { runs, proposals, queries })
        })
        .await
    }
}
