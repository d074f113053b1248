//! Who puts a query into words.

use async_trait::async_trait;

use crate::Result;
use crate::model::{QuestionRequest, WrittenQuestion};

/// Writes the question that a query answers.
#[async_trait]
pub trait QuestionWriter: Send + Sync {
    /// One question of at most 40 words in the language asked for; `None` when it cannot tell what the query is about.
    /// Asking again with the same request may give another text and changes nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `RateLimited` of a model; a writer by rule never fails.
    async fn write(&self, request: &QuestionRequest<'_>) -> Result<Option<WrittenQuestion>>;
}
