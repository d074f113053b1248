//! Embeddings by the hash of each word.

use async_trait::async_trait;

use crate::Result;
use crate::model::Embedding;
use crate::ports::Embedder;

/// Texts that share words are near each other, and nothing else is: enough for tests that search.
#[derive(Debug, Clone, Copy)]
pub struct WordEmbedder {
    dimension: usize,
}

impl WordEmbedder {
    /// Vectors of that dimension; at least 1.
    pub fn new(dimension: usize) -> Self {
        Self { dimension: dimension.max(1) }
    }

    fn embed(&self, text: &str) -> Embedding {
        let mut vector = vec![0.0_f32; self.dimension];
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        for word in words {
            let hash = blake3::hash(word.to_lowercase().as_bytes());
            let bucket = hash.as_bytes().iter().take(8).fold(0_u64, |n, b| (n << 8) | u64::from(*b));
            vector[(bucket % self.dimension as u64) as usize] += 1.0;
        }
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|x| *x /= length);
        }
        vector
    }
}

#[async_trait]
impl Embedder for WordEmbedder {
    fn id(&self) -> String {
        format!("words/1/{}", self.dimension)
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn embed_documents(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        Ok(texts.iter().map(|t| self.embed(t)).collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Embedding> {
        Ok(self.embed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_has_unit_length_or_is_zero() {
        let embedder = WordEmbedder::new(64);
        let length = |text| embedder.embed(text).iter().map(|x| x * x).sum::<f32>();
        assert!((length("late loans of a branch") - 1.0).abs() < 1e-5);
        assert_eq!(length(" ,; "), 0.0);
    }

    #[test]
    fn shared_words_are_near() {
        let embedder = WordEmbedder::new(256);
        let dot = |a, b| embedder.embed(a).iter().zip(embedder.embed(b)).map(|(x, y)| x * y).sum::<f32>();
        assert!(dot("late loans", "Loans of clients") > dot("late loans", "card numbers"));
    }
}
