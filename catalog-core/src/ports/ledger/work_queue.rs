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

/// How long a table that failed waits before it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second attempt, in milliseconds; doubled for every further one.
    pub first_ms: i64,
    /// Never longer than this, in milliseconds.
    pub max_ms: i64,
    /// After so many attempts the table is parked.
    pub attempts_max: u32,
}

impl Backoff {
    /// Milliseconds to wait after this attempt failed ([`LeasedItem::attempt`], counted from 1); `None` when it was
    /// the last.
    pub fn after(&self, attempt: u32) -> Option<i64> {
        if attempt >= self.attempts_max {
            return None;
        }
        let factor = 1_i64.checked_shl(attempt.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i64::MAX);
        Some(self.first_ms.saturating_mul(factor).min(self.max_ms))
    }
}

/// A queue of tables with leases, and the watermark of each source.
#[async_trait]
pub trait WorkQueue: Send + Sync {
    /// Queues tables at a stage. A table that is queued already stays one item, at the earlier of the two stages and
    /// with the greater use. A
    /// parked one is queued anew to be inspected; to be described it stays parked, since its profile is stale. Gives
    /// how many items are new.
    ///
    /// # Errors
    /// `Unavailable`, `LimitExceeded` (disk full).
    async fn enqueue(&self, items: &[WorkItem], stage: WalkStage) -> Result<u64>;

    /// Takes up to `limit` items of a stage for this worker until `now_ms + lease_ms`, most used first, then oldest. Items leased by
    /// somebody whose lease has not ended, and postponed ones that are not due, are passed over.
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

    /// Ends every lease at once, and every claim on the outbox, for a process that knows of no other worker: who held
    /// them is dead. The items stay queued, and whoever held one gets a `Conflict`. Gives how many leases were released.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn release_leases(&self) -> Result<u64>;

    /// Ends the leases of one worker, for a process that stops. As [`WorkQueue::release_leases`] otherwise.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn release_leases_of(&self, worker: &str) -> Result<u64>;

    /// The heartbeat: moves the end of the items' leases to `until_ms`. Gives the tables that were lost: somebody else
    /// holds or finished them, and work on them may stop.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn extend_leases(&self, items: &[LeasedItem], until_ms: i64) -> Result<Vec<TableId>>;

    /// Puts the item back unleased, not to be taken before `until_ms`. Its attempts go on counting, so that a table
    /// which fails again and again is parked in the end (see [`Backoff`]).
    ///
    /// # Errors
    /// `Conflict` when the fence is stale.
    async fn postpone(&self, item: &LeasedItem, until_ms: i64) -> Result<()>;

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

    /// Up to `limit` parked tables ordered by id, after the given one.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn parked_page(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<ParkedTable>>;

    /// Why this table is parked; `None` when it is not.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn parked_table(&self, id: &TableId) -> Result<Option<ParkedTable>>;

    /// Which of the given tables are parked, in any order.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn parked_among(&self, ids: &[TableId]) -> Result<Vec<TableId>>;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_ends_with_the_last_attempt() {
        let backoff = Backoff { first_ms: 1_000, max_ms: 5_000, attempts_max: 5 };
        let waits: Vec<_> = (1..=6).map(|attempt| backoff.after(attempt)).collect();
        assert_eq!(waits, [Some(1_000), Some(2_000), Some(4_000), Some(5_000), None, None]);
    }

    proptest! {
        #[test]
        fn no_attempt_waits_longer_than_the_limit_or_less_than_the_one_before(attempt in 0..u32::MAX, first_ms in 1..i64::MAX) {
            let backoff = Backoff { first_ms, max_ms: 60_000, attempts_max: u32::MAX };
            let wait = backoff.after(attempt);
            prop_assert!(wait.is_some_and(|ms| (1..=60_000).contains(&ms)));
            prop_assert!(backoff.after(attempt.saturating_add(1)).is_none_or(|next| Some(next) >= wait));
        }
    }
}
