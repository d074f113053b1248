//! The queue of vectors in Postgres.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{QueuedVector, VectorTask};
use catalog_core::ports::ledger::VectorQueue;

use super::transact::{reading, writing};
use super::{PostgresLedger, sql_limit, text};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Ordered by table, so that two that queue the same tables wait for each other in one order. Replaced under a new
/// place: whoever indexes the old task does not take the new one out.
const QUEUE: &str = "INSERT INTO vector_queue (table_id, task)
    SELECT * FROM unnest($1::text[], $2::text[]) AS new (table_id, task) ORDER BY table_id
    ON CONFLICT (table_id) DO UPDATE SET place = nextval('vector_place'), task = excluded.task";

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
            rows.into_iter()
                .map(|(place, task)| {
                    let task = from_json(&task, "a task for the index")?;
                    Ok(QueuedVector { place: place.unsigned_abs(), task })
                })
                .collect()
        })
    }

    async fn vectors_indexed(&self, done: &[QueuedVector]) -> Result<()> {
        let places: Vec<i64> = done.iter().map(|d| i64::try_from(d.place).unwrap_or(i64::MAX)).collect();
        let ids: Vec<String> = done.iter().map(|d| text::stored(&d.task.table.0).into_owned()).collect();
        let texts: Vec<Option<String>> =
            done.iter().map(|d| d.task.text.as_deref().map(|t| text::stored(t).into_owned())).collect();
        writing!(self, "note_indexed_vectors", |connection| {
            sqlx::query("DELETE FROM vector_queue WHERE place = ANY($1)")
                .bind(&places)
                .execute(&mut *connection)
                .await?;
            sqlx::query(
                "UPDATE table_state SET indexed_text = done.text
                 FROM unnest($1::text[], $2::text[]) AS done (id, text) WHERE table_id = done.id",
            )
            .bind(&ids)
            .bind(&texts)
            .execute(&mut *connection)
            .await?;
            Ok(())
        })
    }

    async fn count_vectors(&self) -> Result<u64> {
        reading!(self, "count_vectors", |connection| {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM vector_queue").fetch_one(connection).await?;
            Ok(count.unsigned_abs())
        })
    }
}
