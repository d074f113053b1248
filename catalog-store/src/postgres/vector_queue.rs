//! The queue of vectors in Postgres.

use std::collections::HashSet;

use async_trait::async_trait;
use catalog_core::model::{QueuedVector, TableId, VectorTask};
use catalog_core::ports::ledger::{VectorClaim, VectorQueue};
use catalog_core::{Error, ErrorKind, Result};

use super::transact::{reading, writing};
use super::{PostgresLedger, sql_limit, text};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Ordered by table, so that two that queue the same tables wait for each other in one order. Replaced under a new
/// place: whoever indexes the old task does not take the new one out, and holds the table until the old one is done.
const QUEUE: &str = "INSERT INTO vector_queue (table_id, task)
    SELECT * FROM unnest($1::text[], $2::text[]) AS new (table_id, task) ORDER BY table_id
    ON CONFLICT (table_id) DO UPDATE SET place = nextval('vector_place'), task = excluded.task";

/// The oldest that are free. Rows that somebody else is claiming or replacing right now are passed over: the next claim
/// finds them.
const CLAIM: &str = "WITH free AS (
        SELECT place FROM vector_queue
        WHERE place > $1 AND (claim_until_ms IS NULL OR claim_until_ms <= $2)
        ORDER BY place LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE vector_queue q SET claim_fence = $4, claim_until_ms = $5 FROM free WHERE q.place = free.place
    RETURNING q.place, q.task";

/// Tasks from rows of place and document.
fn queued(rows: Vec<(i64, String)>) -> Result<Vec<QueuedVector>, Failure> {
    rows.into_iter()
        .map(|(place, task)| {
            Ok(QueuedVector { place: place.unsigned_abs(), task: from_json(&task, "a task for the index")? })
        })
        .collect()
}

#[async_trait]
impl VectorQueue for PostgresLedger {
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()> {
        // Of two tasks for one table the later counts, as one statement may not touch a row twice.
        let mut newest = std::collections::BTreeMap::new();
        for task in tasks {
            newest.insert(text::stored(&task.table.0).into_owned(), task);
        }
        let documents: Result<Vec<String>, Failure> = newest.values().map(to_json).collect();
        let documents = documents.map_err(|failure| failure.tell("queue_vectors", self.connections.place()))?;
        let ids: Vec<String> = newest.into_keys().collect();
        writing!(self, "queue_vectors", |connection| {
            sqlx::query(QUEUE).bind(&ids).bind(&documents).execute(connection).await?;
            Ok(())
        })
    }

    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>> {
        let after = after.map_or(0, |place| i64::try_from(place).unwrap_or(i64::MAX));
        let limit = sql_limit(limit);
        let sql = "SELECT place, task FROM vector_queue WHERE place > $1 ORDER BY place LIMIT $2";
        reading!(self, "list_vectors", |connection| {
            let rows: Vec<(i64, String)> = sqlx::query_as(sql).bind(after).bind(limit).fetch_all(connection).await?;
            queued(rows)
        })
    }

    async fn claim_vectors(&self, after: Option<u64>, limit: usize, now_ms: i64, lease_ms: i64) -> Result<VectorClaim> {
        let after = after.map_or(0, |place| i64::try_from(place).unwrap_or(i64::MAX));
        let (limit, until_ms) = (sql_limit(limit), now_ms.saturating_add(lease_ms));
        writing!(self, "claim_vectors", |connection| {
            let fence: i64 = sqlx::query_scalar("SELECT nextval('fence')").fetch_one(&mut *connection).await?;
            let mut rows: Vec<(i64, String)> = sqlx::query_as(CLAIM)
                .bind(after)
                .bind(now_ms)
                .bind(limit)
                .bind(fence)
                .bind(until_ms)
                .fetch_all(connection)
                .await?;
            rows.sort_unstable_by_key(|(place, _)| *place);
            Ok(VectorClaim { fence: fence.cast_unsigned(), tasks: queued(rows)? })
        })
    }

    async fn extend_vectors(&self, fence: u64, tables: &[TableId], until_ms: i64) -> Result<()> {
        writing!(self, "extend_vectors", |connection| {
            let held: HashSet<String> = sqlx::query_scalar(
                "UPDATE vector_queue SET claim_until_ms = $2 WHERE claim_fence = $1 RETURNING table_id",
            )
            .bind(fence.cast_signed())
            .bind(until_ms)
            .fetch_all(connection)
            .await?
            .into_iter()
            .collect();
            match tables.iter().find(|table| !held.contains(&*text::stored(&table.0))) {
                None => Ok(()),
                Some(lost) => {
                    let why = "the claim was lost: somebody else indexes the table";
                    Err(Error::new(ErrorKind::Conflict, "extend_vectors", why).with("table_id", lost).into())
                }
            }
        })
    }

    async fn release_vectors(&self, fence: u64) -> Result<()> {
        writing!(self, "release_vectors", |connection| {
            sqlx::query("UPDATE vector_queue SET claim_fence = NULL, claim_until_ms = NULL WHERE claim_fence = $1")
                .bind(fence.cast_signed())
                .execute(connection)
                .await?;
            Ok(())
        })
    }

    async fn vectors_indexed(&self, fence: u64, done: &[QueuedVector]) -> Result<Vec<TableId>> {
        let places: Vec<i64> = done.iter().map(|d| i64::try_from(d.place).unwrap_or(i64::MAX)).collect();
        let ids: Vec<String> = done.iter().map(|d| text::stored(&d.task.table.0).into_owned()).collect();
        let texts: Vec<Option<String>> =
            done.iter().map(|d| d.task.text.as_deref().map(|t| text::stored(t).into_owned())).collect();
        writing!(self, "note_indexed_vectors", |connection| {
            // Locked in one order, as whoever claims and queues does.
            let held: HashSet<String> = sqlx::query_scalar(
                "SELECT table_id FROM vector_queue WHERE table_id = ANY($1) AND claim_fence = $2
                 ORDER BY table_id FOR UPDATE",
            )
            .bind(&ids)
            .bind(fence.cast_signed())
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .collect();
            let ours: Vec<bool> = ids.iter().map(|id| held.contains(id)).collect();
            sqlx::query("DELETE FROM vector_queue WHERE place = ANY($1) AND claim_fence = $2")
                .bind(&places)
                .bind(fence.cast_signed())
                .execute(&mut *connection)
                .await?;
            sqlx::query(
                "UPDATE table_state SET indexed_text = CASE WHEN done.ours THEN done.text END
                 FROM unnest($1::text[], $2::text[], $3::bool[]) AS done (id, text, ours) WHERE table_id = done.id",
            )
            .bind(&ids)
            .bind(&texts)
            .bind(&ours)
            .execute(&mut *connection)
            .await?;
            Ok(done.iter().zip(ours).filter(|(_, ours)| !ours).map(|(lost, _)| lost.task.table.clone()).collect())
        })
    }

    async fn count_vectors(&self) -> Result<u64> {
        reading!(self, "count_vectors", |connection| {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM vector_queue").fetch_one(connection).await?;
            Ok(count.unsigned_abs())
        })
    }
}
