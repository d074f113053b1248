//! What is to do and who holds it.

use async_trait::async_trait;

use crate::Result;
use crate::model::{
    LeasedItem, Operation, ParkedTable, Proposal, SourceId, TableId, TableState, WalkStage, Watermark, WorkCounts,
    WorkItem,
};

/// What finishing a table writes in one transaction.
pub struct WorkPlan {
    /// The table's new state.
    pub state: TableState,
    /// Operations to publish now. One that waits in the outbox is left as it is, one that has a receipt goes out
    /// again under a derived id (see [`id_to_use`](super::id_to_use)), and one that a steward rejected is dropped. An
    /// open proposal on the same field becomes superseded.
    pub publish: Vec<Operation>,
    /// Changes for the steward, as for [`Proposals::propose`](super::Proposals::propose). An open proposal of the
    /// table on a field that is neither here nor in `publish` becomes superseded, but for verified queries.
    pub propose: Vec<Proposal>,
}

/// A queue of tables with leases, and the watermark of each source.
#[async_trait]
pub trait WorkQueue: Send + Sync {
    /// Queues tables at a stage. A table that is queued already stays one item, at the earlier of the two stages. A
    /// parked one is queued anew to be inspected; to be described it stays parked, since its profile is stale. Gives
    /// how many items are new.
    ///
    /// # Errors
    /// `Unavailable`, `LimitExceeded` (disk full).
    async fn enqueue(&self, items: &[WorkItem], stage: WalkStage) -> Result<u64>;

    /// Takes up to `limit` items of a stage for this worker until `now_ms + lease_ms`, oldest first. Items leased by
    /// somebody whose lease has not ended are passed over.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn lease(
        &self,
        stage: WalkStage,
        worker: &str,
        limit: usize,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Vec<LeasedItem>>;

    /// Ends every lease at once, for a process that knows of no other worker. The items stay queued, and whoever held
    /// one gets a `Conflict`. Gives how many were released.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn release_leases(&self) -> Result<u64>;

    /// Stores what was found and moves the item from `Inspect` to `Describe`, unleased; its attempts count anew.
    ///
    /// # Errors
    /// `Conflict` when the fence is stale: somebody else holds or finished the item, and nothing was stored.
    async fn advance(&self, item: &LeasedItem, state: &TableState) -> Result<()>;

    /// Stores the state, fills outbox and proposals and removes the item.
    ///
    /// # Errors
    /// `Conflict` when the fence is stale, and nothing was stored.
    async fn finish(&self, item: &LeasedItem, plan: &WorkPlan) -> Result<()>;

    /// Parks the item with its reason.
    ///
    /// # Errors
    /// `Conflict` when the fence is stale.
    async fn park(&self, item: &LeasedItem, parked: &ParkedTable) -> Result<()>;

    /// Parks a table whose schema could not be read. An item of it leaves the queue; who holds it gets a `Conflict`.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn park_unread(&self, parked: &ParkedTable) -> Result<()>;

    /// Forgets that tables were parked: they are gone, or fine again.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn unpark(&self, ids: &[TableId]) -> Result<()>;

    /// The parked tables, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn parked(&self) -> Result<Vec<ParkedTable>>;

    /// How many tables stand where.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn counts(&self) -> Result<WorkCounts>;

    /// How far the source was swept.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn watermark(&self, source: &SourceId) -> Result<Option<Watermark>>;

    /// Moves the watermark forward; an older one is ignored, it never goes back (promise I5). Refused while the
    /// source has queued items.
    ///
    /// # Errors
    /// `Conflict` while items of the source are queued.
    async fn advance_watermark(&self, source: &SourceId, to: &Watermark) -> Result<()>;
}
