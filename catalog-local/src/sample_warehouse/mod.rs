//! A retail bank generated from a seed: a SQLite database without declared foreign keys, and the log of what people
//! asked it.
//!
//! Everything in it is invented: identifiers pass their checksums and lie in ranges that belong to nobody. The same
//! version of this module makes the same bank everywhere. [`truth`] says what a perfect reader would find.
//!
//! - [`create`]: writes both files;
//! - `organisation`, `customers`, `accounts`, `cards`, `loans`, `legacy`: the tables, each after those it refers to;
//! - `identifiers`, `names`, `calendar`, `random`: what rows are made of;
//! - `query_log`: query-completed events in the shape of Trino's HTTP event listener.

mod accounts;
mod calendar;
mod cards;
mod customers;
mod identifiers;
mod legacy;
mod loans;
mod names;
mod organisation;
mod query_log;
mod random;
pub mod truth;

use std::io::ErrorKind as IoKind;
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, Statement};

use self::random::Random;

/// Seed of the one bank that the truth is about.
const SEED: u64 = 0xA110_CA7E;

/// File name of the database; its stem is the source's id and the first part of every table's name.
pub const DATABASE_FILE: &str = "retail_bank.sqlite";

/// File name of the query log.
pub const QUERY_LOG_FILE: &str = "queries.jsonl";

/// Where the two files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleWarehouse {
    /// The SQLite database.
    pub database: PathBuf,
    /// The query log: one JSON event a line, as Trino's HTTP event listener posts them.
    pub query_log: PathBuf,
}

/// Writes the sample warehouse into `dir`, which is created when it is missing. Files of an earlier run are replaced.
/// Takes about a second.
///
/// # Errors
/// `Forbidden`, `NotFound` or `Unavailable` when the folder or a file in it cannot be written.
pub fn create(dir: &Path) -> Result<SampleWarehouse> {
    let paths = SampleWarehouse { database: dir.join(DATABASE_FILE), query_log: dir.join(QUERY_LOG_FILE) };
    std::fs::create_dir_all(dir).map_err(|error| io_error(&error, dir))?;
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let file = dir.join(format!("{DATABASE_FILE}{suffix}"));
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != IoKind::NotFound => return Err(io_error(&error, &file)),
            _ => {}
        }
    }
    let mut random = Random::new(SEED);
    let facts = fill_database(&paths.database, &mut random).map_err(|error| sqlite_error(error, &paths.database))?;
    let log = query_log::write(&mut random, &facts);
    std::fs::write(&paths.query_log, log).map_err(|error| io_error(&error, &paths.query_log))?;
    Ok(paths)
}

/// Values of the database that the queries in the log quote.
struct Quoted {
    emails: Vec<String>,
    last_names: Vec<&'static str>,
    customers: Vec<i64>,
    ibans: Vec<String>,
    accounts: Vec<i64>,
    cards: Vec<String>,
    loans: Vec<i64>,
}

fn fill_database(path: &Path, random: &mut Random) -> rusqlite::Result<Quoted> {
    let mut db = Connection::open(path)?;
    let transaction = db.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    let bank = organisation::fill(&transaction, random)?;
    let customers = customers::fill(&transaction, random, &bank)?;
    let accounts = accounts::fill(&transaction, random, &customers)?;
    let cards = cards::fill(&transaction, random, &accounts, &bank)?;
    let loans = loans::fill(&transaction, random, &accounts)?;
    customers::fill_fatca(&transaction, random, &customers)?;
    legacy::fill(&transaction, random, &customers, &accounts)?;
    transaction.commit()?;
    Ok(Quoted {
        emails: customers.iter().filter_map(|c| c.email.clone()).collect(),
        last_names: customers.iter().map(|c| c.last_name).collect(),
        customers: customers.iter().map(|c| c.id).collect(),
        ibans: accounts.iter().map(|a| a.iban.clone()).collect(),
        accounts: accounts.iter().map(|a| a.id).collect(),
        cards,
        loans,
    })
}

/// A statement that inserts one whole row.
fn prepare_insert<'c>(db: &'c Connection, table: &str, columns: usize) -> rusqlite::Result<Statement<'c>> {
    let marks = vec!["?"; columns].join(", ");
    db.prepare(&format!("INSERT INTO {table} VALUES ({marks})"))
}

fn io_error(error: &std::io::Error, path: &Path) -> Error {
    let (kind, cause) = match error.kind() {
        IoKind::PermissionDenied => (ErrorKind::Forbidden, "no permission to write"),
        IoKind::NotFound => (ErrorKind::NotFound, "no such folder"),
        IoKind::StorageFull => (ErrorKind::Unavailable, "the disk is full"),
        _ => (ErrorKind::Unavailable, "the file system refused"),
    };
    Error::new(kind, "create_sample_warehouse", cause).with("path", path.display()).hint("choose another folder")
}

fn sqlite_error(error: rusqlite::Error, path: &Path) -> Error {
    Error::new(ErrorKind::Unavailable, "create_sample_warehouse", "SQLite could not write the database")
        .with("path", path.display())
        .hint("check free space and permissions, or choose another folder")
        .caused_by(error)
}

#[cfg(test)]
mod tests;
