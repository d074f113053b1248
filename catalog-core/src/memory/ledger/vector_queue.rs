//! The queue of vectors in memory.

use std::ops::Bound;

use async_trait::async_trait;

use super::MemoryLedger;
use crate::Result;
use crate::model::{QueuedVector, VectorTask};
use crate::ports::ledger::VectorQueue;

#[async_trait]
impl VectorQueue for MemoryLedger {
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()> {
        let mut books = self.books();
        for task in tasks {
            books.vectors.retain(|_, waiting| waiting.table != task.table);
            books.last_vector += 1;
            let place = books.last_vector;
            books.vectors.insert(place, task.clone());
        }
        Ok(())
    }

    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let books = self.books();
        let waiting = books.vectors.range((start, Bound::Unbounded)).take(limit);
        Ok(waiting.map(|(place, task)| QueuedVector { place: *place, task: task.clone() }).collect())
    }

    async fn vectors_indexed(&self, done: &[QueuedVector]) -> Result<()> {
        let mut books = self.books();
        for QueuedVector { place, task } in done {
            books.vectors.remove(place);
            if let Some(state) = books.states.get_mut(&task.table) {
                state.indexed_text.clone_from(&task.text);
            }
        }
        Ok(())
    }

    async fn count_vectors(&self) -> Result<u64> {
        Ok(self.books().vectors.len() as u64)
    }
}
