//! Text to vectors.

use async_trait::async_trait;

use crate::Result;
use crate::model::Embedding;

/// Turns texts into vectors of one dimension that compare by cosine.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// Names model and version; vectors of different ids are never mixed in one index.
    fn id(&self) -> String;

    /// The vectors' dimension.
    fn dimension(&self) -> usize;

    /// Vectors for documents, in the order given; each has unit length, or is all zero for a text without content.
    /// The same text gives the same vector.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `RateLimited` from a remote model; nothing is kept of a failed batch.
    async fn embed_documents(&self, texts: &[String]) -> Result<Vec<Embedding>>;

    /// The vector of a question. Models with query prefixes treat it differently from a document.
    ///
    /// # Errors
    /// As [`Embedder::embed_documents`].
    async fn embed_query(&self, text: &str) -> Result<Embedding>;
}
