//! The best hits of a search, kept while the file streams by.

use std::cmp::Ordering;

use catalog_core::model::{Fqn, SearchHit, TableId};
use catalog_core::{Error, ErrorKind, Result};

use super::format::{Record, unit};

/// Sums are kept in so many lanes, so that the processor adds them at once.
const LANES: usize = 16;

/// At most `k` hits, best first; ties are ordered by name.
pub(super) struct Nearest {
    query: Vec<f32>,
    k: usize,
    hits: Vec<SearchHit>,
}

impl Nearest {
    pub(super) fn new(query: &[f32], k: usize) -> Self {
        Self { query: unit(query).collect(), k, hits: Vec::new() }
    }

    pub(super) fn offer(&mut self, record: &Record<'_>) -> Result<()> {
        let score = dot(&self.query, record.vector());
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
}

/// Of unit vectors, which is their cosine; 0 when one is all zero.
fn dot(a: &[f32], b: &[[u8; 4]]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * f32::from_le_bytes(b[lane]);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * f32::from_le_bytes(*b)).sum();
    sums.iter().sum::<f32>() + rest
}

fn before(a: &SearchHit, b: &SearchHit) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| a.fqn.cmp(&b.fqn))
}
