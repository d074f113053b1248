//! Operations on their way to the catalog.

use async_trait::async_trait;

use crate::Result;
use crate::model::{AuditRow, Operation, OperationId, Receipt, TableId};

/// Operations that one drainer holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OutboxClaim {
    /// Grows with every claim; names it in [`Outbox::extend_claim`] and [`Outbox::release_claim`].
    pub fence: u64,
    /// Without a receipt, grouped by table, oldest first. Empty when nothing is free.
    pub operations: Vec<Operation>,
}

/// Operations wait here until a receipt proves them, so that a crash between writing and noting it down changes
/// nothing twice (promises I2 and I8).
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Up to `limit` operations without a receipt, grouped by table, oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>>;

    /// All that waits for one table, oldest first, whoever holds it. A store that can look it up does so.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn pending_of(&self, table: &TableId) -> Result<Vec<Operation>> {
        let mut pending = self.pending(1_000_000).await?;
        pending.retain(|operation| operation.table.id == *table);
        Ok(pending)
    }

    /// As [`Outbox::pending`], for this drainer alone until `now_ms + lease_ms`. A table is claimed whole: as long as
    /// somebody holds any operation of it, all that waits for it is passed over, what is queued meanwhile too. So two
    /// drainers never write to one table at once, and none sends what another is sending.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn claim(&self, limit: usize, now_ms: i64, lease_ms: i64) -> Result<OutboxClaim>;

    /// To be asked right before a table is written: moves the end of the whole claim to `until_ms`, if the table is
    /// still held under it.
    ///
    /// # Errors
    /// `Conflict` when nothing of the table waits under this fence: the claim ended and somebody else took the table,
    /// or all of it was recorded. Nothing may be sent then.
    async fn extend_claim(&self, fence: u64, table: &TableId, until_ms: i64) -> Result<()>;

    /// Gives back what still waits under the claim: it failed, or the drainer stops.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn release_claim(&self, fence: u64) -> Result<()>;

    /// Stores receipts, their audit rows and the operations' new state in one transaction. A receipt that is there
    /// already is left as it is and writes no second audit row. A receipt tells what was seen in the catalog, so it is
    /// taken from whoever saw it, claim or not.
    ///
    /// # Errors
    /// `NotFound` when an operation was never in the outbox.
    async fn record(&self, receipts: &[(Receipt, AuditRow)]) -> Result<()>;

    /// Takes an operation out without a receipt: it was overtaken by somebody's edit, or its table is gone. Planned
    /// again, the same operation waits again, as the newest.
    ///
    /// # Errors
    /// `NotFound` when it does not wait here.
    async fn withdraw(&self, id: &OperationId, reason: &str) -> Result<()>;

    /// The receipt of an operation, if it was published.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn receipt(&self, id: &OperationId) -> Result<Option<Receipt>>;
}
