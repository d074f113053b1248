//! The audit log in Postgres; triggers refuse to change or delete a row, and the runtime role has no right to.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{AuditRow, RunId};
use catalog_core::ports::ledger::{AuditFilter, AuditLog};
use sqlx::PgConnection;

use super::transact::reading;
use super::{PostgresLedger, key_of, sql_limit, sql_limit_or_default, text};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Adds rows in their order, in the transaction of the change that they tell of.
pub(super) async fn append(connection: &mut PgConnection, rows: &[&AuditRow]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|row| row.operation.table.fqn.to_string()).collect();
    sqlx::query(
        "INSERT INTO audit_log (at_ms, run, actor, action, fqn, fqn_key, operation)
         SELECT at_ms, run, actor, action, fqn, fqn_key, operation
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[])
              WITH ORDINALITY AS new (at_ms, run, actor, action, fqn, fqn_key, operation, nth)
         ORDER BY nth",
    )
    .bind(rows.iter().map(|row| row.at_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.run.as_ref().map(|run| text::stored(&run.0).into_owned())).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| text::stored(&row.actor).into_owned()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| text::stored(&row.action).into_owned()).collect::<Vec<_>>())
    .bind(names.iter().map(|name| text::stored(name).into_owned()).collect::<Vec<_>>())
    .bind(names.iter().map(|name| key_of(name)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| to_json(&row.operation)).collect::<Result<Vec<_>, _>>()?)
    .execute(connection)
    .await?;
    Ok(())
}

type Row = (i64, Option<String>, String, String, String);

fn from_row((at_ms, run, actor, action, operation): Row) -> Result<AuditRow, Failure> {
    Ok(AuditRow {
        at_ms,
        run: run.map(|run| RunId(text::read(run))),
        actor: text::read(actor),
        action: text::read(action),
        operation: from_json(&operation, "an operation of the audit log")?,
    })
}

#[async_trait]
impl AuditLog for PostgresLedger {
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
        let table = filter.table.as_ref().map(|fqn| key_of(&fqn.to_string()));
        let run = filter.run.as_ref().map(|run| text::stored(&run.0).into_owned());
        let latest_first: Vec<Row> = reading!(self, "read_audit_log", |connection| {
            Ok(sqlx::query_as(
                "SELECT at_ms, run, actor, action, operation FROM audit_log
                 WHERE ($1 IS NULL OR fqn_key = $1) AND at_ms >= $2 AND ($4::text IS NULL OR run = $4)
                     AND ($5::text IS NULL OR starts_with(operation::json ->> 'id', $5))
                 ORDER BY at_ms DESC, place DESC LIMIT $3 OFFSET $6",
            )
            .bind(&table)
            .bind(filter.from_ms.unwrap_or(i64::MIN))
            .bind(sql_limit_or_default(filter.limit))
            .bind(&run)
            .bind(&filter.operation)
            .bind(sql_limit(filter.skip))
            .fetch_all(connection)
            .await?)
        })?;
        let rows = latest_first.into_iter().rev().map(from_row).collect::<Result<_, _>>();
        rows.map_err(|failure| failure.tell("read_audit_log", self.connections.place()))
    }
}
