//! Streaming a whole table out of SQLite.

use std::ops::ControlFlow;
use std::sync::PoisonError;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{SampleMethod, Table};
use catalog_core::ports::{RowSink, ScanRequest, ScanSummary, SharedSink, TableScanner};
use rusqlite::Connection;

use super::SqliteWarehouse;
use super::rows::{borrow_row, read_row, recycle};
use super::sampler::table_error;
use super::sql_text::{select_list, table_name};
use crate::sources::blocking_job::{self, StopSign};

const OPERATION: &str = "scan_table";

#[async_trait]
impl TableScanner for SqliteWarehouse {
    async fn scan(&self, table: &Table, request: &ScanRequest, sink: SharedSink) -> Result<ScanSummary> {
        let connections = self.connections.clone();
        let (table, request) = (table.clone(), request.clone());
        blocking_job::run(OPERATION, Some(request.deadline), move |stop| {
            let scanned = connections.with(stop, |file| {
                let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
                stream(&file.connection, &table, &request, stop, &mut *sink)
            });
            scanned.map_err(|e| e.with("table", table.fqn()))
        })
        .await
    }
}

fn stream(
    connection: &Connection,
    table: &Table,
    request: &ScanRequest,
    stop: &StopSign,
    sink: &mut dyn RowSink,
) -> Result<ScanSummary> {
    let width = request.columns.len();
    let rows_max = request.rows_max.unwrap_or(u64::MAX);
    let sql = format!("SELECT {} FROM {} t", select_list(table, &request.columns)?, table_name(table));
    let failed = |e: rusqlite::Error| table_error(connection, table, OPERATION, stop, &e);
    let mut statement = connection.prepare(&sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut handed = 0;
    let mut complete = true;
    let mut buffer = Vec::with_capacity(width);
    while let Some(row) = rows.next().map_err(failed)? {
        if handed == rows_max {
            complete = false;
            break;
        }
        let mut cells = recycle(buffer);
        let flow = match borrow_row(row, width, request.cell_bytes_max, &mut cells) {
            Ok(()) => sink.row(&cells),
            Err(_) => {
                let owned = read_row(row, width, request.cell_bytes_max);
                sink.row(&owned.iter().map(|c| c.as_ref()).collect::<Vec<_>>())
            }
        };
        buffer = recycle(cells);
        handed += 1;
        if flow == ControlFlow::Break(()) {
            complete = rows.next().map_err(failed)?.is_none();
            break;
        }
    }
    let method = if complete { SampleMethod::FullScan } else { SampleMethod::Limit };
    Ok(ScanSummary { rows: handed, complete, method })
}
