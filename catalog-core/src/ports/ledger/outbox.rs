//! Operations on their way to the catalog.

use async_trait::async_trait;

use crate::Result;
use crate::model::{AuditRow, Operation, OperationId, Receipt};

/// Operations wait here until a receipt proves them, so that a crash between writing and noting it down changes
/// nothing twice (promises I2 and I8).
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Up to `limit` operations without a receipt, grouped by table, oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>>;

    /// Stores receipts, their audit rows and the operations' new state in one transaction. A receipt that is there
    /// already is left as it is and writes no second audit row.
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
