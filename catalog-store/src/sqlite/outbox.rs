//! The outbox in SQLite. A receipt is the row of an operation that was published.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog_core::model::{AuditRow, Operation, OperationId, Receipt, TableId};
use catalog_core::ports::ledger::{Outbox, OutboxClaim};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{SqliteLedger, audit_log, sql_limit, work_queue};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

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

/// Walks from the oldest on, past tables that somebody else holds at the given time (`None`: nobody is asked). Each table met is taken whole, so that of the walk at most `limit` steps meet a table
/// again, however much waits.
fn oldest(transaction: &Transaction<'_>, limit: usize, free_at_ms: Option<i64>) -> Result<Vec<Operation>, Failure> {
    let mut by_age = transaction.prepare_cached(
        "SELECT table_id FROM outbox INDEXED BY outbox_by_age WHERE fate = 'pending' AND place > 0 ORDER BY place",
    )?;
    let mut of_table = transaction.prepare_cached(
        "SELECT operation FROM outbox INDEXED BY outbox_pending
         WHERE table_id = ?1 AND fate = 'pending' ORDER BY place LIMIT ?2",
    )?;
    let mut holder = transaction.prepare_cached(
        "SELECT 1 FROM outbox INDEXED BY outbox_pending
         WHERE table_id = ?1 AND fate = 'pending' AND claim_until_ms > ?2",
    )?;
    let (mut operations, mut taken) = (Vec::new(), BTreeSet::new());
    let mut walk = by_age.query([])?;
    while operations.len() < limit {
        let Some(row) = walk.next()? else { break };
        let table: String = row.get(0)?;
        if taken.contains(&table) {
            continue;
        }
        if let Some(now_ms) = free_at_ms
            && holder.exists(params![table, now_ms])?
        {
            taken.insert(table);
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
        self.read("read_outbox", move |transaction| oldest(transaction, limit, None)).await
    }

    async fn pending_of(&self, table: &TableId) -> Result<Vec<Operation>> {
        let table = table.0.clone();
        self.read("read_outbox", move |transaction| {
            let mut of_table = transaction.prepare_cached(
                "SELECT operation FROM outbox INDEXED BY outbox_pending
                 WHERE table_id = ?1 AND fate = 'pending' ORDER BY place",
            )?;
            let mut rows = of_table.query([&table])?;
            let mut operations = Vec::new();
            while let Some(row) = rows.next()? {
                operations.push(from_json(row.get_ref(0)?.as_str()?, "an operation of the outbox")?);
            }
            Ok(operations)
        })
        .await
    }

    async fn claim(&self, limit: usize, now_ms: i64, lease_ms: i64) -> Result<OutboxClaim> {
        let until_ms = now_ms.saturating_add(lease_ms);
        self.write("claim_outbox", move |transaction| {
            let fence = work_queue::next_fence(transaction)?;
            let operations = oldest(transaction, limit, Some(now_ms))?;
            let mut claim = transaction
                .prepare_cached("UPDATE outbox SET claim_fence = ?2, claim_until_ms = ?3 WHERE operation_id = ?1")?;
            for operation in &operations {
                claim.execute(params![operation.id.0, fence, until_ms])?;
            }
            Ok(OutboxClaim { fence: fence.unsigned_abs(), operations })
        })
        .await
    }

    async fn extend_claim(&self, fence: u64, table: &TableId, until_ms: i64) -> Result<()> {
        let (fence, table) = (fence.cast_signed(), table.clone());
        self.write("extend_claim", move |transaction| {
            let held = transaction
                .prepare_cached(
                    "SELECT 1 FROM outbox INDEXED BY outbox_by_claim
                     WHERE claim_fence = ?1 AND table_id = ?2 AND fate = 'pending'",
                )?
                .exists(params![fence, table.0])?;
            if !held {
                return Err(claim_lost(&table).into());
            }
            transaction
                .prepare_cached("UPDATE outbox SET claim_until_ms = ?2 WHERE claim_fence = ?1 AND fate = 'pending'")?
                .execute([fence, until_ms])?;
            Ok(())
        })
        .await
    }

    async fn release_claim(&self, fence: u64) -> Result<()> {
        self.write("release_claim", move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE outbox SET claim_fence = NULL, claim_until_ms = NULL
                     WHERE claim_fence = ?1 AND fate = 'pending'",
                )?
                .execute([fence.cast_signed()])?;
            Ok(())
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

fn claim_lost(table: &TableId) -> Error {
    let why = "the claim was lost: somebody else holds the table, or all of it was recorded";
    Error::new(ErrorKind::Conflict, "extend_claim", why).with("table_id", table)
}

fn unknown(step: &'static str, id: &OperationId) -> Error {
    Error::new(ErrorKind::NotFound, step, "no such operation waits in the outbox").with("operation", id)
}
