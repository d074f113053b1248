//! The outbox in Postgres. A receipt is the row of an operation that was published.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog_core::model::{AuditRow, Operation, OperationId, Receipt, TableId};
use catalog_core::ports::ledger::{Outbox, OutboxClaim};
use catalog_core::{Error, ErrorKind, Result};
use sqlx::PgConnection;

use super::transact::{reading, writing};
use super::{PostgresLedger, audit_log, precedents, sql_limit, text};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Puts operations into the outbox under their ids, as the newest; one that waits there, or has its receipt, stays as
/// it is.
pub(super) async fn send(connection: &mut PgConnection, operations: &[Operation]) -> Result<(), Failure> {
    if operations.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = operations.iter().map(|o| text::stored(&o.id.0).into_owned()).collect();
    sqlx::query("DELETE FROM outbox WHERE operation_id = ANY($1) AND fate = 'withdrawn'")
        .bind(&ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO outbox (operation_id, table_id, operation)
         SELECT operation_id, table_id, operation
         FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS new (operation_id, table_id, operation, nth)
         ORDER BY nth
         ON CONFLICT (operation_id) DO NOTHING",
    )
    .bind(&ids)
    .bind(operations.iter().map(|o| text::stored(&o.table.id.0).into_owned()).collect::<Vec<_>>())
    .bind(operations.iter().map(to_json).collect::<Result<Vec<_>, _>>()?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Sends what a plan publishes, each under the id that it may use; what a steward rejected is dropped.
pub(super) async fn send_planned(connection: &mut PgConnection, planned: &[Operation]) -> Result<(), Failure> {
    if planned.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = planned.iter().map(|operation| &operation.id).collect();
    let usable = precedents::ids_to_use(connection, &ids).await?;
    let sent =
        planned.iter().zip(usable).filter_map(|(operation, id)| Some(Operation { id: id?, ..operation.clone() }));
    send(connection, &sent.collect::<Vec<_>>()).await
}

/// Does an operation wait, or was it published?
pub(super) async fn is_sent(connection: &mut PgConnection, id: &OperationId) -> Result<bool, Failure> {
    let sent = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE operation_id = $1 AND fate IN ('pending', 'published'))",
    );
    Ok(sent.bind(text::stored(&id.0)).fetch_one(connection).await?)
}

/// Takes an operation out, if it waits. Did it?
pub(super) async fn withdraw(connection: &mut PgConnection, id: &OperationId, reason: &str) -> Result<bool, Failure> {
    let withdrawn = sqlx::query(
        "UPDATE outbox SET fate = 'withdrawn', withdrawn_because = $2 WHERE operation_id = $1 AND fate = 'pending'",
    )
    .bind(text::stored(&id.0))
    .bind(text::stored(reason))
    .execute(connection)
    .await?;
    Ok(withdrawn.rows_affected() > 0)
}

/// The oldest rows name the tables; each table is taken whole, in the order of its oldest row.
const PENDING: &str = "WITH oldest AS (
        SELECT table_id, place FROM outbox WHERE fate = 'pending' ORDER BY place LIMIT $1),
    tables AS (SELECT table_id, min(place) AS age FROM oldest GROUP BY table_id)
    SELECT o.operation FROM tables t CROSS JOIN LATERAL (
        SELECT operation, place FROM outbox
        WHERE table_id = t.table_id AND fate = 'pending' ORDER BY place LIMIT $1) o
    ORDER BY t.age, o.place LIMIT $1";

/// Notes each receipt, once, with its audit row.
async fn record(connection: &mut PgConnection, receipts: &[(Receipt, AuditRow)]) -> Result<(), Failure> {
    let ids: Vec<String> =
        receipts.iter().map(|(receipt, _)| text::stored(&receipt.operation.0).into_owned()).collect();
    // Locked in one order, so that two drainers that record the same operations do not block each other.
    let found: Vec<(String, bool)> = sqlx::query_as(
        "SELECT operation_id, fate = 'published' FROM outbox WHERE operation_id = ANY($1)
         ORDER BY operation_id FOR UPDATE",
    )
    .bind(&ids)
    .fetch_all(&mut *connection)
    .await?;
    let known: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    if let Some((receipt, _)) = receipts.iter().find(|(r, _)| !known.contains(&*text::stored(&r.operation.0))) {
        return Err(unknown("record_receipt", &receipt.operation).into());
    }
    let mut spent: BTreeSet<String> = found.into_iter().filter(|(_, published)| *published).map(|(id, _)| id).collect();
    let mut new = Vec::new();
    for ((receipt, row), id) in receipts.iter().zip(ids) {
        if spent.insert(id.clone()) {
            new.push((id, receipt, row));
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE outbox o SET fate = 'published', withdrawn_because = NULL, version = new.version,
                published_at_ms = new.at_ms, claim_fence = NULL, claim_until_ms = NULL
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (id, version, at_ms)
         WHERE o.operation_id = new.id",
    )
    .bind(new.iter().map(|(id, ..)| id.clone()).collect::<Vec<_>>())
    .bind(new.iter().map(|(_, receipt, _)| text::stored(&receipt.version).into_owned()).collect::<Vec<_>>())
    .bind(new.iter().map(|(_, receipt, _)| receipt.at_ms).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;
    audit_log::append(connection, &new.iter().map(|(_, _, row)| *row).collect::<Vec<_>>()).await
}

#[async_trait]
impl Outbox for PostgresLedger {
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>> {
        reading!(self, "read_outbox", |connection| {
            let rows: Vec<String> = sqlx::query_scalar(PENDING).bind(sql_limit(limit)).fetch_all(connection).await?;
            rows.iter().map(|row| from_json(row, "an operation of the outbox")).collect::<Result<Vec<_>, _>>()
        })
    }

    async fn pending_of(&self, table: &TableId) -> Result<Vec<Operation>> {
        let sql = "SELECT operation FROM outbox WHERE table_id = $1 AND fate = 'pending' ORDER BY place";
        let table = text::stored(&table.0).into_owned();
        reading!(self, "read_outbox", |connection| {
            let rows: Vec<String> = sqlx::query_scalar(sql).bind(&table).fetch_all(connection).await?;
            rows.iter().map(|row| from_json(row, "an operation of the outbox")).collect::<Result<Vec<_>, _>>()
        })
    }

    async fn claim(&self, limit: usize, now_ms: i64, lease_ms: i64) -> Result<OutboxClaim> {
        self.claim_oldest(limit, now_ms, now_ms.saturating_add(lease_ms)).await
    }

    async fn extend_claim(&self, fence: u64, table: &TableId, until_ms: i64) -> Result<()> {
        self.extend_whole_claim(fence, table, until_ms).await
    }

    async fn release_claim(&self, fence: u64) -> Result<()> {
        self.end_claim(fence).await
    }

    async fn record(&self, receipts: &[(Receipt, AuditRow)]) -> Result<()> {
        if receipts.is_empty() {
            return Ok(());
        }
        writing!(self, "record_receipt", |connection| { record(connection, receipts).await })
    }

    async fn withdraw(&self, id: &OperationId, reason: &str) -> Result<()> {
        writing!(self, "withdraw_operation", |connection| {
            let withdrawn = withdraw(connection, id, reason).await?;
            if withdrawn { Ok(()) } else { Err(unknown("withdraw_operation", id).into()) }
        })
    }

    async fn receipt(&self, id: &OperationId) -> Result<Option<Receipt>> {
        let found: Option<(String, i64)> = reading!(self, "read_receipt", |connection| {
            Ok(sqlx::query_as(
                "SELECT version, published_at_ms FROM outbox WHERE operation_id = $1 AND fate = 'published'",
            )
            .bind(text::stored(&id.0))
            .fetch_optional(connection)
            .await?)
        })?;
        Ok(found.map(|(version, at_ms)| Receipt { operation: id.clone(), version: text::read(version), at_ms }))
    }
}

fn unknown(step: &'static str, id: &OperationId) -> Error {
    Error::new(ErrorKind::NotFound, step, "no such operation waits in the outbox").with("operation", id)
}
