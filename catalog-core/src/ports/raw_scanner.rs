//! Recognising personal data in raw cells. The one port that reads them and gives back shares only.

use async_trait::async_trait;

use crate::Result;
use crate::model::{EntityHits, RawSample};

/// What a scan found in one column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanHits {
    /// Shares by entity; an entity without a hit is left out.
    pub hits: Vec<EntityHits>,
    /// Non-empty cells looked at.
    pub cells_seen: usize,
}

/// Turns raw rows into shares of recognised values.
#[async_trait]
pub trait RawScanner: Send + Sync {
    /// One entry a column, in the sample's order. Nothing of a cell survives the call.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` when a sidecar does the work; the voter that needs it then abstains.
    async fn scan(&self, sample: &RawSample) -> Result<Vec<ScanHits>>;
}
