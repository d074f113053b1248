//! Sample and engine to profile and fingerprints.

use async_trait::async_trait;

use crate::Result;
use crate::model::{ProfiledTable, RawSample, Table};

/// Profiles one table.
#[async_trait]
pub trait Profiler: Send + Sync {
    /// The profile of every column, with fingerprints computed over the whole column where the engine allows.
    /// Each figure says where it comes from. Reads only; memory is bounded by the number of columns, not of rows.
    ///
    /// # Errors
    /// `NotFound` (the table vanished), `Corrupt`, `Timeout`, `LimitExceeded`, `Unavailable`.
    async fn profile(&self, table: &Table, sample: &RawSample) -> Result<ProfiledTable>;
}
