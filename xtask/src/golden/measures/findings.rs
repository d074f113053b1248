//! Personal data, keys and proposals against what is true.

use std::collections::BTreeSet;

use serde::Serialize;

use super::classification::Scores;
use crate::golden::set::Regime;
use crate::golden::walk::Walked;

/// Proposals that a steward would look at first.
const PROPOSALS: usize = 20;

/// What the walk found in a regime.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Columns flagged as personal.
    pub flagged: Scores,
    /// Columns flagged or left to the steward.
    pub flagged_or_disputed: Scores,
    /// Confirmed keys, by column pair, without a query log.
    pub keys: Scores,
    /// The same with proposed keys.
    pub keys_or_proposed: Scores,
    /// Confirmed keys of several columns, each right only as a whole; `None` where the set has none.
    pub composite: Option<Scores>,
    /// Confirmed keys into another file, where keys are looked for between all files; `None` where the set has none.
    pub cross: Option<Scores>,
    /// Confirmed keys when the query log is read, too; `None` where the set has none.
    pub keys_with_log: Option<Scores>,
    /// The query log's proposals; `None` where the set has none.
    pub proposals: Option<Proposals>,
    /// Wall time of the walk in seconds.
    pub seconds: f64,
    /// Tables that could not be walked.
    pub parked: usize,
}

/// Proposed queries against the questions people ask.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proposals {
    /// How many were looked at, the most valuable ones.
    pub proposed: usize,
    /// How many read just the tables that some question needs.
    pub hits: usize,
    /// Share of them.
    pub hit_rate: f64,
    /// Questions that need just the tables of a proposed query, as a share of those that have an answer.
    pub questions_met: f64,
}

impl Findings {
    /// Compares walks with the truth: one without and one with the query log, and one over all files at once.
    pub fn of(regime: &Regime, walked: &Walked, with_log: Option<&Walked>, across: Option<&Walked>) -> Self {
        let confirmed = |walked: &Walked| keys(regime, walked, |confirmed| confirmed);
        Self {
            flagged: personal(regime, walked, &["flagged"]),
            flagged_or_disputed: personal(regime, walked, &["flagged", "disputed"]),
            keys: confirmed(walked),
            keys_or_proposed: keys(regime, walked, |_| true),
            composite: (!regime.composite.is_empty()).then(|| composite(regime, walked)),
            cross: across.map(|walked| cross(regime, walked)),
            keys_with_log: with_log.map(confirmed),
            proposals: with_log.map(|walked| proposals(regime, walked)),
            seconds: walked.seconds,
            parked: walked.parked,
        }
    }
}

fn personal(regime: &Regime, walked: &Walked, decisions: &[&str]) -> Scores {
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for (column, personal) in &regime.personal {
        let Some(decision) = walked.decisions.get(column) else { continue };
        match (*personal, decisions.contains(&decision.as_str())) {
            (true, true) => right += 1,
            (false, true) => wrong += 1,
            (true, false) => missed += 1,
            (false, false) => {}
        }
    }
    Scores::of(right, wrong, missed)
}

/// Column pairs, in files for which keys are known.
fn keys(regime: &Regime, walked: &Walked, counts: fn(bool) -> bool) -> Scores {
    let files: BTreeSet<&String> = regime.keys.iter().map(|key| &key[0]).collect();
    let mut found = BTreeSet::new();
    for (key, confirmed) in &walked.keys {
        if counts(*confirmed) && files.contains(&key[0]) {
            let [file, child, columns, parent, others] = key;
            for (column, other) in columns.split(',').zip(others.split(',')) {
                found.insert([file, child, column, parent, other].map(str::to_owned));
            }
        }
    }
    let right = found.intersection(&regime.keys).count();
    Scores::of(right, found.len() - right, regime.keys.len() - right)
}

fn composite(regime: &Regime, walked: &Walked) -> Scores {
    let ordered = |[file, child, columns, parent, others]: &[String; 5]| {
        let mut pairs: Vec<(String, String)> =
            columns.split(',').zip(others.split(',')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        pairs.sort();
        (file.clone(), child.clone(), parent.clone(), pairs)
    };
    let several = walked.keys.iter().filter(|(key, confirmed)| *confirmed && key[2].contains(','));
    let found: BTreeSet<_> = several.map(|(key, _)| ordered(key)).collect();
    let truth: BTreeSet<_> = regime.composite.iter().map(ordered).collect();
    let right = found.intersection(&truth).count();
    Scores::of(right, found.len() - right, truth.len() - right)
}

/// Keys into another file; the walk names such a parent with its file.
fn cross(regime: &Regime, walked: &Walked) -> Scores {
    let into_another = walked.keys.iter().filter(|(key, confirmed)| *confirmed && key[3].contains('.'));
    let found: BTreeSet<&[String; 5]> = into_another.map(|(key, _)| key).collect();
    let right = found.iter().filter(|key| regime.cross.contains(**key)).count();
    Scores::of(right, found.len() - right, regime.cross.len() - right)
}

fn proposals(regime: &Regime, walked: &Walked) -> Proposals {
    let answerable: Vec<BTreeSet<[String; 2]>> = regime
        .questions
        .iter()
        .filter(|question| !question.gold.is_empty())
        .map(|question| {
            let tables = question.gold.iter().map(|at| &regime.tables[*at]);
            tables.map(|table| [table.file.to_lowercase(), table.name.to_lowercase()]).collect()
        })
        .collect();
    let proposed = &walked.queries[..walked.queries.len().min(PROPOSALS)];
    let hits = proposed.iter().filter(|tables| answerable.contains(tables)).count();
    let met = answerable.iter().filter(|tables| proposed.contains(tables)).count();
    Proposals {
        proposed: proposed.len(),
        hits,
        hit_rate: hits as f64 / proposed.len().max(1) as f64,
        questions_met: met as f64 / answerable.len().max(1) as f64,
    }
}
