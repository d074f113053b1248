//! Words that change no name, no join and no literal.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{drop_marked, is_any_word, is_word};

/// Words that change no name, no join and no literal: what must stand before them, and the words.
const DROPPED: [(&[&str], &[&str]); 16] = [
    (&["between"], &["symmetric"]),
    (&["between"], &["asymmetric"]),
    (&["group", "by"], &["distinct"]),
    (&["union"], &["corresponding"]),
    (&["union", "all"], &["corresponding"]),
    (&["intersect"], &["corresponding"]),
    (&["except"], &["corresponding"]),
    (&[")"], &["from", "first"]),
    (&[")"], &["from", "last"]),
    (&[], &["with", "wrapper"]),
    (&[], &["with", "array", "wrapper"]),
    (&[], &["with", "conditional", "wrapper"]),
    (&[], &["with", "unconditional", "wrapper"]),
    (&[], &["without", "wrapper"]),
    (&[], &["without", "array", "wrapper"]),
    (&[], &["format", "json"]),
];

/// Do the tokens at `at` read as these words? `)` stands for itself.
fn reads(tokens: &[TokenWithSpan], at: usize, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(i, word)| match tokens.get(at + i) {
        Some(token) if *word == ")" => token.token == Token::RParen,
        token => is_word(token, word),
    })
}

/// Is it the first word of something to drop?
fn may_be_dropped(token: &Token) -> bool {
    let Token::Word(word) = token else { return false };
    matches!(
        word.keyword,
        Keyword::FOR
            | Keyword::FROM
            | Keyword::WITH
            | Keyword::WITHOUT
            | Keyword::DISTINCT
            | Keyword::SYMMETRIC
            | Keyword::ASYMMETRIC
            | Keyword::CORRESPONDING
            | Keyword::FORMAT
    )
}

/// Drops them, and the `FOR` of `FOR VERSION AS OF` and `FOR TIMESTAMP AS OF`.
pub(super) fn drop_words(tokens: &mut Vec<TokenWithSpan>) {
    let mut dropped = vec![false; tokens.len()];
    for i in 0..tokens.len() {
        if !may_be_dropped(&tokens[i].token) {
            continue;
        }
        let as_of =
            reads(tokens, i, &["for", "version", "as", "of"]) || reads(tokens, i, &["for", "timestamp", "as", "of"]);
        dropped[i] |= as_of;
        for (before, words) in &DROPPED {
            if reads(tokens, i, words) && i >= before.len() && reads(tokens, i - before.len(), before) {
                dropped[i..i + words.len()].fill(true);
            }
        }
    }
    drop_marked(tokens, dropped);
}

/// Drops `SUBSET U = (A, B), …` of a row pattern: unions of its labels.
pub(super) fn drop_subset(tokens: &mut Vec<TokenWithSpan>) {
    let behind_pattern = |i: usize| i > 0 && tokens[i - 1].token == Token::RParen;
    let Some(start) = (0..tokens.len()).find(|i| is_word(tokens.get(*i), "subset") && behind_pattern(*i)) else {
        return;
    };
    if let Some(end) = (start..tokens.len()).find(|i| is_word(tokens.get(*i), "define")) {
        tokens.drain(start..end);
    }
}

/// Types that Trino writes before a text, `TINYINT '7'`, and sqlparser does not.
const TYPES_OF_TEXTS: [&str; 6] = ["tinyint", "smallint", "integer", "bigint", "ipaddress", "uuid"];

/// Drops the type before a text: a literal is a literal.
pub(super) fn drop_literal_types(tokens: &mut Vec<TokenWithSpan>) {
    let is_typed = |i: usize| {
        matches!(tokens.get(i + 1).map(|t| &t.token), Some(Token::SingleQuotedString(_)))
            && is_any_word(tokens.get(i), &TYPES_OF_TEXTS)
    };
    let dropped: Vec<bool> = (0..tokens.len()).map(is_typed).collect();
    drop_marked(tokens, dropped);
}
