//! Descriptions without a model: one factual sentence from names, types, keys and profile.
//!
//! [`RuleEnricher`] reads names the way a person does: it splits them, expands abbreviations of two languages, finds
//! the noun that a row stands for, the part that the table plays in its schema, and the columns that carry meaning.
//! It says nothing that it cannot see, and nothing at all when the names are opaque.
//!
//! - `split`: identifiers to words; `vocabulary`: what the words mean; `inflect`: singular and plural;
//! - `phrase`: a name as a noun phrase; `role`: bridge, lookup, history or entity;
//! - `attributes`: which columns to mention; `sentence`: as many of them as twenty words hold.

mod attributes;
mod inflect;
mod phrase;
mod role;
mod sentence;
mod split;
mod vocabulary;

pub(crate) use inflect::singular_en;
pub(crate) use phrase::tokens;
pub(crate) use role::is_technical;
pub(crate) use vocabulary::{Certainty, VOCABULARY};

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Confidence, DescribeRequest, Draft, DraftSource, Language, TableKind};
use catalog_core::ports::Enricher;

use attributes::{Attribute, attributes, wording};
use phrase::Phrase;
use role::{Role, role_of};
use sentence::{Sentence, WORDS_MAX, words};

/// Version of the rules: part of the evidence key and of every draft.
pub const RULES_VERSION: &str = "rules/1";

/// Most columns that are read for the sentence and the share of understood words.
const COLUMNS_MAX: usize = 200;
/// Most linked tables that are named.
const LINKS_MAX: usize = 3;

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
        Ok(draft(request))
    }
}

/// All that the sentence is made of.
struct Reading {
    name: Phrase,
    attributes: Vec<Attribute>,
    links: Vec<String>,
    role: Role,
    /// Mean share of understood words over the columns, 0 to 1.
    columns_understood: f64,
}

fn read(request: &DescribeRequest<'_>) -> Reading {
    let table = request.table;
    let columns = || table.columns.iter().take(COLUMNS_MAX);
    let others = request.keys.iter().map(|key| key.other.name());
    let spelled: Vec<String> =
        columns().map(|c| c.name.as_str()).chain([table.fqn().name()]).chain(others).flat_map(tokens).collect();
    let native = VOCABULARY.language_of(spelled.iter().map(String::as_str));
    let name = Phrase::of_table(table.fqn().name(), native);
    let attributes = attributes(request, &name, native);
    let shares: Vec<f64> = columns()
        .filter(|c| !is_technical(&c.name, c.data_type))
        .map(|c| Phrase::of_column(&c.name, native))
        .filter(|phrase| phrase.tokens > 0)
        .map(|phrase| phrase.understood())
        .collect();
    let columns_understood = if shares.is_empty() { 0.0 } else { shares.iter().sum::<f64>() / shares.len() as f64 };
    let phrases: Vec<Phrase> = attributes.iter().map(|a| a.phrase.clone()).collect();
    let role = role_of(request, &name, &phrases);
    Reading { links: links(request, &name, native), name, attributes, role, columns_understood }
}

/// The tables that this one refers to, in the order of its columns; of a reference to itself, what it is called.
fn links(request: &DescribeRequest<'_>, name: &Phrase, native: Language) -> Vec<String> {
    let own = request.table.fqn();
    let position =
        |columns: &[String]| request.table.columns.iter().position(|c| columns.contains(&c.name)).unwrap_or(usize::MAX);
    let mut keys: Vec<_> = request.keys.iter().filter(|key| key.outgoing).collect();
    keys.sort_by_key(|key| (key.columns.len(), position(&key.columns)));
    let mut links: Vec<String> = Vec::new();
    for key in keys {
        let phrase = if key.other == *own {
            match &key.columns[..] {
                [column] => Phrase::of_column(column, native).without(name),
                _ => continue,
            }
        } else {
            Phrase::of_table(key.other.name(), native)
        };
        let text = phrase.text(request.language, false);
        if !text.is_empty() && text != name.text(request.language, false) && !links.contains(&text) {
            links.push(text);
        }
    }
    links.truncate(LINKS_MAX);
    links
}

/// `a`, `a and b`, `a, b and c`.
fn enumeration(parts: &[String], and: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{}{and}{last}", most.join(", ")),
    }
}

fn draft(request: &DescribeRequest<'_>) -> Option<Draft> {
    let reading = read(request);
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
    let text = compose(request, &reading);
    let evidence = if request.keys.is_empty() { 0.0 } else { 1.0 };
    let confidence = 0.30 + 0.45 * (0.5 * noun + 0.4 * reading.columns_understood + 0.1 * evidence);
    Some(Draft {
        text,
        confidence: Confidence::new(confidence.clamp(0.30, 0.75)),
        source: DraftSource::Rules,
        prompt_version: RULES_VERSION.to_owned(),
    })
}

fn compose(request: &DescribeRequest<'_>, reading: &Reading) -> String {
    let language = request.language;
    let fixed = words(language);
    let one = reading.name.text(language, false);
    let many = reading.name.text(language, true);
    let mut links_said = false;
    let mut sentence = match reading.role {
        _ if one.is_empty() => Sentence::starting(""),
        Role::Bridge if reading.links.len() == 2 => {
            links_said = true;
            let pair = format!("{}{}{}", reading.links[0], fixed.to, reading.links[1]);
            let own_noun = reading.name.words.iter().any(|w| !pair.contains(w.text(language)));
            if own_noun {
                Sentence::starting(&format!("{many}{}{pair}", fixed.linking))
            } else {
                Sentence::starting(&format!("{}{pair}", fixed.links))
            }
        }
        Role::Lookup => Sentence::starting(&format!("{}{many}", fixed.list_of)),
        Role::History | Role::Entity | Role::Bridge => Sentence::starting(&many),
    };
    let grain = reading.role == Role::Entity && request.table.kind == TableKind::Table && has_key(request);
    if grain && !one.is_empty() && one.split(' ').count() <= 3 {
        sentence.add(", ", &format!("{}{one}", fixed.row_per), WORDS_MAX);
    }
    if !links_said {
        sentence.add(fixed.linked_to, &enumeration(&reading.links, fixed.and), WORDS_MAX - 3);
    }
    say_upstream(&mut sentence, request);
    say_attributes(&mut sentence, request, reading);
    sentence.finish()
}

/// Is there one row a thing, as far as the schema or the profile shows?
fn has_key(request: &DescribeRequest<'_>) -> bool {
    request.table.primary_key.len() == 1
        || request.profile.is_some_and(|p| p.rows_seen > 1 && p.columns.first().is_some_and(|c| c.unique))
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

/// Attributes while there is room; statuses in words where all of them fit.
fn say_attributes(sentence: &mut Sentence, request: &DescribeRequest<'_>, reading: &Reading) {
    let fixed = words(request.language);
    let nameless = reading.name.is_empty();
    let empty = request.profile.is_some_and(|p| p.row_count == 0);
    let mut said: Vec<String> = Vec::new();
    let mut codes_left = !empty;
    for attribute in &reading.attributes {
        let separator = match (said.is_empty(), reading.role) {
            (true, _) if nameless => "",
            (true, Role::Lookup) => fixed.with,
            (true, _) => "; ",
            (false, _) => ", ",
        };
        let plain = wording(attribute, request, false);
        if said.contains(&plain) || plain.is_empty() {
            continue;
        }
        let coded = wording(attribute, request, codes_left);
        let part = |text: &str| {
            if nameless && said.is_empty() { format!("{}{text}", fixed.records_with) } else { text.to_owned() }
        };
        if coded != plain && sentence.add(separator, &part(&coded), WORDS_MAX) {
            codes_left = false;
        } else if !sentence.add(separator, &part(&plain), WORDS_MAX) {
            continue;
        }
        said.push(plain);
    }
    if nameless {
        sentence.add(fixed.linked_to, &enumeration(&reading.links, fixed.and), WORDS_MAX);
    }
}
