//! A request with its names spelled out by the operator's glossary, so that the rules read what the house means.

use catalog_core::model::{DescribeRequest, Fqn, KeyFact, Spelling, Table};

/// The parts of a request that bear names.
pub(super) struct Spelled {
    table: Table,
    keys: Vec<KeyFact>,
}

impl Spelled {
    /// The names in the house's words; `None` where the glossary knows none of them.
    pub(super) fn of(request: &DescribeRequest<'_>) -> Option<Self> {
        let spelling = Spelling::of(request.context.glossary, request.table.fqn());
        let names = request.table.columns.iter().map(|column| column.name.as_str());
        let mut names = names.chain([request.table.fqn().name()]).chain(request.keys.iter().map(|k| k.other.name()));
        if spelling.is_empty() || !names.any(|name| spelling.spell(name).is_some()) {
            return None;
        }
        let word = |name: &mut String| {
            if let Some(words) = spelling.spell(name) {
                *name = words;
            }
        };
        let table_of = |fqn: &mut Fqn| {
            if let Some(words) = spelling.spell(fqn.name()) {
                *fqn = fqn.parent().child(words);
            }
        };
        let (mut table, mut keys) = (request.table.clone(), request.keys.to_vec());
        table_of(&mut table.table_ref.fqn);
        table.columns.iter_mut().for_each(|column| word(&mut column.name));
        table.primary_key.iter_mut().chain(table.unique_keys.iter_mut().flatten()).for_each(word);
        table.upstream.iter_mut().for_each(table_of);
        for key in &mut keys {
            table_of(&mut key.other);
            key.columns.iter_mut().for_each(word);
        }
        Some(Self { table, keys })
    }

    /// The request in these names.
    pub(super) fn request<'a>(&'a self, request: &DescribeRequest<'a>) -> DescribeRequest<'a> {
        DescribeRequest { table: &self.table, keys: &self.keys, ..*request }
    }
}
