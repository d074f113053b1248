//! Listing a folder of CSV files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{Column, DataType, Fqn, SourceId, Table, TableKind};
use catalog_core::ports::{Discovered, MetadataSource, TablePage};
use catalog_core::{Error, ErrorKind, Result};
use csv::ByteRecord;

use super::file::CsvFile;
use super::inference::{TYPED_BYTES_MAX, TypeGuess};
use super::{CsvFolder, file_of, table_ref};
use crate::sources::blocking_job::{self, StopSign};
use crate::sources::cell_cut::lossy_prefix;
use crate::sources::change_token;
use crate::sources::warehouse_location::{has_extension, io_error};

const OPERATION: &str = "list_tables";
const DEADLINE: Duration = Duration::from_secs(60);
/// Types are inferred from this many rows.
const INFERENCE_ROWS: usize = 1000;

#[async_trait]
impl MetadataSource for CsvFolder {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage> {
        let (folder, source, after) = (self.folder.clone(), self.id.clone(), cursor.map(str::to_owned));
        blocking_job::run(OPERATION, Some(DEADLINE), move |stop| {
            let mut stems = stems(&folder)?;
            stems.retain(|stem| after.as_ref().is_none_or(|a| stem > a));
            let more = stems.len() > limit;
            stems.truncate(limit);
            let mut tables = Vec::with_capacity(stems.len());
            for stem in &stems {
                if stop.is_up() {
                    return Err(stop.error(OPERATION));
                }
                tables.extend(discover(&folder, &source, stem));
            }
            Ok(TablePage::new(tables, stems.pop().filter(|_| more)))
        })
        .await
    }

    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>> {
        let [source, schema, stem] = fqn.parts() else { return Ok(None) };
        if *source != self.id.0 || schema != "csv" {
            return Ok(None);
        }
        let (folder, source, stem) = (self.folder.clone(), self.id.clone(), stem.clone());
        blocking_job::run(OPERATION, Some(DEADLINE), move |_: &StopSign| {
            file_of(&folder, &stem).map(|path| table(&path, &source, &stem)).transpose()
        })
        .await
        .map_err(|e| e.with("table", fqn))
    }
}

fn stems(folder: &Path) -> Result<Vec<String>> {
    let failed = |e: &std::io::Error| io_error(e, folder);
    let mut stems = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| failed(&e))? {
        let path = entry.map_err(|e| failed(&e))?.path();
        if let Some(stem) = path.file_stem().filter(|_| has_extension(&path, &["csv"]) && path.is_file()) {
            let stem = stem.to_string_lossy().into_owned();
            if !stem.starts_with('.') {
                stems.push(stem);
            }
        }
    }
    stems.sort();
    stems.dedup();
    Ok(stems)
}

/// The file as a table or why it cannot be read; `None` when it vanished meanwhile.
fn discover(folder: &Path, source: &SourceId, stem: &str) -> Option<Discovered> {
    let path: PathBuf = file_of(folder, stem)?;
    Some(match table(&path, source, stem) {
        Ok(table) => Discovered::Table(Box::new(table)),
        Err(e) => {
            let names = table_ref(source, stem);
            let error = e.with("table", &names.fqn);
            Discovered::Unreadable(names, error)
        }
    })
}

fn table(path: &Path, source: &SourceId, stem: &str) -> Result<Table> {
    let metadata = std::fs::metadata(path).map_err(|e| io_error(&e, path))?;
    let mut file = CsvFile::open(path, OPERATION)?;
    let mut guesses = vec![TypeGuess::new(); file.names().len()];
    let mut row = ByteRecord::new();
    for _ in 0..INFERENCE_ROWS {
        if !file.next_row(&mut row)? {
            break;
        }
        for (guess, field) in guesses.iter_mut().zip(row.iter()) {
            guess.see(&lossy_prefix(field, TYPED_BYTES_MAX + 1));
        }
    }
    let columns = file.names().iter().zip(&guesses).map(|(name, guess)| column(name, guess.data_type()));
    Ok(Table {
        table_ref: table_ref(source, stem),
        kind: TableKind::External,
        columns: columns.collect(),
        description: None,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: Some(change_token::of_file(&metadata)),
        updated_at_ms: 0,
    })
}

fn column(name: &str, data_type: DataType) -> Column {
    Column { name: name.to_owned(), native_type: String::new(), data_type, nullable: true, description: None }
}

/// The error of a file whose header is not the listed one any more.
pub(super) fn changed(table: &Table, operation: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, operation, "the file's columns changed since it was listed")
        .with("table", table.fqn())
        .hint("the next sync reads the new header")
}
