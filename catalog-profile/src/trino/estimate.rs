//! What a run will ask of the cluster, before it starts.

use std::fmt;
use std::time::Duration;

use catalog_core::model::Table;

use super::profiler::TrinoProfileOptions;

/// Column values that one aggregate scan takes a second: digests of 96 million values took 37 s on 2 cores. Good for the
/// order of magnitude alone.
const VALUES_PER_SECOND: f64 = 2_500_000.0;
/// What a query costs however little it reads.
const QUERY_SECONDS: f64 = 0.3;

/// The price of profiling some tables.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunEstimate {
    /// Tables.
    pub tables: usize,
    /// Tables whose size nobody knows: what they cost beside their queries is not in the sums.
    pub unknown: usize,
    /// Queries: columns, sample, statistics and aggregate scans.
    pub queries: u64,
    /// Rows read by aggregate scans.
    pub rows: u64,
    /// Column values read by aggregate scans.
    pub values: u64,
    /// Time in the engine if queries ran one after another.
    pub engine_time: Duration,
}

impl RunEstimate {
    /// The price of these tables, from the sizes that their sources know; asks the engine nothing.
    pub fn of<'a>(tables: impl IntoIterator<Item = &'a Table>, options: &TrinoProfileOptions) -> Self {
        let mut sum = Self::default();
        for table in tables {
            sum.tables += 1;
            let batches = table.columns.len().div_ceil(options.columns_per_query.max(1)) as u64;
            let scans = match table.row_count_estimate {
                Some(rows) if rows <= options.scan_rows_max => {
                    sum.rows = sum.rows.saturating_add(rows.saturating_mul(batches));
                    sum.values = sum.values.saturating_add(rows.saturating_mul(table.columns.len() as u64));
                    batches
                }
                Some(_) => 0,
                None => {
                    sum.unknown += 1;
                    batches
                }
            };
            sum.queries += 3 + scans;
        }
        let secs = sum.queries as f64 * QUERY_SECONDS + sum.values as f64 / VALUES_PER_SECOND;
        sum.engine_time = Duration::from_secs_f64(secs);
        sum
    }
}

/// One line for people.
impl fmt::Display for RunEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tables, {} queries, {} rows scanned, about {} s in the engine",
            self.tables,
            self.queries,
            self.rows,
            self.engine_time.as_secs_f64().ceil()
        )?;
        if self.unknown > 0 {
            write!(f, " ({} tables of unknown size not counted)", self.unknown)?;
        }
        Ok(())
    }
}
