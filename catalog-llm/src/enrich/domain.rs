//! In which of the operator's domains a table belongs.

use catalog_core::model::{Confidence, DescribeRequest, DomainPlacement, DomainSpec};

use crate::words::{Lexicon, words_of};

/// The table stands among a domain's examples: the operator said so.
const NAMED: f64 = 0.95;
/// What a model's word is worth at most, without a second witness.
const MODEL: f64 = 0.7;
/// What a model's word is taken for where the endpoint does not tell how likely it found it.
const CERTAINTY_UNKNOWN: f64 = 0.7;
/// What the table's words add when they speak for the same domain, or take away when for another.
const WORDS: f64 = 0.2;
/// Words that a table must share with a domain to be placed by words alone.
const SHARED_MIN: usize = 2;

/// The placement after a model named a domain, if it named one of the operator's. The table's words are the second
/// witness; a table among a domain's examples is placed there whatever the model says.
pub(super) fn place(said: Option<(&str, Option<f64>)>, request: &DescribeRequest<'_>) -> Option<DomainPlacement> {
    if let Some(domain) = named(request) {
        return Some(placement(domain, NAMED));
    }
    let (name, certainty) = said?;
    let domain = request.context.domains.iter().find(|domain| domain.name == name)?;
    let words = match by_words(request) {
        Some((other, _)) if other.name == domain.name => WORDS,
        Some(_) => -WORDS,
        None => 0.0,
    };
    Some(placement(domain, certainty.unwrap_or(CERTAINTY_UNKNOWN) * MODEL + words))
}

/// The placement without any model: by the operator's examples, or by the words that table and domain share. Its
/// confidence is low where it rests on words.
pub fn place_by_words(request: &DescribeRequest<'_>) -> Option<DomainPlacement> {
    if let Some(domain) = named(request) {
        return Some(placement(domain, NAMED));
    }
    let (domain, shared) = by_words(request)?;
    (shared >= SHARED_MIN).then(|| placement(domain, (0.3 + 0.1 * shared as f64).min(MODEL)))
}

fn placement(domain: &DomainSpec, confidence: f64) -> DomainPlacement {
    DomainPlacement { name: domain.name.clone(), confidence: Confidence::new(confidence) }
}

fn named<'a>(request: &DescribeRequest<'a>) -> Option<&'a DomainSpec> {
    let fqn = request.table.fqn();
    let (name, whole) = (fqn.name(), fqn.to_string());
    let same = |example: &String| example.eq_ignore_ascii_case(name) || example.eq_ignore_ascii_case(&whole);
    request.context.domains.iter().find(|domain| domain.examples.iter().any(same))
}

/// The domain that shares most words with the table's names, when no other shares as many.
fn by_words<'a>(request: &DescribeRequest<'a>) -> Option<(&'a DomainSpec, usize)> {
    let names = request.table.columns.iter().map(|column| column.name.as_str());
    let mut words: Vec<String> = names.chain([request.table.fqn().name()]).flat_map(words_of).collect();
    words.sort();
    words.dedup();
    words.retain(|word| word.chars().count() >= 3);
    let shared = |domain: &DomainSpec| {
        let texts = domain.examples.iter().map(String::as_str);
        let lexicon = Lexicon::of(texts.chain([domain.name.as_str(), domain.description.as_str()]));
        words.iter().filter(|word| lexicon.has(word)).count()
    };
    let mut counted: Vec<(&DomainSpec, usize)> = request.context.domains.iter().map(|d| (d, shared(d))).collect();
    counted.sort_by_key(|(_, shared)| std::cmp::Reverse(*shared));
    match counted[..] {
        [] => None,
        [(_, 0), ..] => None,
        [(_, first), (_, second), ..] if first == second => None,
        [best, ..] => Some(best),
    }
}
