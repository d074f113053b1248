//! Streaming a whole table out of Postgres. The server sends rows as fast as they are taken.

use std::ops::ControlFlow;
use std::sync::PoisonError;

use async_trait::async_trait;
use catalog_core::model::{SampleMethod, Table};
use catalog_core::ports::{ScanRequest, ScanSummary, SharedSink, TableScanner};
use catalog_core::{Error, Result};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, PgConnection};

use super::PostgresDatabase;
use super::cells::{select_list, table_name, with_cells};
use super::connection::within;
use super::errors::from_driver;

const OPERATION: &str = "scan_table";

#[async_trait]
impl TableScanner for PostgresDatabase {
    async fn scan(&self, table: &Table, request: &ScanRequest, sink: SharedSink) -> Result<ScanSummary> {
        let scanned = within(OPERATION, request.deadline, async {
            let mut connection = self.connections.begin(OPERATION, request.deadline).await?;
            let summary = stream(&mut connection, table, request, &sink).await?;
            if summary.complete {
                // A connection with rows under way is not worth draining.
                self.connections.end(connection).await;
            }
            Ok(summary)
        });
        scanned.await.map_err(|e: Error| e.with("table", table.fqn()))
    }
}

async fn stream(
    connection: &mut PgConnection,
    table: &Table,
    request: &ScanRequest,
    sink: &SharedSink,
) -> Result<ScanSummary> {
    let (list, types) = select_list(table, &request.columns, request.cell_bytes_max)?;
    let rows_max = request.rows_max.unwrap_or(u64::MAX);
    // One row more than asked tells whether the table ends there.
    let limit =
        request.rows_max.map_or_else(String::new, |n| format!(" LIMIT {}", n.saturating_add(1).min(i64::MAX as u64)));
    let sql = AssertSqlSafe(format!("SELECT {list} FROM {} t{limit}", table_name(table)));
    let mut rows = sqlx::query(sql).persistent(false).fetch(connection);
    let mut handed = 0;
    let mut complete = true;
    while let Some(row) = rows.try_next().await.map_err(|e| from_driver(OPERATION, &e))? {
        if handed == rows_max {
            complete = false;
            break;
        }
        // The lock cannot be held while waiting for the next row.
        let flow = with_cells(&row, &types, request.cell_bytes_max, |cells| {
            sink.lock().unwrap_or_else(PoisonError::into_inner).row(cells)
        });
        handed += 1;
        if flow == ControlFlow::Break(()) {
            complete = rows.try_next().await.map_err(|e| from_driver(OPERATION, &e))?.is_none();
            break;
        }
    }
    let method = if complete { SampleMethod::FullScan } else { SampleMethod::Limit };
    Ok(ScanSummary { rows: handed, complete, method })
}
