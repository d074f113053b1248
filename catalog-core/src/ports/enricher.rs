//! Evidence to one sentence.

use async_trait::async_trait;

use crate::Result;
use crate::model::{DescribeRequest, Draft, Enrichment};

/// Writes a description from evidence that holds no raw value.
#[async_trait]
pub trait Enricher: Send + Sync {
    /// Names author and version (`rules/1`, `qwen2.5:3b/prompt-4`); part of the evidence key, so that a new version
    /// describes again.
    fn id(&self) -> String;

    /// A draft of one sentence of at most 20 words, or `None` when the evidence says too little. Deterministic for
    /// the same request where the author is. The caller still guards the text.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `RateLimited` or `LimitExceeded` (a budget) from a remote model.
    async fn describe(&self, request: &DescribeRequest<'_>) -> Result<Option<Draft>>;

    /// The same, with what else the describer can tell: a question to the steward, the table's domain, its columns.
    /// Where the describer of choice cannot be asked (down, over budget), a stand-in may write; the result says so.
    ///
    /// # Errors
    /// As [`Enricher::describe`], but for what a stand-in makes good.
    async fn enrich(&self, request: &DescribeRequest<'_>) -> Result<Enrichment> {
        Ok(self.describe(request).await?.into())
    }
}
