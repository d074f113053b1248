//! Keys of two and three columns, found from what is known of the single columns; their counts decide.

use std::collections::HashMap;

use catalog_core::model::{ColumnSet, FkCandidate, Fqn, KeyEvidence, RelateInput, TableKind};

use super::options::KeyOptions;
use crate::schema::{Schema, Uniqueness};
use crate::score::sigmoid;
use crate::search::containment;

/// Most columns of a composite key.
const COLUMNS_MAX: usize = 3;

/// Most child tables that are looked at for one parent.
const CHILDREN_MAX: usize = 200;

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
    let mut found: HashMap<(Vec<usize>, Vec<usize>), u64> = HashMap::new();
    for parent in 0..schema.tables.len() {
        if let Some(key) = likely_key(schema, parent) {
            let first = &schema.columns[key[0]].name.words;
            for &column in by_name.get(first.as_slice()).into_iter().flatten().take(CHILDREN_MAX) {
                let table = schema.columns[column].table;
                let namesakes: Option<Vec<usize>> = key.iter().map(|k| namesake(schema, table, *k)).collect();
                if let Some(child) = namesakes.filter(|_| table != parent) {
                    found.entry((child, key.clone())).or_insert(0);
                }
            }
        }
        for pair in lines(schema, parent, &by_name) {
            found.entry(pair).or_insert(0);
        }
    }
    for (pair, runs) in logged {
        *found.entry(pair).or_insert(0) += runs;
    }
    found.into_iter().filter_map(|((child, parent), runs)| score(schema, &child, &parent, runs, options)).collect()
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
    let leading: Vec<usize> = facts.columns.clone().take(COLUMNS_MAX).take_while(|c| may_be_part(schema, *c)).collect();
    (2..=leading.len()).map(|n| &leading[..n]).find(|key| can_be_unique(schema, key)).map(<[usize]>::to_vec)
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
        for &child in children.filter(|c| schema.columns[**c].table != parent).take(CHILDREN_MAX) {
            let table = schema.columns[child].table;
            let mut shared: Vec<(usize, usize)> = parts
                .iter()
                .filter(|c| **c != number && can_be_unique(schema, &[**c, number]))
                .filter_map(|c| Some((namesake(schema, table, *c)?, *c)))
                .collect();
            shared.sort_by_key(|(_, c)| std::cmp::Reverse(schema.columns[*c].fingerprint.distinct));
            shared.truncate(LINES_MAX);
            found.extend(shared.into_iter().map(|(c, p)| (vec![c, child], vec![p, number])));
        }
    }
    found
}

/// Have the columns enough combinations for every row of their table?
fn can_be_unique(schema: &Schema<'_>, key: &[usize]) -> bool {
    let combinations: f64 = key.iter().map(|c| schema.columns[*c].fingerprint.distinct as f64).product();
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
    for (c, p) in child.iter().zip(parent) {
        let (c, p) = (&schema.columns[*c], &schema.columns[*p]);
        if c.is_empty() || p.is_empty() || c.fingerprint.family != p.fingerprint.family {
            return None;
        }
        let found = containment(c.fingerprint, p.fingerprint);
        if found.compared > 0 && found.share + 2.0 * found.error < 1.0 - options.max_orphan_ratio {
            return None;
        }
        if found.compared > 0 {
            share = share.min(found.share);
            error = error.max(found.error);
        }
        coverage *= (c.fingerprint.distinct as f64 / p.fingerprint.distinct as f64).min(1.0);
    }
    let combinations: f64 = parent.iter().map(|p| schema.columns[*p].fingerprint.distinct as f64).product();
    let density = (parent_table.table.row_count as f64 / combinations).min(1.0);
    let same_leading = child.iter().all(|c| schema.columns[*c].position < child.len());
    let same_names =
        child.iter().zip(parent).all(|(c, p)| schema.columns[*c].name.words == schema.columns[*p].name.words);
    let mut logit = 1.5;
    logit += if parent_table.table.primary_key.len() == parent.len() { 1.0 } else { 0.0 };
    logit -= if same_leading { 3.0 } else { 0.0 };
    logit -= if density > 0.8 { 2.0 } else { 0.0 };
    logit -= if same_names { 0.0 } else { 1.5 };
    logit -= if child_table.table.row_count < parent_table.table.row_count { 1.0 } else { 0.0 };
    if log_joins > 0 {
        logit += 2.0 + 0.5 * (log_joins as f64).log2().min(6.0);
    }
    let mut evidence = KeyEvidence::from([
        ("containment".to_owned(), share),
        ("containment_error".to_owned(), error),
        ("coverage".to_owned(), coverage),
        ("parent_unique".to_owned(), 0.5),
        ("name".to_owned(), if same_names { 1.0 } else { 0.0 }),
        ("type".to_owned(), 1.0),
    ]);
    if log_joins > 0 {
        evidence.insert("log_joins".to_owned(), log_joins as f64);
    }
    let set = |table: &Fqn, columns: &[usize]| ColumnSet {
        table: table.clone(),
        columns: columns.iter().map(|c| schema.columns[*c].raw_name.to_owned()).collect(),
    };
    Some(FkCandidate {
        child: set(&child_table.table.fqn, child),
        parent: set(&parent_table.table.fqn, parent),
        score: options.calibration.probability(sigmoid(logit)),
        evidence,
    })
    .filter(|c| c.score >= options.propose_score)
}
