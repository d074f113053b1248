//! Scans of tables held in memory.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::MemoryTables;
use super::cut::{cut_cell, vanished};
use crate::model::{CellRef, RawCell, SampleMethod, Table};
use crate::ports::{ScanRequest, ScanSummary, SharedSink, TableScanner};
use crate::{Error, ErrorKind, Result};

/// Hands over the rows of [`MemoryTables`] in their order.
pub struct MemoryScanner {
    tables: Arc<MemoryTables>,
}

impl MemoryScanner {
    /// Reads these tables.
    pub fn new(tables: Arc<MemoryTables>) -> Self {
        Self { tables }
    }
}

#[async_trait]
impl TableScanner for MemoryScanner {
    async fn scan(&self, table: &Table, request: &ScanRequest, sink: SharedSink) -> Result<ScanSummary> {
        let stored = self.tables.get(table.fqn()).ok_or_else(|| vanished("scan_table", table.fqn()))?;
        if let Some(index) = request.columns.iter().find(|i| **i >= stored.table.columns.len()) {
            return Err(Error::new(ErrorKind::NotFound, "scan_table", "the table has no such column")
                .with("table", table.fqn())
                .with("column_index", index));
        }
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let rows_max = request.rows_max.unwrap_or(u64::MAX);
        let mut rows = 0;
        let mut complete = true;
        for row in &stored.rows {
            if rows == rows_max {
                complete = false;
                break;
            }
            let cell = |i: &usize| row.get(*i).map_or(CellRef::Null, RawCell::as_ref);
            let cells: Vec<CellRef<'_>> =
                request.columns.iter().map(|i| cut_cell(cell(i), request.cell_bytes_max)).collect();
            rows += 1;
            if sink.row(&cells).is_break() {
                complete = rows == stored.rows.len() as u64;
                break;
            }
        }
        let method = if complete { SampleMethod::FullScan } else { SampleMethod::Limit };
        Ok(ScanSummary { rows, complete, method })
    }
}
