//! Keys of two and three columns, found from what is known of the single columns; their counts decide.

use std::collections::{BTreeSet, HashMap};

use catalog_core::model::{ColumnSet, FkCandidate, Fqn, KeyEvidence, RelateInput, TableKind};

use super::options::KeyOptions;
use crate::schema::{ColumnFacts, Schema, Uniqueness};
use crate::score::sigmoid;
use crate::search::containment;

/// Most columns of a composite key.
const COLUMNS_MAX: usize = 3;

/// Most child tables that are looked at for one parent.
const CHILDREN_MAX: usize = 200;

/// So many times as many candidates are kept of a child as of a single column: only counts tell them apart.
const ALTERNATIVES: usize = 4;

/// Most references that are tried beside an order's number.
const LINES_MAX: usize = 4;

/// Candidates of more than one column, unordered.
pub(super) fn candidates(schema: &Schema<'_>, input: &RelateInput, options: &KeyOptions) -> Vec<FkCandidate> {
    let logged = logged_joins(schema, input);
    let mut by_name: HashMap<&[String], Vec<usize>> = HashMap::new();
    for (index, column) in schema.columns.iter().enumerate() {
        if !column.name.concept.is_empty() && column.can_be_child() {
            by_name.entry(&column.name.words).or_default().push(index);
        }
    }
    let mut best = Best { most: options.alternatives_max * ALTERNATIVES, by_child: HashMap::new() };
    for parent in 0..schema.tables.len() {
        let mut of_parent: BTreeSet<Pair> = lines(schema, parent, &by_name).into_iter().collect();
        if let Some(key) = likely_key(schema, parent) {
            let first = &schema.columns[key[0]].name.words;
            for &column in by_name.get(first.as_slice()).into_iter().flatten().take(CHILDREN_MAX) {
                let table = schema.columns[column].table();
                let namesakes: Option<Vec<usize>> = key.iter().map(|k| namesake(schema, table, *k)).collect();
                if let Some(child) = namesakes.filter(|_| table != parent) {
                    of_parent.insert((child, key.clone()));
                }
            }
        }
        // Those in the log are scored with it, below.
        for (child, key) in of_parent.into_iter().filter(|pair| !logged.contains_key(pair)) {
            best.add(score(schema, &child, &key, 0, options), child);
        }
    }
    for ((child, parent), runs) in logged {
        best.add(score(schema, &child, &parent, runs, options), child);
    }
    best.by_child.into_values().flatten().collect()
}

/// A child's columns and its parent's.
type Pair = (Vec<usize>, Vec<usize>);

/// The likeliest candidates of every child: a catalog can have the same two columns in any number of tables.
struct Best {
    most: usize,
    by_child: HashMap<Vec<usize>, Vec<FkCandidate>>,
}

impl Best {
    fn add(&mut self, candidate: Option<FkCandidate>, child: Vec<usize>) {
        let Some(candidate) = candidate else { return };
        let of_child = self.by_child.entry(child).or_default();
        let better = |other: &FkCandidate| {
            other.score.total_cmp(&candidate.score).reverse().then_with(|| other.parent.cmp(&candidate.parent)).is_le()
        };
        let at = of_child.partition_point(better);
        if at < self.most {
            of_child.insert(at, candidate);
            of_child.truncate(self.most);
        }
    }
}

/// The columns that probably identify a row of a table which no single column does: the declared key, or the leading
/// columns whose names say that they identify, as few as can tell that many rows apart.
fn likely_key(schema: &Schema<'_>, table: usize) -> Option<Vec<usize>> {
    let facts = &schema.tables[table];
    if facts.table.kind == TableKind::View || facts.table.row_count == 0 {
        return None;
    }
    let declared = &facts.table.primary_key;
    if (2..=COLUMNS_MAX).contains(&declared.len()) {
        return declared.iter().map(|name| schema.column_named(table, name)).collect();
    }
    if !needs_several_columns(schema, table) {
        return None;
    }
    if let Some(key) = numbered_part(schema, table) {
        return Some(key);
    }
    let leading: Vec<usize> = facts.columns.clone().take(COLUMNS_MAX).take_while(|c| may_be_part(schema, *c)).collect();
    (2..=leading.len()).map(|n| &leading[..n]).find(|key| can_be_unique(schema, key)).map(<[usize]>::to_vec)
}

/// The key of a table that holds the numbered parts of something (the lines of an order, the readings of a meter): what
/// they are parts of leads, a number that starts anew for each of them follows, whatever both are called.
fn numbered_part(schema: &Schema<'_>, table: usize) -> Option<Vec<usize>> {
    let mut leading = schema.tables[table].columns.clone();
    let key = vec![leading.next()?, leading.next()?];
    let (whole, part) = (&schema.columns[key[0]], &schema.columns[key[1]]);
    let refers = whole.uniqueness == Uniqueness::Repeated && whole.can_be_child() && !whole.is_measure();
    (refers && is_ordinal(part) && can_be_unique(schema, &key)).then_some(key)
}

/// Are these the key of a table of numbered parts? Whoever has columns of the same names refers to it: containment
/// says little there, because most numbers exist for most wholes, and few parts are referred to; the names say it.
fn is_key_of_part(schema: &Schema<'_>, columns: &[usize]) -> bool {
    numbered_part(schema, schema.columns[columns[0]].table()).as_deref() == Some(columns)
}

/// Whole numbers from 0 or 1 on without a gap, each of them several times.
fn is_ordinal(column: &ColumnFacts<'_>) -> bool {
    let dense = |(low, high): (i64, i64)| {
        (0..=1).contains(&low) && u64::try_from(high - low).is_ok_and(|span| span + 1 == column.column.distinct)
    };
    column.uniqueness == Uniqueness::Repeated
        && column.column.nulls == 0
        && column.column.distinct > 1
        && column.column.integer_range.is_some_and(dense)
}

/// Has the table rows, and no single column that tells them apart?
fn needs_several_columns(schema: &Schema<'_>, table: usize) -> bool {
    let facts = &schema.tables[table];
    facts.table.kind != TableKind::View
        && facts.table.row_count > 0
        && facts.table.primary_key.len() != 1
        && facts.main_key.is_none_or(|k| schema.columns[k].keyness < 0.6)
}

/// Can the column be part of a key of several?
fn may_be_part(schema: &Schema<'_>, column: usize) -> bool {
    let column = &schema.columns[column];
    column.uniqueness == Uniqueness::Repeated
        && column.can_be_child()
        && (column.name.has_key_word || column.names_other_table)
}

/// Pairs of columns by which another table refers to lines of an order: the order's number, which no table of its own
/// explains, and a reference that both tables have. Which reference it is only the counts can tell, so the
/// [`LINES_MAX`] of most values are tried.
fn lines(
    schema: &Schema<'_>,
    parent: usize,
    by_name: &HashMap<&[String], Vec<usize>>,
) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut found = Vec::new();
    if !needs_several_columns(schema, parent) {
        return found;
    }
    let parts: Vec<usize> = schema.tables[parent].columns.clone().filter(|c| may_be_part(schema, *c)).collect();
    let is_number = |c: usize| !schema.columns[c].names_other_table && !schema.columns[c].name.concept.is_empty();
    for &number in parts.iter().filter(|c| is_number(**c)) {
        let children = by_name.get(schema.columns[number].name.words.as_slice()).into_iter().flatten();
        for &child in children.filter(|c| schema.columns[**c].table() != parent).take(CHILDREN_MAX) {
            let table = schema.columns[child].table();
            let mut shared: Vec<(usize, usize)> = parts
                .iter()
                .filter(|c| **c != number && can_be_unique(schema, &[**c, number]))
                .filter_map(|c| Some((namesake(schema, table, *c)?, *c)))
                .collect();
            shared.sort_by_key(|(_, c)| std::cmp::Reverse(schema.columns[*c].column.distinct));
            shared.truncate(LINES_MAX);
            found.extend(shared.into_iter().map(|(c, p)| (vec![c, child], vec![p, number])));
        }
    }
    found
}

/// Have the columns enough combinations for every row of their table?
fn can_be_unique(schema: &Schema<'_>, key: &[usize]) -> bool {
    let combinations: f64 = key.iter().map(|c| schema.columns[*c].column.distinct as f64).product();
    combinations >= schema.table_of(key[0]).table.row_count as f64
}

fn namesake(schema: &Schema<'_>, table: usize, of: usize) -> Option<usize> {
    let words = &schema.columns[of].name.words;
    schema.tables[table].columns.clone().find(|c| schema.columns[*c].name.words == *words)
}

/// Joins of two or three columns in the log, in each direction whose parent can be unique.
fn logged_joins(schema: &Schema<'_>, input: &RelateInput) -> HashMap<(Vec<usize>, Vec<usize>), u64> {
    let columns = |table: &Fqn, names: &[String]| -> Option<Vec<usize>> {
        let table = schema.table_named(table)?;
        names.iter().map(|name| schema.column_named(table, name)).collect()
    };
    let mut logged = HashMap::new();
    for join in input.joins.iter().filter(|j| (2..=COLUMNS_MAX).contains(&j.left_columns.len())) {
        let left = columns(&join.left, &join.left_columns);
        let Some((left, right)) = left.zip(columns(&join.right, &join.right_columns)) else { continue };
        for (child, parent) in [(&left, &right), (&right, &left)] {
            if child.len() == parent.len() && can_be_unique(schema, parent) {
                *logged.entry((child.clone(), parent.clone())).or_insert(0) += join.runs;
            }
        }
    }
    logged
}

/// The candidate, if its columns can be contained at all. Weights are logits set by judgement.
fn score(
    schema: &Schema<'_>,
    child: &[usize],
    parent: &[usize],
    log_joins: u64,
    options: &KeyOptions,
) -> Option<FkCandidate> {
    let (child_table, parent_table) = (schema.table_of(child[0]), schema.table_of(parent[0]));
    let catalogs = (&child_table.table.catalog, &parent_table.table.catalog);
    if child_table.table.kind == TableKind::View || !options.cross_catalog.allows(catalogs.0, catalogs.1) {
        return None;
    }
    let (mut share, mut error, mut coverage) = (1.0_f64, 0.0_f64, 1.0_f64);
    let (mut of_child, mut of_parent) = (Vec::new(), Vec::new());
    for (&child, &parent) in child.iter().zip(parent) {
        let (c, p) = (&schema.columns[child], &schema.columns[parent]);
        if c.is_empty() || p.is_empty() || c.column.family != p.column.family {
            return None;
        }
        let found = containment(schema.sketch(child, &mut of_child), schema.sketch(parent, &mut of_parent));
        if found.compared > 0 && found.share + 2.0 * found.error < 1.0 - options.max_orphan_ratio {
            return None;
        }
        if found.compared > 0 {
            share = share.min(found.share);
            error = error.max(found.error);
        }
        coverage *= (c.column.distinct as f64 / p.column.distinct as f64).min(1.0);
    }
    let combinations: f64 = parent.iter().map(|p| schema.columns[*p].column.distinct as f64).product();
    let density = (parent_table.table.row_count as f64 / combinations).min(1.0);
    let same_leading = child.iter().all(|c| schema.columns[*c].position() < child.len());
    let same_names =
        child.iter().zip(parent).all(|(c, p)| schema.columns[*c].name.words == schema.columns[*p].name.words);
    let of_part = same_names && !same_leading && is_key_of_part(schema, parent);
    let fewer = child_table.table.row_count < parent_table.table.row_count;
    let logit = [
        (parent_table.table.primary_key.len() == parent.len(), 1.0),
        (same_leading, -3.0),
        (density > 0.8 && !of_part, -2.0),
        (!same_names, -1.5),
        (fewer && !of_part, -1.0),
        (log_joins > 0, 2.0 + 0.5 * (log_joins.max(1) as f64).log2().min(6.0)),
    ];
    let logit = 1.5 + logit.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum::<f64>();
    let mut evidence = KeyEvidence::from([
        ("containment", share),
        ("containment_error", error),
        ("coverage", coverage),
        ("parent_unique", 0.5),
        ("name", if same_names { 1.0 } else { 0.0 }),
        ("type", 1.0),
    ]);
    if log_joins > 0 {
        evidence.insert("log_joins", log_joins as f64);
    }
    let set = |table: &Fqn, columns: &[usize]| ColumnSet {
        table: table.clone(),
        columns: columns.iter().map(|c| schema.columns[*c].column.name.to_string()).collect(),
    };
    Some(FkCandidate {
        child: set(&child_table.table.fqn, child),
        parent: set(&parent_table.table.fqn, parent),
        score: options.calibration.probability(sigmoid(logit)),
        evidence,
    })
    .filter(|c| c.score >= options.propose_score)
}
