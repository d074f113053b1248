//! Reading a table once, row by row, in bounded memory.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use crate::Result;
use crate::model::{CellRef, SampleMethod, Table};

/// Receives rows. It runs inside the scan, possibly on a blocking thread, so it must not wait.
pub trait RowSink: Send {
    /// One row: the requested columns in the requested order. `Break` ends the scan.
    fn row(&mut self, cells: &[CellRef<'_>]) -> ControlFlow<()>;
}

/// A sink that the caller keeps a handle to, to take its result after the scan.
pub type SharedSink = Arc<Mutex<dyn RowSink>>;

/// What to read.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanRequest {
    /// Indices into the table's columns.
    pub columns: Vec<usize>,
    /// Stop after this many rows (`None`: read all).
    pub rows_max: Option<u64>,
    /// A longer text or binary cell is cut to this many bytes.
    pub cell_bytes_max: usize,
    /// Give up after this long.
    pub deadline: Duration,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanSummary {
    /// Rows handed to the sink.
    pub rows: u64,
    /// Was every row of the table handed over?
    pub complete: bool,
    /// Which rows were handed over.
    pub method: SampleMethod,
}

/// Streams rows through a sink.
#[async_trait]
pub trait TableScanner: Send + Sync {
    /// Hands rows to the sink one at a time; memory does not grow with the table. The sink's lock is taken by the
    /// scan alone. Reads only; dropping the future stops it soon, rows already handed over stay with the sink.
    ///
    /// # Errors
    /// `NotFound` (the table vanished), `Corrupt` (a damaged row; names its number), `Forbidden`, `Timeout`,
    /// `Unavailable`. No message quotes a cell.
    async fn scan(&self, table: &Table, request: &ScanRequest, sink: SharedSink) -> Result<ScanSummary>;
}
