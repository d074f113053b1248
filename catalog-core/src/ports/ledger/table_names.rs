//! Finding tables by what people call them.

use async_trait::async_trait;

use crate::Result;
use crate::model::{Fqn, TableRef};

/// Walked and parked tables by their names.
#[async_trait]
pub trait TableNames: Send + Sync {
    /// The table of exactly this name, letter case included; of several the one whose id comes first. Looks at that
    /// table alone, however many the ledger holds.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn named(&self, name: &Fqn) -> Result<Option<TableRef>>;

    /// Up to `limit` tables whose names end in these parts and have others before them, ordered by the name read
    /// backwards, then by id. Looks at no other tables. One that was renamed since it was parked is found by both
    /// names; an ending of 400 characters or more may find nothing.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn named_like(&self, ending: &Fqn, limit: usize) -> Result<Vec<TableRef>>;
}
