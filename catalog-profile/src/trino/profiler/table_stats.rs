//! What the engine knows of a table without reading it: `SHOW STATS`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::trino::client::Answer;

/// The statistics of one column; `None` where the connector keeps none.
#[derive(Default, Clone, Copy)]
pub(super) struct ColumnStats {
    pub(super) distinct: Option<f64>,
    pub(super) null_ratio: Option<f64>,
}

/// The statistics of a table.
#[derive(Default)]
pub(super) struct TableStats {
    pub(super) rows: Option<u64>,
    columns: BTreeMap<String, ColumnStats>,
}

impl TableStats {
    /// Reads the rows of `SHOW STATS`: one a column, then one without a name for the table.
    pub(super) fn read(answer: &Answer) -> Self {
        let place = |name: &str| answer.columns.iter().position(|c| c.name == name);
        let (names, distinct) = (place("column_name"), place("distinct_values_count"));
        let (nulls, count) = (place("nulls_fraction"), place("row_count"));
        let number = |row: &[Value], at: Option<usize>| {
            at.and_then(|at| row.get(at)).and_then(Value::as_f64).filter(|n| n.is_finite() && *n >= 0.0)
        };
        let mut stats = Self::default();
        for row in &answer.rows {
            match names.and_then(|at| row.get(at)).and_then(Value::as_str) {
                Some(name) => {
                    let facts = ColumnStats { distinct: number(row, distinct), null_ratio: number(row, nulls) };
                    stats.columns.insert(name.to_owned(), facts);
                }
                None => stats.rows = number(row, count).map(|n| n.round() as u64),
            }
        }
        stats
    }

    pub(super) fn column(&self, name: &str) -> ColumnStats {
        self.columns.get(name).copied().unwrap_or_default()
    }
}
