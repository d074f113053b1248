//! Questions asked of every arm, form and pool.

use std::collections::{BTreeMap, BTreeSet};

use super::described::{Saying, Sayings};
use super::document::{Cell, Lift, Refusal};
use super::measures::{Found, Recall, bootstrap};
use super::set::{GoldTable, Regime};
use super::settings::Arm;
use super::vectors::{Form, ModelVectors, places, scores};
use crate::Result;

/// The pools, from small to large: the tables of the question's own file, the set, the set among others.
pub const POOLS: [&str; 3] = ["domain", "set", "large"];
const LARGE: usize = 2;

/// What each arm says.
pub type Descriptions = BTreeMap<Arm, Sayings>;

/// All rankings of a regime, reduced to what each question found.
pub struct Retrieval {
    /// By arm, form and pool; one entry a question with an answer.
    pub found: BTreeMap<(Arm, Form, usize), Vec<Found>>,
    /// The best score of each question in the large pool: those with an answer, those without.
    best: BTreeMap<(Arm, Form), [Vec<f32>; 2]>,
    /// Tables in each pool.
    pub sizes: [usize; 3],
}

/// Asks everything; `others` are the generated tables that fill the large pool.
///
/// # Errors
/// The embedding model's.
pub fn retrieve(
    regime: &Regime,
    descriptions: &Descriptions,
    forms: &[Form],
    others: &[GoldTable],
    model: Option<&ModelVectors>,
) -> Result<Retrieval> {
    let files: BTreeSet<&String> = regime.tables.iter().map(|table| &table.file).collect();
    let sizes = [regime.tables.len() / files.len().max(1), regime.tables.len(), regime.tables.len() + others.len()];
    let mut all = Retrieval { found: BTreeMap::new(), best: BTreeMap::new(), sizes };
    for (arm, sayings) in descriptions {
        for form in forms {
            for pool in 0..POOLS.len() {
                let mut found: BTreeMap<usize, Found> = BTreeMap::new();
                // A pool of a domain is one index for each file; the others are one for all.
                let parts: Vec<Option<&String>> =
                    if pool == 0 { files.iter().map(|file| Some(*file)).collect() } else { vec![None] };
                for part in parts {
                    let extra: &[GoldTable] = if pool == LARGE { others } else { &[] };
                    let index = Index { regime, arm: *arm, sayings, file: part.map(String::as_str), extra };
                    let (part, best) = index.ask(*form, model)?;
                    found.extend(part);
                    if pool == LARGE {
                        all.best.insert((*arm, *form), best);
                    }
                }
                all.found.insert((*arm, *form, pool), found.into_values().collect());
            }
        }
    }
    Ok(all)
}

/// One index: some tables under what an arm says of them.
struct Index<'a> {
    regime: &'a Regime,
    arm: Arm,
    sayings: &'a Sayings,
    file: Option<&'a str>,
    extra: &'a [GoldTable],
}

/// Best scores of questions with an answer and without.
type Best = [Vec<f32>; 2];

impl Index<'_> {
    /// What each question with an answer found, by its place among the questions.
    fn ask(&self, form: Form, model: Option<&ModelVectors>) -> Result<(BTreeMap<usize, Found>, Best)> {
        let ours = |file: &str| self.file.is_none_or(|own| own.eq_ignore_ascii_case(file));
        let indexed: Vec<usize> = match self.arm {
            Arm::Invisible => Vec::new(),
            _ => (0..self.regime.tables.len()).filter(|at| ours(&self.regime.tables[*at].file)).collect(),
        };
        let place_of: BTreeMap<usize, usize> = indexed.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let mut tables: Vec<&GoldTable> = indexed.iter().map(|at| &self.regime.tables[*at]).collect();
        let mut said: Vec<&Saying> = indexed.iter().map(|at| &self.sayings.ours[*at]).collect();
        tables.extend(self.extra);
        said.extend(self.sayings.others.iter().take(self.extra.len()));
        let asked: Vec<usize> =
            (0..self.regime.questions.len()).filter(|at| ours(&self.regime.questions[*at].file)).collect();
        let questions: Vec<String> = asked.iter().map(|at| self.regime.questions[*at].text.clone()).collect();
        let scores = if self.arm == Arm::Invisible {
            vec![Vec::new(); questions.len()]
        } else {
            scores(form, &tables, &said, &questions, model)?
        };
        let (mut found, mut best) = (BTreeMap::new(), Best::default());
        for (at, row) in asked.iter().zip(&scores) {
            let gold = &self.regime.questions[*at].gold;
            let first = row.iter().copied().fold(0.0, f32::max);
            best[usize::from(gold.is_empty())].push(first);
            if !gold.is_empty() {
                let wanted: Vec<Option<usize>> = gold.iter().map(|table| place_of.get(table).copied()).collect();
                let place = |wanted: &Option<usize>| wanted.map(|at| places(row, &[at])[0]);
                found.insert(*at, Found::of(&wanted.iter().map(place).collect::<Vec<_>>()));
            }
        }
        Ok((found, best))
    }
}

impl Retrieval {
    /// The means of every arm, form and pool; in the large pool by group of questions, too.
    pub fn cells(&self, regime: &Regime) -> Vec<Cell> {
        let mut cells = Vec::new();
        for ((arm, form, pool), found) in &self.found {
            let groups = if *pool == LARGE { groups(regime) } else { vec![whole(regime)] };
            for (group, members) in groups {
                let recall = Recall::of(&members.iter().map(|at| found[*at]).collect::<Vec<_>>());
                let (arm, form) = (*arm, *form);
                cells.push(Cell { arm, form, pool: POOLS[*pool], tables: self.sizes[*pool], group, recall });
            }
        }
        cells
    }

    /// The paired differences of recall@5 of every described arm to `bare`, and of the model's arms to `reference`.
    pub fn lifts(&self, regime: &Regime) -> Vec<Lift> {
        let mut lifts = Vec::new();
        for ((arm, form, pool), found) in &self.found {
            for base in [Arm::Bare, Arm::Reference] {
                let compared = *arm != base
                    && !matches!(arm, Arm::Invisible | Arm::Bare)
                    && (base == Arm::Bare || arm.needs_model());
                let Some(before) = self.found.get(&(base, *form, *pool)).filter(|_| compared) else { continue };
                let groups = if *pool == LARGE { groups(regime) } else { vec![whole(regime)] };
                for (group, members) in groups.into_iter().filter(|(group, _)| !group.starts_with("domain")) {
                    let gains: Vec<f64> = members.iter().map(|at| found[*at].at_5 - before[*at].at_5).collect();
                    let (arm, form, pool) = (*arm, *form, POOLS[*pool]);
                    lifts.push(Lift { arm, base, form, pool, group, lift: bootstrap(&gains) });
                }
            }
        }
        lifts
    }

    /// The differences of recall@5 of one arm to `bare` in the large pool, question by question.
    pub fn gains(&self, arm: Arm, form: Form) -> Option<Vec<f64>> {
        let (after, before) = (self.found.get(&(arm, form, LARGE))?, self.found.get(&(Arm::Bare, form, LARGE))?);
        Some(after.iter().zip(before).map(|(a, b)| a.at_5 - b.at_5).collect())
    }

    /// Tables in the large pool.
    pub fn large(&self) -> usize {
        self.sizes[LARGE]
    }

    /// How well best scores tell questions with an answer from those without.
    pub fn refusals(&self) -> Vec<Refusal> {
        let told = |((arm, form), [with, without]): (&(Arm, Form), &Best)| {
            let usable = *arm != Arm::Invisible && !without.is_empty() && !with.is_empty();
            usable.then(|| Refusal { arm: *arm, form: *form, area: area(with, without) })
        };
        self.best.iter().filter_map(told).collect()
    }
}

/// The chance that one of `high` is above one of `low`; a tie counts half.
fn area(high: &[f32], low: &[f32]) -> f64 {
    let wins: f64 = high
        .iter()
        .flat_map(|h| low.iter().map(move |l| if h > l { 1.0 } else { f64::from(u8::from(h == l)) / 2.0 }))
        .sum();
    wins / (high.len() * low.len()).max(1) as f64
}

/// A group's name, and its members' places among the questions with an answer.
type Group = (String, Vec<usize>);

fn whole(regime: &Regime) -> Group {
    ("all".to_owned(), (0..regime.questions.iter().filter(|q| !q.gold.is_empty()).count()).collect())
}

fn groups(regime: &Regime) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, question) in regime.questions.iter().filter(|q| !q.gold.is_empty()).enumerate() {
        let several = if question.gold.len() > 1 { "several" } else { "one" };
        for group in [
            format!("language:{}", question.language),
            format!("domain:{}", question.file),
            format!("tables:{several}"),
        ] {
            groups.entry(group).or_default().push(at);
        }
    }
    std::iter::once(whole(regime)).chain(groups).collect()
}
