//! What a table's data look like, in a form that holds no cell value, and beside it the few raw values that stay
//! in this process.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, RawCell};

/// How the rows behind a figure were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleMethod {
    /// Every row was read.
    FullScan,
    /// `TABLESAMPLE BERNOULLI`, possibly cut by a `LIMIT` and then biased to the first blocks.
    Bernoulli,
    /// Evenly spread over the row ids.
    RowIdStride,
    /// A uniform reservoir over a scan.
    Reservoir,
    /// The first rows that the engine returned: biased.
    Limit,
    /// Every row of the partitions that the configuration names, and none of the others.
    Partitions,
    /// Some rows of the partitions that the configuration names, by chance or the first that came.
    PartitionSample,
}

/// How a distinct count was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistinctMethod {
    /// Every distinct value was counted.
    Exact,
    /// HyperLogLog++ over every row.
    HyperLogLog,
    /// The engine's statistics or its approximate function.
    Engine,
    /// Distinct values in a sample: a lower bound of the column's.
    Sample,
}

/// A distinct count and how far off it may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DistinctEstimate {
    /// Distinct non-NULL values.
    pub value: u64,
    /// Relative error that 99.7 % of estimates keep (three standard errors); 0 when exact.
    pub error_bound: f64,
    /// Where it comes from.
    pub method: DistinctMethod,
}

/// Lengths of the non-NULL values as text, in characters (bytes for binary).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LengthStats {
    /// Shortest.
    pub min: u32,
    /// Longest.
    pub max: u32,
    /// Mean.
    pub mean: f32,
}

/// A shape and how much of the column has it. A shape writes upper case as `A`, lower case as `a`, digits as `9`
/// and keeps punctuation; runs are folded, except that digits stand one by one (`Aa`, `9999-99-99`). No value can be
/// read back from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShapeShare {
    /// The shape.
    pub shape: String,
    /// Share of non-NULL values, 0 to 1.
    pub share: f32,
}

/// 5th and 95th percentile of a numeric or temporal column, each rounded to one significant digit (years for
/// dates), the only form in which a range leaves the process (promise I4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundedRange {
    /// The 5th percentile, rounded, as text.
    pub p5: String,
    /// The 95th percentile, rounded, as text.
    pub p95: String,
}

/// The profile of one column. It holds no cell value and may be stored, logged and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The column's name.
    pub name: String,
    /// Share of NULLs among the rows seen, 0 to 1; `None` when no row was seen, which is not the same as 0.
    pub null_ratio: Option<f64>,
    /// Share of empty strings among the non-NULL values.
    pub empty_ratio: f64,
    /// Distinct values; `None` when no row was seen.
    pub distinct: Option<DistinctEstimate>,
    /// Is every non-NULL value different, as far as was seen?
    pub unique: bool,
    /// Text lengths; `None` when all values are NULL.
    pub lengths: Option<LengthStats>,
    /// The commonest shapes, at most five, commonest first.
    pub shapes: Vec<ShapeShare>,
    /// Rounded percentiles of numbers and dates.
    pub range: Option<RoundedRange>,
    /// Share of the non-NULL values that can be read as a number, 0 to 1.
    pub numeric_ratio: f64,
    /// Mean number of words in a text value: free text has many.
    pub mean_words: f32,
}

/// The profile of one table. It holds no cell value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// Rows in the table: counted when every row was read, else the source's estimate.
    pub row_count: u64,
    /// Is `row_count` exact?
    pub row_count_exact: bool,
    /// Rows that the figures rest on.
    pub rows_seen: u64,
    /// How those rows were chosen.
    pub method: SampleMethod,
    /// One profile a column, in the table's order.
    pub columns: Vec<ColumnProfile>,
}

/// The raw values that profiling met and that never leave this process: no `Debug`, no `Serialize`.
///
/// ```compile_fail
/// fn print(v: &catalog_core::model::RawColumnValues) { println!("{v:?}"); }
/// ```
#[derive(Clone, Default)]
pub struct RawColumnValues {
    /// The smallest value.
    pub min: Option<RawCell>,
    /// The largest value.
    pub max: Option<RawCell>,
    /// The commonest values with how often each was seen, commonest first, at most 100. Counts are exact when
    /// `top_complete`, else lower bounds.
    pub top: Vec<(RawCell, u64)>,
    /// Does `top` hold every distinct value of the column?
    pub top_complete: bool,
}

/// All that profiling a table gives.
pub struct ProfiledTable {
    /// The facts that may be stored and shown.
    pub profile: TableProfile,
    /// Raw values a column, in the table's order; for this process only.
    pub values: Vec<RawColumnValues>,
    /// Fingerprints a column, in the table's order; the ledger seals them before it stores them.
    pub fingerprints: Vec<Fingerprint>,
}
