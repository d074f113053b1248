//! The choice over the whole schema: every child has at most one parent, and what the other keys say counts.
//!
//! Pairs alone cannot tell which of many dense sequences 1..n a column refers to. The schema can: a parent is the
//! key that others refer to as well, a child has one parent, and a column that itself refers on is rarely the end of
//! the chain. (Auto-BI, PVLDB 2023, makes this choice by a minimum-cost arborescence; with one parent a child and
//! calibrated scores the choice by child is the same but for cycles, which the conclusion breaks.)

use std::collections::{HashMap, HashSet};

use catalog_core::model::{ColumnSet, FkCandidate};

use super::generation::Pair;
use super::options::KeyOptions;
use crate::schema::Schema;
use crate::score::sigmoid;

/// Scored candidates, unordered, at most `alternatives_max` a child.
pub(super) fn candidates(schema: &Schema<'_>, mut pairs: Vec<Pair>, options: &KeyOptions) -> Vec<FkCandidate> {
    let graph = graph_witness(schema, &pairs);
    let mut by_child: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, pair) in pairs.iter_mut().enumerate() {
        pair.logit += graph[index];
        by_child.entry(pair.child).or_default().push(index);
    }
    let mut candidates = Vec::new();
    for rivals in by_child.values_mut() {
        rivals
            .sort_by(|a, b| pairs[*b].logit.total_cmp(&pairs[*a].logit).then(pairs[*a].parent.cmp(&pairs[*b].parent)));
        let weights: f64 = rivals.iter().map(|r| pairs[*r].logit.exp()).sum();
        for rival in rivals.iter().take(options.alternatives_max) {
            let pair = &pairs[*rival];
            let share = pair.logit.exp() / (weights + 1.0);
            let score = options.calibration.probability(share.min(sigmoid(pair.logit)));
            // Not to be shown, so not worth a check either.
            if score < options.propose_score {
                continue;
            }
            let mut evidence = pair.witnesses.evidence();
            evidence.insert("graph".to_owned(), (sigmoid(graph[*rival]) * 1e4).round() / 1e4);
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

fn column_set(schema: &Schema<'_>, column: usize) -> ColumnSet {
    let facts = &schema.columns[column];
    ColumnSet { table: schema.table_of(column).table.fqn.clone(), columns: vec![facts.raw_name.to_owned()] }
}

/// What the other pairs say of each pair, in logits.
fn graph_witness(schema: &Schema<'_>, pairs: &[Pair]) -> Vec<f64> {
    let mut best: HashMap<usize, &Pair> = HashMap::new();
    let mut logits: HashMap<(usize, usize), f64> = HashMap::new();
    for pair in pairs {
        logits.insert((pair.child, pair.parent), pair.logit);
        let kept = best.entry(pair.child).or_insert(pair);
        if pair.logit > kept.logit {
            *kept = pair;
        }
    }
    let mut referred: HashMap<usize, usize> = HashMap::new();
    let mut named: HashSet<(usize, usize)> = HashSet::new();
    for pair in best.values().filter(|p| p.logit > 0.0) {
        *referred.entry(pair.parent).or_default() += 1;
        if pair.witnesses.name >= 0.8 {
            named.insert((schema.columns[pair.child].table, schema.columns[pair.parent].table));
        }
    }
    pairs
        .iter()
        .map(|pair| {
            let own = best.get(&pair.child).is_some_and(|b| b.parent == pair.parent && b.logit > 0.0);
            let others = referred.get(&pair.parent).copied().unwrap_or(0) - usize::from(own);
            let mut sum = 0.6 * (others.min(3) as f64 / 3.0).sqrt();
            // A nameless column of `debate_people` refers to `people` rather than to what another column names.
            if pair.witnesses.name < 0.3 && !pair.witnesses.same_table {
                let (child_table, parent_table) = (schema.table_of(pair.child), schema.table_of(pair.parent));
                if named.contains(&(schema.columns[pair.child].table, schema.columns[pair.parent].table)) {
                    sum -= 1.0;
                } else if parent_table.name.concept.iter().all(|w| child_table.name.concept.contains(w)) {
                    sum += 1.0;
                }
            }
            // The parent refers on to a column that this child could refer to itself: that one is the root.
            if let Some(onward) = best.get(&pair.parent).filter(|o| o.logit > 0.0) {
                if onward.parent == pair.child {
                    let ties = onward.logit == pair.logit && pair.parent > pair.child;
                    if onward.logit > pair.logit || ties {
                        sum -= 8.0;
                    }
                } else if logits.get(&(pair.child, onward.parent)).is_some_and(|l| *l > pair.logit - 2.0) {
                    sum -= 1.5;
                }
            }
            sum
        })
        .collect()
}
