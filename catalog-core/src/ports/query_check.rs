//! Whether a query still runs.

use async_trait::async_trait;

use crate::Result;
use crate::model::QueryVerdict;

/// Asks the engine whether it would accept a query, without running it.
#[async_trait]
pub trait QueryCheck: Send + Sync {
    /// The engine's verdict on a query in normal form, its parameters (name and type, see
    /// [`MinedQuery::parameters`](crate::model::MinedQuery)) replaced by typed NULLs. Reads no row.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `RateLimited`, `Forbidden` when the engine cannot be asked; a query that it refuses
    /// is a verdict and no error.
    async fn check(&self, sql: &str, parameters: &[(String, String)]) -> Result<QueryVerdict>;
}
