//! Where ADEN finds tables by meaning.

use async_trait::async_trait;

use crate::Result;
use crate::model::{IndexEntry, SearchHit, TableId};

/// A collection of vectors, one a table.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// The vectors' dimension.
    fn dimension(&self) -> usize;

    /// Inserts or replaces by id; the last of two entries with one id counts. A batch with a bad vector writes
    /// nothing. After any other error a remote index may hold a part of it, and doing it again completes it; doing it
    /// again after a success changes nothing.
    ///
    /// # Errors
    /// `InvalidInput` when a vector has another dimension; `Unavailable`, `Timeout`.
    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()>;

    /// Deletes by id; an id that is not there is no error.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`.
    async fn delete(&self, ids: &[TableId]) -> Result<()>;

    /// The `k` nearest by cosine, best first; ties are ordered by name.
    ///
    /// # Errors
    /// `InvalidInput` when the vector has another dimension; `Unavailable`, `Timeout`.
    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>>;

    /// How many tables it holds.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`.
    async fn count(&self) -> Result<usize>;
}
