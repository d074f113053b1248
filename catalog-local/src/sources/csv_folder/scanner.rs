//! Streaming a whole CSV file.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::PoisonError;

use async_trait::async_trait;
use catalog_core::model::{CellRef, DataType, SampleMethod, Table};
use catalog_core::ports::{RowSink, ScanRequest, ScanSummary, SharedSink, TableScanner};
use catalog_core::{Error, ErrorKind, Result};
use csv::ByteRecord;

use super::cells::cell;
use super::file::CsvFile;
use super::source::changed;
use super::{CsvFolder, file_of_table};
use crate::sources::blocking_job::{self, StopSign};

const OPERATION: &str = "scan_table";
const ROWS_BETWEEN_LOOKS: u64 = 1024;

#[async_trait]
impl TableScanner for CsvFolder {
    async fn scan(&self, table: &Table, request: &ScanRequest, sink: SharedSink) -> Result<ScanSummary> {
        let folder = self.folder.clone();
        let (table, request) = (table.clone(), request.clone());
        blocking_job::run(OPERATION, Some(request.deadline), move |stop| {
            let path = file_of_table(&folder, &table, OPERATION)?;
            let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
            stream(&path, &table, &request, stop, &mut *sink)
        })
        .await
    }
}

fn stream(
    path: &Path,
    table: &Table,
    request: &ScanRequest,
    stop: &StopSign,
    sink: &mut dyn RowSink,
) -> Result<ScanSummary> {
    let named = |e: Error| e.with("table", table.fqn());
    let columns = typed_columns(table, &request.columns)?;
    let rows_max = request.rows_max.unwrap_or(u64::MAX);
    let mut rows = open_listed(path, table, OPERATION)?;
    let mut row = ByteRecord::new();
    let mut handed = 0_u64;
    let mut complete = true;
    while rows.next_row(&mut row).map_err(named)? {
        if handed == rows_max {
            complete = false;
            break;
        }
        if handed.is_multiple_of(ROWS_BETWEEN_LOOKS) && stop.is_up() {
            return Err(named(stop.error(OPERATION)));
        }
        let flow = hand_over(&row, &columns, request.cell_bytes_max, sink);
        handed += 1;
        if flow == ControlFlow::Break(()) {
            complete = !rows.next_row(&mut row).map_err(named)?;
            break;
        }
    }
    let method = if complete { SampleMethod::FullScan } else { SampleMethod::Limit };
    Ok(ScanSummary { rows: handed, complete, method })
}

/// Gives one row to the sink. Only fields that are not UTF-8 are copied.
fn hand_over(
    row: &ByteRecord,
    columns: &[(usize, DataType)],
    bytes_max: usize,
    sink: &mut dyn RowSink,
) -> ControlFlow<()> {
    let texts: Vec<_> =
        columns.iter().map(|(index, _)| String::from_utf8_lossy(row.get(*index).unwrap_or_default())).collect();
    let cells: Vec<CellRef<'_>> =
        columns.iter().zip(&texts).map(|((_, data_type), text)| cell(text, *data_type, bytes_max)).collect();
    sink.row(&cells)
}

/// The requested columns' positions and types.
fn typed_columns(table: &Table, indices: &[usize]) -> Result<Vec<(usize, DataType)>> {
    let typed = indices.iter().map(|i| table.columns.get(*i).map(|c| (*i, c.data_type)));
    typed.collect::<Option<Vec<_>>>().ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, OPERATION, "a requested column is beyond the last one")
            .with("table", table.fqn())
    })
}

/// Opens the table's file; its header must still be the listed one.
pub(super) fn open_listed(path: &Path, table: &Table, operation: &'static str) -> Result<CsvFile> {
    let file = CsvFile::open(path, operation).map_err(|e| e.with("table", table.fqn()))?;
    if file.names().iter().ne(table.columns.iter().map(|c| &c.name)) {
        return Err(changed(table, operation));
    }
    Ok(file)
}
