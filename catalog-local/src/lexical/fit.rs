//! Fitting the embedder to texts that are read twice and need not be in memory: first their words, then their lengths.

use std::collections::BTreeMap;

use super::words::weighted_words;
use super::{LexicalEmbedder, VERSION, WORDS_MAX, vector};

/// The share of fitted texts that are shorter than the pivot of the length normalisation.
const PIVOT_QUANTILE: f32 = 0.95;

/// The first reading: in how many texts each word stands.
#[derive(Debug, Default)]
pub struct WordCounts {
    texts: u64,
    seen_in: BTreeMap<String, u32>,
}

impl WordCounts {
    /// Reads a text.
    pub fn add(&mut self, text: &str) {
        self.texts += 1;
        let mut words: Vec<String> = weighted_words(text).into_iter().map(|w| w.text).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *self.seen_in.entry(word).or_default() += 1;
        }
    }

    /// Goes on to the second reading, of the same texts.
    pub fn finish(self) -> TextLengths {
        let Self { texts, mut seen_in } = self;
        if seen_in.len() > WORDS_MAX {
            let mut by_count: Vec<(String, u32)> = seen_in.into_iter().collect();
            by_count.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            by_count.truncate(WORDS_MAX);
            seen_in = by_count.into_iter().collect();
        }
        let fitted = LexicalEmbedder { version: VERSION.to_owned(), texts, pivot: 0.0, seen_in };
        TextLengths { fitted, lengths: Vec::new() }
    }
}

/// The second reading: how long a long text is.
#[derive(Debug)]
pub struct TextLengths {
    fitted: LexicalEmbedder,
    lengths: Vec<f32>,
}

impl TextLengths {
    /// Reads a text; four bytes of it are kept.
    pub fn add(&mut self, text: &str) {
        self.lengths.push(vector::length(&self.fitted.weigh(text, true)));
    }

    /// The fitted embedder. The texts' order makes no difference.
    pub fn finish(mut self) -> LexicalEmbedder {
        self.lengths.sort_by(f32::total_cmp);
        let pivot = (self.lengths.len() as f32 * PIVOT_QUANTILE) as usize;
        self.fitted.pivot = self.lengths.get(pivot).copied().unwrap_or(0.0);
        self.fitted
    }
}
