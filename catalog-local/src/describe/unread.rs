//! The parts of names that the rules cannot read: what the house's glossary should explain first.

use std::collections::BTreeMap;

use catalog_core::model::{GlossaryTerm, Language, Spelling, Table};

use super::phrase::{is_noise, tokens};
use super::vocabulary::{Certainty, VOCABULARY};

/// Fewest letters of a part that is worth asking about; a single letter is a mark.
const LETTERS_MIN: usize = 2;

/// The parts of the table's and its columns' names that neither the glossary nor the vocabulary knows, each with what
/// the rules guess that it stands for, or take it for; `None` where it is opaque.
pub fn unread_parts(table: &Table, glossary: &[GlossaryTerm]) -> BTreeMap<String, Option<String>> {
    let spelling = Spelling::of(glossary, table.fqn());
    let names = || table.columns.iter().map(|column| column.name.as_str()).chain([table.fqn().name()]);
    let all: Vec<String> = names().flat_map(tokens).collect();
    let native = VOCABULARY.language_of(all.iter().map(String::as_str));
    let parts = names().flat_map(|name| spelling.unknown(name)).flat_map(|part| tokens(&part));
    let worth = |part: &String| part.chars().count() >= LETTERS_MIN && !is_noise(part);
    let unread = |part: String| match VOCABULARY.read(&part, native) {
        Some(word) if word.certainty == Certainty::Known => None,
        Some(word) => Some((part, Some(word.text(Language::En).to_owned()))),
        None => Some((part, None)),
    };
    parts.filter(worth).filter_map(unread).collect()
}
