//! Entries in the file: the only SQL of the embedded catalog.

use std::path::Path;
use std::time::Duration;

use catalog_core::model::{CatalogField, CurrentTable, TableId, TableRef};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::failure::Failure;

/// `application_id` of our files: "AKKO".
const APPLICATION_ID: i64 = 0x414B_4B4F;
/// The schema that this release writes.
const SCHEMA_VERSION: i64 = 1;
/// How long to wait for another process that is writing.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Opens or makes the file. A file that is not ours is only read.
pub(super) fn open(path: &Path) -> Result<Connection, Failure> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_WAIT)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let number = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0));
    let ours = number("PRAGMA application_id")? == APPLICATION_ID;
    let version = number("PRAGMA user_version")?;
    let empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
    match (ours, version) {
        (true, SCHEMA_VERSION) => {}
        (true, newer) => return Err(Failure::Newer(newer)),
        (false, 0) if empty => {}
        (false, _) => return Err(Failure::Foreign),
    }
    tx.commit()?;
    // A receipt is given for what was committed, so a commit has to survive a power cut: FULL syncs the log each time.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    if !ours {
        create(&mut connection)?;
    }
    Ok(connection)
}

/// Two processes may come here at once: the second finds the schema made.
fn create(connection: &mut Connection) -> Result<(), Failure> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let made: i64 = tx.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if made != APPLICATION_ID {
        tx.execute_batch(include_str!("schema.sql"))?;
    }
    tx.commit()?;
    Ok(())
}

/// The entry; an empty one when there is none.
pub(super) fn read(tx: &Transaction<'_>, id: &TableId) -> Result<CurrentTable, Failure> {
    let row: Option<(i64, String)> = tx
        .prepare_cached("SELECT version, fields FROM entry WHERE table_id = ?1")?
        .query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((version, fields)) = row else {
        return Ok(CurrentTable { version: "0".to_owned(), fields: Vec::new() });
    };
    let fields: Vec<CatalogField> = serde_json::from_str(&fields).map_err(|_| Failure::Damaged(id.clone()))?;
    Ok(CurrentTable { version: version.to_string(), fields })
}

/// Stores the entry under a new version and gives that.
pub(super) fn store(tx: &Transaction<'_>, table: &TableRef, entry: &CurrentTable) -> Result<String, Failure> {
    let fields = serde_json::to_string(&entry.fields).map_err(|_| Failure::Damaged(table.id.clone()))?;
    let version: i64 = tx
        .prepare_cached("UPDATE last_version SET version = version + 1 RETURNING version")?
        .query_row([], |row| row.get(0))?;
    tx.prepare_cached(
        "INSERT INTO entry (table_id, fqn, version, fields, updated_at_ms)
         VALUES (?1, ?2, ?3, ?4, CAST(unixepoch('subsec') * 1000 AS INTEGER))
         ON CONFLICT (table_id) DO UPDATE SET
             fqn = excluded.fqn, version = excluded.version,
             fields = excluded.fields, updated_at_ms = excluded.updated_at_ms",
    )?
    .execute(params![table.id.0, table.fqn.to_string(), version, fields])?;
    Ok(version.to_string())
}

/// Removes the entry, if there is one.
pub(super) fn delete(tx: &Transaction<'_>, id: &TableId) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM entry WHERE table_id = ?1")?.execute([&id.0])?;
    Ok(())
}
