//! A table read: what it is called, what it tells, what it refers to, what part it plays.

use catalog_core::model::{DescribeRequest, Language};

use super::attributes::{Attribute, attributes};
use super::phrase::{Phrase, tokens};
use super::role::{Role, is_technical, role_of};
use super::vocabulary::VOCABULARY;

/// Most columns that are read for the share of understood words.
const COLUMNS_MAX: usize = 200;
/// Most linked tables that are named.
const LINKS_MAX: usize = 3;

/// All that the sentence is made of.
pub(crate) struct Reading {
    pub(crate) name: Phrase,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) links: Vec<String>,
    pub(crate) role: Role,
    /// Mean share of understood words over the columns, 0 to 1.
    pub(crate) columns_understood: f64,
}

pub(crate) fn read(request: &DescribeRequest<'_>) -> Reading {
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
