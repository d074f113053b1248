//! The tables as the search sees them: names taken apart, gates and key-likeness decided once a column.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use catalog_core::model::{DataType, Fingerprint, Fqn, KeyTable, RelateInput, TableKind, ValueFamily};

use crate::infer::CrossCatalog;
use crate::names::{
    ColumnName, TableName, is_attribute_word, is_contact_word, is_measure_word, shared_prefix, token_similarity,
};
use crate::score::sigmoid;

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
    pub(crate) name: TableName,
    /// Its columns in `Schema::columns`.
    pub(crate) columns: std::ops::Range<usize>,
    /// The column that most looks like its key, if one does.
    pub(crate) main_key: Option<usize>,
}

pub(crate) struct ColumnFacts<'a> {
    pub(crate) table: usize,
    pub(crate) position: usize,
    pub(crate) raw_name: &'a str,
    pub(crate) name: ColumnName,
    pub(crate) data_type: DataType,
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) uniqueness: Uniqueness,
    /// How much it looks like the key of its table, 0 to 1; 0 when it cannot be one.
    pub(crate) keyness: f64,
    /// Does its name speak of its own table (`customer_id` in `customers`, or a bare `id`)?
    pub(crate) names_own_table: bool,
    /// Does its name speak of another table of the catalog?
    pub(crate) names_other_table: bool,
}

impl ColumnFacts<'_> {
    /// Is there no value to compare?
    pub(crate) fn is_empty(&self) -> bool {
        self.fingerprint.distinct == 0
    }

    /// May it refer to something at all?
    pub(crate) fn can_be_child(&self) -> bool {
        can_be_in_a_key(self.data_type, self.fingerprint)
    }

    /// May it be referred to, as a single column?
    pub(crate) fn can_be_parent(&self) -> bool {
        self.can_be_child() && self.uniqueness != Uniqueness::Repeated && self.keyness > 0.0
    }

    /// Does its name say that it measures or dates something, and not that it identifies?
    pub(crate) fn is_measure(&self) -> bool {
        let counts = self.name.plural && self.fingerprint.family == ValueFamily::Integer;
        !self.name.has_key_word && (counts || self.name.words.iter().any(|w| is_measure_word(w)))
    }

    /// Does its name describe a property (name, status, phone), and not identify?
    pub(crate) fn is_attribute(&self) -> bool {
        self.name.head_word().is_some_and(|w| is_contact_word(w) || (!self.name.has_key_word && is_attribute_word(w)))
    }
}

/// May a column of this type, with such values, refer to another or be referred to? Of one that may not, no hash is
/// ever looked at: who holds many tables in memory can leave its hashes out.
pub fn can_be_in_a_key(data_type: DataType, fingerprint: &Fingerprint) -> bool {
    use DataType::{Binary, Boolean, Interval, Json, Nested, Time};
    !matches!(data_type, Boolean | Json | Nested | Binary | Time | Interval)
        && !matches!(fingerprint.family, ValueFamily::Boolean | ValueFamily::Binary | ValueFamily::Decimal)
}

pub(crate) struct Schema<'a> {
    pub(crate) tables: Vec<TableFacts<'a>>,
    pub(crate) columns: Vec<ColumnFacts<'a>>,
    by_name: HashMap<&'a Fqn, usize>,
}

impl<'a> Schema<'a> {
    /// The tables of the input. `reach` says between which catalogs a name may speak of a table.
    pub(crate) fn new(input: &'a RelateInput, reach: &CrossCatalog) -> Self {
        let names: Vec<TableName> = input.tables.iter().map(|t| TableName::new(t.fqn.name())).collect();
        let neighbourhoods = neighbourhoods(input, &names, reach);
        let mut schema = Self { tables: Vec::new(), columns: Vec::new(), by_name: HashMap::new() };
        for (index, (table, name)) in input.tables.iter().zip(&names).enumerate() {
            let Neighbourhood { heads, whole } = &*neighbourhoods[table.catalog.as_str()];
            let start = schema.columns.len();
            let prefix = shared_prefix(table.columns.iter().map(|(n, ..)| n.as_str()));
            for (position, (raw_name, data_type, fingerprint)) in table.columns.iter().enumerate() {
                let mut column = ColumnFacts {
                    table: index,
                    position,
                    raw_name,
                    name: ColumnName::new(raw_name, prefix.as_deref()),
                    data_type: *data_type,
                    fingerprint,
                    uniqueness: uniqueness(table, raw_name, fingerprint),
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
            schema.tables.push(TableFacts { table, name: name.clone(), columns, main_key });
            schema.by_name.entry(&table.fqn).or_insert(index);
        }
        schema
    }

    pub(crate) fn table_of(&self, column: usize) -> &TableFacts<'a> {
        &self.tables[self.columns[column].table]
    }

    pub(crate) fn table_named(&self, fqn: &Fqn) -> Option<usize> {
        self.by_name.get(fqn).copied()
    }

    pub(crate) fn column_named(&self, table: usize, name: &str) -> Option<usize> {
        self.tables[table].columns.clone().find(|c| self.columns[*c].raw_name == name)
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
    names: &'n [TableName],
    reach: &CrossCatalog,
) -> HashMap<&'n str, Rc<Neighbourhood<'n>>> {
    let mut by_catalog: HashMap<&str, Vec<&TableName>> = HashMap::new();
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

fn uniqueness(table: &KeyTable, name: &str, fingerprint: &Fingerprint) -> Uniqueness {
    if matches!(table.primary_key.as_slice(), [only] if only == name) || fingerprint.looks_unique() {
        Uniqueness::Unique
    } else if fingerprint.distinct == 0 {
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
    let f = column.fingerprint;
    let mut logit = match table.primary_key.as_slice() {
        [only] if only == column.raw_name => 1.5,
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
