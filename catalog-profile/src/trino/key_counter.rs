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
use super::table_rules::{TableRules, where_sql};
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
///
/// Of a child whose rule has a condition only the rows that meet it are checked, and the count says `sampled`. A parent
/// is read whole all the same, since a part of it makes orphans of values that it has elsewhere. When the engine refuses
/// to read it without a filter the condition is added, and then only what a part can prove is answered: that every
/// value has its parent, or that the parent repeats values. Orphans of a part are an error, so the key stays unchecked.
pub struct TrinoKeyCounter {
    client: Arc<TrinoClient>,
    budget: CountBudget,
    tables: TableRules,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    checks: u32,
    bytes: u64,
    elapsed_ms: u64,
}

/// One side as SQL.
struct Side<'a> {
    name: String,
    /// What picks the rows that are read of it.
    condition: Option<&'a str>,
    /// The columns as the engine spells them, quoted.
    columns: Vec<String>,
    /// The values compared, one expression a column.
    values: Vec<String>,
    kinds: Vec<TrinoType>,
}

impl TrinoKeyCounter {
    /// A counter with a full budget.
    pub fn new(client: Arc<TrinoClient>, budget: CountBudget) -> Self {
        Self { client, budget, tables: TableRules::default(), spent: Mutex::default() }
    }

    /// With the conditions that these rules give to tables.
    #[must_use]
    pub fn with_tables(mut self, tables: TableRules) -> Self {
        self.tables = tables;
        self
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

    async fn side(&self, set: &ColumnSet, table: &Table) -> Result<Side<'static>> {
        let known = self.client.columns_of(table).await?;
        let columns = matched(table, &known);
        let mut side = Side {
            name: table_name(&table.table_ref.engine),
            condition: None,
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
    async fn price(&self, side: &Side<'_>, table: &Table) -> Result<Option<u64>> {
        let columns: Vec<String> = side.values.iter().enumerate().map(|(i, v)| format!("{v} AS k{i}")).collect();
        let from = side.from("");
        let sql = format!("EXPLAIN (TYPE IO, FORMAT JSON) SELECT {} FROM {from}", columns.join(", "));
        let answer = self.client.query(&Statement::new("keys", "price_check", sql)).await?;
        let plan = answer.rows.first().and_then(|row| row.first()).and_then(Value::as_str);
        let plan: Option<Value> = plan.and_then(|text| serde_json::from_str(text).ok());
        // "NaN" is the engine's word for unknown.
        let rows = plan.and_then(|plan| plan["estimate"]["outputRowCount"].as_f64());
        Ok(rows.map(|rows| rows as u64).or(table.row_count_estimate))
    }

    /// Prices both sides and counts within the budget.
    async fn ask(
        &self,
        children: &Side<'_>,
        child: &Table,
        parents: &Side<'_>,
        parent: &Table,
    ) -> Result<ConfirmCount> {
        let child_rows = self.price(children, child).await?.unwrap_or(0);
        let parent_rows = self.price(parents, parent).await?.unwrap_or(0);
        let limit = self.budget.rows_per_check;
        if parent_rows >= limit {
            return Err(Error::new(ErrorKind::LimitExceeded, "count_orphans", "the parent is too large for one check")
                .with("rows", parent_rows));
        }
        let percent = (100.0 * (limit - parent_rows) as f64 / child_rows.max(1) as f64).min(100.0);
        let mut statement = Statement::new("keys", "count_orphans", anti_join(children, parents, percent));
        statement.deadline = self.budget.deadline;
        let answer = self.client.query(&statement).await?;
        self.pay(&answer.stats);
        let row = answer.rows.first().filter(|row| row.len() == 4);
        let figure = |i: usize| row.and_then(|row| row[i].as_u64()).unwrap_or(0);
        Ok(ConfirmCount {
            child_distinct: figure(0),
            orphans: figure(1),
            parent_rows: figure(2),
            parent_distinct: figure(3),
            sampled: percent < 100.0 || children.condition.is_some() || parents.condition.is_some(),
        })
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
        children.condition = self.tables.condition(child);
        match (self.ask(&children, child, &parents, parent).await, self.tables.condition(parent)) {
            (Err(error), Some(condition)) if error.kind() == ErrorKind::Unsupported => {
                parents.condition = Some(condition);
                let part = self.ask(&children, child, &parents, parent).await;
                part.and_then(proven_by_a_part).map_err(named)
            }
            (outcome, _) => outcome.map_err(named),
        }
    }
}

/// The count over a part of the parent where it holds of the whole: values that have their parent in a part have it,
/// and what repeats in a part repeats. A value without one may have it in another part.
fn proven_by_a_part(count: ConfirmCount) -> Result<ConfirmCount> {
    if count.orphans == 0 || count.parent_distinct != count.parent_rows {
        return Ok(count);
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        "count_orphans",
        "the engine gives up the parent in part only, and the rest of it may hold what this part lacks",
    )
    .hint("widen the parent's `where` in sample.tables"))
}

impl Side<'_> {
    /// The table in a FROM, with what picks its rows; `sampled` stands between the two.
    fn from(&self, sampled: &str) -> String {
        format!("{}{sampled}{}", self.name, where_sql(self.condition))
    }
}

/// Whole numbers on both sides are compared as they are: their canonical texts are equal when they are.
fn compare_natively(children: &mut Side<'_>, parents: &mut Side<'_>) {
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
fn anti_join(child: &Side<'_>, parent: &Side<'_>, percent: f64) -> String {
    let keys: Vec<String> = (0..child.values.len()).map(|i| format!("k{i}")).collect();
    let values = |side: &Side<'_>| -> String {
        side.values.iter().zip(&keys).map(|(v, k)| format!("{v} AS {k}")).collect::<Vec<_>>().join(", ")
    };
    let sampled = if percent < 100.0 { format!(" TABLESAMPLE BERNOULLI ({percent})") } else { String::new() };
    let filled = keys.iter().map(|k| format!("{k} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
    format!(
        "SELECT count_if(c > 0), count_if(c > 0 AND p = 0), coalesce(sum(p), 0), count_if(p > 0) FROM (\
         SELECT sum(c) AS c, sum(p) AS p FROM (\
         SELECT {}, 1 AS c, 0 AS p FROM {} UNION ALL SELECT {}, 0, 1 FROM {}) \
         WHERE {filled} GROUP BY {})",
        values(child),
        child.from(&sampled),
        values(parent),
        parent.from(""),
        keys.join(", "),
    )
}
