//! Which columns a sentence rests on, by the rule that judges whether a word is grounded.

use catalog_core::model::DescribeRequest;

use crate::words::{Lexicon, words_of};

/// Shorter words are glue.
const WORD_CHARS_MIN: usize = 3;
/// Longer glue, of both languages.
const GLUE: &[&str] = &[
    "and", "avec", "dans", "des", "each", "for", "from", "les", "leur", "leurs", "one", "par", "per", "pour", "row",
    "rows", "sur", "that", "the", "their", "une", "with",
];

/// The places of the columns that a word of the text comes from: by the column's name (abbreviations count as they do
/// for the guard), by its comment, or as one of its public codes. A word of the table's own name rests on the table
/// and makes no column of it, such as its key, part of the text.
pub fn columns_behind(text: &str, request: &DescribeRequest<'_>) -> Vec<usize> {
    let table = Lexicon::of([request.table.fqn().name()]);
    let telling = |word: &String| {
        word.chars().count() >= WORD_CHARS_MIN && !GLUE.contains(&word.as_str()) && !table.grounds(word)
    };
    let words: Vec<String> = words_of(text).into_iter().filter(telling).collect();
    let behind = |at: &usize| {
        let column = &request.table.columns[*at];
        let comment = column.description.as_ref().map(|comment| comment.text.as_str());
        let name = Lexicon::of([column.name.as_str()]);
        let codes = request.public_codes.get(*at).into_iter().flatten().map(String::as_str);
        let said = Lexicon::of(codes.chain(comment));
        words.iter().any(|word| name.grounds(word) || said.has(word))
    };
    (0..request.table.columns.len()).filter(behind).collect()
}
