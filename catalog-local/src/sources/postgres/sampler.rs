//! A few rows out of a Postgres table.

use async_trait::async_trait;
use catalog_core::model::{RawSample, SampleMethod, SampleRequest, Table, TableKind};
use catalog_core::ports::Sampler;
use catalog_core::{Error, Result};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, PgConnection};

use super::PostgresDatabase;
use super::cells::{read_row, select_list, table_name};
use super::connection::within;
use super::errors::from_driver;
use crate::sources::reservoir::row_bytes;

const OPERATION: &str = "sample_table";

/// `TABLESAMPLE BERNOULLI`, the same rows every time on unchanged data; a plain `LIMIT` for views, foreign tables,
/// and where the sample has fewer than `rows_min` rows.
#[async_trait]
impl Sampler for PostgresDatabase {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        let sampled = within(OPERATION, request.deadline, async {
            let mut connection = self.connections.begin(OPERATION, request.deadline).await?;
            let sample = take(&mut connection, table, request).await?;
            self.connections.end(connection).await;
            Ok(sample)
        });
        sampled.await.map_err(|e: Error| e.with("table", table.fqn()))
    }
}

async fn take(connection: &mut PgConnection, table: &Table, request: &SampleRequest) -> Result<RawSample> {
    let can_sample = matches!(table.kind, TableKind::Table | TableKind::MaterializedView);
    let is_small = table.row_count_estimate.is_some_and(|rows| rows <= request.rows_max as u64);
    if can_sample && !is_small {
        let percent = request.percent.clamp(0.000_001, 100.0);
        let clause = format!(" TABLESAMPLE BERNOULLI ({percent}) REPEATABLE (1)");
        let sample = fetch(connection, table, request, SampleMethod::Bernoulli, &clause).await?;
        if sample.row_count() >= request.rows_min.min(request.rows_max) || sample.truncated() {
            return Ok(sample);
        }
    }
    fetch(connection, table, request, SampleMethod::Limit, "").await
}

async fn fetch(
    connection: &mut PgConnection,
    table: &Table,
    request: &SampleRequest,
    method: SampleMethod,
    clause: &str,
) -> Result<RawSample> {
    let indices: Vec<usize> = (0..table.columns.len()).collect();
    let (list, types) = select_list(table, &indices, request.cell_bytes_max)?;
    // One row more than asked tells whether the table ends there.
    let limit = request.rows_max.saturating_add(1).min(i64::MAX as usize);
    let sql = format!("SELECT {list} FROM {} t{clause} LIMIT {limit}", table_name(table));
    let mut stream = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(connection);
    let (mut rows, mut bytes, mut more) = (Vec::new(), 0, false);
    while let Some(row) = stream.try_next().await.map_err(|e| from_driver(OPERATION, &e))? {
        more = rows.len() == request.rows_max || bytes > request.total_bytes_max;
        if more {
            break;
        }
        let cells = read_row(&row, &types, request.cell_bytes_max);
        bytes += row_bytes(&cells);
        rows.push(cells);
    }
    let is_whole = method == SampleMethod::Limit && !more;
    let method = if is_whole { SampleMethod::FullScan } else { method };
    let mut sample = RawSample::new(table.columns.iter().map(|c| c.name.as_str()), method);
    if bytes > request.total_bytes_max {
        sample.mark_truncated();
    }
    for row in rows {
        sample.push_row(row);
    }
    Ok(sample)
}
