//! The profiler: one scan, all columns.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{CellRef, Column, ProfiledTable, RawSample, SampleMethod, Table, TableProfile};
use catalog_core::ports::{Profiler, RowSink, ScanRequest, ScanSummary, SharedSink, TableScanner};
use catalog_core::{ErrorKind, Result};

use crate::column::{ColumnAccumulator, FinishedColumn, Seen};

/// The limits of profiling one table.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileOptions {
    /// Read at most this many rows; `None` reads all.
    pub rows_max: Option<u64>,
    /// Columns read by one scan; a wider table is scanned again for the next ones. One column holds up to some
    /// 256 KiB, so this bounds memory: 256 columns, 64 MiB.
    pub columns_per_scan: usize,
    /// A longer text or binary cell is cut to this many bytes before it is looked at.
    pub cell_bytes_max: usize,
    /// One scan takes no longer than this; a table that needs longer is profiled from its sample.
    pub deadline: Duration,
}

impl Default for ProfileOptions {
    /// All rows, 256 columns a scan, cells of 4 KiB, 10 minutes a scan.
    fn default() -> Self {
        Self { rows_max: None, columns_per_scan: 256, cell_bytes_max: 4096, deadline: Duration::from_secs(600) }
    }
}

/// Profiles tables through a [`TableScanner`]. A table whose scan is refused (`Unsupported`) or does not end in time
/// (`Timeout`) is profiled from the sample, and the profile's `method` and `rows_seen` say so.
pub struct ScanProfiler {
    scanner: Arc<dyn TableScanner>,
    options: ProfileOptions,
}

impl ScanProfiler {
    /// Profiles what `scanner` reads, within the limits.
    pub fn new(scanner: Arc<dyn TableScanner>, options: ProfileOptions) -> Self {
        Self { scanner, options }
    }

    async fn scan_all(&self, table: &Table) -> Result<ProfiledTable> {
        let mut whole: Option<ScanSummary> = None;
        let mut finished = Vec::with_capacity(table.columns.len());
        let indices: Vec<usize> = (0..table.columns.len()).collect();
        for batch in indices.chunks(self.options.columns_per_scan.max(1)) {
            let columns = &table.columns[batch[0]..batch[0] + batch.len()];
            let sink = Arc::new(Mutex::new(ColumnsSink::new(columns)));
            let request = ScanRequest {
                columns: batch.to_vec(),
                rows_max: self.options.rows_max,
                cell_bytes_max: self.options.cell_bytes_max,
                deadline: self.options.deadline,
            };
            let summary = self.scanner.scan(table, &request, Arc::clone(&sink) as SharedSink).await?;
            let sink = std::mem::take(&mut *sink.lock().unwrap_or_else(PoisonError::into_inner));
            finished.extend(sink.finish(columns, summary.complete));
            // Rows may come and go between two scans; what every column saw is the smaller count.
            whole = Some(whole.map_or(summary, |w| ScanSummary {
                rows: w.rows.min(summary.rows),
                complete: w.complete && summary.complete,
                method: if w.complete { summary.method } else { w.method },
            }));
        }
        let whole = whole.unwrap_or(ScanSummary { rows: 0, complete: false, method: SampleMethod::Limit });
        Ok(assemble(table, whole, finished))
    }
}

#[async_trait]
impl Profiler for ScanProfiler {
    async fn profile(&self, table: &Table, sample: &RawSample) -> Result<ProfiledTable> {
        match self.scan_all(table).await {
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Timeout) => {
                tracing::warn!(table.fqn = %table.fqn(), error = %error, "profiled from the sample");
                Ok(profile_sample(table, sample))
            }
            outcome => outcome,
        }
    }
}

/// Accumulates the columns of one scan.
#[derive(Default)]
struct ColumnsSink {
    columns: Vec<ColumnAccumulator>,
}

impl ColumnsSink {
    fn new(columns: &[Column]) -> Self {
        Self { columns: columns.iter().map(|c| ColumnAccumulator::new(c.data_type)).collect() }
    }

    fn finish(self, columns: &[Column], complete: bool) -> impl Iterator<Item = FinishedColumn> {
        let seen = if complete { Seen::Everything } else { Seen::Part };
        self.columns.into_iter().zip(columns).map(move |(column, c)| column.finish(&c.name, seen))
    }
}

impl RowSink for ColumnsSink {
    fn row(&mut self, cells: &[CellRef<'_>]) -> ControlFlow<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        ControlFlow::Continue(())
    }
}

fn profile_sample(table: &Table, sample: &RawSample) -> ProfiledTable {
    let complete = sample.method() == SampleMethod::FullScan && !sample.truncated();
    let summary = ScanSummary { rows: sample.row_count() as u64, complete, method: sample.method() };
    assemble(table, summary, finish_sample(table, sample))
}

/// What the sample says of each of the table's columns. They are matched by name: the sample may be older than the
/// table's description.
pub(crate) fn finish_sample(table: &Table, sample: &RawSample) -> Vec<FinishedColumn> {
    let complete = sample.method() == SampleMethod::FullScan && !sample.truncated();
    let names: Vec<&str> = sample.column_names().collect();
    let seen = if complete { Seen::Everything } else { Seen::Part };
    let finished = table.columns.iter().map(|column| {
        let mut accumulator = ColumnAccumulator::new(column.data_type);
        if let Some(index) = names.iter().position(|name| *name == column.name) {
            sample.cells(index).for_each(|cell| accumulator.push(cell));
        }
        accumulator.finish(&column.name, seen)
    });
    finished.collect()
}

/// Columns and what was read of the table, as its profile.
pub(crate) fn assemble(table: &Table, summary: ScanSummary, finished: Vec<FinishedColumn>) -> ProfiledTable {
    let row_count = if summary.complete {
        summary.rows
    } else {
        table.row_count_estimate.unwrap_or(summary.rows).max(summary.rows)
    };
    let mut profiled = ProfiledTable {
        profile: TableProfile {
            row_count,
            row_count_exact: summary.complete,
            rows_seen: summary.rows,
            method: summary.method,
            columns: Vec::with_capacity(finished.len()),
        },
        values: Vec::with_capacity(finished.len()),
        fingerprints: Vec::with_capacity(finished.len()),
    };
    for column in finished {
        profiled.profile.columns.push(column.profile);
        profiled.values.push(column.values);
        profiled.fingerprints.push(column.fingerprint);
    }
    profiled
}
