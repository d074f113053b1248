//! Readiness and retention in Postgres.

use async_trait::async_trait;
use catalog_core::ports::ledger::{Retained, Retention, Upkeep};
use catalog_core::{Error, ErrorKind, Result};

use super::transact::{reading, writing};
use super::{PostgresLedger, sql_limit};

/// Runs, but for the latest closed one.
const RUNS: &str = "DELETE FROM run WHERE id IN (
    SELECT id FROM run
    WHERE begun_at_ms < $1 AND id IS DISTINCT FROM (
        SELECT id FROM run WHERE finished_at_ms IS NOT NULL ORDER BY finished_at_ms DESC, place DESC LIMIT 1)
    ORDER BY place LIMIT $2)";

/// What a steward accepted goes with its operation's fate; a rejection stays, since it says what must not return.
const PROPOSALS: &str = "DELETE FROM proposal WHERE id IN (
    SELECT id FROM proposal p
    WHERE created_at_ms < $1 AND (state = 'superseded' OR state = 'accepted' AND EXISTS (
        SELECT 1 FROM outbox o WHERE o.operation_id = p.operation_id AND o.fate IN ('published', 'withdrawn')))
    ORDER BY id LIMIT $2)";

const QUERIES: &str = "UPDATE proposal SET state = 'superseded' WHERE state = 'open' AND id IN (
    SELECT id FROM proposal WHERE created_at_ms < $1 AND state = 'open' AND kind = 'query' ORDER BY id LIMIT $2)";

#[async_trait]
impl Upkeep for PostgresLedger {
    async fn ready(&self) -> Result<()> {
        let read_only: bool = reading!(self, "check_ledger", |connection| {
            let asked = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";
            Ok(sqlx::query_scalar(asked).fetch_one(connection).await?)
        })?;
        if !read_only {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Forbidden, "check_ledger", "the database is read-only");
        Err(self.connections.place().name(error).hint("it may be a standby; work waits until it can be written"))
    }

    async fn retain(&self, policy: &Retention, now_ms: i64) -> Result<Retained> {
        self.extend_audit_log().await?;
        let limit = sql_limit(policy.rows_max);
        let ages =
            [(RUNS, policy.runs_ms), (PROPOSALS, policy.decided_proposals_ms), (QUERIES, policy.open_queries_ms)];
        writing!(self, "remove_old_rows", |connection| {
            let mut counts = [0; 3];
            for (count, (sql, age_ms)) in counts.iter_mut().zip(ages) {
                if let Some(age_ms) = age_ms {
                    let before_ms = now_ms.saturating_sub(age_ms);
                    let done = sqlx::query(sql).bind(before_ms).bind(limit).execute(&mut *connection).await?;
                    *count = done.rows_affected();
                }
            }
            let [runs, proposals, queries] = counts;
            Ok(Retained { runs, proposals, queries })
        })
    }
}
