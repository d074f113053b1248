//! Which queries a table is worth.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{Column, ProfiledTable, RawSample, SampleMethod, Table};
use catalog_core::ports::{ProfilePrice, Profiler, ScanSummary};
use catalog_core::{ErrorKind, Result};

use super::aggregate::{COUNTED_MAX, ColumnQuestion, Figures, aggregate_sql, read_row};
use super::counted::has_few_values;
use super::merge::{lay_over, lay_over_stats};
use super::table_stats::TableStats;
use crate::profiler::{assemble, finish_sample};
use crate::trino::client::{EngineColumn, Statement, TrinoClient};
use crate::trino::estimate::RunEstimate;
use crate::trino::sampler::matched;
use crate::trino::sql_name::table_name;
use crate::trino::table_rules::{TableRules, where_sql};

/// What profiling one table may cost.
#[derive(Debug, Clone, PartialEq)]
pub struct TrinoProfileOptions {
    /// A table with more rows, as statistics say, is profiled from its sample and statistics alone.
    pub scan_rows_max: u64,
    /// Columns of one aggregate scan; a wider table is scanned again for the next ones.
    pub columns_per_query: usize,
    /// One scan takes no longer than this; a table that needs longer is profiled from its sample and statistics.
    pub deadline: Duration,
    /// What differs for single tables: of those with a condition only the rows that meet it are scanned.
    pub tables: TableRules,
}

impl Default for TrinoProfileOptions {
    /// 100 million rows, 64 columns a scan, 10 minutes.
    fn default() -> Self {
        Self {
            scan_rows_max: 100_000_000,
            columns_per_query: 64,
            deadline: Duration::from_secs(600),
            tables: TableRules::default(),
        }
    }
}

/// Profiles tables in Trino: `SHOW STATS`, then one aggregate scan for all columns. A table that its sample holds
/// whole is asked nothing. Where each figure comes from:
///
/// | figure | with a scan | without |
/// | --- | --- | --- |
/// | rows, nulls, min, max, lengths of text | every row | statistics, sample |
/// | distinct | exact below 8,192, else estimated within 3.3 % | statistics (`Engine`, error 100 %) or sample |
/// | fingerprint | every value | sample |
/// | percentiles | `approx_percentile` over every row; exact where each value is counted | sample |
/// | commonest values | exact up to 256 distinct values, else sample | sample |
/// | shapes, words, numbers in text | sample | sample |
///
/// Where a condition picks partitions "every row" is every row of those, the profile's method says so, and distinct
/// counts are lower bounds of the table's.
pub struct TrinoProfiler {
    client: Arc<TrinoClient>,
    options: TrinoProfileOptions,
}

impl TrinoProfiler {
    /// Profiles through that client.
    pub fn new(client: Arc<TrinoClient>, options: TrinoProfileOptions) -> Self {
        Self { client, options }
    }

    /// The statistics of the rows that a scan would read.
    async fn stats(&self, table: &Table, condition: Option<&str>) -> Result<TableStats> {
        let name = table_name(&table.table_ref.engine);
        let sql = match condition {
            None => format!("SHOW STATS FOR {name}"),
            Some(_) => format!("SHOW STATS FOR (SELECT * FROM {name}{})", where_sql(condition)),
        };
        match self.client.query(&Statement::new("profile", "read_statistics", sql)).await {
            Ok(answer) => Ok(TableStats::read(&answer)),
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(TableStats::default()),
            Err(error) => Err(error),
        }
    }

    /// The scan's rows and figures by column; columns that the engine lacks have none.
    async fn scan(
        &self,
        table: &Table,
        condition: Option<&str>,
        mut questions: Vec<(usize, ColumnQuestion)>,
    ) -> Result<(u64, Vec<Option<Figures>>)> {
        let from = format!("{}{}", table_name(&table.table_ref.engine), where_sql(condition));
        let mut found: Vec<Option<Figures>> = table.columns.iter().map(|_| None).collect();
        let mut rows = u64::MAX;
        while !questions.is_empty() {
            let mut again = Vec::new();
            for batch in questions.chunks(self.options.columns_per_query.max(1)) {
                let (seen, figures) = match self.scan_batch(&from, batch).await {
                    // Statistics may be old: values that are not few do not fit the engine's memory.
                    Err(error)
                        if error.kind() == ErrorKind::LimitExceeded && batch.iter().any(|(_, q)| q.is_counting()) =>
                    {
                        again.extend(batch.iter().map(|(place, question)| (*place, question.by_digest())));
                        continue;
                    }
                    outcome => outcome?,
                };
                // Rows may come and go between two scans; what every column saw is the smaller count.
                rows = rows.min(seen);
                for ((place, question), figures) in batch.iter().zip(figures) {
                    if figures.overflown {
                        again.push((*place, question.by_digest()));
                    } else {
                        found[*place] = Some(figures);
                    }
                }
            }
            questions = again;
        }
        Ok((if rows == u64::MAX { 0 } else { rows }, found))
    }

    /// One scan: the table's rows and each column's figures.
    async fn scan_batch(&self, from: &str, batch: &[(usize, ColumnQuestion)]) -> Result<(u64, Vec<Figures>)> {
        let questions: Vec<&ColumnQuestion> = batch.iter().map(|(_, question)| question).collect();
        let mut statement = Statement::new("profile", "profile_table", aggregate_sql(from, &questions));
        statement.deadline = self.options.deadline;
        let answer = self.client.query(&statement).await?;
        Ok(read_row(answer.rows.into_iter().next().unwrap_or_default(), &questions))
    }

    fn questions(
        table: &Table,
        columns: &[(&Column, EngineColumn)],
        stats: &TableStats,
        sampled: &[crate::FinishedColumn],
    ) -> Vec<(usize, ColumnQuestion)> {
        use catalog_core::model::ValueFamily::{Decimal, Integer};
        let ask = |(column, engine): &(&Column, EngineColumn)| {
            let place = table.columns.iter().position(|c| std::ptr::eq(c, *column))?;
            let seen = &sampled[place].fingerprint;
            if has_few_values(&engine.kind, stats.column(&engine.name).distinct) {
                return Some((place, ColumnQuestion::counting(engine.clone())));
            }
            let few = match stats.column(&engine.name).distinct {
                Some(distinct) => distinct <= COUNTED_MAX as f64,
                None => seen.distinct > 0 && seen.distinct * 2 <= seen.rows - seen.nulls,
            };
            let integers = matches!(seen.family, Integer | Decimal);
            Some((place, ColumnQuestion::new(engine.clone(), few, integers)))
        };
        columns.iter().filter_map(ask).collect()
    }
}

#[async_trait]
impl Profiler for TrinoProfiler {
    async fn profile(&self, table: &Table, sample: &RawSample) -> Result<ProfiledTable> {
        let whole = sample.method() == SampleMethod::FullScan && !sample.truncated();
        let mut columns = finish_sample(table, sample);
        let sampled = ScanSummary { rows: sample.row_count() as u64, complete: whole, method: sample.method() };
        if whole {
            return Ok(assemble(table, sampled, columns));
        }
        let named = |error: catalog_core::Error| error.with("table", table.fqn());
        let known = self.client.columns_of(table).await.map_err(named)?;
        let engine = matched(table, &known);
        let condition = self.options.tables.condition(table);
        let stats = self.stats(table, condition).await.map_err(named)?;
        let rows = stats.rows.or(table.row_count_estimate);
        if rows.is_none_or(|rows| rows <= self.options.scan_rows_max) {
            let questions = Self::questions(table, &engine, &stats, &columns);
            match self.scan(table, condition, questions).await {
                Ok((rows, figures)) => {
                    for (column, found) in columns.iter_mut().zip(figures) {
                        let kind = engine.iter().find(|(c, _)| c.name == column.profile.name).map(|(_, e)| &e.kind);
                        if let (Some(found), Some(kind)) = (found, kind) {
                            lay_over(column, kind, rows, found, condition.is_none());
                        }
                    }
                    let method = condition.map_or(SampleMethod::FullScan, |_| SampleMethod::Partitions);
                    let summary = ScanSummary { rows, complete: condition.is_none(), method };
                    return Ok(assemble(table, summary, columns));
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Unsupported | ErrorKind::Timeout | ErrorKind::LimitExceeded
                    ) =>
                {
                    tracing::warn!(table.fqn = %table.fqn(), error = %error, "profiled from sample and statistics");
                }
                Err(error) => return Err(named(error)),
            }
        }
        for (column, name) in columns.iter_mut().zip(&table.columns) {
            let known = engine.iter().find(|(c, _)| c.name == name.name);
            if let Some((_, engine)) = known {
                lay_over_stats(column, rows, stats.column(&engine.name));
            }
        }
        let mut profiled = assemble(table, sampled, columns);
        // What statistics say of the rows that a condition picks is not the size of the table.
        let known = condition.and(table.row_count_estimate).or(rows);
        profiled.profile.row_count = known.unwrap_or(profiled.profile.row_count).max(profiled.profile.rows_seen);
        Ok(profiled)
    }

    fn price(&self, table: &Table) -> ProfilePrice {
        let price = RunEstimate::of([table], &self.options);
        ProfilePrice {
            rows: price.rows,
            sized: price.unknown == 0,
            queries: price.queries,
            engine_secs: price.engine_time.as_secs_f64(),
        }
    }
}
