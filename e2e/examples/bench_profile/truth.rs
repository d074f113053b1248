//! The exact figures of a table, and how far a profile is off.

use catalog_core::model::{Column, DataType, DistinctMethod, ProfiledTable, Table};
use catalog_profile::trino::{Statement, TrinoClient};
use e2e::Result;
use serde_json::{Value, json};

/// Of each column: distinct values and the share of NULLs.
pub(crate) struct Truth(Vec<(f64, f64)>);

impl Truth {
    /// Counts them in the engine; of tpch.sf1 the connector itself knows its distinct counts, and has no NULL.
    pub(crate) async fn of(client: &TrinoClient, table: &Table) -> Result<Self> {
        let name = &table.table_ref.engine;
        let from = format!("{}.\"{}\".{}", name.catalog, name.schema, name.table);
        let ask = async |sql: String| {
            let mut statement = Statement::new("bench", "read_truth", sql);
            statement.deadline = std::time::Duration::from_secs(900);
            client.query(&statement).await
        };
        if name.catalog == "tpch" && name.schema == "sf1" {
            let answer = ask(format!("SHOW STATS FOR {from}")).await?;
            let columns = answer.rows.iter().filter(|row| row[0].is_string());
            return Ok(Self(columns.map(|row| (row[2].as_f64().unwrap_or(0.0), 0.0)).collect()));
        }
        // Two texts that differ by spaces at their end are one value, as in every profile.
        let figure = |column: &Column| {
            let name = format!("\"{}\"", column.name);
            let value = match column.data_type {
                DataType::Text => format!("rtrim({name})"),
                _ => name.clone(),
            };
            format!("cardinality(histogram({value})), count({name})")
        };
        let figures: Vec<String> = table.columns.iter().map(figure).collect();
        let row = ask(format!("SELECT count(*), {} FROM {from}", figures.join(", "))).await?.rows.remove(0);
        let number = |value: &Value| value.as_f64().unwrap_or(0.0);
        let rows = number(&row[0]).max(1.0);
        Ok(Self(row[1..].chunks(2).map(|pair| (number(&pair[0]), 1.0 - number(&pair[1]) / rows)).collect()))
    }
}

/// The worst of all columns.
#[derive(Default)]
pub(crate) struct Errors {
    distinct: f64,
    nulls: f64,
    columns: u64,
    /// Columns whose distinct count the profile calls exact, and those of them that are not.
    exact: u64,
    wrongly_exact: u64,
}

impl Errors {
    pub(crate) fn add(&mut self, profiled: &ProfiledTable, truth: &Truth) {
        for (found, (distinct, nulls)) in profiled.profile.columns.iter().zip(&truth.0) {
            let estimate = found.distinct.map_or(0.0, |d| d.value as f64);
            let error = (estimate - distinct).abs() / distinct.max(1.0);
            self.columns += 1;
            self.distinct = self.distinct.max(error);
            self.nulls = self.nulls.max((found.null_ratio.unwrap_or(0.0) - nulls).abs());
            if found.distinct.is_some_and(|d| d.method == DistinctMethod::Exact) {
                self.exact += 1;
                self.wrongly_exact += u64::from(error > 0.0);
            }
        }
    }

    pub(crate) fn shown(&self) -> Value {
        json!({
            "columns": self.columns, "worst_distinct": self.distinct, "worst_null": self.nulls,
            "called_exact": self.exact, "wrongly_exact": self.wrongly_exact,
        })
    }
}
