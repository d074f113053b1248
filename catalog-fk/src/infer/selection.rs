//! The choice over the whole schema: every child has at most one parent, and what the other keys say counts.
//!
//! Pairs alone cannot tell which of many dense sequences 1..n a column refers to. The schema can: a parent is the
//! key that others refer to as well, a child has one parent, and a column that itself refers on is rarely the end of
//! the chain. (Auto-BI, PVLDB 2023, makes this choice by a minimum-cost arborescence; with one parent a child and
//! calibrated scores the choice by child is the same but for cycles, which the conclusion breaks.)

use std::collections::{HashMap, HashSet};

use catalog_core::model::{ColumnSet, FkCandidate};

use super::generation::witnesses_of;
use super::logged_joins::LoggedJoins;
use super::options::KeyOptions;
use super::pairs::{Pair, Pairs};
use crate::schema::Schema;
use crate::score::sigmoid;

/// Scored candidates, unordered, at most `alternatives_max` a child.
pub(super) fn candidates(
    schema: &Schema<'_>,
    pairs: &Pairs,
    joins: &LoggedJoins,
    options: &KeyOptions,
) -> Vec<FkCandidate> {
    let graph = Graph::new(schema, pairs);
    let mut candidates = Vec::new();
    for of_child in pairs.all().chunk_by(|a, b| a.child == b.child) {
        let said: Vec<f64> = of_child.iter().map(|pair| graph.witness(*pair)).collect();
        let mut rivals: Vec<(Pair, f64)> =
            of_child.iter().zip(said).map(|(pair, said)| (Pair { logit: pair.logit + said, ..*pair }, said)).collect();
        rivals.sort_by(|(a, _), (b, _)| b.logit.total_cmp(&a.logit).then(a.parent.cmp(&b.parent)));
        let kept: f64 = rivals.iter().map(|(pair, _)| pair.logit.exp()).sum();
        let weights = kept + pairs.dropped_odds(of_child[0].child);
        for (pair, said) in rivals.into_iter().take(options.alternatives_max) {
            let share = pair.logit.exp() / (weights + 1.0);
            let score = options.calibration.probability(share.min(sigmoid(pair.logit)));
            // Not to be shown, so not worth a check either.
            if score < options.propose_score {
                continue;
            }
            let mut evidence = witnesses_of(schema, pair, joins).evidence();
            evidence.insert("graph", (sigmoid(said) * 1e4).round() / 1e4);
            candidates.push(FkCandidate {
                child: column_set(schema, pair.child),
                parent: column_set(schema, pair.parent),
                score,
                evidence,
            });
        }
    }
    candidates
}

fn column_set(schema: &Schema<'_>, column: u32) -> ColumnSet {
    let column = column as usize;
    let name = schema.columns[column].column.name.to_string();
    ColumnSet { table: schema.table_of(column).table.fqn.clone(), columns: vec![name] }
}

/// What the other pairs say of a pair.
struct Graph<'a> {
    schema: &'a Schema<'a>,
    pairs: &'a Pairs,
    /// By child, its likeliest pair.
    best: HashMap<u32, Pair>,
    /// By parent, how many children it is the likeliest of.
    referred: HashMap<u32, usize>,
    /// Tables of which one names the other.
    named: HashSet<(usize, usize)>,
}

impl<'a> Graph<'a> {
    fn new(schema: &'a Schema<'a>, pairs: &'a Pairs) -> Self {
        let mut graph = Self { schema, pairs, best: HashMap::new(), referred: HashMap::new(), named: HashSet::new() };
        for of_child in pairs.all().chunk_by(|a, b| a.child == b.child) {
            let mut best = of_child[0];
            for pair in of_child {
                if pair.logit > best.logit {
                    best = *pair;
                }
            }
            // What is likelier wrong than right says nothing of others.
            if best.logit > 0.0 {
                *graph.referred.entry(best.parent).or_default() += 1;
                if best.name >= 0.8 {
                    graph.named.insert(graph.tables_of(best));
                }
                graph.best.insert(best.child, best);
            }
        }
        graph
    }

    fn tables_of(&self, pair: Pair) -> (usize, usize) {
        let table = |column: u32| self.schema.columns[column as usize].table();
        (table(pair.child), table(pair.parent))
    }

    /// What the other pairs say of it, in logits.
    fn witness(&self, pair: Pair) -> f64 {
        let own = self.best.get(&pair.child).is_some_and(|best| best.parent == pair.parent);
        let others = self.referred.get(&pair.parent).copied().unwrap_or(0) - usize::from(own);
        let mut sum = 0.6 * (others.min(3) as f64 / 3.0).sqrt();
        let (child_table, parent_table) = self.tables_of(pair);
        // A nameless column of `debate_people` refers to `people` rather than to what another column names.
        if pair.name < 0.3 && child_table != parent_table {
            let name = |table: usize| &self.schema.tables[table].name.concept;
            if self.named.contains(&(child_table, parent_table)) {
                sum -= 1.0;
            } else if name(parent_table).iter().all(|w| name(child_table).contains(w)) {
                sum += 1.0;
            }
        }
        // The parent refers on to a column that this child could refer to itself: that one is the root.
        if let Some(onward) = self.best.get(&pair.parent) {
            if onward.parent == pair.child {
                let ties = onward.logit == pair.logit && pair.parent > pair.child;
                if onward.logit > pair.logit || ties {
                    sum -= 8.0;
                }
            } else if self.pairs.logit(pair.child, onward.parent).is_some_and(|l| l > pair.logit - 2.0) {
                sum -= 1.5;
            }
        }
        sum
    }
}
