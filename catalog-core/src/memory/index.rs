//! A vector index in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::model::{IndexEntry, SearchHit, TableId};
use crate::ports::VectorIndex;
use crate::{Error, ErrorKind, Result};

/// Compares the question with every vector.
pub struct MemoryIndex {
    dimension: usize,
    entries: Mutex<BTreeMap<TableId, IndexEntry>>,
}

impl MemoryIndex {
    /// An empty index.
    pub fn new(dimension: usize) -> Self {
        Self { dimension, entries: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TableId, IndexEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, operation: &'static str, vector: &[f32]) -> Result<()> {
        if vector.len() == self.dimension && vector.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput, operation, "the vector is not one of this index")
            .with("expected_dimension", self.dimension)
            .with("found_dimension", vector.len())
            .hint("use the embedder that the index was made with"))
    }
}

/// Cosine similarity; 0 when a vector is all zero.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length > 0.0 { (dot(a, b) / length) as f32 } else { 0.0 }
}

#[async_trait]
impl VectorIndex for MemoryIndex {
    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        for entry in entries {
            self.check("upsert_vectors", &entry.embedding).map_err(|e| e.with("table", &entry.fqn))?;
        }
        self.lock().extend(entries.iter().map(|e| (e.id.clone(), e.clone())));
        Ok(())
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        let mut held = self.lock();
        for id in ids {
            held.remove(id);
        }
        Ok(())
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.check("search_vectors", vector)?;
        let hit = |e: &IndexEntry| SearchHit {
            id: e.id.clone(),
            fqn: e.fqn.clone(),
            score: cosine(vector, &e.embedding),
            text: e.text.clone(),
        };
        let mut hits: Vec<SearchHit> = self.lock().values().map(hit).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.fqn.cmp(&b.fqn)));
        hits.truncate(k);
        Ok(hits)
    }

    async fn count(&self) -> Result<usize> {
        Ok(self.lock().len())
    }
}
