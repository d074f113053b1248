//! Embeddings and what an index finds by them.

use serde::{Deserialize, Serialize};

use super::{Fqn, TableId};

/// A vector of the embedder's dimension.
pub type Embedding = Vec<f32>;

/// One table in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The table's id: upserts and deletes go by it.
    pub id: TableId,
    /// The table's name.
    pub fqn: Fqn,
    /// The text that was embedded.
    pub text: String,
    /// The vector.
    pub embedding: Embedding,
}

/// One hit of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchHit {
    /// The table's id.
    pub id: TableId,
    /// The table's name.
    pub fqn: Fqn,
    /// Cosine similarity, -1 to 1; higher is nearer.
    pub score: f32,
    /// The text that was embedded.
    pub text: String,
}

/// What the index is to hold of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorTask {
    /// The table.
    pub table: TableId,
    /// Its name.
    pub fqn: Fqn,
    /// The text to embed: name and published description. `None` takes the table out of the index.
    pub text: Option<String>,
    /// The text of a second vector, where one is kept: names alone. Ignored when `text` is `None`.
    pub names: Option<String>,
}

/// A task that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedVector {
    /// Its place: larger is newer; a task that replaces another has a new one.
    pub place: u64,
    /// The task.
    pub task: VectorTask,
}
