//! The sampler: the configured sample, then plainer ones.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{Column, RawCell, RawSample, SampleMethod, SampleRequest, Table};
use catalog_core::ports::Sampler;
use catalog_core::{Error, ErrorKind, Result};
use tokio::time::Instant;

use super::canonical_sql::in_utc;
use super::client::{Answer, EngineColumn, Statement, TrinoClient};
use super::decode::decode;
use super::sql_name::{quoted, table_name};
use super::table_rules::{SampleWith, TableRules, where_sql};
use super::types::TrinoType;

/// Cells are cut no shorter than this when a page would be too large.
const CELL_CHARS_MIN: usize = 16;

/// How to sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplerOptions {
    /// Which rows.
    pub with: SampleWith,
    /// What differs for single tables.
    pub tables: TableRules,
    /// Columns of one query. A wider table is sampled in several, whose rows do not belong together: a row of its
    /// sample is made of parts of several rows.
    pub columns_per_query: usize,
}

impl Default for SamplerOptions {
    /// Bernoulli, 250 columns a query.
    fn default() -> Self {
        Self { with: SampleWith::default(), tables: TableRules::default(), columns_per_query: 250 }
    }
}

/// Samples tables in Trino.
pub struct TrinoSampler {
    client: Arc<TrinoClient>,
    options: SamplerOptions,
}

/// One table's sampling, ready to ask.
struct Plan<'a> {
    table: &'a Table,
    /// The columns that the engine has, in the table's order, with the engine's names and types.
    columns: Vec<(&'a Column, EngineColumn)>,
    request: &'a SampleRequest,
    percent: f64,
    rows_max: usize,
    condition: Option<&'a str>,
    ends: Instant,
}

impl TrinoSampler {
    /// Samples through that client.
    pub fn new(client: Arc<TrinoClient>, options: SamplerOptions) -> Self {
        Self { client, options }
    }

    /// The rows by one method, all columns; `None` when the engine refuses the method.
    async fn rung(&self, plan: &Plan<'_>, with: SampleWith) -> Result<Option<RawSample>> {
        let (mut cells, mut rows, mut cut) = (Vec::new(), usize::MAX, false);
        for batch in plan.columns.chunks(self.options.columns_per_query.max(1)) {
            let answer = match self.batch(plan, batch, with, &mut cut).await {
                Err(error) if error.kind() == ErrorKind::Unsupported && with != SampleWith::Limit => return Ok(None),
                outcome => outcome?,
            };
            rows = rows.min(answer.rows.len());
            for (index, column) in answer.columns.iter().enumerate() {
                let read = |row: &Vec<_>| decode(&column.kind, &row[index], plan.request.cell_bytes_max);
                cells.push(answer.rows.iter().map(read).collect::<Vec<RawCell>>());
            }
        }
        let whole = with == SampleWith::Limit && rows < plan.rows_max && !cut && plan.condition.is_none();
        let method = match with {
            _ if plan.condition.is_some() => SampleMethod::PartitionSample,
            SampleWith::Limit if whole => SampleMethod::FullScan,
            SampleWith::Limit => SampleMethod::Limit,
            SampleWith::Bernoulli | SampleWith::System => SampleMethod::Bernoulli,
        };
        Ok(Some(assemble(plan, cells, if rows == usize::MAX { 0 } else { rows }, method, cut)))
    }

    /// One query. When its page is too large, asks again with cells so short that it cannot be.
    async fn batch(
        &self,
        plan: &Plan<'_>,
        batch: &[(&Column, EngineColumn)],
        with: SampleWith,
        cut: &mut bool,
    ) -> Result<Answer> {
        let share = (plan.request.total_bytes_max * batch.len() / plan.columns.len().max(1)).max(1 << 16);
        // JSON takes up to six bytes a character.
        let tight = (share / 6 / (plan.rows_max * batch.len()).max(1)).clamp(CELL_CHARS_MIN, 4096);
        for chars in [plan.request.cell_bytes_max, tight] {
            let mut statement = Statement::new("sample", "sample_table", plan.sql(batch, with, chars));
            statement.deadline = plan.ends.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            statement.rows_max = plan.rows_max;
            statement.page_bytes_max = Some(share.saturating_mul(2));
            match self.client.query(&statement).await {
                Err(error) if error.kind() == ErrorKind::LimitExceeded && chars != tight => *cut = true,
                outcome => return outcome.map_err(|error| error.with("table", plan.table.fqn())),
            }
        }
        Err(Error::new(ErrorKind::LimitExceeded, "sample_table", "the sample exceeds its bytes")
            .with("table", plan.table.fqn()))
    }
}

#[async_trait]
impl Sampler for TrinoSampler {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        let known = self.client.columns_of(table).await.map_err(|error| error.with("table", table.fqn()))?;
        let special = self.options.tables.of(table);
        let plan = Plan {
            table,
            columns: matched(table, &known),
            request,
            percent: special.and_then(|s| s.percent).unwrap_or(request.percent),
            rows_max: special.and_then(|s| s.rows_max).unwrap_or(request.rows_max),
            condition: special.and_then(|s| s.condition.as_deref()),
            ends: Instant::now() + request.deadline,
        };
        let with = special.and_then(|s| s.with).unwrap_or(self.options.with);
        if with != SampleWith::Limit
            && let Some(sample) = self.rung(&plan, with).await?
            && sample.row_count() >= request.rows_min
        {
            return Ok(sample);
        }
        let sample = self.rung(&plan, SampleWith::Limit).await?;
        sample.ok_or_else(|| Error::new(ErrorKind::Unsupported, "sample_table", "the engine gives no rows"))
    }
}

/// The table's columns that the engine has. Trino writes names in lower case.
pub(super) fn matched<'a>(table: &'a Table, known: &[EngineColumn]) -> Vec<(&'a Column, EngineColumn)> {
    let find = |column: &Column| {
        known
            .iter()
            .find(|k| k.name == column.name)
            .or_else(|| known.iter().find(|k| k.name.to_lowercase() == column.name.to_lowercase()))
    };
    table.columns.iter().filter_map(|column| Some((column, find(column)?.clone()))).collect()
}

impl Plan<'_> {
    fn sql(&self, batch: &[(&Column, EngineColumn)], with: SampleWith, chars: usize) -> String {
        let list: Vec<String> = batch.iter().map(|(_, column)| short_sql(column, chars)).collect();
        let percent = self.percent.clamp(0.0, 100.0);
        let sampled = match with {
            SampleWith::Bernoulli => format!(" TABLESAMPLE BERNOULLI ({percent})"),
            SampleWith::System => format!(" TABLESAMPLE SYSTEM ({percent})"),
            SampleWith::Limit => String::new(),
        };
        let condition = where_sql(self.condition);
        let name = table_name(&self.table.table_ref.engine);
        format!("SELECT {} FROM {name}{sampled}{condition} LIMIT {}", list.join(", "), self.rows_max)
    }
}

/// A column cut to so many characters in the engine, so that a huge cell never travels.
fn short_sql(column: &EngineColumn, chars: usize) -> String {
    let name = quoted(&column.name);
    match &column.kind {
        TrinoType::Varchar(longest) if longest.is_some_and(|n| n as usize <= chars) => name,
        TrinoType::Varchar(_) | TrinoType::Varbinary => format!("substr({name}, 1, {chars})"),
        TrinoType::Char(longest) if *longest as usize > chars => format!("substr(CAST({name} AS varchar), 1, {chars})"),
        TrinoType::Json => format!("substr(json_format({name}), 1, {chars})"),
        TrinoType::Nested(true) => format!("substr(json_format(CAST({name} AS json)), 1, {chars})"),
        TrinoType::TimestampTz(digits) => in_utc(&name, *digits),
        _ => name,
    }
}

/// Columns to a sample, within the bytes allowed. A column of the table that the engine lacks is not in it.
fn assemble(plan: &Plan<'_>, cells: Vec<Vec<RawCell>>, rows: usize, method: SampleMethod, cut: bool) -> RawSample {
    let mut sample = RawSample::new(plan.columns.iter().map(|(column, _)| column.name.clone()), method);
    let mut columns: Vec<_> = cells.into_iter().map(Vec::into_iter).collect();
    let mut bytes = 0;
    for _ in 0..rows {
        let row: Vec<RawCell> = columns.iter_mut().map(|c| c.next().unwrap_or(RawCell::Null)).collect();
        bytes += row.iter().map(|cell| cell.as_ref().byte_len()).sum::<usize>();
        if bytes > plan.request.total_bytes_max {
            sample.mark_truncated();
            break;
        }
        sample.push_row(row);
    }
    if cut {
        sample.mark_truncated();
    }
    sample
}
