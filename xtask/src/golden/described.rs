//! What each arm says of tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::set::{GoldTable, lines, lower};
use super::walk::Walked;
use crate::Result;

/// What the index holds of a table beside its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saying {
    /// The description.
    pub text: Option<String>,
    /// What the rules read in the names.
    pub reading: Option<String>,
}

/// What an arm says: of the set's tables and of the generated ones, each in their order.
#[derive(Debug, Clone, Default)]
pub struct Sayings {
    /// Of the set's tables.
    pub ours: Vec<Saying>,
    /// Of the generated tables of the large pool.
    pub others: Vec<Saying>,
}

/// Nothing at all.
pub fn nothing(tables: &[GoldTable]) -> Vec<Saying> {
    vec![Saying::default(); tables.len()]
}

/// What a person wrote, beside what the rules read in a walk.
pub fn by_person(tables: &[GoldTable], walked: &Walked) -> Vec<Saying> {
    sayings(tables, walked, |table| table.reference.clone())
}

/// What a walk drafted and read.
pub fn by_walk(tables: &[GoldTable], walked: &Walked) -> Vec<Saying> {
    sayings(tables, walked, |table| walked.drafts.get(&key(table)).map(|draft| draft.text.clone()))
}

fn sayings(tables: &[GoldTable], walked: &Walked, text: impl Fn(&GoldTable) -> Option<String>) -> Vec<Saying> {
    let saying = |table: &GoldTable| Saying { text: text(table), reading: walked.readings.get(&key(table)).cloned() };
    tables.iter().map(saying).collect()
}

fn key(table: &GoldTable) -> [String; 2] {
    lower([&table.file, &table.name])
}

#[derive(Deserialize)]
struct Given {
    file: String,
    table: String,
    description: String,
}

/// What a file of lines says; of a table that it leaves out what a person wrote, if `else_person`.
///
/// # Errors
/// A file that is not there or cannot be read.
pub fn by_file(tables: &[GoldTable], walked: &Walked, path: &Path, else_person: bool) -> Result<Vec<Saying>> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(format!("{} is no file", path.display()).into());
    };
    if !path.exists() {
        return Err(format!("{} does not exist", path.display()).into());
    }
    let given = lines::<Given>(dir, &name.to_string_lossy())?;
    let given: BTreeMap<[String; 2], String> =
        given.into_iter().map(|g| (lower([&g.file, &g.table]), g.description)).collect();
    let person = |table: &GoldTable| table.reference.clone().filter(|_| else_person);
    Ok(sayings(tables, walked, |table| given.get(&key(table)).cloned().or_else(|| person(table))))
}
