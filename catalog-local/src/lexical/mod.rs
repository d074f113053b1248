//! Embeddings without a model: hashed words and character n-grams, weighted by how rare they are.
//!
//! What is embedded is a table's [`index_text`]; what is asked is a question. Both are read the same way: split,
//! folded, stop words dropped, abbreviations expanded, French words joined by their English. Nothing is learnt but
//! in how many texts each word stands and how long a long text is ([`LexicalEmbedder::fit`]).

mod fit;
mod index_text;
mod vector;
mod words;

use std::collections::BTreeMap;

use async_trait::async_trait;
use catalog_core::model::Embedding;
use catalog_core::ports::Embedder;
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

pub use fit::{TextLengths, WordCounts};
pub use index_text::{INDEX_TEXT_VERSION, index_text};
use words::weighted_words;

/// Version of everything that is not fitted: splitting, hashing, weights.
const VERSION: &str = "lexical-1";
/// Most words whose rarity is remembered; the rarest beyond it count as unseen.
const WORDS_MAX: usize = 50_000;
/// How soon a repeated word stops counting: BM25's k₁.
const SATURATION: f32 = 3.0;
/// How much a text's length counts against it: BM25's b.
const LENGTH_PENALTY: f32 = 0.5;

/// The lexical embedder. [`Default`] knows no texts: every word weighs the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LexicalEmbedder {
    version: String,
    texts: u64,
    pivot: f32,
    /// In how many texts a word stands.
    seen_in: BTreeMap<String, u32>,
}

impl LexicalEmbedder {
    /// Learns how rare each word is from the texts that will be searched. The same texts in any order give the same
    /// embedder.
    pub fn fit<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.collect();
        let mut words = WordCounts::default();
        texts.iter().for_each(|text| words.add(text));
        let mut lengths = words.finish();
        texts.iter().for_each(|text| lengths.add(text));
        lengths.finish()
    }

    /// The fit as JSON, to be kept beside the index that was built with it.
    pub fn to_json(&self) -> String {
        // A map of words to counts always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The embedder whose fit [`LexicalEmbedder::to_json`] wrote.
    ///
    /// # Errors
    /// `Corrupt` when the text is no such fit, or one of another version.
    pub fn from_json(text: &str) -> Result<Self> {
        let corrupt =
            |why: &str| Error::new(ErrorKind::Corrupt, "read_lexical_fit", why).hint("fit again and rebuild the index");
        let fitted: Self =
            serde_json::from_str(text).map_err(|e| corrupt("not the fit of a lexical embedder").caused_by(e))?;
        let sound = fitted.pivot.is_finite() && fitted.pivot >= 0.0 && fitted.seen_in.len() <= WORDS_MAX;
        if !sound || (fitted.version != VERSION && fitted != Self::default()) {
            return Err(corrupt("the fit is of another version"));
        }
        Ok(fitted)
    }

    /// BM25's inverse document frequency; 1 without a fit.
    fn rarity(&self, word: &str) -> f32 {
        if self.texts == 0 {
            return 1.0;
        }
        let (n, seen) = (self.texts as f32, self.seen_in.get(word).copied().unwrap_or(0) as f32);
        (1.0 + (n - seen + 0.5).max(0.0) / (seen + 0.5)).ln()
    }

    /// The vector before normalisation. Rarity is split evenly between document and question, so that their product
    /// counts it once; repetition saturates in documents alone.
    fn weigh(&self, text: &str, document: bool) -> Embedding {
        let mut counts: BTreeMap<String, f32> = BTreeMap::new();
        for word in weighted_words(text) {
            *counts.entry(word.text).or_default() += word.weight;
        }
        let mut out = vec![0.0; vector::DIMENSION];
        for (word, count) in counts {
            let often = if document { count * (SATURATION + 1.0) / (count + SATURATION) } else { count };
            vector::add_word(&mut out, &word, often * self.rarity(&word).sqrt());
        }
        out
    }

    fn embed(&self, text: &str, document: bool) -> Embedding {
        let mut out = self.weigh(text, document);
        let own = vector::length(&out);
        let effective = if document { (1.0 - LENGTH_PENALTY) * self.pivot + LENGTH_PENALTY * own } else { own };
        vector::normalise(&mut out, effective, text);
        out
    }
}

#[async_trait]
impl Embedder for LexicalEmbedder {
    fn id(&self) -> String {
        format!("{VERSION}/{}", &blake3::hash(self.to_json().as_bytes()).to_hex()[..16])
    }

    fn dimension(&self) -> usize {
        vector::DIMENSION
    }

    async fn embed_documents(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        Ok(texts.iter().map(|text| self.embed(text, true)).collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Embedding> {
        Ok(self.embed(text, false))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLES: &[&str] = &[
        "loan. Bank loans, one row per loan, linked to account; amount, duration in months, status.\nloan_id amount",
        "T_CLI_ADR. Customer addresses; street label, postal code, city.\nID_CLI LIB_VOIE CD_POSTAL VILLE",
        "branch. Branches, one row per branch; name, city.\nbranch_id name city",
        "card_payment. Card payments; amount, date, merchant.\npayment_id amount merchant_id",
    ];

    fn best(question: &str) -> usize {
        let embedder = LexicalEmbedder::fit(TABLES.iter().copied());
        let asked = embedder.embed(question, false);
        let score = |text: &str| -> f32 { embedder.embed(text, true).iter().zip(&asked).map(|(a, b)| a * b).sum() };
        (0..TABLES.len()).max_by(|a, b| score(TABLES[*a]).total_cmp(&score(TABLES[*b]))).unwrap()
    }

    #[test]
    fn a_question_finds_its_table() {
        assert_eq!(best("which loans are late?"), 0);
        assert_eq!(best("Where do our customers live? Give their adresses"), 1);
        assert_eq!(best("how much was paid by card at each merchant"), 3);
    }

    #[test]
    fn a_french_question_finds_an_english_table() {
        assert_eq!(best("quels prêts sont en retard ?"), 0);
        assert_eq!(best("liste des agences"), 2);
    }

    #[test]
    fn a_misspelt_word_still_finds_its_table() {
        assert_eq!(best("brannch"), 2);
    }

    #[test]
    fn the_fit_survives_json_and_names_the_id() {
        let embedder = LexicalEmbedder::fit(TABLES.iter().copied());
        let back = LexicalEmbedder::from_json(&embedder.to_json()).unwrap();
        assert_eq!(back, embedder);
        assert_eq!(back.id(), embedder.id());
        assert_ne!(embedder.id(), LexicalEmbedder::default().id());
        assert_ne!(embedder.id(), LexicalEmbedder::fit(TABLES[1..].iter().copied()).id());
        assert!(LexicalEmbedder::from_json(&LexicalEmbedder::default().to_json()).is_ok());
        for bad in ["", "{}", r#"{"version":"lexical-0","texts":1,"pivot":1.0,"seen_in":{}}"#] {
            assert_eq!(LexicalEmbedder::from_json(bad).unwrap_err().kind(), ErrorKind::Corrupt);
        }
    }

    #[test]
    fn the_order_of_the_texts_does_not_matter() {
        let embedder = LexicalEmbedder::fit(TABLES.iter().copied());
        assert_eq!(embedder, LexicalEmbedder::fit(TABLES.iter().rev().copied()));
    }

    #[test]
    fn a_text_of_stop_words_has_no_direction() {
        let embedder = LexicalEmbedder::fit(TABLES.iter().copied());
        assert_eq!(vector::length(&embedder.embed("what is the one of all", true)), 0.0);
        assert_eq!(vector::length(&embedder.embed("", false)), 0.0);
    }

    proptest! {
        #[test]
        fn every_vector_has_unit_length_or_none(text in ".{0,80}", document in any::<bool>()) {
            let embedder = LexicalEmbedder::fit(TABLES.iter().copied());
            let vector = embedder.embed(&text, document);
            let length = vector::length(&vector);
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-4, "length {length}");
            prop_assert_eq!(vector, embedder.embed(&text, document));
        }
    }
}
