//! Descriptions without a model: one factual sentence from names, types, keys and profile.
//!
//! [`RuleEnricher`] reads names the way a person does: it splits them, expands abbreviations of two languages, finds
//! the noun that a row stands for, the part that the table plays in its schema, and the columns that carry meaning.
//! It says nothing that it cannot see, and nothing at all when the names are opaque.
//!
//! - `spelled`: names in the words of the operator's glossary; `unread`: what of them could not be read;
//! - `split`: identifiers to words; `vocabulary`: what the words mean; `inflect`: singular and plural;
//! - `phrase`: a name as a noun phrase; `role`: bridge, lookup, history or entity;
//! - `attributes`: which columns to mention; `reading`: all of that for one table; `compose` and `sentence`: as much
//!   of it as twenty words hold.

mod attributes;
mod compose;
mod inflect;
mod phrase;
mod reading;
mod role;
mod sentence;
mod spelled;
mod split;
mod unread;
mod vocabulary;

pub(crate) use inflect::singular_en;
pub(crate) use phrase::tokens;
pub use unread::unread_parts;
pub(crate) use vocabulary::{Certainty, VOCABULARY};

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Confidence, DescribeRequest, Draft, DraftSource};
use catalog_core::ports::Enricher;
use spelled::Spelled;

/// Version of the rules: part of the evidence key and of every draft.
pub const RULES_VERSION: &str = "rules/2";

/// The rule-based describer. Deterministic; its drafts carry a confidence of 0.30 to 0.75, from the share of words
/// it understood.
#[derive(Debug, Clone, Copy, Default)]
pub struct RuleEnricher;

#[async_trait]
impl Enricher for RuleEnricher {
    fn id(&self) -> String {
        RULES_VERSION.to_owned()
    }

    async fn describe(&self, request: &DescribeRequest<'_>) -> Result<Option<Draft>> {
        Ok(match Spelled::of(request) {
            Some(spelled) => draft(&spelled.request(request)),
            None => draft(request),
        })
    }
}

fn draft(request: &DescribeRequest<'_>) -> Option<Draft> {
    let reading = reading::read(request);
    let noun = reading.name.understood();
    let understood_attributes = reading.attributes.iter().filter(|a| a.phrase.understood() >= 0.5).count();
    let says_enough = if noun >= 0.5 {
        !reading.attributes.is_empty() || !reading.links.is_empty() || reading.name.words.len() > 1
    } else if noun >= 0.3 {
        // A name that can be read but is in no vocabulary.
        understood_attributes >= 1 || !reading.links.is_empty()
    } else {
        understood_attributes >= 2 && reading.columns_understood >= 0.5
    };
    if !says_enough {
        return None;
    }
    let text = compose::compose(request, &reading);
    if sentence::word_count(&text) > sentence::WORDS_MAX || text.chars().count() > sentence::CHARS_MAX {
        return None;
    }
    let evidence = if request.keys.is_empty() { 0.0 } else { 1.0 };
    let confidence = 0.30 + 0.45 * (0.5 * noun + 0.4 * reading.columns_understood + 0.1 * evidence);
    Some(Draft {
        text,
        confidence: Confidence::new(confidence.clamp(0.30, 0.75)),
        source: DraftSource::Rules,
        prompt_version: RULES_VERSION.to_owned(),
    })
}
