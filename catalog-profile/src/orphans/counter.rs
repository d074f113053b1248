//! The key counter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{ColumnSet, ConfirmCheck, ConfirmCount, Table};
use catalog_core::ports::{KeyCounter, ScanRequest, SharedSink, TableScanner};
use catalog_core::{Error, ErrorKind, Result};

use super::hash_window::{HashWindow, count_orphans};
use super::tuple_sink::TupleSink;

/// Bytes that one hash takes.
const HASH_BYTES: usize = size_of::<u128>();

/// The limits of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyCountOptions {
    /// Memory for the hashes of both sides together, in bytes. A side with more distinct values is read in several
    /// passes.
    pub memory_bytes: usize,
    /// Passes before the check is given up.
    pub passes_max: usize,
    /// Longer cells are cut to this many bytes on both sides.
    pub cell_bytes_max: usize,
    /// One scan takes no longer than this.
    pub deadline: Duration,
}

impl Default for KeyCountOptions {
    /// 64 MiB, 64 passes (some 64 million distinct values a side), cells of 4 KiB, 10 minutes a scan.
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, passes_max: 64, cell_bytes_max: 4096, deadline: Duration::from_secs(600) }
    }
}

/// Counts orphans by scanning both sides, for engines that cannot count themselves and for keys across engines.
/// Tuples are compared by the 128-bit hash of their canonical form: a false match is as likely as a collision of
/// Murmur3 x64 128, below 1e-22 for a hundred million values.
pub struct ScanKeyCounter {
    child_scanner: Arc<dyn TableScanner>,
    parent_scanner: Arc<dyn TableScanner>,
    options: KeyCountOptions,
}

/// One side of a check, ready to scan.
struct Side<'a> {
    scanner: &'a dyn TableScanner,
    table: &'a Table,
    columns: Vec<usize>,
}

/// What a pass over one side found.
struct Pass {
    hashes: Vec<u128>,
    until: Option<u128>,
    filled: u64,
    complete: bool,
}

impl ScanKeyCounter {
    /// Counts over two scanners (the same one twice within one source) with the default limits.
    pub fn new(child_scanner: Arc<dyn TableScanner>, parent_scanner: Arc<dyn TableScanner>) -> Self {
        Self { child_scanner, parent_scanner, options: KeyCountOptions::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_options(mut self, options: KeyCountOptions) -> Self {
        self.options = options;
        self
    }

    async fn pass(&self, side: &Side<'_>, from: u128, until: Option<u128>) -> Result<Pass> {
        let window = HashWindow::new(from, until, self.options.memory_bytes / 2 / HASH_BYTES);
        let sink = Arc::new(Mutex::new(TupleSink::new(window)));
        let request = ScanRequest {
            columns: side.columns.clone(),
            rows_max: None,
            cell_bytes_max: self.options.cell_bytes_max,
            deadline: self.options.deadline,
        };
        let summary = side.scanner.scan(side.table, &request, Arc::clone(&sink) as SharedSink).await?;
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = sink.filled;
        let (hashes, until) = std::mem::replace(&mut sink.window, HashWindow::new(0, None, 0)).finish();
        Ok(Pass { hashes, until, filled, complete: summary.complete })
    }
}

#[async_trait]
impl KeyCounter for ScanKeyCounter {
    async fn count(&self, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<ConfirmCount> {
        if check.child.columns.len() != check.parent.columns.len() || check.child.columns.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "count_orphans", "the two sides need as many columns")
                .with("child", &check.child.table)
                .with("parent", &check.parent.table));
        }
        let child = Side { scanner: &*self.child_scanner, table: child, columns: columns_of(&check.child, child)? };
        let parent =
            Side { scanner: &*self.parent_scanner, table: parent, columns: columns_of(&check.parent, parent)? };
        let mut count =
            ConfirmCount { child_distinct: 0, orphans: 0, parent_rows: 0, parent_distinct: 0, sampled: false };
        let mut from = 0;
        for _ in 0..self.options.passes_max {
            let mut parents = self.pass(&parent, from, None).await?;
            if !parents.complete {
                return Err(Error::new(ErrorKind::Unsupported, "count_orphans", "the parent cannot be read whole")
                    .with("table", parent.table.fqn()));
            }
            let children = self.pass(&child, from, parents.until).await?;
            // The child's window may have narrowed further: what the parent holds beyond it waits for the next pass.
            if let Some(until) = children.until {
                parents.hashes.truncate(parents.hashes.partition_point(|hash| *hash < until));
            }
            count.child_distinct += children.hashes.len() as u64;
            count.orphans += count_orphans(&children.hashes, &parents.hashes);
            count.parent_distinct += parents.hashes.len() as u64;
            count.parent_rows = parents.filled;
            count.sampled |= !children.complete;
            match children.until {
                Some(until) => from = until,
                None => return Ok(count),
            }
        }
        Err(Error::new(ErrorKind::LimitExceeded, "count_orphans", "too many distinct values for the memory allowed")
            .with("child", child.table.fqn())
            .with("parent", parent.table.fqn())
            .hint("raise the memory for key checks"))
    }
}

/// The columns' places in the table.
fn columns_of(side: &ColumnSet, table: &Table) -> Result<Vec<usize>> {
    let place = |name: &String| {
        table.columns.iter().position(|column| column.name == *name).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "count_orphans", "the table has no such column")
                .with("table", table.fqn())
                .with("column", name)
        })
    };
    side.columns.iter().map(place).collect()
}
