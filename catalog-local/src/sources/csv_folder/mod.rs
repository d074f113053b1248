//! A folder of CSV files as a source: every `.csv` file is a table.
//!
//! The header row gives the names, the first rows give delimiter and types. A first row that looks like data is data,
//! and the columns are called `column_1`, `column_2` and so on, so that no cell becomes a name. Cells are read with their column's type
//! where they parse and as text where they do not; an empty cell is NULL.

mod cells;
mod file;
mod header;
mod inference;
mod sampler;
mod scanner;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog_core::Result;
use catalog_core::model::{EngineName, Fqn, SourceId, Table, TableId, TableRef};

use super::warehouse_location::has_extension;

/// A folder of CSV files. Making one reads nothing.
pub struct CsvFolder {
    id: SourceId,
    folder: Arc<Path>,
}

impl CsvFolder {
    /// The warehouse in the folder at `path`; its id is the folder's name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // `.` and `..` have no name of their own: ask the file system.
        let named = if path.file_name().is_some() { path.clone() } else { path.canonicalize().unwrap_or(path.clone()) };
        let name = named.file_name().map_or_else(|| "csv".to_owned(), |n| n.to_string_lossy().into_owned());
        Self { id: SourceId(name), folder: path.into() }
    }
}

/// `<folder name>.csv.<file stem>`.
fn table_ref(source: &SourceId, stem: &str) -> TableRef {
    let fqn = Fqn::from_parts([source.0.as_str(), "csv", stem]);
    TableRef {
        source: source.clone(),
        id: TableId::from_fqn(&fqn),
        fqn,
        engine: EngineName { catalog: String::new(), schema: "csv".to_owned(), table: stem.to_owned() },
    }
}

/// The file of the table called `stem`, whatever the case of its extension.
fn file_of(folder: &Path, stem: &str) -> Option<PathBuf> {
    let usual = folder.join(format!("{stem}.csv"));
    if stem.contains(['/', '\\']) {
        return None;
    }
    if usual.is_file() {
        return Some(usual);
    }
    let named_so = |p: &PathBuf| p.file_stem().is_some_and(|s| s.to_string_lossy() == stem);
    let files = std::fs::read_dir(folder).ok()?.filter_map(|e| e.ok()).map(|e| e.path());
    files.filter(|p| has_extension(p, &["csv"])).find(named_so)
}

/// As [`file_of`] for a listed table.
fn file_of_table(folder: &Path, table: &Table, operation: &'static str) -> Result<PathBuf> {
    file_of(folder, &table.table_ref.engine.table).ok_or_else(|| {
        catalog_core::Error::new(catalog_core::ErrorKind::NotFound, operation, "the file is not there any more")
            .with("table", table.fqn())
            .hint("nothing to do if it was removed; the next sync forgets it")
    })
}
