//! Tables by their names in SQLite.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Fqn, TableRef};
use catalog_core::ports::ledger::TableNames;
use rusqlite::{Params, Transaction, params};

use super::{SqliteLedger, sql_limit};
use crate::failure::Failure;
use crate::stored::from_json;

const NAMED: &str = "SELECT table_id, table_ref FROM table_state WHERE backwards = ?1
    UNION ALL SELECT table_id, parked -> '$.table' FROM parked WHERE backwards = ?1
    ORDER BY table_id LIMIT 1";

/// What goes on with a dot, the end of the part before. Each side is read in the order of its index, no further than the
/// limit.
const NAMED_LIKE: &str = "
    SELECT * FROM (SELECT table_id, table_ref, backwards FROM table_state
                   WHERE backwards >= ?1 || '.' AND backwards < ?1 || '/'
                   ORDER BY backwards, table_id LIMIT ?2)
    UNION ALL
    SELECT * FROM (SELECT table_id, parked -> '$.table', backwards FROM parked
                   WHERE backwards >= ?1 || '.' AND backwards < ?1 || '/' AND NOT EXISTS (
                       SELECT 1 FROM table_state s WHERE s.table_id = parked.table_id AND s.backwards = parked.backwards)
                   ORDER BY backwards, table_id LIMIT ?2)
    ORDER BY backwards, table_id LIMIT ?2";

fn found(transaction: &Transaction<'_>, sql: &str, asked: impl Params) -> Result<Vec<TableRef>, Failure> {
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query(asked)?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        tables.push(from_json(row.get_ref(1)?.as_str()?, "the names of a table")?);
    }
    Ok(tables)
}

#[async_trait]
impl TableNames for SqliteLedger {
    async fn named(&self, name: &Fqn) -> Result<Option<TableRef>> {
        let backwards = name.backwards();
        self.read("find_table", move |transaction| Ok(found(transaction, NAMED, [backwards])?.pop())).await
    }

    async fn named_like(&self, ending: &Fqn, limit: usize) -> Result<Vec<TableRef>> {
        let (backwards, ending) = (ending.backwards(), ending.clone());
        self.read("find_table", move |transaction| {
            let mut tables = found(transaction, NAMED_LIKE, params![backwards, sql_limit(limit)])?;
            tables.retain(|table| table.fqn.ends_with(&ending));
            Ok(tables)
        })
        .await
    }
}
