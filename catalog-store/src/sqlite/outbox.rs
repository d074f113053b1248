//! The outbox in SQLite. A receipt is the row of an operation that was published.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog_core::model::{AuditRow, Operation, OperationId, Receipt};
use catalog_core::ports::ledger::Outbox;
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::stored::{from_json, to_json};
use super::{SqliteLedger, audit_log, sql_limit};
use crate::failure::Failure;

/// Puts an operation into the outbox under its id, as the newest; one that waits there, or has its receipt, stays as
/// it is.
pub(super) fn send(transaction: &Transaction<'_>, operation: &Operation) -> Result<(), Failure> {
    transaction
        .prepare_cached("DELETE FROM outbox WHERE operation_id = ?1 AND fate = 'withdrawn'")?
        .execute([&operation.id.0])?;
    transaction
        .prepare_cached(
            "INSERT INTO outbox (operation_id, table_id, operation) VALUES (?1, ?2, ?3)
             ON CONFLICT (operation_id) DO NOTHING",
        )?
        .execute(params![operation.id.0, operation.table.id.0, to_json(operation)?])?;
    Ok(())
}

/// What became of an operation: `pending`, `published` or `withdrawn`.
pub(super) fn fate(transaction: &Transaction<'_>, id: &OperationId) -> Result<Option<String>, Failure> {
    let mut statement = transaction.prepare_cached("SELECT fate FROM outbox WHERE operation_id = ?1")?;
    Ok(statement.query_row([&id.0], |row| row.get(0)).optional()?)
}

/// Takes an operation out, if it waits. Did it?
pub(super) fn withdraw(transaction: &Transaction<'_>, id: &OperationId, reason: &str) -> Result<bool, Failure> {
    let withdrawn = transaction
        .prepare_cached(
            "UPDATE outbox SET fate = 'withdrawn', withdrawn_because = ?2 WHERE operation_id = ?1 AND fate = 'pending'",
        )?
        .execute([id.0.as_str(), reason])?;
    Ok(withdrawn > 0)
}

/// Walks from the oldest on. Each table met is taken whole, so that of the walk at most `limit` steps meet a table
/// again, however much waits.
fn oldest(transaction: &Transaction<'_>, limit: usize) -> Result<Vec<Operation>, Failure> {
    let mut by_age = transaction.prepare_cached(
        "SELECT table_id FROM outbox INDEXED BY outbox_by_age WHERE fate = 'pending' AND place > 0 ORDER BY place",
    )?;
    let mut of_table = transaction.prepare_cached(
        "SELECT operation FROM outbox INDEXED BY outbox_pending
         WHERE table_id = ?1 AND fate = 'pending' ORDER BY place LIMIT ?2",
    )?;
    let (mut operations, mut taken) = (Vec::new(), BTreeSet::new());
    let mut walk = by_age.query([])?;
    while operations.len() < limit {
        let Some(row) = walk.next()? else { break };
        let table: String = row.get(0)?;
        if taken.contains(&table) {
            continue;
        }
        let mut rows = of_table.query(params![table, sql_limit(limit - operations.len())])?;
        while let Some(row) = rows.next()? {
            operations.push(from_json(row.get_ref(0)?.as_str()?, "an operation of the outbox")?);
        }
        taken.insert(table);
    }
    Ok(operations)
}

/// Notes the receipt, once. The audit row goes in exactly when the receipt does.
fn record_one(transaction: &Transaction<'_>, receipt: &Receipt, row: &AuditRow) -> Result<(), Failure> {
    let published: bool = transaction
        .prepare_cached("SELECT fate = 'published' FROM outbox WHERE operation_id = ?1")?
        .query_row([&receipt.operation.0], |row| row.get(0))
        .optional()?
        .ok_or_else(|| unknown("record_receipt", &receipt.operation))?;
    if published {
        return Ok(());
    }
    transaction
        .prepare_cached(
            "UPDATE outbox SET fate = 'published', withdrawn_because = NULL, version = ?2, published_at_ms = ?3
             WHERE operation_id = ?1",
        )?
        .execute(params![receipt.operation.0, receipt.version, receipt.at_ms])?;
    audit_log::append(transaction, row)
}

#[async_trait]
impl Outbox for SqliteLedger {
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>> {
        self.read("read_outbox", move |transaction| oldest(transaction, limit)).await
    }

    async fn record(&self, receipts: &[(Receipt, AuditRow)]) -> Result<()> {
        let receipts = receipts.to_vec();
        self.write("record_receipt", move |transaction| {
            receipts.iter().try_for_each(|(receipt, row)| record_one(transaction, receipt, row))
        })
        .await
    }

    async fn withdraw(&self, id: &OperationId, reason: &str) -> Result<()> {
        let (id, reason) = (id.clone(), reason.to_owned());
        self.write("withdraw_operation", move |transaction| {
            if withdraw(transaction, &id, &reason)? { Ok(()) } else { Err(unknown("withdraw_operation", &id).into()) }
        })
        .await
    }

    async fn receipt(&self, id: &OperationId) -> Result<Option<Receipt>> {
        let id = id.clone();
        self.read("read_receipt", move |transaction| {
            let receipt = transaction
                .prepare_cached(
                    "SELECT version, published_at_ms FROM outbox WHERE operation_id = ?1 AND fate = 'published'",
                )?
                .query_row([&id.0], |row| {
                    Ok(Receipt { operation: id.clone(), version: row.get(0)?, at_ms: row.get(1)? })
                })
                .optional()?;
            Ok(receipt)
        })
        .await
    }
}

fn unknown(step: &'static str, id: &OperationId) -> Error {
    Error::new(ErrorKind::NotFound, step, "no such operation waits in the outbox").with("operation", id)
}
