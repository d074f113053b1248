//! The audit log in SQLite; triggers refuse to change or delete a row.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{AuditRow, RunId};
use catalog_core::ports::ledger::{AuditFilter, AuditLog};
use rusqlite::{Transaction, params};

use super::{SqliteLedger, sql_limit, sql_limit_or_default};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Adds a row, in the transaction of the change that it tells of.
pub(super) fn append(transaction: &Transaction<'_>, row: &AuditRow) -> Result<(), Failure> {
    let run = row.run.as_ref().map(|run| &run.0);
    let fqn = row.operation.table.fqn.to_string();
    transaction
        .prepare_cached(
            "INSERT INTO audit_log (at_ms, run, actor, action, fqn, operation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![row.at_ms, run, row.actor, row.action, fqn, to_json(&row.operation)?])?;
    Ok(())
}

#[async_trait]
impl AuditLog for SqliteLedger {
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
        let table = filter.table.as_ref().map(ToString::to_string);
        let from_ms = filter.from_ms.unwrap_or(i64::MIN);
        let run = filter.run.as_ref().map(|run| run.0.clone());
        let operation = filter.operation.clone();
        let (limit, skip) = (sql_limit_or_default(filter.limit), sql_limit(filter.skip));
        self.read("read_audit_log", move |transaction| {
            let condition = if table.is_some() { "fqn = ?1" } else { "?1 IS NULL" };
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT at_ms, run, actor, action, operation FROM audit_log WHERE {condition} AND at_ms >= ?2
                     AND (?4 IS NULL OR run = ?4)
                     AND (?5 IS NULL OR substr(json_extract(operation, '$.id'), 1, length(?5)) = ?5)
                 ORDER BY at_ms DESC, place DESC LIMIT ?3 OFFSET ?6"
            ))?;
            let mut rows = statement.query(params![table, from_ms, limit, run, operation, skip])?;
            let mut latest_first = Vec::new();
            while let Some(row) = rows.next()? {
                latest_first.push(AuditRow {
                    at_ms: row.get(0)?,
                    run: row.get::<_, Option<String>>(1)?.map(RunId),
                    actor: row.get(2)?,
                    action: row.get(3)?,
                    operation: from_json(row.get_ref(4)?.as_str()?, "an operation of the audit log")?,
                });
            }
            latest_first.reverse();
            Ok(latest_first)
        })
        .await
    }
}
