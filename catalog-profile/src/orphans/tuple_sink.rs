//! Rows to hashes of key tuples.

use std::ops::ControlFlow;

use catalog_core::model::CellRef;
use catalog_core::ports::RowSink;
use catalog_fk::fingerprint::{canonical_text, hash_canonical_128};

use super::hash_window::HashWindow;

/// Hashes each row's tuple of canonical texts into a window. A row with any NULL is passed over.
pub(super) struct TupleSink {
    pub(super) window: HashWindow,
    /// Tuples without NULL.
    pub(super) filled: u64,
    text: String,
    tuple: String,
}

impl TupleSink {
    pub(super) fn new(window: HashWindow) -> Self {
        Self { window, filled: 0, text: String::new(), tuple: String::new() }
    }

    /// The hash of a tuple: of its text alone when it is one value, else of the texts each led by its length, so
    /// that `("a", "bc")` and `("ab", "c")` differ. `None` when a value is NULL.
    fn hash(&mut self, cells: &[CellRef<'_>]) -> Option<u128> {
        if let [cell] = cells {
            canonical_text(*cell, &mut self.text)?;
            return Some(hash_canonical_128(&self.text));
        }
        self.tuple.clear();
        for cell in cells {
            canonical_text(*cell, &mut self.text)?;
            self.tuple.push_str(&self.text.len().to_string());
            self.tuple.push(':');
            self.tuple.push_str(&self.text);
        }
        Some(hash_canonical_128(&self.tuple))
    }
}

impl RowSink for TupleSink {
    fn row(&mut self, cells: &[CellRef<'_>]) -> ControlFlow<()> {
        if let Some(hash) = self.hash(cells) {
            self.filled += 1;
            self.window.insert(hash);
        }
        ControlFlow::Continue(())
    }
}
