//! The tables as the search sees them: names taken apart, gates and key-likeness decided once a column.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use catalog_core::model::{DataType, Fqn, KeyColumn, KeyTable, RelateInput, TableKind, ValueFamily};

use crate::infer::CrossCatalog;
use crate::names::{
    ColumnName, TableName, is_attribute_word, is_contact_word, is_measure_word, shared_prefix, token_similarity,
};
use crate::score::sigmoid;
use crate::search::Sketch;

/// Is a column free of repeated values?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uniqueness {
    /// Yes, or within the error of an estimate.
    Unique,
    /// No.
    Repeated,
    /// There are no values to tell.
    Unknown,
}

pub(crate) struct TableFacts<'a> {
    pub(crate) table: &'a KeyTable,
    pub(crate) name: Arc<TableName>,
    /// Its columns in `Schema::columns`.
    pub(crate) columns: std::ops::Range<usize>,
    /// The column that most looks like its key, if one does.
    pub(crate) main_key: Option<usize>,
}

/// A few dozen bytes: there is one of each column of the catalog.
pub(crate) struct ColumnFacts<'a> {
    table: u32,
    position: u32,
    /// Shared by the columns of one name.
    pub(crate) name: Arc<ColumnName>,
    pub(crate) column: &'a KeyColumn,
    pub(crate) uniqueness: Uniqueness,
    /// How much it looks like the key of its table, 0 to 1; 0 when it cannot be one.
    pub(crate) keyness: f64,
    /// Does its name speak of its own table (`customer_id` in `customers`, or a bare `id`)?
    pub(crate) names_own_table: bool,
    /// Does its name speak of another table of the catalog?
    pub(crate) names_other_table: bool,
}

impl ColumnFacts<'_> {
    /// Its table in `Schema::tables`.
    pub(crate) fn table(&self) -> usize {
        self.table as usize
    }

    /// Its place in its table.
    pub(crate) fn position(&self) -> usize {
        self.position as usize
    }

    /// Is there no value to compare?
    pub(crate) fn is_empty(&self) -> bool {
        self.column.distinct == 0
    }

    /// May it refer to something at all?
    pub(crate) fn can_be_child(&self) -> bool {
        can_be_in_a_key(self.column.data_type, self.column.family)
    }

    /// May it be referred to, as a single column?
    pub(crate) fn can_be_parent(&self) -> bool {
        self.can_be_child() && self.uniqueness != Uniqueness::Repeated && self.keyness > 0.0
    }

    /// Does its name say that it measures or dates something, and not that it identifies?
    pub(crate) fn is_measure(&self) -> bool {
        let counts = self.name.plural && self.column.family == ValueFamily::Integer;
        !self.name.has_key_word && (counts || self.name.words.iter().any(|w| is_measure_word(w)))
    }

    /// Does its name describe a property (name, status, phone), and not identify?
    pub(crate) fn is_attribute(&self) -> bool {
        self.name.head_word().is_some_and(|w| is_contact_word(w) || (!self.name.has_key_word && is_attribute_word(w)))
    }
}

/// May a column of this type, with such values, refer to another or be referred to? Of one that may not, no hash is
/// ever looked at: who holds many tables in memory can leave its hashes out.
pub fn can_be_in_a_key(data_type: DataType, family: ValueFamily) -> bool {
    use DataType::{Binary, Boolean, Interval, Json, Nested, Time};
    !matches!(data_type, Boolean | Json | Nested | Binary | Time | Interval)
        && !matches!(family, ValueFamily::Boolean | ValueFamily::Binary | ValueFamily::Decimal)
}

pub(crate) struct Schema<'a> {
    pub(crate) tables: Vec<TableFacts<'a>>,
    pub(crate) columns: Vec<ColumnFacts<'a>>,
    by_name: HashMap<&'a Fqn, usize>,
    input: &'a RelateInput,
}

impl<'a> Schema<'a> {
    /// The tables of the input. `reach` says between which catalogs a name may speak of a table.
    pub(crate) fn new(input: &'a RelateInput, reach: &CrossCatalog) -> Self {
        let names: Vec<Arc<TableName>> = input.tables.iter().map(|t| TableName::new(t.fqn.name()).into()).collect();
        let neighbourhoods = neighbourhoods(input, &names, reach);
        let columns = input.tables.iter().map(|t| t.columns.len()).sum();
        let mut schema = Self {
            tables: Vec::with_capacity(input.tables.len()),
            columns: Vec::with_capacity(columns),
            by_name: HashMap::with_capacity(input.tables.len()),
            input,
        };
        let mut parsed = ParsedNames::default();
        for (index, (table, name)) in input.tables.iter().zip(&names).enumerate() {
            let Neighbourhood { heads, whole } = &*neighbourhoods[table.catalog.as_str()];
            let start = schema.columns.len();
            let prefix: Option<Rc<str>> = shared_prefix(table.columns.iter().map(|c| &*c.name)).map(Into::into);
            for (position, column) in table.columns.iter().enumerate() {
                let mut column = ColumnFacts {
                    table: index as u32,
                    position: position as u32,
                    name: parsed.of(&column.name, prefix.as_ref()),
                    column,
                    uniqueness: uniqueness(table, column),
                    keyness: 0.0,
                    names_own_table: false,
                    names_other_table: false,
                };
                // `concert_id` in `singer_in_concert` speaks of `concert`, where there is such a table.
                let owned_elsewhere =
                    column.name.concept != name.concept && whole.contains(column.name.concept.as_slice());
                column.names_own_table = names_table(&column.name, name) && !owned_elsewhere;
                column.names_other_table =
                    !column.names_own_table && column.name.subject().is_some_and(|w| heads.contains(w));
                column.keyness = keyness(table, &column);
                schema.columns.push(column);
            }
            let columns = start..schema.columns.len();
            let main_key = columns
                .clone()
                .filter(|c| schema.columns[*c].keyness > 0.0)
                .max_by(|a, b| schema.columns[*a].keyness.total_cmp(&schema.columns[*b].keyness).then(b.cmp(a)));
            schema.tables.push(TableFacts { table, name: Arc::clone(name), columns, main_key });
            schema.by_name.entry(&table.fqn).or_insert(index);
        }
        schema
    }

    pub(crate) fn table_of(&self, column: usize) -> &TableFacts<'a> {
        &self.tables[self.columns[column].table()]
    }

    /// Appends the column's hashes to `out`, ascending and each once.
    pub(crate) fn read_hashes(&self, column: usize, out: &mut Vec<i64>) {
        match &self.input.hashes {
            Some(kept) => kept.read(column, out),
            None => out.extend_from_slice(&self.columns[column].column.hashes),
        }
    }

    /// The column's sketch, its hashes read into `hashes` in place of what was there.
    pub(crate) fn sketch<'h>(&self, column: usize, hashes: &'h mut Vec<i64>) -> Sketch<'h> {
        hashes.clear();
        self.read_hashes(column, hashes);
        self.sketch_of(column, hashes)
    }

    /// The column's sketch of hashes that were read already.
    pub(crate) fn sketch_of<'h>(&self, column: usize, hashes: &'h [i64]) -> Sketch<'h> {
        let facts = self.columns[column].column;
        Sketch { version: facts.version, complete: facts.complete, hashes }
    }

    pub(crate) fn table_named(&self, fqn: &Fqn) -> Option<usize> {
        self.by_name.get(fqn).copied()
    }

    pub(crate) fn column_named(&self, table: usize, name: &str) -> Option<usize> {
        self.tables[table].columns.clone().find(|c| &*self.columns[*c].column.name == name)
    }
}

/// Names taken apart, each once: catalogs repeat them.
#[derive(Default)]
struct ParsedNames<'a>(HashMap<(&'a str, Option<Rc<str>>), Arc<ColumnName>>);

impl<'a> ParsedNames<'a> {
    fn of(&mut self, name: &'a str, prefix: Option<&Rc<str>>) -> Arc<ColumnName> {
        let parsed =
            self.0.entry((name, prefix.cloned())).or_insert_with(|| ColumnName::new(name, prefix.map(|p| &**p)).into());
        Arc::clone(parsed)
    }
}

/// What the tables that a column can refer to are called.
#[derive(Default)]
struct Neighbourhood<'n> {
    /// The words that carry their meaning.
    heads: HashSet<&'n str>,
    /// Their names as words.
    whole: HashSet<&'n [String]>,
}

/// By catalog, the tables within reach of its columns.
fn neighbourhoods<'n>(
    input: &'n RelateInput,
    names: &'n [Arc<TableName>],
    reach: &CrossCatalog,
) -> HashMap<&'n str, Rc<Neighbourhood<'n>>> {
    let mut by_catalog: HashMap<&str, Vec<&Arc<TableName>>> = HashMap::new();
    for (table, name) in input.tables.iter().zip(names) {
        by_catalog.entry(&table.catalog).or_default().push(name);
    }
    let around = |catalog: &str| {
        let mut found = Neighbourhood::default();
        for (_, names) in by_catalog.iter().filter(|(other, _)| reach.allows(catalog, other)) {
            found.heads.extend(names.iter().filter_map(|n| n.concept.last()).map(String::as_str));
            found.whole.extend(names.iter().map(|n| n.concept.as_slice()));
        }
        Rc::new(found)
    };
    // Where all catalogs reach each other there is one neighbourhood.
    let shared = (*reach == CrossCatalog::All).then(|| around(""));
    by_catalog.keys().map(|c| (*c, shared.clone().unwrap_or_else(|| around(c)))).collect()
}

fn uniqueness(table: &KeyTable, column: &KeyColumn) -> Uniqueness {
    if matches!(table.primary_key.as_slice(), [only] if **only == *column.name) || column.looks_unique() {
        Uniqueness::Unique
    } else if column.distinct == 0 {
        Uniqueness::Unknown
    } else {
        Uniqueness::Repeated
    }
}

/// `customer_id`, or a bare `id`, in `customers`.
fn names_table(column: &ColumnName, table: &TableName) -> bool {
    match (column.subject(), table.concept.last()) {
        (None, _) => column.has_key_word,
        (Some(head), Some(table_head)) => {
            token_similarity(head, table_head) >= 0.8
                && column
                    .concept
                    .iter()
                    .all(|w| w == "name" || table.concept.iter().any(|t| token_similarity(w, t) >= 0.8))
        }
        _ => false,
    }
}

/// How much a column looks like the key of its table. The weights are logits set by judgement: keys come first, say
/// `id`, name their table, and are whole numbers or short codes.
fn keyness(table: &KeyTable, column: &ColumnFacts<'_>) -> f64 {
    if table.kind == TableKind::View || column.uniqueness == Uniqueness::Repeated || !column.can_be_child() {
        return 0.0;
    }
    let f = column.column;
    let mut logit = match table.primary_key.as_slice() {
        [only] if **only == *f.name => 1.5,
        [_] => -3.0,
        _ => -2.0,
    };
    logit += match column.position {
        0 => 2.0,
        1 => 0.3,
        _ => -0.5,
    };
    if column.name.has_key_word {
        logit += 1.2;
    }
    if column.names_own_table {
        logit += 1.5;
    }
    if column.names_other_table {
        logit -= 1.0;
    }
    if matches!(f.family, ValueFamily::Integer | ValueFamily::Uuid) {
        logit += 0.3;
    }
    if f.length_range.is_some_and(|(_, max)| max > 40) {
        logit -= 2.0;
    }
    if f.family == ValueFamily::Temporal {
        logit -= 1.5;
    }
    if column.is_measure() {
        logit -= 2.0;
    }
    if column.is_attribute() && column.position > 0 {
        logit -= 1.0;
    }
    if f.nulls > 0 {
        logit -= 1.5;
    }
    sigmoid(logit)
}
