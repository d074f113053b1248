//! What the vector index still has to hear of.

use async_trait::async_trait;

use crate::Result;
use crate::model::{QueuedVector, TableId, VectorTask};

/// Tasks that one indexer holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VectorClaim {
    /// Grows with every claim; names it in the other methods.
    pub fence: u64,
    /// Oldest first. Empty when nothing is free.
    pub tasks: Vec<QueuedVector>,
}

/// Work for the vector index waits here, apart from the outbox: an index that is down holds up no publishing, and
/// what was published is indexed when it is back.
#[async_trait]
pub trait VectorQueue: Send + Sync {
    /// Queues what the index is to hold of tables, as the newest. A table waits once: what waited for it is replaced,
    /// and whoever holds the table still holds it.
    ///
    /// # Errors
    /// `Unavailable`, `LimitExceeded` (disk full).
    async fn queue_vectors(&self, tasks: &[VectorTask]) -> Result<()>;

    /// Up to `limit` tasks, oldest first, after the given place, whoever holds them.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn pending_vectors(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedVector>>;

    /// As [`VectorQueue::pending_vectors`], for this indexer alone until `now_ms + lease_ms`; what somebody else holds is
    /// passed over. So no two indexers write a table at once, and none embeds what another is embedding.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn claim_vectors(&self, after: Option<u64>, limit: usize, now_ms: i64, lease_ms: i64) -> Result<VectorClaim>;

    /// To be asked right before the tables are written: moves the end of the whole claim to `until_ms`, if all of these
    /// tables are still held under it.
    ///
    /// # Errors
    /// `Conflict` when one is not: the claim ended and somebody else took it. Nothing may be written then.
    async fn extend_vectors(&self, fence: u64, tables: &[TableId], until_ms: i64) -> Result<()>;

    /// Gives back what still waits under the claim.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn release_vectors(&self, fence: u64) -> Result<()>;

    /// The index holds what these asked for: takes them out, but for those that were replaced meanwhile, and notes the
    /// text as `indexed_text` of the tables' states, all in one transaction. A table without a state is no error.
    ///
    /// Gives the tables that are no longer held under the claim. Of those nobody knows whose text the index holds, as
    /// two wrote it: their `indexed_text` is cleared and nothing of theirs is taken out. The caller has them queued
    /// again.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn vectors_indexed(&self, fence: u64, done: &[QueuedVector]) -> Result<Vec<TableId>>;

    /// How many tables wait.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn count_vectors(&self) -> Result<u64>;
}
