//! The queue of vectors in memory.

use std::collections::BTreeSet;
use std::ops::Bound;

use async_trait::async_trait;

use super::{Books, Claim, MemoryLedger, WaitingVector};
use crate::model::{QueuedVector, TableId, VectorTask};
use crate::ports::ledger::{VectorClaim, VectorQueue};
use crate::{Error, ErrorKind, Result};

impl Books {
    /// What waits under a claim.
    fn vectors_under(&mut self, fence: u64) -> impl Iterator<Item = &mut WaitingVector> {
        self.vectors.values_mut().filter(move |waiting| waiting.claim.as_ref().is_some_and(|c| c.fence == fence))
    }
}

#[async_trait]
impl VectorQueue for MemoryLedger {
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()> {
        let mut books = self.books();
        for task in tasks {
            let old =
                books.vectors.iter().find(|(_, waiting)| waiting.task.table == task.table).map(|(place, _)| *place);
            let claim = old.and_then(|place| books.vectors.remove(&place)).and_then(|waiting| waiting.claim);
            books.last_vector += 1;
            let place = books.last_vector;
            books.vectors.insert(place, WaitingVector { task: task.clone(), claim });
        }
        Ok(())
    }

    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let books = self.books();
        let waiting = books.vectors.range((start, Bound::Unbounded)).take(limit);
        Ok(waiting.map(|(place, waiting)| QueuedVector { place: *place, task: waiting.task.clone() }).collect())
    }

    async fn claim_vectors(&self, after: Option<u64>, limit: usize, now_ms: i64, lease_ms: i64) -> Result<VectorClaim> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut books = self.books();
        books.last_claim += 1;
        let fence = books.last_claim;
        let free = books.vectors.range_mut((start, Bound::Unbounded));
        let free = free.filter(|(_, waiting)| waiting.claim.as_ref().is_none_or(|claim| claim.until_ms <= now_ms));
        let mut tasks = Vec::new();
        for (place, waiting) in free.take(limit) {
            waiting.claim = Some(Claim { fence, until_ms: now_ms.saturating_add(lease_ms) });
            tasks.push(QueuedVector { place: *place, task: waiting.task.clone() });
        }
        Ok(VectorClaim { fence, tasks })
    }

    async fn extend_vectors(&self, fence: u64, tables: &[TableId], until_ms: i64) -> Result<()> {
        let mut books = self.books();
        let held: BTreeSet<TableId> = books.vectors_under(fence).map(|waiting| waiting.task.table.clone()).collect();
        if let Some(lost) = tables.iter().find(|table| !held.contains(table)) {
            let why = "the claim was lost: somebody else indexes the table";
            return Err(Error::new(ErrorKind::Conflict, "extend_vectors", why).with("table_id", lost));
        }
        books.vectors_under(fence).for_each(|waiting| waiting.claim = Some(Claim { fence, until_ms }));
        Ok(())
    }

    async fn release_vectors(&self, fence: u64) -> Result<()> {
        self.books().vectors_under(fence).for_each(|waiting| waiting.claim = None);
        Ok(())
    }

    async fn vectors_indexed(&self, fence: u64, done: &[QueuedVector]) -> Result<Vec<TableId>> {
        let mut books = self.books();
        let mut lost = Vec::new();
        for QueuedVector { place, task } in done {
            let held = books.vectors_under(fence).any(|waiting| waiting.task.table == task.table);
            if let Some(state) = books.states.get_mut(&task.table) {
                state.indexed_text = task.text.clone().filter(|_| held);
            }
            if held {
                books.vectors.remove(place);
            } else {
                lost.push(task.table.clone());
            }
        }
        Ok(lost)
    }

    async fn count_vectors(&self) -> Result<u64> {
        Ok(self.books().vectors.len() as u64)
    }
}
