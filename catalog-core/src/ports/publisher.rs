//! Writing to the catalog without hurting anybody.

use async_trait::async_trait;

use crate::Result;
use crate::model::{CurrentTable, FieldPath, Operation, OperationId, TableId, TableRef, WriteOutcome};

/// What a catalog can promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublisherCapabilities {
    /// Does it refuse a write that is based on an old version? Without that, automatic publishing is off by default
    /// (promise I3).
    pub optimistic_locking: bool,
}

/// Reads and writes the catalog's entries.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// What the catalog can promise.
    fn capabilities(&self) -> PublisherCapabilities;

    /// The entry as it is now; `None` when the table is gone.
    ///
    /// # Errors
    /// `Forbidden`, `Unavailable`, `Timeout`, `RateLimited`.
    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>>;

    /// As [`Publisher::read`], and of `beside` those that are set and stand in entries of their own, verified queries:
    /// a catalog that keeps them apart looks each up by name and shows none that is not named.
    ///
    /// # Errors
    /// As [`Publisher::read`].
    async fn read_with(&self, table: &TableRef, _beside: &[FieldPath]) -> Result<Option<CurrentTable>> {
        self.read(table).await
    }

    /// Writes all operations of one table, or none: refused as `Conflict` when the entry's version is not
    /// `based_on`, or any field no longer holds its operation's `before`. What was written is read back before
    /// `Applied` is returned. Sending the same operations again answers `AlreadyThere`.
    ///
    /// # Errors
    /// `Forbidden`, `Unavailable`, `Timeout`, `RateLimited`; after an error nothing is known: read again.
    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome>;

    /// Shows changes of one table to people on the catalog's own review page, where it has one: afterwards our open
    /// suggestions for the table are exactly these, so that stale ones are withdrawn and an empty list withdraws all.
    /// Gives the operations that are shown there now; whatever is missing needs another way to a steward. Nothing is
    /// changed in the table's entry.
    ///
    /// # Errors
    /// `Forbidden`, `Unavailable`, `Timeout`, `RateLimited`; calling it again puts right what was half done.
    async fn suggest(&self, _table: &TableRef, _operations: &[Operation]) -> Result<Vec<OperationId>> {
        Ok(Vec::new())
    }

    /// The source no longer has the table: a catalog that keeps entries of its own drops them, any other does
    /// nothing. An unknown table is no error.
    ///
    /// # Errors
    /// `Forbidden`, `Unavailable`.
    async fn table_gone(&self, _table: &TableId) -> Result<()> {
        Ok(())
    }
}
