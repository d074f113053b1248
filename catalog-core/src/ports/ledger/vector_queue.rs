//! What the vector index still has to hear of.

use async_trait::async_trait;

use crate::Result;
use crate::model::{QueuedVector, VectorTask};

/// Work for the vector index waits here, apart from the outbox: an index that is down holds up no publishing, and
/// what was published is indexed when it is back.
#[async_trait]
pub trait VectorQueue: Send + Sync {
    /// Queues what the index is to hold of tables, as the newest. A table waits once: what waited for it is replaced.
    ///
    /// # Errors
    /// `Unavailable`, `LimitExceeded` (disk full).
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()>;

    /// Up to `limit` tasks, oldest first, after the given place.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>>;

    /// The index holds what these asked for: takes them out, but for those that were replaced meanwhile, and notes the
    /// text as `indexed_text` of the tables' states, all in one transaction. A table without a state is no error.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn vectors_indexed(&self, done: &[QueuedVector]) -> Result<()>;

    /// How many tables wait.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn count_vectors(&self) -> Result<u64>;
}
