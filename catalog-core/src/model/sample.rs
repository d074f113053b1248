//! The three forms of a sample, from raw to fit for a prompt. The compiler keeps their order: an LLM voter takes
//! [`MaskedSample`], an `Enricher` takes [`PromptSample`], and nobody can print or send [`RawSample`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CellRef, RawCell, SampleMethod};

/// What to fetch from one table, and the limits of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRequest {
    /// Percentage of rows for the engine's `TABLESAMPLE`, where it has one.
    pub percent: f64,
    /// Most rows to bring home.
    pub rows_max: usize,
    /// Fewer rows than this: fall back to a plain `LIMIT`.
    pub rows_min: usize,
    /// A longer text or binary cell is cut to this many bytes, in the engine where it can.
    pub cell_bytes_max: usize,
    /// Stop when the sample holds this many bytes.
    pub total_bytes_max: usize,
    /// Give up after this long.
    pub deadline: Duration,
}

impl Default for SampleRequest {
    /// The ADR's sample: 5 %, 100 rows; cells of 4 KiB, 8 MiB in all, 60 seconds.
    fn default() -> Self {
        Self {
            percent: 5.0,
            rows_max: 100,
            rows_min: 20,
            cell_bytes_max: 4096,
            total_bytes_max: 8 << 20,
            deadline: Duration::from_secs(60),
        }
    }
}

/// Rows as the engine gave them, column by column. Cells can be visited, never printed or serialised.
///
/// ```compile_fail
/// fn print(s: &catalog_core::model::RawSample) { println!("{s:?}"); }
/// ```
/// ```compile_fail
/// fn send(s: &catalog_core::model::RawSample) -> String { serde_json::to_string(s).unwrap() }
/// ```
pub struct RawSample {
    columns: Vec<(String, Vec<RawCell>)>,
    rows: usize,
    method: SampleMethod,
    truncated: bool,
}

impl RawSample {
    /// A sample without rows over the given columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>, method: SampleMethod) -> Self {
        Self {
            columns: columns.into_iter().map(|c| (c.into(), Vec::new())).collect(),
            rows: 0,
            method,
            truncated: false,
        }
    }

    /// Adds a row. Missing cells become NULL, cells beyond the last column are dropped.
    pub fn push_row(&mut self, cells: impl IntoIterator<Item = RawCell>) {
        let mut cells = cells.into_iter();
        for (_, column) in &mut self.columns {
            column.push(cells.next().unwrap_or(RawCell::Null));
        }
        self.rows += 1;
    }

    /// Notes that a cap cut the sample short.
    pub fn mark_truncated(&mut self) {
        self.truncated = true;
    }

    /// How many rows it holds.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// How the rows were chosen.
    pub fn method(&self) -> SampleMethod {
        self.method
    }

    /// Did a byte cap cut it short?
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// The columns' names in order.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The cells of the column at `index`, one a row; nothing beyond the last column.
    pub fn cells(&self, index: usize) -> impl Iterator<Item = CellRef<'_>> {
        self.columns.get(index).into_iter().flat_map(|(_, cells)| cells.iter().map(RawCell::as_ref))
    }
}

/// Rows in which every recognised personal value was replaced by a typed placeholder (`<EMAIL>`). Only
/// catalog-pii's masker makes one (`cargo xtask tidy` holds it to that). It may still hold values that no
/// recogniser knows, so it cannot be printed or serialised either: it is for voters on this machine.
///
/// ```compile_fail
/// fn print(s: &catalog_core::model::MaskedSample) { println!("{s:?}"); }
/// ```
/// ```compile_fail
/// fn send(s: &catalog_core::model::MaskedSample) -> String { serde_json::to_string(s).unwrap() }
/// ```
#[derive(Clone)]
pub struct MaskedSample {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl MaskedSample {
    /// For the masker alone: rows of masked cells, each row as long as `columns`.
    pub fn from_masker(columns: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        Self { columns, rows }
    }

    /// The columns' names in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The masked rows.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

/// Rows fit for a prompt: every column with one positive PII vote, and free text, became typed placeholders; what
/// is left are public codes (promise I4). Only catalog-pii's redaction makes one. It may be stored and sent to
/// the model in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptSample {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl PromptSample {
    /// For the redaction alone: rows of placeholders and public codes, each row as long as `columns`.
    pub fn from_redaction(columns: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        Self { columns, rows }
    }

    /// The columns' names in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The redacted rows.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}
