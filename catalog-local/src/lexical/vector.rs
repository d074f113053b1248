//! Weighted words to one dense vector.
//!
//! The vector has three blocks: hashed words, hashed character n-grams, and ballast. Features fall into a block by
//! Murmur3 with a sign from another bit, so that collisions cancel on average (the hashing trick; Weinberger et al.,
//! "Feature Hashing for Large Scale Multitask Learning", ICML 2009).

use catalog_core::model::Embedding;

/// Length of every vector.
pub(crate) const DIMENSION: usize = 2048;
/// Dimensions for n-grams.
const GRAM_DIMENSIONS: usize = 928;
/// Dimensions that only documents use, to have unit length whatever their effective length.
const BALLAST_DIMENSIONS: usize = 16;
/// Dimensions for whole words.
const WORD_DIMENSIONS: usize = DIMENSION - GRAM_DIMENSIONS - BALLAST_DIMENSIONS;
/// Shortest and longest n-gram, in characters, with a mark at either end of the word.
const GRAM_CHARS: std::ops::RangeInclusive<usize> = 3..=4;
/// Weight of all n-grams of a word together, beside 1 for the word itself.
const GRAMS_WEIGHT: f32 = 1.2;

fn feature(text: &str, dimensions: usize) -> (usize, f32) {
    let hash = fastmurmur3::hash(text.as_bytes());
    let index = (hash as u64 % dimensions as u64) as usize;
    (index, if (hash >> 64) & 1 == 0 { 1.0 } else { -1.0 })
}

/// Adds a word of the given weight, and its n-grams: these let `loans`, `loaned` and a misspelling meet.
pub(crate) fn add_word(vector: &mut Embedding, word: &str, weight: f32) {
    let (at, sign) = feature(word, WORD_DIMENSIONS);
    vector[at] += sign * weight;
    let marked: Vec<char> = std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
    let grams: Vec<String> = GRAM_CHARS.flat_map(|n| marked.windows(n)).map(|gram| gram.iter().collect()).collect();
    let each = weight * GRAMS_WEIGHT / (grams.len().max(1) as f32).sqrt();
    for gram in grams {
        let (at, sign) = feature(&gram, GRAM_DIMENSIONS);
        vector[WORD_DIMENSIONS + at] += sign * each;
    }
}

/// The Euclidean length.
pub(crate) fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|x| x * x).sum::<f32>().sqrt()
}

/// Divides by `effective`, which is at least the vector's length, and fills up to unit length with ballast that no
/// question meets. A dot product with a question is then divided by `effective` instead of the true length: pivoted
/// length normalisation (Singhal et al., SIGIR 1996) inside a plain cosine. A zero vector stays zero.
pub(crate) fn normalise(vector: &mut Embedding, effective: f32, text: &str) {
    let own = length(vector);
    if own == 0.0 {
        return;
    }
    let effective = effective.max(own);
    for x in vector.iter_mut() {
        *x /= effective;
    }
    let missing = (1.0 - (own / effective).powi(2)).max(0.0).sqrt();
    // Where the ballast lies depends on the text, so that two documents are not alike for being short.
    let (at, sign) = feature(text, BALLAST_DIMENSIONS);
    vector[WORD_DIMENSIONS + GRAM_DIMENSIONS + at] = sign * missing;
}
