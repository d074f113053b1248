//! Counting orphans where the data are.

use async_trait::async_trait;

use crate::Result;
use crate::model::{ConfirmCheck, ConfirmCount, Table};

/// Runs one check of a key against the data.
#[async_trait]
pub trait KeyCounter: Send + Sync {
    /// Counts distinct child tuples, orphans and the parent's uniqueness. NULLs never count: a child tuple with any
    /// NULL is no orphan, a parent tuple with any NULL is not there. Values are compared in canonical form. Reads
    /// only; running it twice gives the same answer on unchanged data. Memory stays bounded whatever the table's
    /// size; dropping the future stops the query.
    ///
    /// # Errors
    /// `NotFound` (table or column gone), `Unsupported` (the two sides cannot meet), `LimitExceeded`, `Timeout`,
    /// `Unavailable`.
    async fn count(&self, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<ConfirmCount>;
}
