//! A few rows out of a SQLite table.

use async_trait::async_trait;
use catalog_core::model::{RawCell, RawSample, SampleMethod, SampleRequest, Table, TableKind};
use catalog_core::ports::Sampler;
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension as _};

use super::SqliteWarehouse;
use super::connection::{OpenFile, vanished};
use super::errors::from_driver;
use super::relations::Relations;
use super::rows::read_row;
use super::schema::row_id_range;
use super::sql_text::{row_id_name, select_list, table_name};
use crate::sources::blocking_job::{self, StopSign};
use crate::sources::reservoir::{Reservoir, row_bytes};

const OPERATION: &str = "sample_table";
/// Rows that a reservoir looks at before it stops.
const RESERVOIR_ROWS_MAX: u64 = 100_000;
const RESERVOIR_SEED: u64 = 0x616b_6b6f;

/// - a table of at most `rows_max` rows is read whole;
/// - a larger one with row ids gives rows evenly spread over them, the same ones every time;
/// - a view, a table without row ids, and one whose row ids are so uneven that fewer than `rows_min` rows were met,
///   gives a reservoir over its first 100,000 rows (called [`SampleMethod::Limit`] when there are more).
#[async_trait]
impl Sampler for SqliteWarehouse {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        let connections = self.connections.clone();
        let (table, request) = (table.clone(), request.clone());
        blocking_job::run(OPERATION, Some(request.deadline), move |stop| {
            let sampled = connections.with(stop, |file| {
                take(file, &table, &request).map_err(|e| table_error(&file.connection, &table, OPERATION, stop, &e))
            });
            sampled.map_err(|e| e.with("table", table.fqn()))
        })
        .await
    }
}

fn take(file: &mut OpenFile, table: &Table, request: &SampleRequest) -> rusqlite::Result<RawSample> {
    let OpenFile { connection, relations } = file;
    let relations = Relations::current(connection, relations)?;
    let has_row_id = relations.named(&table.table_ref.engine.table).is_some_and(|r| r.has_row_id);
    let stride = if has_row_id { Stride::over(connection, table, request)? } else { None };
    if let Some(stride) = stride {
        let sample = stride.take()?;
        if sample.row_count() >= request.rows_min.min(request.rows_max) || sample.truncated() {
            return Ok(sample);
        }
    }
    reservoir(connection, table, request)
}

fn all_columns(table: &Table) -> String {
    let indices: Vec<usize> = (0..table.columns.len()).collect();
    select_list(table, &indices).unwrap_or_else(|_| "1".to_owned())
}

fn names(table: &Table) -> impl Iterator<Item = &str> {
    table.columns.iter().map(|c| c.name.as_str())
}

fn reservoir(connection: &Connection, table: &Table, request: &SampleRequest) -> rusqlite::Result<RawSample> {
    let mut statement = connection.prepare(&format!("SELECT {} FROM {} t", all_columns(table), table_name(table)))?;
    let mut rows = statement.query([])?;
    let mut reservoir = Reservoir::new(request.rows_max, request.total_bytes_max, RESERVOIR_SEED);
    let mut complete = true;
    while let Some(row) = rows.next()? {
        let read = || Ok::<_, rusqlite::Error>(read_row(row, table.columns.len(), request.cell_bytes_max));
        if reservoir.seen() == RESERVOIR_ROWS_MAX || !reservoir.offer(read)? {
            complete = false;
            break;
        }
    }
    Ok(reservoir.into_sample(names(table), complete))
}

/// Rows evenly spread over the row ids, found by one seek each.
struct Stride<'a> {
    connection: &'a Connection,
    table: &'a Table,
    request: &'a SampleRequest,
    row_id: &'static str,
    low: i64,
    high: i64,
}

impl<'a> Stride<'a> {
    /// `None` when the row ids have no name or there are not more than `rows_max` rows.
    fn over(
        connection: &'a Connection,
        table: &'a Table,
        request: &'a SampleRequest,
    ) -> rusqlite::Result<Option<Self>> {
        let Some(row_id) = row_id_name(&table.columns) else { return Ok(None) };
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ?1)", table_name(table));
        let at_least = i64::try_from(request.rows_max).unwrap_or(i64::MAX).saturating_add(1);
        if connection.query_row(&sql, [at_least], |r| r.get::<_, i64>(0))? < at_least {
            return Ok(None);
        }
        let range = row_id_range(connection, &table.table_ref.engine.table, &table.columns)?;
        Ok(range.map(|(low, high)| Self { connection, table, request, row_id, low, high }))
    }

    fn take(&self) -> rusqlite::Result<RawSample> {
        let (row_id, table) = (self.row_id, table_name(self.table));
        let mut seek = self.connection.prepare(&format!("SELECT min({row_id}) FROM {table} WHERE {row_id} >= ?1"))?;
        // Not joined to the seek: one more column would be beyond SQLite's limit on a table of 2,000 columns.
        let mut fetch = self
            .connection
            .prepare(&format!("SELECT {} FROM {table} t WHERE t.{row_id} = ?1", all_columns(self.table)))?;
        let mut sample = RawSample::new(names(self.table), SampleMethod::RowIdStride);
        let mut bytes = 0;
        let mut next_free = self.low;
        for probe in 0..self.request.rows_max {
            let target = self.target(probe).max(next_free);
            let Some(id) = seek.query_row([target], |r| r.get::<_, Option<i64>>(0))? else { break };
            let read = |r: &rusqlite::Row<'_>| Ok(self.read(r));
            if let Some(row) = fetch.query_row([id], read).optional()? {
                bytes += row_bytes(&row);
                sample.push_row(row);
            }
            if bytes > self.request.total_bytes_max {
                sample.mark_truncated();
                break;
            }
            let Some(after) = id.checked_add(1) else { break };
            next_free = after;
        }
        Ok(sample)
    }

    fn read(&self, row: &rusqlite::Row<'_>) -> Vec<RawCell> {
        read_row(row, self.table.columns.len(), self.request.cell_bytes_max)
    }

    /// The row id at which the probe with this number looks: `low` for the first, `high` for the last.
    fn target(&self, probe: usize) -> i64 {
        let span = i128::from(self.high) - i128::from(self.low);
        let steps = self.request.rows_max.saturating_sub(1).max(1);
        let offset = span * probe as i128 / steps as i128;
        i64::try_from(i128::from(self.low) + offset).unwrap_or(self.high)
    }
}

/// The driver's error about a table: was it dropped or changed since it was listed, or is it really the data?
pub(super) fn table_error(
    connection: &Connection,
    table: &Table,
    operation: &'static str,
    stop: &StopSign,
    error: &rusqlite::Error,
) -> Error {
    let name = &table.table_ref.engine.table;
    if stop.is_up() {
        return stop.error(operation);
    }
    let mapped = from_driver(operation, error);
    if mapped.kind() != ErrorKind::InvalidInput {
        return mapped;
    }
    let sql = "SELECT count(*) FROM main.sqlite_master WHERE name = ?1 AND type IN ('table', 'view')";
    match connection.query_row(sql, [name], |r| r.get::<_, i64>(0)) {
        Ok(0) => vanished(operation),
        _ if table.kind == TableKind::Table => {
            Error::new(ErrorKind::Conflict, operation, "the table's columns changed since it was listed")
                .hint("the next sync reads the new columns")
        }
        _ => mapped,
    }
}
