//! Tables that no question asks for, to make a pool as large as a company's catalog: every subject of
//! `golden/others.toml` under every record, filled with rows like any other table, so that whoever describes the set
//! can describe them, too.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::definition::{self, Column, Definition, Domain, Glossary, QueryFile, REGIMES, SetFile, Table};
use super::values::{self, Source};
use super::warehouse;
use crate::Result;
use crate::golden::set::GoldTable;

/// Rows of each table.
const ROWS: u64 = 200;

/// `others.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherFile {
    /// Field, then the subject in the three manners of naming.
    subjects: Vec<[String; REGIMES + 1]>,
    record: Vec<Record>,
}

/// What is recorded of a subject: its name, what people call it, what it says, and its columns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    names: [String; REGIMES],
    called: String,
    says: String,
    /// Three names and the making.
    columns: Vec<[String; REGIMES + 1]>,
}

/// The tables, in one folder for each manner of naming.
#[derive(Debug)]
pub struct Others {
    folders: [PathBuf; REGIMES],
    tables: [Vec<GoldTable>; REGIMES],
}

impl Others {
    /// Where the files of a regime lie. Names follow the regime: `abbreviated` and `french` have theirs, every other
    /// is plain.
    pub fn folder(&self, regime: &str) -> &Path {
        &self.folders[manner(regime)]
    }

    /// A regime's tables. The reference is what a person would write of them, in English.
    pub fn tables(&self, regime: &str) -> &[GoldTable] {
        &self.tables[manner(regime)]
    }
}

fn manner(regime: &str) -> usize {
    match regime {
        "abbreviated" => 1,
        "french" => 2,
        _ => 0,
    }
}

/// Writes the first `count` tables into folders under `out`, at most one of each subject and record.
///
/// # Errors
/// When `others.toml` in the folder `definitions` is wrong or a file cannot be written.
pub fn others(definitions: &Path, out: &Path, count: usize) -> Result<Others> {
    let set: SetFile = definition::read(&definitions.join("set.toml"))?;
    let file: OtherFile = definition::read(&definitions.join("others.toml"))?;
    let mut domains: Vec<Domain> = Vec::new();
    let (subjects, records) = (file.subjects.len(), file.record.len());
    // Both lists advance at each step, one of them by one more after each round of the other.
    let pairs = (0..subjects * records).map(|at| (at % subjects, (at + at / subjects) % records));
    for (subject, record) in pairs.take(count) {
        let [field, names @ ..] = &file.subjects[subject];
        let place = domains.iter().map(|domain| domain.tables.len()).sum::<usize>() as i64;
        let table = table(names, &file.record[record], [place, subject as i64])?;
        match domains.iter_mut().find(|domain| domain.name == *field) {
            Some(domain) => domain.tables.push(table),
            None => domains.push(domain(field, table)),
        }
    }
    let folders = ["plain", "abbreviated", "french"].map(|name| out.join(name));
    for folder in &folders {
        std::fs::create_dir_all(folder)?;
    }
    let definition = Definition { set, domains };
    warehouse::write(&definition, &folders, Some(ROWS))?;
    let tables = std::array::from_fn(|regime| {
        let of = |domain| move |table| gold(domain, table, regime);
        definition.domains.iter().flat_map(|domain| domain.tables.iter().map(of(domain))).collect()
    });
    Ok(Others { folders, tables })
}

fn domain(field: &str, table: Table) -> Domain {
    let queries = QueryFile { events: 0, users: Vec::new(), statements: Vec::new() };
    let (questions, glossary) = (Vec::new(), Glossary::new());
    Domain { name: field.to_owned(), tables: vec![table], questions, queries, glossary }
}

/// A record of a subject. Its own numbers begin where no other table's and no other subject's do: numbers that two
/// tables share would pass for a key.
fn table(subject: &[String], record: &Record, [place, subject_place]: [i64; 2]) -> Result<Table> {
    // The codes of a mainframe are written together.
    let joints = ["_", "", "_"];
    let names = std::array::from_fn(|i| format!("{}{}{}", subject[i], joints[i], record.names[i]));
    let column = |names: [&str; REGIMES], making: &str| -> Result<Column> {
        let making = values::parse(making, &record.names[0], names[0]);
        let mut making = making.map_err(|error| format!("others.toml: {}.{}: {error}", record.names[0], names[0]))?;
        if let Source::Id { start, .. } | Source::Code { start, .. } = &mut making.source {
            *start += 1_000 * place;
        }
        let (label, description) = ("NONE".to_owned(), String::new());
        Ok(Column { names: names.map(str::to_owned), making, label, description })
    };
    let mut columns = Vec::new();
    for [a, b, c, making] in &record.columns {
        columns.push(column([a, b, c], making)?);
    }
    // The register numbers the subjects; every other record refers to some of them.
    let first = 10_001 + 1_000 * subject_place;
    let making = match record.names[0].as_str() {
        "register" => format!("id {}", first - 1_000 * place),
        _ => format!("int {first} {}", first + ROWS as i64 - 1),
    };
    let own = [format!("{}_id", subject[0]), format!("{}_NO", subject[1]), format!("NO_{}", subject[2])];
    columns.push(column([&own[0], &own[1], &own[2]], &making)?);
    let en = format!("{} {}, {}.", record.called, subject[0].replace('_', " "), record.says);
    Ok(Table { names, rows: ROWS, duplicates: 0, en, fr: String::new(), columns })
}

fn gold(domain: &Domain, table: &Table, regime: usize) -> GoldTable {
    GoldTable {
        file: domain.name.clone(),
        name: table.names[regime].clone(),
        columns: table.columns.iter().map(|column| column.names[regime].clone()).collect(),
        reference: Some(table.en.clone()),
        reference_fr: None,
        facts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_manner_has_hundreds_of_different_tables_with_rows() {
        let out = tempfile::tempdir().unwrap();
        let definitions = Path::new(crate::WORKSPACE).join("golden");
        let made = others(&definitions, out.path(), 1_000).unwrap();
        for regime in ["plain", "abbreviated", "french"] {
            let tables = made.tables(regime);
            let names: BTreeSet<(&String, &String)> = tables.iter().map(|t| (&t.file, &t.name)).collect();
            let texts: BTreeSet<_> = tables.iter().map(|table| &table.reference).collect();
            assert_eq!((names.len(), texts.len()), (560, 560), "{regime}");
            let table = &tables[0];
            let file = made.folder(regime).join(format!("{}.sqlite", table.file));
            let connection = rusqlite::Connection::open(file).unwrap();
            let rows: i64 =
                connection.query_row(&format!("SELECT count(*) FROM {}", table.name), [], |r| r.get(0)).unwrap();
            assert_eq!(rows, ROWS as i64);
        }
    }
}
