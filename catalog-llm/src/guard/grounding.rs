//! Everything that looks like a name, a number or a quotation must be in the evidence.

use std::collections::HashSet;

use super::{GuardEvidence, Rejection};
use crate::words::{Lexicon, fold, words_of};

/// A longer string of letters is no word.
const WORD_CHARS_MAX: usize = 24;
/// A string of this length in which capitals, small letters and digits mix is encoded, not named.
const ENCODED_CHARS_MIN: usize = 16;
/// A name of more words is a sentence: it does not vouch for the names of people in it.
const NAME_WORDS_MAX: usize = 4;
/// A longer number names nothing.
const DIGITS_MAX: usize = 6;
/// Capitals that need no evidence.
const ACRONYMS: &[&str] =
    &["IBAN", "ISIN", "ISBN", "ISSN", "HTML", "JSON", "CSAT", "SEPA", "SIRET", "SIREN", "SMTP", "NASA"];

pub(super) fn check(text: &str, evidence: &GuardEvidence<'_>) -> Result<(), Rejection> {
    let known: HashSet<String> =
        evidence.names.iter().chain(&evidence.public_codes).map(|name| fold(name.trim())).collect();
    let numbers: HashSet<String> =
        evidence.names.iter().chain(&evidence.public_codes).flat_map(|name| digit_runs(name)).collect();
    for quote in quotations(text) {
        if !known.contains(&fold(quote.trim())) {
            return Err(Rejection::UnknownQuote);
        }
    }
    if is_number_like_a_value(text) {
        return Err(Rejection::UnknownNumber);
    }
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()) {
        if known.contains(&fold(word)) && word.chars().count() <= WORD_CHARS_MAX && !is_encoded(word) {
            continue;
        }
        if looks_like_code(word) {
            return Err(Rejection::UnknownIdentifier);
        }
        if digit_runs(word).iter().any(|run| !numbers.contains(run)) {
            return Err(Rejection::UnknownNumber);
        }
    }
    let mut capitals = proper_names(text).peekable();
    if capitals.peek().is_some() {
        // Comments and other tables' descriptions do not vouch for a name: anybody can write them.
        let short = |name: &&str| words_of(name).len() <= NAME_WORDS_MAX;
        let names = evidence.names.iter().chain(&evidence.public_codes).copied().filter(short);
        let lexicon = Lexicon::of(names.chain(evidence.meanings.iter().copied()));
        if capitals.any(|name| !lexicon.grounds(name)) {
            return Err(Rejection::UnknownName);
        }
    }
    let same = fold(text.trim_end_matches('.'));
    let chars = text.trim_end_matches('.').chars().count();
    // There may be a text for each of many thousand tables: most differ in length already.
    let repeats = |other: &String| {
        let other = other.trim().trim_end_matches('.');
        other.chars().count() == chars && fold(other) == same
    };
    if evidence.other_texts.iter().any(repeats) {
        return Err(Rejection::Duplicate);
    }
    Ok(())
}

/// The words with a capital that do not begin the sentence or a part of it, but for short acronyms.
fn proper_names(text: &str) -> impl Iterator<Item = &str> {
    let mut begins = true;
    text.split_whitespace().flat_map(move |piece| {
        let first = std::mem::replace(&mut begins, piece.ends_with([':', ';', '.']));
        piece.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).enumerate().filter_map(
            move |(at, word)| {
                let acronym = word.chars().count() <= 3 || ACRONYMS.contains(&word);
                let named = word.starts_with(char::is_uppercase) && !acronym;
                (named && !(first && at == 0)).then_some(word)
            },
        )
    })
}

/// A long number, or numbers side by side: dates, telephone and card numbers, even when a table is named by one.
fn is_number_like_a_value(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let side_by_side = |w: &[char]| w[0].is_numeric() && " -/:.,'\u{a0}\u{202f}".contains(w[1]) && w[2].is_numeric();
    chars.windows(3).any(side_by_side) || digit_runs(text).iter().any(|run| run.chars().count() > DIGITS_MAX)
}

fn digit_runs(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

fn is_encoded(word: &str) -> bool {
    word.chars().count() >= ENCODED_CHARS_MIN
        && word.chars().any(char::is_lowercase)
        && word.chars().any(char::is_uppercase)
        && word.chars().any(char::is_numeric)
        && !word.contains('_')
}

/// snake_case, camelCase, four and more capitals, letters mixed with digits, or too long for a word.
fn looks_like_code(word: &str) -> bool {
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    let camel = word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let mixed = !letters.is_empty() && word.chars().any(char::is_numeric);
    word.contains('_')
        || camel
        || mixed
        || word.chars().count() > WORD_CHARS_MAX
        || (letters.len() >= 4 && capitals == letters.len() && !ACRONYMS.contains(&word))
}

/// What stands between quotation marks; an opening mark that nothing closes quotes the rest. An apostrophe quotes
/// when it starts a word and another ends one.
fn quotations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts_word = !before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        let mark = "\"«»“”".contains(c)
            || (matches!(c, '\'' | '’')
                && (starts_word || (open.is_some() && !chars.peek().is_some_and(|n| n.is_alphanumeric()))));
        match (&mut open, mark) {
            (None, true) => open = Some(String::new()),
            (Some(_), true) => found.extend(open.take()),
            (Some(quote), false) => quote.push(c),
            (None, false) => {}
        }
        before = c;
    }
    found.extend(open);
    found
}
