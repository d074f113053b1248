//! Would a steward accept a description? An estimate by the rubric of `golden/README.md`, word by word.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::Result;
use crate::golden::set::GoldTable;
use crate::golden::vectors::own_places;

/// Most words of a description.
const WORDS_MAX: usize = 20;
/// A description with a larger share of words that no fact has invents.
const INVENTED_MAX: f64 = 1.0 / 3.0;
/// The words that say what the table is about: its first ones.
const SUBJECT_WORDS: usize = 3;
/// A useful description finds its own table among this many.
const USEFUL_AT: usize = 5;
/// Words that say nothing of one table.
const EMPTY: &str = "the and for with from per each one row rows their that which are its this into information \
    details data records record list all any every other table tables including includes linked related between \
    about has have was were been they them";

/// What the rubric says of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// At most 20 words.
    pub short: bool,
    /// What it is about is what the table is about.
    pub subject_right: bool,
    /// At most a third of its content words stand in no fact.
    pub grounded: bool,
    /// Asked as a question it finds its own table among five.
    pub useful: bool,
}

impl Judged {
    /// All of it.
    pub fn accepted(self) -> bool {
        self.short && self.subject_right && self.grounded && self.useful
    }
}

/// The rubric over an arm's descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Acceptance {
    /// Tables in the regime.
    pub tables: usize,
    /// Tables with a description.
    pub described: usize,
    /// Shares of those described.
    pub short: f64,
    /// See [`Judged::subject_right`].
    pub subject_right: f64,
    /// See [`Judged::grounded`].
    pub grounded: f64,
    /// See [`Judged::useful`].
    pub useful: f64,
    /// All of it.
    pub accepted: f64,
}

impl Acceptance {
    /// The shares.
    pub fn of(tables: usize, judged: &BTreeMap<usize, Judged>) -> Self {
        let share =
            |of: fn(&Judged) -> bool| judged.values().filter(|j| of(j)).count() as f64 / judged.len().max(1) as f64;
        Self {
            tables,
            described: judged.len(),
            short: share(|j| j.short),
            subject_right: share(|j| j.subject_right),
            grounded: share(|j| j.grounded),
            useful: share(|j| j.useful),
            accepted: share(|j| j.accepted()),
        }
    }
}

/// Judges descriptions by what is known of their tables; a table of which nothing is known but names is judged by
/// those.
///
/// # Errors
/// As the embedder.
pub fn judge(tables: &[GoldTable], descriptions: &[Option<String>]) -> Result<BTreeMap<usize, Judged>> {
    let described: BTreeMap<usize, String> =
        descriptions.iter().enumerate().filter_map(|(at, text)| Some((at, text.clone()?))).collect();
    let documents: Vec<String> = tables.iter().map(told).collect();
    let places = own_places(&documents, &described)?;
    let judged = described.iter().map(|(at, text)| {
        let table = &tables[*at];
        let known = words(&format!("{} {} {}", table.name, table.columns.join(" "), table.facts.join(" ")));
        let subject = words(&format!("{} {}", table.name, table.facts.join(" ")));
        let said = words_in_order(text);
        let invented = said.iter().filter(|word| !has(&known, word)).count();
        let judged = Judged {
            short: text.split_whitespace().count() <= WORDS_MAX,
            subject_right: said.iter().take(SUBJECT_WORDS).any(|word| has(&subject, word)),
            grounded: !said.is_empty() && invented as f64 / said.len() as f64 <= INVENTED_MAX,
            useful: places[at] <= USEFUL_AT,
        };
        (*at, judged)
    });
    Ok(judged.collect())
}

fn told(table: &GoldTable) -> String {
    match &table.reference {
        Some(reference) => reference.clone(),
        None => format!("{} {} {}", table.name, table.columns.join(" "), table.facts.join(" ")),
    }
}

fn words(text: &str) -> BTreeSet<String> {
    words_in_order(text).into_iter().collect()
}

fn words_in_order(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
    parts.filter(|word| word.chars().count() >= 3 && !EMPTY.split_whitespace().any(|empty| empty == word)).collect()
}

/// Is the word among the known ones, or does it begin as one of them does? Five letters make a stem.
fn has(known: &BTreeSet<String>, word: &str) -> bool {
    const STEM: usize = 5;
    let stem: String = word.chars().take(STEM).collect();
    let singular = word.strip_suffix('s').unwrap_or(word);
    known.contains(word)
        || known.contains(singular)
        || known.iter().any(|known| known.strip_suffix('s') == Some(singular))
        || (stem.chars().count() == STEM && known.iter().any(|known| known.starts_with(&stem)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn table(name: &str, columns: &[&str], reference: &str) -> GoldTable {
        GoldTable {
            file: "bank".to_owned(),
            name: name.to_owned(),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            reference: Some(reference.to_owned()),
            reference_fr: None,
            facts: vec![reference.to_owned()],
        }
    }

    #[test]
    fn a_right_description_is_accepted_and_an_invented_or_swapped_one_is_not() {
        let tables = [
            table("LONMST", &["LON_NO", "CAP_AMT"], "Loans granted to clients, with amount and term."),
            table("BRNMST", &["BRN_NO", "CTY_NM"], "Branches of the bank with their city."),
        ];
        let told = |text: &str| judge(&tables, &[Some(text.to_owned()), None]).unwrap()[&0];
        assert!(told("Loans of clients with amounts and terms.").accepted());
        assert!(!told("Loans tracked for marketing campaigns, risk dashboards and executive newsletters.").grounded);
        assert!(!told("Cities where branches lie.").subject_right);
        assert!(!told(&"Loans amount ".repeat(11)).short);
        let acceptance = Acceptance::of(2, &judge(&tables, &[None, Some("Branches by city.".to_owned())]).unwrap());
        assert_eq!((acceptance.described, acceptance.accepted), (1, 1.0));
    }
}
