//! The queue of vectors in SQLite.

use async_trait::async_trait;
use catalog_core::model::{QueuedVector, TableId, VectorTask};
use catalog_core::ports::ledger::{VectorClaim, VectorQueue};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Rows, params};

use super::{SqliteLedger, sql_limit, work_queue};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Does a table wait under this claim?
const HELD: &str = "SELECT 1 FROM vector_queue WHERE table_id = ?1 AND claim_fence = ?2";

/// Tasks from rows of place and document.
fn queued(mut rows: Rows<'_>) -> Result<Vec<QueuedVector>, Failure> {
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let task = from_json(row.get_ref(1)?.as_str()?, "a task for the index")?;
        waiting.push(QueuedVector { place: row.get::<_, i64>(0)?.unsigned_abs(), task });
    }
    Ok(waiting)
}

#[async_trait]
impl VectorQueue for SqliteLedger {
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()> {
        let tasks = tasks.to_vec();
        self.write("queue_vectors", move |transaction| {
            // Replaced under a new place: whoever indexes the old task does not take the new one out, and holds the
            // table until the old one is done.
            let mut holder = transaction
                .prepare_cached("SELECT claim_fence, claim_until_ms FROM vector_queue WHERE table_id = ?1")?;
            let mut queue = transaction.prepare_cached(
                "INSERT OR REPLACE INTO vector_queue (table_id, task, claim_fence, claim_until_ms)
                 VALUES (?1, ?2, ?3, ?4)",
            )?;
            for task in &tasks {
                let claim: Option<(Option<i64>, Option<i64>)> =
                    holder.query_row([&task.table.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                let (fence, until_ms) = claim.unwrap_or_default();
                queue.execute(params![task.table.0, to_json(task)?, fence, until_ms])?;
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
            queued(list.query(params![after, sql_limit(limit)])?)
        })
        .await
    }

    async fn claim_vectors(&self, after: Option<u64>, limit: usize, now_ms: i64, lease_ms: i64) -> Result<VectorClaim> {
        let after = after.map_or(0, |place| i64::try_from(place).unwrap_or(i64::MAX));
        let until_ms = now_ms.saturating_add(lease_ms);
        self.write("claim_vectors", move |transaction| {
            let fence = work_queue::next_fence(transaction)?;
            let mut free = transaction.prepare_cached(
                "SELECT place, task FROM vector_queue
                 WHERE place > ?1 AND (claim_until_ms IS NULL OR claim_until_ms <= ?2) ORDER BY place LIMIT ?3",
            )?;
            let tasks = queued(free.query(params![after, now_ms, sql_limit(limit)])?)?;
            let mut claim = transaction
                .prepare_cached("UPDATE vector_queue SET claim_fence = ?2, claim_until_ms = ?3 WHERE place = ?1")?;
            for task in &tasks {
                claim.execute(params![task.place.cast_signed(), fence, until_ms])?;
            }
            Ok(VectorClaim { fence: fence.unsigned_abs(), tasks })
        })
        .await
    }

    async fn extend_vectors(&self, fence: u64, tables: &[TableId], until_ms: i64) -> Result<()> {
        let (fence, tables) = (fence.cast_signed(), tables.to_vec());
        self.write("extend_vectors", move |transaction| {
            let mut held = transaction.prepare_cached(HELD)?;
            for table in &tables {
                if !held.exists(params![table.0, fence])? {
                    let why = "the claim was lost: somebody else indexes the table";
                    return Err(Error::new(ErrorKind::Conflict, "extend_vectors", why).with("table_id", table).into());
                }
            }
            transaction
                .prepare_cached("UPDATE vector_queue SET claim_until_ms = ?2 WHERE claim_fence = ?1")?
                .execute([fence, until_ms])?;
            Ok(())
        })
        .await
    }

    async fn release_vectors(&self, fence: u64) -> Result<()> {
        self.write("release_vectors", move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE vector_queue SET claim_fence = NULL, claim_until_ms = NULL WHERE claim_fence = ?1",
                )?
                .execute([fence.cast_signed()])?;
            Ok(())
        })
        .await
    }

    async fn vectors_indexed(&self, fence: u64, done: &[QueuedVector]) -> Result<Vec<TableId>> {
        let (fence, done) = (fence.cast_signed(), done.to_vec());
        self.write("note_indexed_vectors", move |transaction| {
            let mut held = transaction.prepare_cached(HELD)?;
            let mut remove = transaction.prepare_cached("DELETE FROM vector_queue WHERE place = ?1")?;
            let mut note =
                transaction.prepare_cached("UPDATE table_state SET indexed_text = ?2 WHERE table_id = ?1")?;
            let mut lost = Vec::new();
            for QueuedVector { place, task } in &done {
                let ours = held.exists(params![task.table.0, fence])?;
                note.execute(params![task.table.0, task.text.as_ref().filter(|_| ours)])?;
                if ours {
                    remove.execute([i64::try_from(*place).unwrap_or(i64::MAX)])?;
                } else {
                    lost.push(task.table.clone());
                }
            }
            Ok(lost)
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
