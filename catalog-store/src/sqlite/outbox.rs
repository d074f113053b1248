//! The outbox in SQLite. A receipt is the row of an operation that was published.

use async_trait::async_trait;
use catalog_core::model::{AuditRow, Operation, OperationId, Receipt};
use catalog_core::ports::ledger::Outbox;
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::stored::{from_json, to_json};
use super::{SqliteLedger, audit_log, sql_limit};
use crate::failure::Failure;

/// Puts an operation into the outbox; one that waits there, or has its receipt, stays as it is.
pub(super) fn send(transaction: &Transaction<'_>, operation: &Operation) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "INSERT INTO outbox (operation_id, table_id, operation) VALUES (?1, ?2, ?3)
             ON CONFLICT (operation_id) DO UPDATE SET fate = 'pending', withdrawn_because = NULL
             WHERE fate = 'withdrawn'",
        )?
        .execute(params![operation.id.0, operation.table.id.0, to_json(operation)?])?;
    Ok(())
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
        self.read("read_outbox", move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT operation FROM outbox
                 JOIN (SELECT table_id, min(place) AS oldest FROM outbox WHERE fate = 'pending' GROUP BY table_id)
                 USING (table_id)
                 WHERE fate = 'pending' ORDER BY oldest, place LIMIT ?1",
            )?;
            let mut rows = statement.query([sql_limit(limit)])?;
            let mut operations = Vec::new();
            while let Some(row) = rows.next()? {
                operations.push(from_json(row.get_ref(0)?.as_str()?, "an operation of the outbox")?);
            }
            Ok(operations)
        })
        .await
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
            let withdrawn = transaction
                .prepare_cached(
                    "UPDATE outbox SET fate = 'withdrawn', withdrawn_because = ?2
                     WHERE operation_id = ?1 AND fate = 'pending'",
                )?
                .execute([&id.0, &reason])?;
            if withdrawn == 0 { Err(unknown("withdraw_operation", &id).into()) } else { Ok(()) }
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
