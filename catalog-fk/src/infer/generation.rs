//! Which pairs of columns are worth a look: those that share values, and those whose names fit.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog_core::model::{JoinKind, RelateInput, TableKind, ValueFamily};

use super::options::KeyOptions;
use crate::schema::{Schema, Uniqueness};
use crate::score::{Witnesses, logit, witnesses};
use crate::search::{HashColumn, HashColumns, Inclusion, containment, find_inclusions};

/// A pair worth a look.
pub(super) struct Pair {
    /// Index of the referring column.
    pub(super) child: usize,
    /// Index of the referred column.
    pub(super) parent: usize,
    pub(super) witnesses: Witnesses,
    /// The evidence of the pair alone, in logits.
    pub(super) logit: f64,
}

/// Fewer comparable hashes than this decide nothing: the pair needs a fitting name.
const COMPARED_MIN: usize = 8;

/// All pairs worth a look, by child.
pub(super) fn pairs(schema: &Schema<'_>, input: &RelateInput, options: &KeyOptions) -> Vec<Pair> {
    let parents: Vec<usize> = (0..schema.columns.len()).filter(|c| schema.columns[*c].can_be_parent()).collect();
    let by_name = NameIndex::new(schema, &parents);
    let joins = logged_joins(schema, input);
    let columns = Columns { schema, declared: declared_children(schema) };
    let by_values = inclusions(&columns, options);
    let mut by_values = by_values.chunk_by(|a, b| a.child == b.child).peekable();
    let mut pairs = Vec::new();
    for child in 0..schema.columns.len() {
        let shared = by_values.next_if(|group| group[0].child as usize == child).unwrap_or_default();
        if !columns.is_child(child) {
            continue;
        }
        let mut parents: Vec<usize> =
            shared.iter().take(options.inclusion.parents_max).map(|i| i.parent as usize).collect();
        parents.extend(by_name.parents_of(schema, child, options.named_parents_max));
        parents.extend(joins.get(&child).into_iter().flatten().map(|(p, _)| *p));
        parents.sort_unstable();
        parents.dedup();
        for parent in parents {
            let runs =
                joins.get(&child).and_then(|j| j.iter().find(|(p, _)| *p == parent)).map_or(0, |(_, runs)| *runs);
            if passes_gates(schema, child, parent, options) {
                let witnesses = witnesses(schema, child, parent, runs);
                let logit = logit(&witnesses);
                pairs.push(Pair { child, parent, witnesses, logit });
            }
        }
    }
    pairs
}

/// The schema's columns as the search by values reads them.
struct Columns<'a> {
    schema: &'a Schema<'a>,
    declared: HashSet<usize>,
}

impl Columns<'_> {
    fn is_child(&self, column: usize) -> bool {
        self.schema.columns[column].can_be_child()
            && !self.declared.contains(&column)
            && self.schema.table_of(column).table.kind != TableKind::View
    }
}

impl HashColumns for Columns<'_> {
    fn count(&self) -> u32 {
        u32::try_from(self.schema.columns.len()).unwrap_or(u32::MAX)
    }

    fn read(&self, column: u32, out: &mut Vec<i64>) -> HashColumn {
        let column = column as usize;
        let facts = &self.schema.columns[column];
        out.extend_from_slice(&facts.fingerprint.hashes);
        HashColumn { complete: facts.fingerprint.complete, parent: facts.can_be_parent(), child: self.is_child(column) }
    }
}

/// Pairs that share values: by child, those that share most first.
fn inclusions(columns: &Columns<'_>, options: &KeyOptions) -> Vec<Inclusion> {
    let mut found = Vec::new();
    let blocks = find_inclusions(columns, &options.inclusion, |inclusion| found.push(inclusion));
    if blocks > 1 {
        let size = |i: &Inclusion| columns.schema.columns[i.parent as usize].fingerprint.hashes.len();
        found.sort_by(|a, b| (a.child, b.shared, size(a), a.parent).cmp(&(b.child, a.shared, size(b), b.parent)));
    }
    found
}

/// Everything that rules a pair out without weighing it.
fn passes_gates(schema: &Schema<'_>, child: usize, parent: usize, options: &KeyOptions) -> bool {
    let (c, p) = (&schema.columns[child], &schema.columns[parent]);
    let (from, to) = (&schema.table_of(child).table.catalog, &schema.table_of(parent).table.catalog);
    if child == parent || !p.can_be_parent() || !options.cross_catalog.allows(from, to) {
        return false;
    }
    // A column that pairs every row of its table with another of them is a second key, not a reference.
    let covers = c.fingerprint.distinct as f64 >= 0.95 * p.fingerprint.distinct as f64;
    if c.table == p.table && c.uniqueness == Uniqueness::Unique && covers {
        return false;
    }
    if c.is_empty() || p.is_empty() {
        // Nothing to compare: the declared types have to be alike.
        return c.data_type == p.data_type || (c.is_empty() && p.is_empty() && c.table != p.table);
    }
    let same_family = c.fingerprint.family == p.fingerprint.family;
    if !same_family && c.fingerprint.family_share.min(p.fingerprint.family_share) > 0.95 {
        return false;
    }
    let tolerance = 1.0 - options.inclusion.min_share;
    if let (ValueFamily::Integer, Some((low, high)), Some((parent_low, parent_high))) =
        (c.fingerprint.family, c.fingerprint.integer_range, p.fingerprint.integer_range)
    {
        // Disjoint ranges share nothing.
        if high < parent_low || low > parent_high {
            return false;
        }
    }
    let found = containment(c.fingerprint, p.fingerprint);
    let enough = found.exact || found.compared >= COMPARED_MIN;
    if enough && 1.0 - found.share - 2.0 * found.error > tolerance {
        return false;
    }
    // A child of far more values than its parent cannot be contained.
    c.fingerprint.distinct as f64 <= p.fingerprint.distinct as f64 * (1.0 + tolerance) + 1.0
}

/// Columns that declare their parent: not inferred again.
fn declared_children(schema: &Schema<'_>) -> HashSet<usize> {
    let mut children = HashSet::new();
    for (index, table) in schema.tables.iter().enumerate() {
        for key in &table.table.declared {
            if let [only] = key.columns.as_slice() {
                children.extend(schema.column_named(index, only));
            }
        }
    }
    children
}

/// Joins of single columns in the log, in both directions: `child → [(parent, runs)]`.
fn logged_joins(schema: &Schema<'_>, input: &RelateInput) -> HashMap<usize, Vec<(usize, u64)>> {
    let mut joins: HashMap<usize, Vec<(usize, u64)>> = HashMap::new();
    let find = |table: &catalog_core::model::Fqn, column: &str| {
        let table = schema.table_named(table)?;
        schema.column_named(table, column)
    };
    for join in &input.joins {
        let weight = if join.kind == JoinKind::Equality { join.runs } else { join.runs.div_ceil(4) };
        for (left, right) in join.left_columns.iter().zip(&join.right_columns) {
            if let Some((a, b)) = find(&join.left, left).zip(find(&join.right, right)) {
                for (child, parent) in [(a, b), (b, a)] {
                    let runs = joins.entry(child).or_default();
                    match runs.iter_mut().find(|(p, _)| *p == parent) {
                        Some((_, sum)) => *sum += weight,
                        None => runs.push((parent, weight)),
                    }
                }
            }
        }
    }
    joins
}

/// Parents by the words that name them: the column's head and its table's.
struct NameIndex {
    parents: BTreeMap<String, Vec<usize>>,
}

impl NameIndex {
    fn new(schema: &Schema<'_>, parents: &[usize]) -> Self {
        let mut index: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for &parent in parents {
            let table = schema.table_of(parent);
            let own = schema.columns[parent].name.head_word();
            let of_table = table.name.concept.last().map(String::as_str).filter(|_| table.main_key == Some(parent));
            for word in own.into_iter().chain(of_table.filter(|w| Some(*w) != own)) {
                index.entry(word.to_owned()).or_default().push(parent);
            }
        }
        Self { parents: index }
    }

    /// Parents named by one of the child's words, or by a word that one of them abbreviates or spells out.
    fn parents_of(&self, schema: &Schema<'_>, child: usize, limit: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for word in &schema.columns[child].name.concept {
            if let Some(exact) = self.parents.get(word) {
                found.extend(exact.iter().take(limit));
            }
            if word.len() >= 3 {
                let longer = self.parents.range(word.clone()..).take_while(|(w, _)| w.starts_with(word.as_str()));
                found.extend(longer.skip_while(|(w, _)| *w == word).flat_map(|(_, p)| p).take(limit));
                for end in (3..word.len()).filter(|e| word.is_char_boundary(*e)) {
                    found.extend(self.parents.get(&word[..end]).into_iter().flatten().take(limit));
                }
                for start in (1..word.len().saturating_sub(3)).filter(|s| word.is_char_boundary(*s)) {
                    found.extend(self.parents.get(&word[start..]).into_iter().flatten().take(limit));
                }
            }
        }
        found
    }
}
