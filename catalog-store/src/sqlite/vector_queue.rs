//! The queue of vectors in SQLite.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{QueuedVector, VectorTask};
use catalog_core::ports::ledger::VectorQueue;
use rusqlite::params;

use super::{SqliteLedger, sql_limit};
use crate::stored::{from_json, to_json};

#[async_trait]
impl VectorQueue for SqliteLedger {
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()> {
        let tasks = tasks.to_vec();
        self.write("queue_vectors", move |transaction| {
            // Replaced under a new place: whoever indexes the old task does not take the new one out.
            let mut queue =
                transaction.prepare_cached("INSERT OR REPLACE INTO vector_queue (table_id, task) VALUES (?1, ?2)")?;
            for task in &tasks {
                queue.execute(params![task.table.0, to_json(task)?])?;
            }
            Ok(())
        })
        .await
    }

    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>> {
        let after = after.map_or(0, |place| i64::try_from(place).unwrap_or(i64::MAX));
        self.read("list_vectors", move |transaction| {
            let mut list = transaction
                .prepare_cached("SELECT place, task FROM vector_queue WHERE place > ?1 ORDER BY place LIMIT ?2")?;
            let mut rows = list.query(params![after, sql_limit(limit)])?;
            let mut waiting = Vec::new();
            while let Some(row) = rows.next()? {
                let task = from_json(row.get_ref(1)?.as_str()?, "a task for the index")?;
                waiting.push(QueuedVector { place: row.get::<_, i64>(0)?.unsigned_abs(), task });
            }
            Ok(waiting)
        })
        .await
    }

    async fn vectors_indexed(&self, done: &[QueuedVector]) -> Result<()> {
        let done = done.to_vec();
        self.write("note_indexed_vectors", move |transaction| {
            let mut remove = transaction.prepare_cached("DELETE FROM vector_queue WHERE place = ?1")?;
            let mut note =
                transaction.prepare_cached("UPDATE table_state SET indexed_text = ?2 WHERE table_id = ?1")?;
            for QueuedVector { place, task } in &done {
                remove.execute([i64::try_from(*place).unwrap_or(i64::MAX)])?;
                note.execute(params![task.table.0, task.text])?;
            }
            Ok(())
        })
        .await
    }

    async fn count_vectors(&self) -> Result<u64> {
        self.read("count_vectors", |transaction| {
            let count: i64 = transaction.query_row("SELECT count(*) FROM vector_queue", [], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
        .await
    }
}
