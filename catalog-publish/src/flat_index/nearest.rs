//! The best hits of a search, kept while the file streams by.

use std::cmp::Ordering;

use catalog_core::model::{Fqn, SearchHit, TableId};
use catalog_core::{Error, ErrorKind, Result};

use super::format::Record;

/// At most `k` hits, best first; ties are ordered by name.
pub(super) struct Nearest {
    query: Vec<f32>,
    query_length: f64,
    k: usize,
    hits: Vec<SearchHit>,
}

impl Nearest {
    pub(super) fn new(query: &[f32], k: usize) -> Self {
        let query_length = query.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        Self { query: query.to_vec(), query_length, k, hits: Vec::new() }
    }

    pub(super) fn offer(&mut self, record: &Record<'_>) -> Result<()> {
        let score = self.cosine(record);
        let full = self.hits.len() >= self.k;
        if full && self.hits.last().is_none_or(|worst| score < worst.score) {
            return Ok(());
        }
        let fqn: Fqn = record.fqn.parse().map_err(|e: Error| {
            Error::new(ErrorKind::Corrupt, "search_vectors", "a stored name cannot be read").caused_by(e)
        })?;
        let hit = SearchHit { id: TableId(record.id.to_owned()), fqn, score, text: record.text.to_owned() };
        let at = self.hits.partition_point(|h| before(h, &hit) == Ordering::Less);
        self.hits.insert(at, hit);
        self.hits.truncate(self.k);
        Ok(())
    }

    pub(super) fn into_hits(self) -> Vec<SearchHit> {
        self.hits
    }

    /// Cosine similarity; 0 when a vector is all zero.
    fn cosine(&self, record: &Record<'_>) -> f32 {
        let (mut dot, mut square) = (0.0_f64, 0.0_f64);
        for (q, x) in self.query.iter().zip(record.vector()) {
            dot += f64::from(*q) * f64::from(x);
            square += f64::from(x) * f64::from(x);
        }
        let length = self.query_length * square.sqrt();
        if length > 0.0 { (dot / length) as f32 } else { 0.0 }
    }
}

fn before(a: &SearchHit, b: &SearchHit) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| a.fqn.cmp(&b.fqn))
}
