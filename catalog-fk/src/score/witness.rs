//! What speaks for and against one column referring to another.

use catalog_core::model::{KeyEvidence, ValueFamily};

use crate::names::{is_hierarchy_word, is_leader_word, is_person_word, name_similarity, role_similarity};
use crate::schema::{ColumnFacts, Schema, Uniqueness};
use crate::search::Containment;

/// The witnesses for one pair of columns, each 0 to 1 unless it says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Witnesses {
    /// Share of the child's values that the parent holds.
    pub(crate) containment: Containment,
    /// Is there no value on one side?
    pub(crate) vacuous: bool,
    /// How surprising the containment is: 0 when any column of small numbers would pass, 1 for many or rare values.
    pub(crate) surprise: f64,
    /// Distinct values of the child over those of the parent, at most 1.
    pub(crate) coverage: f64,
    /// How far the child reaches into the parent's range of numbers, against what as many random picks would.
    pub(crate) reach: f64,
    /// Does the child's name speak of the parent?
    pub(crate) name: f64,
    /// Are both columns called the same, by a name that speaks of the parent's table?
    pub(crate) same_name: bool,
    /// How much the parent looks like its table's key.
    pub(crate) keyness: f64,
    /// Is the parent its table's likeliest key?
    pub(crate) main_key: bool,
    /// Is every value of the parent different, as far as is known?
    pub(crate) parent_unique: bool,
    /// How much the child looks like its own table's key rather than a reference.
    pub(crate) child_is_own_key: f64,
    /// Does the child's name speak of another table than the parent's?
    pub(crate) names_third_table: bool,
    /// Does the parent's own name speak of another table, so that it looks like a reference itself?
    pub(crate) parent_is_reference: bool,
    /// Is the parent a measurement or a property by its name, and not its table's subject?
    pub(crate) parent_is_property: bool,
    /// Has the parent's table another column of the child's very name?
    pub(crate) namesake_beside: bool,
    /// Has the parent one value only?
    pub(crate) single_parent: bool,
    /// Is the child's name a bare `id` or `code`?
    pub(crate) bare_name: bool,
    /// Child and parent in one table?
    pub(crate) same_table: bool,
    /// Does the child's name place a thing among its own kind (`manager_id`)?
    pub(crate) hierarchy: bool,
    /// Is the child a measurement or a date by its name?
    pub(crate) measure: bool,
    /// Is the child a property (name, status) by its name?
    pub(crate) attribute: bool,
    /// Has the child's name a key word?
    pub(crate) child_key_word: bool,
    /// One or two distinct values in the child, of more in the parent?
    pub(crate) few_values: bool,
    /// Same kind of value and same declared type: 1; same kind: 0.7; else 0.
    pub(crate) type_match: f64,
    /// Overlap of the lengths as text.
    pub(crate) length: f64,
    /// Runs of queries that join the two.
    pub(crate) log_joins: u64,
}

impl Witnesses {
    /// The witnesses as they are reported.
    pub(crate) fn evidence(&self) -> KeyEvidence {
        let mut evidence = KeyEvidence::new();
        let mut put = |name: &str, value: f64| {
            evidence.insert(name, (value * 1e4).round() / 1e4);
        };
        if !self.vacuous && self.containment.compared > 0 {
            put("containment", self.containment.share);
            put("containment_error", self.containment.error);
        }
        put("coverage", self.coverage);
        put("parent_unique", if self.parent_unique { self.keyness.max(0.5) } else { 0.0 });
        put("name", self.name);
        put("type", self.type_match);
        put("length", self.length);
        if self.log_joins > 0 {
            put("log_joins", self.log_joins as f64);
        }
        evidence
    }
}

/// Gathers the witnesses for `child` referring to `parent` (indices into `schema.columns`), of whose hashes this was
/// found.
pub(crate) fn witnesses(
    schema: &Schema<'_>,
    child: usize,
    parent: usize,
    found: Containment,
    log_joins: u64,
) -> Witnesses {
    let (c, p) = (&schema.columns[child], &schema.columns[parent]);
    let table = schema.table_of(parent);
    let vacuous = c.is_empty() || p.is_empty();
    let of_people = table.name.concept.last().is_some_and(|w| is_person_word(w));
    let speaks_of_a_table = c.names_own_table || c.names_other_table;
    let role =
        if table.main_key == Some(parent) && !speaks_of_a_table { role_similarity(&c.name, &table.name) } else { 0.0 };
    let name = name_similarity(&c.name, &p.name, &table.name).max(role);
    let coverage = if vacuous { 0.0 } else { (c.column.distinct as f64 / p.column.distinct as f64).min(1.0) };
    let same_table = c.table() == p.table();
    let own_key =
        if c.uniqueness == Uniqueness::Repeated { 0.0 } else { own_key_likeness(c, extends(schema, c, p), name) };
    Witnesses {
        containment: found,
        vacuous,
        surprise: if vacuous { 0.0 } else { surprise(c, p) },
        coverage,
        reach: reach(c, p),
        name,
        same_name: p.names_own_table && !c.name.concept.is_empty() && c.name.words == p.name.words,
        keyness: p.keyness,
        main_key: table.main_key == Some(parent),
        parent_unique: p.uniqueness == Uniqueness::Unique,
        child_is_own_key: own_key,
        names_third_table: c.names_other_table && name < 0.6,
        parent_is_reference: p.names_other_table,
        parent_is_property: (p.is_measure() || p.is_attribute()) && !p.names_own_table,
        namesake_beside: c.name.words != p.name.words
            && !same_table
            && !c.name.concept.is_empty()
            && table.columns.clone().any(|other| schema.columns[other].name.words == c.name.words),
        single_parent: !vacuous && p.column.distinct == 1,
        bare_name: c.name.concept.is_empty(),
        same_table,
        hierarchy: c.name.words.iter().any(|w| is_hierarchy_word(w) || (of_people && is_leader_word(w)))
            || (same_table && name >= 0.8 && c.name.concept.len() > p.name.concept.len().max(1)),
        measure: c.is_measure() && name < 0.95,
        attribute: c.is_attribute() && (name < 0.8 || !p.names_own_table),
        child_key_word: c.name.has_key_word,
        few_values: !vacuous && c.column.distinct <= 2 && p.column.distinct > c.column.distinct,
        type_match: type_match(c, p),
        length: length_overlap(c, p),
        log_joins,
    }
}

/// A column that names its own table and could be its key refers to another table only when it is an extension
/// of it, and then its name says so.
fn own_key_likeness(child: &ColumnFacts<'_>, extends: bool, name: f64) -> f64 {
    if child.names_own_table {
        if extends { child.keyness } else { child.keyness * 2.0 }
    } else if child.names_other_table || name >= 0.8 {
        0.0
    } else {
        child.keyness * 0.7
    }
}

/// Is the child's table named after the parent's (`customer_details` after `customers`), and the columns alike?
fn extends(schema: &Schema<'_>, child: &ColumnFacts<'_>, parent: &ColumnFacts<'_>) -> bool {
    let (own, other) = (&schema.tables[child.table()].name.concept, &schema.tables[parent.table()].name.concept);
    child.name.concept == parent.name.concept && own.len() > other.len() && other.iter().all(|w| own.contains(w))
}

/// 1 − the chance that values of this kind would be contained anyway: a whole number within the parent's range is
/// in it with the probability of its density; a text by chance once in ten.
fn surprise(child: &ColumnFacts<'_>, parent: &ColumnFacts<'_>) -> f64 {
    let hit = match (child.column.family, parent.column.integer_range) {
        (ValueFamily::Integer, Some((low, high))) => {
            let width = (high as f64 - low as f64 + 1.0).max(1.0);
            (parent.column.distinct as f64 / width).clamp(0.01, 1.0)
        }
        (ValueFamily::Uuid, _) => 0.01,
        _ => 0.3,
    };
    1.0 - hit.powf(child.column.distinct as f64)
}

fn reach(child: &ColumnFacts<'_>, parent: &ColumnFacts<'_>) -> f64 {
    let (Some((child_low, child_high)), Some((low, high))) = (child.column.integer_range, parent.column.integer_range)
    else {
        return 0.5;
    };
    let width = high as f64 - low as f64 + 1.0;
    let n = child.column.distinct as f64;
    let expected = n / (n + 1.0);
    let top = ((child_high as f64 - low as f64 + 1.0) / width / expected).clamp(0.0, 1.0);
    let bottom = ((high as f64 - child_low as f64 + 1.0) / width / expected).clamp(0.0, 1.0);
    top.min(bottom)
}

fn type_match(child: &ColumnFacts<'_>, parent: &ColumnFacts<'_>) -> f64 {
    let families_meet = child.column.family == parent.column.family
        || child.column.family == ValueFamily::Empty
        || parent.column.family == ValueFamily::Empty;
    match (families_meet, child.column.data_type == parent.column.data_type) {
        (true, true) => 1.0,
        (true, false) => 0.7,
        (false, true) => 0.3,
        (false, false) => 0.0,
    }
}

fn length_overlap(child: &ColumnFacts<'_>, parent: &ColumnFacts<'_>) -> f64 {
    let (Some((a, b)), Some((x, y))) = (child.column.length_range, parent.column.length_range) else {
        return 0.5;
    };
    let shared = f64::from(b.min(y)) - f64::from(a.max(x)) + 1.0;
    (shared / (f64::from(b) - f64::from(a) + 1.0)).clamp(0.0, 1.0)
}
