//! The SQLite files: filled once in the first regime's names, then copied and renamed for the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params_from_iter};

use super::definition::{Column, Definition, Domain, REGIMES, Table};
use super::rows::{Kept, Rows};
use crate::Result;

/// Rows of each table by its plain name, `domain.table`.
pub(super) type RowCounts = BTreeMap<String, u64>;

/// Writes all files of all regimes into their folders, which exist.
///
/// # Errors
/// When a file cannot be written, or the definition asks for something that is not there yet.
pub(super) fn write(definition: &Definition, folders: &[PathBuf; REGIMES], max_rows: Option<u64>) -> Result<RowCounts> {
    let mut kept = Kept::of(definition);
    let mut counts = RowCounts::new();
    for domain in &definition.domains {
        let path = file_of(domain, &folders[0]);
        fill(definition, domain, &path, max_rows, &mut kept, &mut counts)
            .map_err(|error| format!("{}: {error}", domain.name))?;
        for (regime, folder) in folders.iter().enumerate().skip(1) {
            let copy = file_of(domain, folder);
            std::fs::copy(&path, &copy)?;
            rename(domain, regime, &copy)?;
        }
    }
    Ok(counts)
}

fn file_of(domain: &Domain, folder: &Path) -> PathBuf {
    folder.join(format!("{}.sqlite", domain.name))
}

fn fill(
    definition: &Definition,
    domain: &Domain,
    path: &Path,
    max_rows: Option<u64>,
    kept: &mut Kept,
    counts: &mut RowCounts,
) -> Result<()> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let mut connection = Connection::open(path)?;
    // A file that was not finished is made again, so nothing has to survive a crash.
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    let transaction = connection.transaction()?;
    for table in &domain.tables {
        transaction.execute_batch(&create(definition, domain, table))?;
        let marks = vec!["?"; table.columns.len()].join(", ");
        let mut insert = transaction.prepare(&format!("INSERT INTO {} VALUES ({marks})", quoted(&table.names[0])))?;
        let mut rows = Rows::new(definition.set.seed, domain, table);
        let size = max_rows.map_or(table.rows, |max| max.min(table.rows));
        for number in 0..size {
            let values = rows.row(number, kept)?;
            insert.execute(params_from_iter(&values))?;
            if number < table.duplicates {
                insert.execute(params_from_iter(&values))?;
            }
        }
        counts.insert(format!("{}.{}", domain.name, table.names[0]), size + size.min(table.duplicates));
    }
    Ok(transaction.commit()?)
}

fn create(definition: &Definition, domain: &Domain, table: &Table) -> String {
    let columns = table.columns.iter().map(|c| format!("{} {}", quoted(&c.names[0]), sql_type(definition, domain, c)));
    let columns: Vec<String> = columns.collect();
    format!("CREATE TABLE {} ({})", quoted(&table.names[0]), columns.join(", "))
}

/// A reference has the type of what it refers to; so many steps are more than any chain has.
fn sql_type(definition: &Definition, domain: &Domain, column: &Column) -> &'static str {
    let (mut at, mut name) = (column, domain.name.as_str());
    for _ in 0..8 {
        if let Some(found) = at.making.source.sql_type() {
            return found;
        }
        let Some(target) = at.making.source.target() else { break };
        let Some(next) = definition.target(name, target) else { break };
        name = target.domain.as_deref().unwrap_or(name);
        at = next;
    }
    "TEXT"
}

fn rename(domain: &Domain, regime: usize, path: &Path) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")?;
    for table in &domain.tables {
        let plain = quoted(&table.names[0]);
        // By way of a name that no column has, since another column may still bear the new one.
        for (i, column) in table.columns.iter().enumerate() {
            let from = quoted(&column.names[0]);
            connection.execute_batch(&format!("ALTER TABLE {plain} RENAME COLUMN {from} TO renamed_{i}"))?;
        }
        for (i, column) in table.columns.iter().enumerate() {
            let to = quoted(&column.names[regime]);
            connection.execute_batch(&format!("ALTER TABLE {plain} RENAME COLUMN renamed_{i} TO {to}"))?;
        }
        connection.execute_batch(&format!("ALTER TABLE {plain} RENAME TO {}", quoted(&table.names[regime])))?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
