//! Which pairs of columns are worth a look: those that share values, and those whose names fit.

use std::collections::HashSet;

use catalog_core::model::{TableKind, ValueFamily};

use super::logged_joins::LoggedJoins;
use super::name_index::NameIndex;
use super::options::KeyOptions;
use super::pairs::{Pair, Pairs};
use crate::schema::{Schema, Uniqueness};
use crate::score::{Witnesses, logit, witnesses};
use crate::search::{Containment, HashColumn, HashColumns, Inclusion, containment, find_inclusions};

/// Fewer comparable hashes than this decide nothing: the pair needs a fitting name.
const COMPARED_MIN: usize = 8;

/// The pairs worth a look.
pub(super) fn pairs(schema: &Schema<'_>, joins: &LoggedJoins, options: &KeyOptions) -> Pairs {
    let columns = Columns { schema, declared: declared_children(schema) };
    let by_name = NameIndex::new(schema);
    let mut search =
        Search { schema, joins, options, pairs: Pairs::default(), of_child: Vec::new(), of_parent: Vec::new() };
    let named = |child: usize| {
        let mut parents = by_name.parents_of(schema, child, options.named_parents_max);
        parents.extend(joins.parents_of(child));
        parents.sort_unstable();
        parents.dedup();
        parents
    };
    for child in (0..schema.columns.len()).filter(|c| columns.is_child(*c)) {
        search.weigh(child, named(child));
    }
    let mut group: Vec<Inclusion> = Vec::new();
    let mut end_of = |group: &mut Vec<Inclusion>| {
        let Some(child) = group.first().map(|i| i.child as usize) else { return };
        // Weighed already.
        let known = named(child);
        let shared = group.drain(..).map(|i| i.parent as usize).filter(|p| known.binary_search(p).is_err());
        search.weigh(child, shared.collect());
    };
    find_inclusions(&columns, &options.inclusion, |inclusion| {
        if group.first().is_some_and(|i| i.child != inclusion.child) {
            end_of(&mut group);
        }
        group.push(inclusion);
    });
    end_of(&mut group);
    search.pairs.settle();
    search.pairs
}

/// The witnesses for a pair that was found worth a look.
pub(super) fn witnesses_of(schema: &Schema<'_>, pair: Pair, joins: &LoggedJoins) -> Witnesses {
    let (child, parent) = (pair.child as usize, pair.parent as usize);
    let (mut of_child, mut of_parent) = (Vec::new(), Vec::new());
    let found = containment(schema.sketch(child, &mut of_child), schema.sketch(parent, &mut of_parent));
    witnesses(schema, child, parent, found, joins.runs(child, parent))
}

/// Weighs pairs, one child after the other.
struct Search<'a> {
    schema: &'a Schema<'a>,
    joins: &'a LoggedJoins,
    options: &'a KeyOptions,
    pairs: Pairs,
    of_child: Vec<i64>,
    of_parent: Vec<i64>,
}

impl Search<'_> {
    fn weigh(&mut self, child: usize, parents: Vec<usize>) {
        let schema = self.schema;
        let mut is_read = false;
        for parent in parents.into_iter().filter(|p| may_refer(schema, child, *p, self.options)) {
            if !std::mem::replace(&mut is_read, true) {
                self.of_child.clear();
                schema.read_hashes(child, &mut self.of_child);
            }
            let found =
                containment(schema.sketch_of(child, &self.of_child), schema.sketch(parent, &mut self.of_parent));
            if is_contained(schema, child, parent, found, self.options) {
                let witnesses = witnesses(schema, child, parent, found, self.joins.runs(child, parent));
                self.pairs.add(Pair {
                    child: child as u32,
                    parent: parent as u32,
                    name: witnesses.name,
                    logit: logit(&witnesses),
                });
            }
        }
    }
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
        let (parent, child) = (facts.can_be_parent(), self.is_child(column));
        if parent || child {
            self.schema.read_hashes(column, out);
        }
        HashColumn { complete: facts.column.complete, parent, child }
    }
}

/// Everything that rules a pair out without a look at its hashes.
fn may_refer(schema: &Schema<'_>, child: usize, parent: usize, options: &KeyOptions) -> bool {
    let (c, p) = (&schema.columns[child], &schema.columns[parent]);
    let (from, to) = (&schema.table_of(child).table.catalog, &schema.table_of(parent).table.catalog);
    if child == parent || !p.can_be_parent() || !options.cross_catalog.allows(from, to) {
        return false;
    }
    let same_table = c.table() == p.table();
    let (c_facts, p_facts) = (c.column, p.column);
    // A column that pairs every row of its table with another of them is a second key, not a reference.
    let covers = c_facts.distinct as f64 >= 0.95 * p_facts.distinct as f64;
    if same_table && c.uniqueness == Uniqueness::Unique && covers {
        return false;
    }
    if c.is_empty() || p.is_empty() {
        // Nothing to compare: the declared types have to be alike.
        return c_facts.data_type == p_facts.data_type || (c.is_empty() && p.is_empty() && !same_table);
    }
    let same_family = c_facts.family == p_facts.family;
    if !same_family && c_facts.family_share.min(p_facts.family_share) > 0.95 {
        return false;
    }
    if let (ValueFamily::Integer, Some((low, high)), Some((parent_low, parent_high))) =
        (c_facts.family, c_facts.integer_range, p_facts.integer_range)
    {
        // Disjoint ranges share nothing.
        if high < parent_low || low > parent_high {
            return false;
        }
    }
    // A child of far more values than its parent cannot be contained.
    let tolerance = 1.0 - options.inclusion.min_share;
    c_facts.distinct as f64 <= p_facts.distinct as f64 * (1.0 + tolerance) + 1.0
}

/// Does what was found of the hashes leave the pair possible?
fn is_contained(schema: &Schema<'_>, child: usize, parent: usize, found: Containment, options: &KeyOptions) -> bool {
    if schema.columns[child].is_empty() || schema.columns[parent].is_empty() {
        return true;
    }
    let enough = found.exact || found.compared >= COMPARED_MIN;
    !enough || 1.0 - found.share - 2.0 * found.error <= 1.0 - options.inclusion.min_share
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
