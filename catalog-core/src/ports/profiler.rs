//! Sample and engine to profile and fingerprints.

use async_trait::async_trait;

use crate::Result;
use crate::model::{ProfiledTable, RawSample, Table};

/// What profiling a table will cost, as far as its source tells before anything is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ProfilePrice {
    /// Rows that are read.
    pub rows: u64,
    /// Does the source know how many rows there are? If not they are not in `rows`, nor in `engine_secs`.
    pub sized: bool,
    /// Queries that an engine is asked; 0 where rows are read by ourselves.
    pub queries: u64,
    /// Seconds in the engine if its queries ran one after another, an order of magnitude.
    pub engine_secs: f64,
}

/// Profiles one table.
#[async_trait]
pub trait Profiler: Send + Sync {
    /// The profile of every column, with fingerprints computed over the whole column where the engine allows.
    /// Each figure says where it comes from. Reads only; memory is bounded by the number of columns, not of rows.
    ///
    /// # Errors
    /// `NotFound` (the table vanished), `Corrupt`, `Timeout`, `LimitExceeded`, `Unavailable`.
    async fn profile(&self, table: &Table, sample: &RawSample) -> Result<ProfiledTable>;

    /// What [`Profiler::profile`] and the sample before it will cost. Asks nothing and cannot fail.
    fn price(&self, table: &Table) -> ProfilePrice {
        let rows = table.row_count_estimate;
        ProfilePrice { rows: rows.unwrap_or(0), sized: rows.is_some(), queries: 0, engine_secs: 0.0 }
    }
}
