//! A few rows of a table.

use async_trait::async_trait;

use crate::Result;
use crate::model::{RawSample, SampleRequest, Table};

/// Fetches a bounded sample.
#[async_trait]
pub trait Sampler: Send + Sync {
    /// At most `rows_max` rows within the request's byte and time limits, all columns in the table's order, with the
    /// method that was used. An empty table gives a sample without rows, not an error. Reads only; dropping the
    /// future abandons the query in the engine.
    ///
    /// # Errors
    /// `NotFound` (the table vanished), `Corrupt`, `Forbidden`, `Timeout`, `Unavailable`. No message quotes a cell.
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample>;
}
