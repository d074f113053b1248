//! The words of the house that nobody explained yet.

use std::collections::HashMap;

use catalog_core::Result;
use catalog_core::model::{Fqn, GlossaryTerm};
use catalog_local::describe::unread_parts;
use serde::Serialize;

use super::Desk;

/// States read at a time.
const PAGE: usize = 500;
/// Most different parts that are counted; a lake of more has its commonest among the first.
const PARTS_MAX: usize = 50_000;

/// A part of names that the rules cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadWord {
    /// The part, in lower case.
    pub word: String,
    /// Tables that bear it, or whose columns do.
    pub tables: u64,
    /// What the rules take it for; `None` when it is opaque to them.
    pub guess: Option<String>,
    /// One of the tables.
    pub example: Fqn,
}

impl Desk {
    /// The `limit` commonest parts of names that neither `glossary` nor the rules know for sure, opaque ones before
    /// guesses: each term for one of them has its tables described better.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn unread_words(&self, glossary: &[GlossaryTerm], limit: usize) -> Result<Vec<UnreadWord>> {
        let mut words: HashMap<String, UnreadWord> = HashMap::new();
        let mut after = None;
        loop {
            let page = self.ledger.facts(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.table_ref.id.clone());
            for state in &page {
                for (word, guess) in unread_parts(&state.table, glossary) {
                    let full = words.len() >= PARTS_MAX;
                    match words.get_mut(&word) {
                        Some(known) => known.tables += 1,
                        None if full => {}
                        None => {
                            let example = state.table.fqn().clone();
                            words.insert(word.clone(), UnreadWord { word, tables: 1, guess, example });
                        }
                    }
                }
            }
        }
        let mut words: Vec<UnreadWord> = words.into_values().collect();
        words.sort_by(|a, b| {
            let key = |word: &UnreadWord| (word.guess.is_some(), std::cmp::Reverse(word.tables));
            key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
        });
        words.truncate(limit);
        Ok(words)
    }
}
