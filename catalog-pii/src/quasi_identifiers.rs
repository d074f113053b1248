//! Columns that single a person out together: date of birth, place of living and gender name most people of a country
//! uniquely (L. Sweeney, "Simple Demographics Often Identify People Uniquely", 2000). None is flagged for that: they
//! are listed, for a steward to think of.

use std::collections::BTreeMap;

use catalog_core::model::{ColumnEvidence, DataType, MaskedSample, PiiEntity, PiiEvidence, Table, TableProfile};
use serde::Serialize;

use crate::evidence::evidence;
use crate::naming::{ColumnWords, column_words, suggest, table_sense};

/// What a column tells of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuasiIdentifier {
    /// Date or year of birth, or age.
    Birth,
    /// Postcode or town.
    Place,
    /// Gender, or a form of address.
    Gender,
}

/// Most distinct values of a column of genders.
const GENDERS_MAX: u64 = 12;

/// The columns of a table about persons that together single one out, by name, in the table's order; empty unless all
/// three kinds are there. It reads names, types and profiles.
pub fn quasi_identifiers(evidence: &PiiEvidence) -> Vec<(String, QuasiIdentifier)> {
    let names = column_words(evidence.columns.iter().map(|c| c.name.as_str()));
    let table = table_sense(&evidence.table_name, &names);
    if !table.about_person {
        return Vec::new();
    }
    let birth = |words: &ColumnWords| suggest(words, table).is_some_and(|s| s.entity == PiiEntity::BirthDate);
    let found: Vec<(String, QuasiIdentifier)> = evidence
        .columns
        .iter()
        .zip(&names)
        .filter_map(|(column, words)| {
            let kind = if birth(words) { Some(QuasiIdentifier::Birth) } else { kind(column, words) };
            kind.map(|kind| (column.name.clone(), kind))
        })
        .collect();
    let has = |kind| found.iter().any(|(_, k)| *k == kind);
    let all = has(QuasiIdentifier::Birth) && has(QuasiIdentifier::Place) && has(QuasiIdentifier::Gender);
    if all { found } else { Vec::new() }
}

/// As [`quasi_identifiers`], of a table as it was last profiled.
pub fn quasi_identifiers_of(table: &Table, profile: Option<&TableProfile>) -> BTreeMap<String, QuasiIdentifier> {
    let names = table.columns.iter().map(|column| column.name.clone()).collect();
    quasi_identifiers(&evidence(table, profile, &[], MaskedSample::from_masker(names, Vec::new())))
        .into_iter()
        .collect()
}

fn kind(column: &ColumnEvidence, words: &ColumnWords) -> Option<QuasiIdentifier> {
    const PLACES: &[&str] =
        &["zip", "zipcode", "postcode", "postal", "postale", "cp", "city", "town", "ville", "commune", "municipality"];
    const GENDERS: &[&str] = &["gender", "sex", "sexe", "genre", "civilite", "salutation"];
    if column.data_type == DataType::Boolean {
        return None;
    }
    let spoken = words.stripped.as_ref().unwrap_or(&words.full);
    let one_of = |list: &[&str]| spoken.iter().any(|w| list.contains(&w.as_str()));
    let distinct = column.profile.as_ref().and_then(|p| p.distinct).map_or(0, |d| d.value);
    if spoken.iter().any(|w| w == "age") && spoken.len() <= 2 {
        Some(QuasiIdentifier::Birth)
    } else if one_of(GENDERS) && distinct <= GENDERS_MAX {
        Some(QuasiIdentifier::Gender)
    } else {
        one_of(PLACES).then_some(QuasiIdentifier::Place)
    }
}
