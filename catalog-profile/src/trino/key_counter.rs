//! The key counter: priced before it is asked, within a budget for the run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{ColumnSet, ConfirmCheck, ConfirmCount, Table};
use catalog_core::ports::KeyCounter;
use catalog_core::{Error, ErrorKind, Result};
use serde_json::Value;

use super::canonical_sql::canonical_sql;
use super::client::{QueryStats, Statement, TrinoClient};
use super::sampler::matched;
use super::sql_name::{quoted, table_name};
use super::types::TrinoType;

/// What the checks of one run may cost together.
#[derive(Debug, Clone, PartialEq)]
pub struct CountBudget {
    /// Checks.
    pub checks: u32,
    /// Bytes that the engine processes.
    pub bytes: u64,
    /// Time in the engine.
    pub time: Duration,
    /// Rows that one check may read on both sides, as the engine estimates them. A larger child is sampled down; a
    /// larger parent is not checked.
    pub rows_per_check: u64,
    /// One check takes no longer than this.
    pub deadline: Duration,
}

impl Default for CountBudget {
    /// 500 checks, 200 GiB, 30 minutes; 100 million rows and 2 minutes a check.
    fn default() -> Self {
        Self {
            checks: 500,
            bytes: 200 << 30,
            time: Duration::from_secs(1800),
            rows_per_check: 100_000_000,
            deadline: Duration::from_secs(120),
        }
    }
}

/// Counts orphans in Trino. One counter serves one run: it carries what is left of the run's budget.
pub struct TrinoKeyCounter {
    client: Arc<TrinoClient>,
    budget: CountBudget,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    checks: u32,
    bytes: u64,
    elapsed_ms: u64,
}

/// One side as SQL.
struct Side {
    name: String,
    /// The columns as the engine spells them, quoted.
    columns: Vec<String>,
    /// The values compared, one expression a column.
    values: Vec<String>,
    kinds: Vec<TrinoType>,
}

impl TrinoKeyCounter {
    /// A counter with a full budget.
    pub fn new(client: Arc<TrinoClient>, budget: CountBudget) -> Self {
        Self { client, budget, spent: Mutex::default() }
    }

    fn take_one(&self) -> Result<()> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let over = if spent.checks >= self.budget.checks {
            "checks"
        } else if spent.bytes >= self.budget.bytes {
            "bytes"
        } else if u128::from(spent.elapsed_ms) >= self.budget.time.as_millis() {
            "time"
        } else {
            spent.checks += 1;
            return Ok(());
        };
        Err(Error::new(ErrorKind::LimitExceeded, "count_orphans", "the run's budget for key checks is spent")
            .with("budget", over)
            .hint("raise the budget, or check the rest in the next run"))
    }

    fn pay(&self, stats: &QueryStats) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.bytes = spent.bytes.saturating_add(stats.bytes);
        spent.elapsed_ms = spent.elapsed_ms.saturating_add(stats.elapsed_ms);
    }

    async fn side(&self, set: &ColumnSet, table: &Table) -> Result<Side> {
        let known = self.client.columns_of(table).await?;
        let columns = matched(table, &known);
        let mut side = Side {
            name: table_name(&table.table_ref.engine),
            columns: Vec::new(),
            values: Vec::new(),
            kinds: Vec::new(),
        };
        for name in &set.columns {
            let fail = |kind, why: &str| Error::new(kind, "count_orphans", why).with("column", name);
            let (_, column) = columns
                .iter()
                .find(|(column, _)| column.name == *name)
                .ok_or_else(|| fail(ErrorKind::NotFound, "the table has no such column"))?;
            side.columns.push(quoted(&column.name));
            side.values.push(
                canonical_sql(&column.kind, &quoted(&column.name))
                    .ok_or_else(|| fail(ErrorKind::Unsupported, "values of this type cannot be compared"))?,
            );
            side.kinds.push(column.kind.clone());
        }
        Ok(side)
    }

    /// The rows that the engine expects to read of both sides: its estimate, else the source's.
    async fn price(&self, side: &Side, table: &Table) -> Result<Option<u64>> {
        let columns: Vec<String> = side.values.iter().enumerate().map(|(i, v)| format!("{v} AS k{i}")).collect();
        let sql = format!("EXPLAIN (TYPE IO, FORMAT JSON) SELECT {} FROM {}", columns.join(", "), side.name);
        let answer = self.client.query(&Statement::new("keys", "price_check", sql)).await?;
        let plan = answer.rows.first().and_then(|row| row.first()).and_then(Value::as_str);
        let plan: Option<Value> = plan.and_then(|text| serde_json::from_str(text).ok());
        // "NaN" is the engine's word for unknown.
        let rows = plan.and_then(|plan| plan["estimate"]["outputRowCount"].as_f64());
        Ok(rows.map(|rows| rows as u64).or(table.row_count_estimate))
    }
}

#[async_trait]
impl KeyCounter for TrinoKeyCounter {
    async fn count(&self, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<ConfirmCount> {
        let named = |error: Error| error.with("child", child.fqn()).with("parent", parent.fqn());
        if check.child.columns.len() != check.parent.columns.len() || check.child.columns.is_empty() {
            return Err(named(Error::new(
                ErrorKind::InvalidInput,
                "count_orphans",
                "the two sides need as many columns",
            )));
        }
        self.take_one().map_err(named)?;
        let mut children = self.side(&check.child, child).await.map_err(named)?;
        let mut parents = self.side(&check.parent, parent).await.map_err(named)?;
        compare_natively(&mut children, &mut parents);
        let child_rows = self.price(&children, child).await.map_err(named)?.unwrap_or(0);
        let parent_rows = self.price(&parents, parent).await.map_err(named)?.unwrap_or(0);
        let limit = self.budget.rows_per_check;
        if parent_rows >= limit {
            return Err(named(
                Error::new(ErrorKind::LimitExceeded, "count_orphans", "the parent is too large for one check")
                    .with("rows", parent_rows),
            ));
        }
        let percent = (100.0 * (limit - parent_rows) as f64 / child_rows.max(1) as f64).min(100.0);
        let mut statement = Statement::new("keys", "count_orphans", anti_join(&children, &parents, percent));
        statement.deadline = self.budget.deadline;
        let answer = self.client.query(&statement).await.map_err(named)?;
        self.pay(&answer.stats);
        let row = answer.rows.first().filter(|row| row.len() == 4);
        let figure = |i: usize| row.and_then(|row| row[i].as_u64()).unwrap_or(0);
        Ok(ConfirmCount {
            child_distinct: figure(0),
            orphans: figure(1),
            parent_rows: figure(2),
            parent_distinct: figure(3),
            sampled: percent < 100.0,
        })
    }
}

/// Whole numbers on both sides are compared as they are: their canonical texts are equal when they are.
fn compare_natively(children: &mut Side, parents: &mut Side) {
    for i in 0..children.kinds.len() {
        let both = (&children.kinds[i], &parents.kinds[i]);
        if matches!(both, (TrinoType::Integer, TrinoType::Integer) | (TrinoType::Date, TrinoType::Date)) {
            children.values[i] = children.columns[i].clone();
            parents.values[i] = parents.columns[i].clone();
        }
    }
}

/// An anti-join in one grouping: each side is read once, NULLs are out before anything is compared, and the parent's
/// uniqueness comes with it. `NOT IN` would find no orphan at all beside one NULL in the parent.
fn anti_join(child: &Side, parent: &Side, percent: f64) -> String {
    let keys: Vec<String> = (0..child.values.len()).map(|i| format!("k{i}")).collect();
    let values = |side: &Side| -> String {
        side.values.iter().zip(&keys).map(|(v, k)| format!("{v} AS {k}")).collect::<Vec<_>>().join(", ")
    };
    let sampled = if percent < 100.0 { format!(" TABLESAMPLE BERNOULLI ({percent})") } else { String::new() };
    let filled = keys.iter().map(|k| format!("{k} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
    format!(
        "SELECT count_if(c > 0), count_if(c > 0 AND p = 0), coalesce(sum(p), 0), count_if(p > 0) FROM (\
         SELECT sum(c) AS c, sum(p) AS p FROM (\
         SELECT {}, 1 AS c, 0 AS p FROM {}{sampled} UNION ALL SELECT {}, 0, 1 FROM {}) \
         WHERE {filled} GROUP BY {})",
        values(child),
        child.name,
        values(parent),
        parent.name,
        keys.join(", "),
    )
}
