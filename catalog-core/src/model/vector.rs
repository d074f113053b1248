//! Embeddings and what an index finds by them.

use serde::{Deserialize, Serialize};

use super::{Fqn, TableId};

/// A vector of the embedder's dimension.
pub type Embedding = Vec<f32>;

/// The vector between several views of one thing, at unit length: each view counts the same, whatever its length.
/// All zero for views without content.
pub fn centroid(views: &[Embedding]) -> Embedding {
    let length = |vector: &[f32]| vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let mut sum = vec![0.0; views.first().map_or(0, Vec::len)];
    for view in views {
        let unit = length(view);
        if unit > 0.0 {
            sum.iter_mut().zip(view).for_each(|(sum, x)| *sum += x / unit);
        }
    }
    let whole = length(&sum);
    if whole > 0.0 {
        sum.iter_mut().for_each(|x| *x /= whole);
    }
    sum
}

/// One table in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The table's id: upserts and deletes go by it.
    pub id: TableId,
    /// The table's name.
    pub fqn: Fqn,
    /// The text that was embedded, a view a line.
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
    /// The text to embed: name and published description. Each line is a view of the table, and the vector is the one
    /// between them ([`centroid`]). `None` takes the table out of the index.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_count_the_same_whatever_their_length_and_empty_ones_do_not() {
        let between = centroid(&[vec![3.0, 0.0], vec![0.0, 0.5], vec![0.0, 0.0]]);
        assert!(between.iter().all(|x| (x - 0.5_f32.sqrt()).abs() < 1e-6), "{between:?}");
        assert_eq!(centroid(&[vec![0.0, 2.0]]), [0.0, 1.0]);
        assert_eq!(centroid(&[vec![0.0, 0.0]]), [0.0, 0.0]);
        assert!(centroid(&[]).is_empty());
    }
}
