//! Counting orphans inside Postgres.

use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{ConfirmCheck, ConfirmCount, DataType, Table};
use catalog_core::ports::KeyCounter;
use catalog_core::{Error, ErrorKind, Result};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::PostgresDatabase;
use super::cells::table_name;
use super::connection::within;
use super::errors::from_driver;
use crate::sources::identifier::quote;

const OPERATION: &str = "count_orphans";
const DEADLINE: Duration = Duration::from_secs(300);

/// One statement over both tables: an anti-join of distinct tuples, NULLs left out on both sides (`NOT IN` would
/// find no orphan at all as soon as the parent holds one NULL). The server works within its own `work_mem` and
/// spills to disk; the query ends after five minutes.
#[async_trait]
impl KeyCounter for PostgresDatabase {
    async fn count(&self, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<ConfirmCount> {
        let named = |e: Error| e.with("child", child.fqn()).with("parent", parent.fqn());
        let sql = statement(&self.id.0, check, child, parent).map_err(named)?;
        let counted = within(OPERATION, DEADLINE, async {
            let mut connection = self.connections.begin(OPERATION, DEADLINE).await?;
            let row = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_one(&mut connection).await;
            let count = row.and_then(|row| read_count(&row)).map_err(|e| from_driver(OPERATION, &e))?;
            self.connections.end(connection).await;
            Ok(count)
        });
        counted.await.map_err(named)
    }
}

fn read_count(row: &PgRow) -> sqlx::Result<ConfirmCount> {
    let figure = |name| row.try_get(name).map(|n: i64| n.unsigned_abs());
    Ok(ConfirmCount {
        child_distinct: figure("child_distinct")?,
        orphans: figure("orphans")?,
        parent_rows: figure("parent_rows")?,
        parent_distinct: figure("parent_distinct")?,
        sampled: false,
    })
}

fn statement(database: &str, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<String> {
    if [child, parent].iter().any(|t| t.table_ref.source.0 != database) {
        return Err(Error::new(ErrorKind::Unsupported, OPERATION, "the tables live in different databases")
            .hint("count them over scans"));
    }
    if check.child.columns.len() != check.parent.columns.len() || check.child.columns.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, OPERATION, "the two sides need the same number of columns"));
    }
    let mut pairs = Vec::new();
    for (ours, theirs) in check.child.columns.iter().zip(&check.parent.columns) {
        pairs.push((typed(child, ours)?, typed(parent, theirs)?));
    }
    let sides: Vec<_> = pairs.iter().map(|(ours, theirs)| comparable(ours, theirs)).collect();
    let child_keys = distinct_keys(child, sides.iter().map(|(ours, _)| ours.as_str()));
    let parent_keys = keys(parent, sides.iter().map(|(_, theirs)| theirs.as_str()));
    let equal: Vec<String> = (1..=sides.len()).map(|i| format!("p.k{i} = c.k{i}")).collect();
    Ok(format!(
        "WITH child AS ({child_keys}), parent_rows AS ({parent_keys}), \
         parent AS (SELECT DISTINCT * FROM parent_rows) \
         SELECT (SELECT count(*) FROM child) AS child_distinct, \
         (SELECT count(*) FROM child c WHERE NOT EXISTS (SELECT 1 FROM parent p WHERE {})) AS orphans, \
         (SELECT count(*) FROM parent_rows) AS parent_rows, (SELECT count(*) FROM parent) AS parent_distinct",
        equal.join(" AND ")
    ))
}

/// A column's quoted name and type.
fn typed(table: &Table, name: &str) -> Result<(String, DataType)> {
    let column = table.column(name).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, OPERATION, "a column is not there any more").with("column", name)
    })?;
    Ok((format!("t.{}", quote(name)), column.data_type))
}

fn keys<'a>(table: &Table, expressions: impl Iterator<Item = &'a str> + Clone) -> String {
    let list: Vec<String> = expressions.clone().enumerate().map(|(i, e)| format!("{e} AS k{}", i + 1)).collect();
    let filled: Vec<String> = expressions.map(|e| format!("{e} IS NOT NULL")).collect();
    format!("SELECT {} FROM {} t WHERE {}", list.join(", "), table_name(table), filled.join(" AND "))
}

fn distinct_keys<'a>(table: &Table, expressions: impl Iterator<Item = &'a str> + Clone) -> String {
    keys(table, expressions).replacen("SELECT", "SELECT DISTINCT", 1)
}

/// Both columns in a form that can be compared: their own where the types agree, canonical text where they do not.
fn comparable(ours: &(String, DataType), theirs: &(String, DataType)) -> (String, String) {
    let native = match (ours.1, theirs.1) {
        (DataType::Integer, DataType::Integer) => Some("int8"),
        (DataType::Uuid, DataType::Uuid) => Some("uuid"),
        (DataType::Date, DataType::Date) => Some("date"),
        _ => None,
    };
    match native {
        Some(cast) => (format!("{}::{cast}", ours.0), format!("{}::{cast}", theirs.0)),
        None => (canonical(ours), canonical(theirs)),
    }
}

/// The value as text without surrounding blanks; numbers, also those in text, without trailing zeros, so that `42`,
/// `42.0` and `'42 '` meet. Digits behind a leading zero stay a code.
fn canonical((name, data_type): &(String, DataType)) -> String {
    match data_type {
        DataType::Integer => format!("{name}::int8::text"),
        DataType::Decimal => format!("trim_scale({name}::numeric)::text"),
        DataType::Boolean | DataType::Uuid | DataType::Date | DataType::Binary => format!("{name}::text"),
        _ => format!(
            "CASE WHEN btrim({name}::text) ~ '^-?(0|[1-9][0-9]{{0,30}})[.][0-9]{{1,30}}$' \
             THEN trim_scale(btrim({name}::text)::numeric)::text ELSE btrim({name}::text) END"
        ),
    }
}
