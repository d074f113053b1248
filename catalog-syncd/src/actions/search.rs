//! Finding tables by a question.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::SearchHit;

use crate::walk::TableIndex;

/// Finds tables by a question.
#[async_trait]
pub trait Finder: Send + Sync {
    /// The `k` best tables, best first.
    ///
    /// # Errors
    /// `NotFound` before the first sync; `Unavailable`, `Timeout` of the model or the index.
    async fn find(&self, question: &str, k: usize) -> Result<Vec<SearchHit>>;
}

#[async_trait]
impl Finder for TableIndex {
    async fn find(&self, question: &str, k: usize) -> Result<Vec<SearchHit>> {
        self.open()?.search(question, k).await
    }
}
