//! The committed set of `golden/`, made into files: `cargo xtask golden generate --out DIR`.
//!
//! - `definition`: what the TOML files say; `values`: the small language of their columns;
//! - `random`, `calendar`, `identifiers`, `person`: what values are made of, the same on every platform;
//! - `rows` and `warehouse`: tables; `truth`: keys, labels, descriptions, questions; `querylog`: events;
//! - `translate`: SQL in the names of each regime; `others`: tables that no question asks for.

mod calendar;
mod definition;
mod identifiers;
mod others;
mod person;
mod querylog;
mod random;
mod rows;
mod translate;
mod truth;
mod values;
mod warehouse;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::Result;
use definition::Definition;
pub use others::{Others, others};

/// What was generated; the counts are of one regime, and all regimes have the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Names of the regimes, each a folder.
    pub regimes: Vec<String>,
    /// Tables of all domains.
    pub tables: usize,
    /// Columns of all tables.
    pub columns: usize,
    /// Columns whose label is strict personal data.
    pub personal_columns: usize,
    /// True keys of one column inside a domain.
    pub keys: usize,
    /// True keys of several columns.
    pub composite_keys: usize,
    /// True keys into another domain.
    pub cross_keys: usize,
    /// Rows of all tables.
    pub rows: u64,
    /// Events of all query logs.
    pub events: u64,
    /// Questions by language and kind.
    pub questions: QuestionCounts,
}

/// Questions by language and kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QuestionCounts {
    /// In English.
    pub english: usize,
    /// In French.
    pub french: usize,
    /// That need one table.
    pub single_table: usize,
    /// That need several.
    pub multi_table: usize,
    /// That the domain cannot answer.
    pub unanswerable: usize,
}

impl QuestionCounts {
    fn add(&mut self, lang: &str, answerable: bool, tables: usize) {
        *(if lang == "fr" { &mut self.french } else { &mut self.english }) += 1;
        *(match (answerable, tables) {
            (false, _) => &mut self.unanswerable,
            (true, 0 | 1) => &mut self.single_table,
            (true, _) => &mut self.multi_table,
        }) += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let q = self.questions;
        writeln!(f, "regimes    {}", self.regimes.join(", "))?;
        writeln!(f, "tables     {} with {} columns, {} rows", self.tables, self.columns, self.rows)?;
        writeln!(f, "personal   {} columns", self.personal_columns)?;
        writeln!(f, "keys       {}, {} composite, {} across domains", self.keys, self.composite_keys, self.cross_keys)?;
        writeln!(f, "questions  {} English, {} French", q.english, q.french)?;
        writeln!(
            f,
            "           {} of one table, {} of several, {} without an answer",
            q.single_table, q.multi_table, q.unanswerable
        )?;
        write!(f, "query log  {} events", self.events)
    }
}

/// Generates every regime of the set in `definitions` (the folder `golden/`) into `out`, one folder a regime, and
/// `set.json` beside them. With `max_rows` no table gets more rows; names, keys, labels and questions stay. What an
/// earlier run left in these folders is replaced. The same seed gives the same files on every platform.
///
/// # Errors
/// When a definition is wrong (the sentence names the file, table and column) or a file cannot be written.
pub fn generate(definitions: &Path, out: &Path, max_rows: Option<u64>) -> Result<Summary> {
    let definition = Definition::load(definitions)?;
    let folder = |regime: usize| out.join(&definition.set.regimes[regime].name);
    let folders: [PathBuf; definition::REGIMES] = std::array::from_fn(folder);
    for folder in &folders {
        std::fs::create_dir_all(folder.join("querylog"))?;
    }
    let rows = warehouse::write(&definition, &folders, max_rows)?;
    let mut summary = Summary {
        regimes: definition.set.regimes.iter().map(|r| r.name.clone()).collect(),
        rows: rows.values().sum(),
        ..Summary::default()
    };
    for (regime, folder) in folders.iter().enumerate() {
        truth::write(&definition, regime, folder, &mut summary)?;
        summary.events = querylog::write(&definition, regime, &folder.join("querylog"))?;
    }
    let set = &definition.set;
    let regimes: Vec<_> = set.regimes.iter().map(|r| json!({"name": r.name, "weight": r.weight})).collect();
    let about = json!({
        "name": set.name, "version": set.version, "seed": set.seed, "max_rows": max_rows, "regimes": regimes,
        "domains": set.domains, "counts": summary, "rows": rows,
    });
    std::fs::write(out.join("set.json"), serde_json::to_string_pretty(&about)? + "\n")?;
    Ok(summary)
}
