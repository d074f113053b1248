//! Claims of the outbox in Postgres: which drainer sends what.

use catalog_core::model::{Operation, TableId};
use catalog_core::ports::ledger::OutboxClaim;
use catalog_core::{Error, ErrorKind, Result};

use super::transact::writing;
use super::{PostgresLedger, sql_limit, text};
use crate::stored::from_json;

/// Claims are made one after the other: only so is a table's row that was sent a moment ago never given to one drainer
/// while another takes the rows before it.
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' claim', 0))";

/// As the outbox's listing, past tables of which somebody holds a row.
const FREE: &str = "WITH oldest AS (
        SELECT table_id, place FROM outbox o
        WHERE fate = 'pending' AND (claim_until_ms IS NULL OR claim_until_ms <= $2) AND NOT EXISTS (
            SELECT 1 FROM outbox held
            WHERE held.table_id = o.table_id AND held.fate = 'pending' AND held.claim_until_ms > $2)
        ORDER BY place LIMIT $1),
    tables AS (SELECT table_id, min(place) AS age FROM oldest GROUP BY table_id)
    SELECT o.operation_id, o.operation FROM tables t CROSS JOIN LATERAL (
        SELECT operation_id, operation, place FROM outbox
        WHERE table_id = t.table_id AND fate = 'pending' ORDER BY place LIMIT $1) o
    ORDER BY t.age, o.place LIMIT $1";

impl PostgresLedger {
    pub(super) async fn claim_oldest(&self, limit: usize, now_ms: i64, until_ms: i64) -> Result<OutboxClaim> {
        writing!(self, "claim_outbox", |connection| {
            sqlx::query(TURN).execute(&mut *connection).await?;
            let rows: Vec<(String, String)> =
                sqlx::query_as(FREE).bind(sql_limit(limit)).bind(now_ms).fetch_all(&mut *connection).await?;
            let fence: i64 = sqlx::query_scalar("SELECT nextval('fence')").fetch_one(&mut *connection).await?;
            let (ids, documents): (Vec<String>, Vec<String>) = rows.into_iter().unzip();
            // One that was withdrawn meanwhile is no longer ours to send.
            let taken: Vec<String> = sqlx::query_scalar(
                "UPDATE outbox SET claim_fence = $2, claim_until_ms = $3
                 WHERE operation_id = ANY($1) AND fate = 'pending' RETURNING operation_id",
            )
            .bind(&ids)
            .bind(fence)
            .bind(until_ms)
            .fetch_all(connection)
            .await?;
            let taken: std::collections::HashSet<&String> = taken.iter().collect();
            let ours = ids.iter().zip(&documents).filter(|(id, _)| taken.contains(id));
            let operations: Result<Vec<Operation>, _> =
                ours.map(|(_, document)| from_json(document, "an operation of the outbox")).collect();
            Ok(OutboxClaim { fence: fence.cast_unsigned(), operations: operations? })
        })
    }

    pub(super) async fn extend_whole_claim(&self, fence: u64, table: &TableId, until_ms: i64) -> Result<()> {
        writing!(self, "extend_claim", |connection| {
            let tables: Vec<String> = sqlx::query_scalar(
                "UPDATE outbox SET claim_until_ms = $2 WHERE claim_fence = $1 AND fate = 'pending' RETURNING table_id",
            )
            .bind(fence.cast_signed())
            .bind(until_ms)
            .fetch_all(connection)
            .await?;
            let stored = text::stored(&table.0);
            if tables.iter().any(|held| *held == stored) {
                return Ok(());
            }
            let why = "the claim was lost: somebody else holds the table, or all of it was recorded";
            // The transaction goes back: a claim without this table is extended when its next table is written.
            Err(Error::new(ErrorKind::Conflict, "extend_claim", why).with("table_id", table).into())
        })
    }

    pub(super) async fn end_claim(&self, fence: u64) -> Result<()> {
        writing!(self, "release_claim", |connection| {
            sqlx::query(
                "UPDATE outbox SET claim_fence = NULL, claim_until_ms = NULL WHERE claim_fence = $1 AND fate = 'pending'",
            )
            .bind(fence.cast_signed())
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}
