//! What is read of a table, put into one sentence.

use catalog_core::model::{DescribeRequest, Language, TableKind, TableProfile};

use super::attributes::wording;
use super::phrase::Phrase;
use super::reading::Reading;
use super::role::Role;
use super::sentence::{Sentence, WORDS_MAX, Words, words};

/// The sentence. It may be longer than allowed when the names are; the caller looks.
pub(crate) fn compose(request: &DescribeRequest<'_>, reading: &Reading) -> String {
    let fixed = words(request.language);
    if reading.name.is_empty() {
        return compose_nameless(request, reading);
    }
    let mut sentence = opening(request, reading, fixed);
    if reading.role == Role::Entity && request.table.kind == TableKind::Table && has_key(request, &reading.name) {
        let one = reading.name.text(request.language, false);
        sentence.add(", ", &format!("{}{one}", fixed.row_per), WORDS_MAX);
    }
    if !links_pair(reading) {
        sentence.add(fixed.linked_to, &enumeration(&reading.links, fixed.and), WORDS_MAX - 3);
    }
    say_upstream(&mut sentence, request);
    let first = if reading.role == Role::Lookup { fixed.with } else { "; " };
    say_attributes(&mut sentence, request, reading, first);
    sentence.finish()
}

/// A table whose own name says nothing, by its columns.
fn compose_nameless(request: &DescribeRequest<'_>, reading: &Reading) -> String {
    let fixed = words(request.language);
    let mut sentence = Sentence::starting(fixed.records);
    say_attributes(&mut sentence, request, reading, fixed.with);
    sentence.add(fixed.linked_to, &enumeration(&reading.links, fixed.and), WORDS_MAX);
    sentence.finish()
}

/// Is it a bridge between two tables with names?
fn links_pair(reading: &Reading) -> bool {
    reading.role == Role::Bridge && reading.links.len() == 2
}

fn opening(request: &DescribeRequest<'_>, reading: &Reading, fixed: &Words) -> Sentence {
    let many = reading.name.text(request.language, true);
    if reading.role == Role::Lookup {
        return Sentence::starting(&format!("{}{many}", fixed.list_of));
    }
    if !links_pair(reading) {
        return Sentence::starting(&many);
    }
    let pair = format!("{}{}{}", reading.links[0], fixed.to, reading.links[1]);
    let own_noun = reading.name.words.iter().any(|word| !pair.contains(word.text(request.language)));
    Sentence::starting(&if own_noun {
        format!("{many}{}{pair}", fixed.linking)
    } else {
        format!("{}{pair}", fixed.links)
    })
}

/// `a`, `a and b`, `a, b and c`.
fn enumeration(parts: &[String], and: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{}{and}{last}", most.join(", ")),
    }
}

/// Is there one row a thing? The declared key, or a first column that is unique as far as was seen, has to be the
/// table's own identifier, not a reference to another.
fn has_key(request: &DescribeRequest<'_>, name: &Phrase) -> bool {
    let table = request.table;
    let declared = match &table.primary_key[..] {
        [only] => Some(only.as_str()),
        _ => None,
    };
    let unique = |p: &TableProfile| p.rows_seen > 1 && p.columns.first().is_some_and(|c| c.unique);
    let seen = table.columns.first().map(|c| c.name.as_str()).filter(|_| request.profile.is_some_and(unique));
    declared.or(seen.filter(|_| table.primary_key.is_empty())).is_some_and(|column| {
        let refers = request.keys.iter().any(|key| key.outgoing && key.columns.iter().any(|c| c == column));
        let phrase = Phrase::of_column(column, Language::En);
        !refers && (declared.is_some() || (phrase.identifier && phrase.without(name).words.len() <= 1))
    })
}

/// A view says what it is made from.
fn say_upstream(sentence: &mut Sentence, request: &DescribeRequest<'_>) {
    if request.table.kind == TableKind::Table || request.table.upstream.is_empty() {
        return;
    }
    let fixed = words(request.language);
    let names: Vec<String> = request
        .table
        .upstream
        .iter()
        .take(2)
        .map(|fqn| Phrase::of_table(fqn.name(), request.language).text(request.language, true))
        .filter(|name| !name.is_empty())
        .collect();
    sentence.add(fixed.from, &enumeration(&names, fixed.and), WORDS_MAX - 4);
}

/// Attributes while there is room; the statuses of one of them where all fit.
fn say_attributes(sentence: &mut Sentence, request: &DescribeRequest<'_>, reading: &Reading, first: &str) {
    let empty = request.profile.is_some_and(|p| p.row_count == 0);
    let mut said: Vec<String> = reading.links.clone();
    let mut separator = first;
    let mut codes_left = !empty;
    for attribute in &reading.attributes {
        let plain = wording(attribute, request, false);
        if said.contains(&plain) {
            continue;
        }
        let coded = wording(attribute, request, codes_left);
        if coded != plain && sentence.add(separator, &coded, WORDS_MAX) {
            codes_left = false;
        } else if !sentence.add(separator, &plain, WORDS_MAX) {
            continue;
        }
        separator = ", ";
        said.push(plain);
    }
}
