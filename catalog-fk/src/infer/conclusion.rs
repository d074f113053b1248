//! Which candidates are keys, once the counts are in.

use std::collections::{HashMap, HashSet};

use catalog_core::model::{
    ColumnSet, ConfirmCheck, ConfirmCount, FkCandidate, ForeignKey, Fqn, KeyEvidence, KeyStatus,
};

use super::confirmation::{column_of, settled};
use super::options::KeyOptions;
use crate::fingerprint::hash_canonical;
use crate::schema::Schema;

/// Keys that close a cycle of tables need at least this score.
const CYCLE_SCORE: f64 = 0.8;

/// More orphans than this share are no key at all, not even one to propose.
const ORPHANS_SHOWN_MAX: f64 = 0.25;

/// Declared keys, then the inferred ones, best first: at most one a child.
pub(super) fn conclude(
    schema: &Schema<'_>,
    candidates: Vec<FkCandidate>,
    counts: &[(ConfirmCheck, Option<ConfirmCount>)],
    options: &KeyOptions,
) -> Vec<ForeignKey> {
    let counts: HashMap<(&ColumnSet, &ColumnSet), ConfirmCount> =
        counts.iter().filter_map(|(check, count)| Some(((&check.child, &check.parent), (*count)?))).collect();
    let mut keys = declared(schema);
    let mut graph = TableGraph::default();
    for key in &keys {
        graph.connect(&key.child.table, &key.parent.table);
    }
    let mut judged: Vec<ForeignKey> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let checked = counts.get(&(&candidate.child, &candidate.parent)).copied();
            let count = checked.or_else(|| settled(schema, &candidate));
            let placeholders =
                count.filter(|c| c.orphans > 0).map_or(0, |c| placeholder_orphans(schema, &candidate).min(c.orphans));
            judge(candidate, count, placeholders, options)
        })
        .collect();
    // A confirmed alternative beats a likelier one that its check could not confirm.
    judged.sort_by(|a, b| {
        (a.status, b.score)
            .partial_cmp(&(b.status, a.score))
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| (&a.child, &a.parent).cmp(&(&b.child, &b.parent)))
    });
    let mut taken: HashSet<ColumnSet> = keys.iter().map(|k| k.child.clone()).collect();
    // In place: of a large catalog there are many.
    judged.retain_mut(|key| {
        if !taken.insert(key.child.clone()) {
            return false;
        }
        if key.status == KeyStatus::Confirmed {
            if key.score < CYCLE_SCORE && graph.reaches(&key.parent.table, &key.child.table) {
                key.status = KeyStatus::Proposed;
            } else {
                graph.connect(&key.child.table, &key.parent.table);
            }
        }
        true
    });
    drop((taken, graph));
    if keys.is_empty() {
        return judged;
    }
    keys.append(&mut judged);
    keys
}

fn declared(schema: &Schema<'_>) -> Vec<ForeignKey> {
    let mut keys = Vec::new();
    for table in &schema.tables {
        for key in &table.table.declared {
            keys.push(ForeignKey {
                child: ColumnSet { table: table.table.fqn.clone(), columns: key.columns.clone() },
                parent: ColumnSet { table: key.parent.clone(), columns: key.parent_columns.clone() },
                score: 1.0,
                status: KeyStatus::Declared,
                orphans: None,
                vacuous: false,
                sampled: false,
                evidence: KeyEvidence::from([("declared", 1.0)]),
            });
        }
    }
    keys
}

/// How many of the child's orphans stand for "nothing": 0, -1 or the empty text. They count as NULL for the
/// tolerance, not in the number that is reported. Known only where the sketches tell.
fn placeholder_orphans(schema: &Schema<'_>, candidate: &FkCandidate) -> u64 {
    let ([child], [parent]) = (candidate.child.columns.as_slice(), candidate.parent.columns.as_slice()) else {
        return 0;
    };
    let (Some(child), Some(parent)) =
        (column_of(schema, &candidate.child.table, child), column_of(schema, &candidate.parent.table, parent))
    else {
        return 0;
    };
    let (mut of_child, mut of_parent) = (Vec::new(), Vec::new());
    let (child, parent) = (schema.sketch(child, &mut of_child), schema.sketch(parent, &mut of_parent));
    let orphan = |text: &&&str| {
        let hash = hash_canonical(text);
        hash <= parent.known_up_to() && child.hashes.contains(&hash) && !parent.hashes.contains(&hash)
    };
    ["0", "-1", ""].iter().filter(orphan).count() as u64
}

/// The key that a candidate and its count make; `None` when it is not worth showing.
fn judge(
    candidate: FkCandidate,
    count: Option<ConfirmCount>,
    placeholders: u64,
    options: &KeyOptions,
) -> Option<ForeignKey> {
    let score = candidate.score;
    if score < options.propose_score {
        return None;
    }
    let orphan_ratio =
        |c: ConfirmCount| (c.orphans - placeholders) as f64 / (c.child_distinct - placeholders).max(1) as f64;
    let vacuous = count.is_some_and(|c| c.vacuous());
    let confirmed = match count {
        None => false,
        Some(c) if c.vacuous() => score >= options.vacuous_score,
        Some(c) if c.parent_distinct != c.parent_rows || orphan_ratio(c) > ORPHANS_SHOWN_MAX => return None,
        Some(c) => score >= options.confirm_score && orphan_ratio(c) <= options.max_orphan_ratio,
    };
    Some(ForeignKey {
        child: candidate.child,
        parent: candidate.parent,
        score,
        status: if confirmed { KeyStatus::Confirmed } else { KeyStatus::Proposed },
        orphans: count.map(|c| c.orphans),
        vacuous,
        sampled: count.is_none_or(|c| c.sampled),
        evidence: candidate.evidence,
    })
}

/// Who refers to whom among the keys accepted so far.
#[derive(Default)]
struct TableGraph {
    parents: HashMap<Fqn, Vec<Fqn>>,
}

impl TableGraph {
    fn connect(&mut self, child: &Fqn, parent: &Fqn) {
        self.parents.entry(child.clone()).or_default().push(parent.clone());
    }

    /// Is there a path of at least one key from one table to another one?
    fn reaches(&self, from: &Fqn, to: &Fqn) -> bool {
        if from == to {
            return false;
        }
        let (mut stack, mut seen) = (vec![from], HashSet::from([from]));
        while let Some(table) = stack.pop() {
            for parent in self.parents.get(table).into_iter().flatten() {
                if parent == to {
                    return true;
                }
                if seen.insert(parent) {
                    stack.push(parent);
                }
            }
        }
        false
    }
}
