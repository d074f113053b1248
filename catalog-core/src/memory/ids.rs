//! Ids that count up.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ports::Ids;

/// Gives `id-000001`, `id-000002` and so on.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn next(&self) -> String {
        format!("id-{:06}", self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }
}
