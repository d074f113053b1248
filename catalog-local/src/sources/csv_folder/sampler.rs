//! A few rows of a CSV file.

use std::path::Path;

use async_trait::async_trait;
use catalog_core::model::{CellRef, RawCell, RawSample, SampleRequest, Table};
use catalog_core::ports::Sampler;
use catalog_core::{Error, Result};
use csv::ByteRecord;

use super::cells::cell;
use super::scanner::open_listed;
use super::{CsvFolder, file_of_table};
use crate::sources::blocking_job::{self, StopSign};
use crate::sources::reservoir::Reservoir;

const OPERATION: &str = "sample_table";
/// Rows that the reservoir looks at before it stops.
const RESERVOIR_ROWS_MAX: u64 = 100_000;
const RESERVOIR_SEED: u64 = 0x616b_6b6f;
const ROWS_BETWEEN_LOOKS: u64 = 1024;

/// A reservoir over the first 100,000 rows, the same rows every time; called
/// [`SampleMethod::Limit`](catalog_core::model::SampleMethod::Limit) when the file has more.
#[async_trait]
impl Sampler for CsvFolder {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        let folder = self.folder.clone();
        let (table, request) = (table.clone(), request.clone());
        blocking_job::run(OPERATION, Some(request.deadline), move |stop| {
            let path = file_of_table(&folder, &table, OPERATION)?;
            take(&path, &table, &request, stop)
        })
        .await
    }
}

fn take(path: &Path, table: &Table, request: &SampleRequest, stop: &StopSign) -> Result<RawSample> {
    let named = |e: Error| e.with("table", table.fqn());
    let mut rows = open_listed(path, table, OPERATION)?;
    let mut reservoir = Reservoir::new(request.rows_max, request.total_bytes_max, RESERVOIR_SEED);
    let mut row = ByteRecord::new();
    let mut complete = true;
    while rows.next_row(&mut row).map_err(named)? {
        if reservoir.seen().is_multiple_of(ROWS_BETWEEN_LOOKS) && stop.is_up() {
            return Err(named(stop.error(OPERATION)));
        }
        let read = || Ok::<_, Error>(read_row(&row, table, request.cell_bytes_max));
        if reservoir.seen() == RESERVOIR_ROWS_MAX || !reservoir.offer(read)? {
            complete = false;
            break;
        }
    }
    Ok(reservoir.into_sample(table.columns.iter().map(|c| c.name.as_str()), complete))
}

fn read_row(row: &ByteRecord, table: &Table, bytes_max: usize) -> Vec<RawCell> {
    let cells = table.columns.iter().zip(row.iter());
    cells
        .map(|(column, field)| {
            let text = String::from_utf8_lossy(field);
            CellRef::to_owned(cell(&text, column.data_type, bytes_max))
        })
        .collect()
}
