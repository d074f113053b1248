//! Two scanners over the same rows: ours, and one beside it that may be away.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{EntityHits, RawSample};
use catalog_core::ports::{RawScanner, ScanHits};

use crate::voters::says_no;

/// Scans with both and keeps the larger share of each entity. When the second is away, what the first found still
/// counts; a column where it found too little counts as not seen, so that the side abstains on it instead of denying
/// what the second might have found.
pub struct BesideScanner {
    first: Arc<dyn RawScanner>,
    second: Arc<dyn RawScanner>,
}

impl BesideScanner {
    /// `first` has to answer, `second` may fail.
    pub fn new(first: Arc<dyn RawScanner>, second: Arc<dyn RawScanner>) -> Self {
        Self { first, second }
    }
}

#[async_trait]
impl RawScanner for BesideScanner {
    async fn scan(&self, sample: &RawSample) -> Result<Vec<ScanHits>> {
        let mut found = self.first.scan(sample).await?;
        match self.second.scan(sample).await {
            Ok(other) if other.len() == found.len() => {
                for (column, beside) in found.iter_mut().zip(other) {
                    join(column, beside);
                }
            }
            outcome => {
                let why = outcome.err().map(|e| e.to_string());
                tracing::warn!(error = why, "the second scanner is away: columns without hits are not judged");
                for column in found.iter_mut().filter(|c| says_no(c)) {
                    column.cells_seen = 0;
                }
            }
        }
        Ok(found)
    }
}

fn join(column: &mut ScanHits, beside: ScanHits) {
    for hit in beside.hits {
        match column.hits.iter_mut().find(|h| h.entity == hit.entity) {
            Some(ours) => {
                let EntityHits { whole_cell_share, inside_share, .. } = hit;
                ours.checksum |= hit.checksum && whole_cell_share >= ours.whole_cell_share;
                ours.whole_cell_share = ours.whole_cell_share.max(whole_cell_share);
                ours.inside_share = ours.inside_share.max(inside_share);
            }
            None => column.hits.push(hit),
        }
    }
    column.hits.sort_by_key(|h| h.entity);
    column.cells_seen = column.cells_seen.max(beside.cells_seen);
}
