//! Listing a Postgres database: five questions a page, whatever the number of tables.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{AuthoredText, Column, DeclaredKey, Fqn, SourceId, Table, TableKind};
use catalog_core::ports::{Discovered, MetadataSource, TablePage};
use catalog_core::{Error, ErrorKind, Result};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::catalog_queries::{COLUMNS, FOREIGN_KEYS, RELATIONS, UNIQUE, UPSTREAM};
use super::connection::within;
use super::errors::from_driver;
use super::types::data_type;
use super::{PostgresDatabase, table_ref};

const OPERATION: &str = "list_tables";
const DEADLINE: Duration = Duration::from_secs(60);

#[async_trait]
impl MetadataSource for PostgresDatabase {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage> {
        let wanted = Wanted::After(start_of(cursor)?, i64::try_from(limit).unwrap_or(i64::MAX));
        let tables = self.tables(wanted).await?;
        let next = tables.last().filter(|_| tables.len() >= limit).map(|last| {
            let engine = &last.table_ref.engine;
            Fqn::from_parts([engine.schema.as_str(), engine.table.as_str()]).to_string()
        });
        Ok(TablePage::new(tables.into_iter().map(|t| Discovered::Table(Box::new(t))).collect(), next))
    }

    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>> {
        let [source, schema, name] = fqn.parts() else { return Ok(None) };
        if *source != self.id.0 {
            return Ok(None);
        }
        let found = self.tables(Wanted::One(schema.clone(), name.clone())).await;
        Ok(found.map_err(|e| e.with("table", fqn))?.pop())
    }
}

enum Wanted {
    /// At most so many behind this schema and name.
    After((String, String), i64),
    /// The one of this schema and name.
    One(String, String),
}

fn start_of(cursor: Option<&str>) -> Result<(String, String)> {
    let Some(cursor) = cursor else { return Ok(Default::default()) };
    match cursor.parse::<Fqn>()?.parts() {
        [schema, name] => Ok((schema.clone(), name.clone())),
        _ => Err(Error::new(ErrorKind::InvalidInput, OPERATION, "the cursor is not one of this source")),
    }
}

impl PostgresDatabase {
    async fn tables(&self, wanted: Wanted) -> Result<Vec<Table>> {
        let listed = within(OPERATION, DEADLINE, async {
            let mut connection = self.connections.begin(OPERATION, DEADLINE).await?;
            let page = read_page(&mut connection, &self.id, &wanted).await;
            let tables = page.map_err(|e| from_driver(OPERATION, &e))?;
            self.connections.end(connection).await;
            Ok(tables)
        });
        listed.await.map_err(|e| e.with("database", self.connections.database()))
    }
}

async fn read_page(c: &mut PgConnection, source: &SourceId, wanted: &Wanted) -> sqlx::Result<Vec<Table>> {
    let (start, limit, one) = match wanted {
        Wanted::After((schema, name), limit) => ((schema.as_str(), name.as_str()), *limit, (None, None)),
        Wanted::One(schema, name) => (("", ""), 1, (Some(schema), Some(name))),
    };
    let relations = sqlx::query(RELATIONS)
        .bind(start.0)
        .bind(start.1)
        .bind(limit)
        .bind(one.0)
        .bind(one.1)
        .fetch_all(&mut *c)
        .await?;
    let oids: Vec<i64> = relations.iter().map(|r| r.try_get("oid")).collect::<sqlx::Result<_>>()?;
    let mut columns = by_table(c, COLUMNS, &oids, column).await?;
    let mut unique =
        by_table(c, UNIQUE, &oids, |r| Ok((r.try_get::<bool, _>("is_primary")?, names(r, "columns")?))).await?;
    let mut keys = by_table(c, FOREIGN_KEYS, &oids, |r| foreign_key(r, source)).await?;
    let mut upstream =
        by_table(c, UPSTREAM, &oids, |r| Ok(table_ref(source, r.try_get("schema")?, r.try_get("name")?).fqn)).await?;
    relations
        .iter()
        .zip(oids)
        .map(|(relation, oid)| {
            let unique = unique.remove(&oid).unwrap_or_default();
            let (primary, unique): (Vec<_>, Vec<_>) = unique.into_iter().partition(|(is_primary, _)| *is_primary);
            Ok(Table {
                table_ref: table_ref(source, relation.try_get("schema")?, relation.try_get("name")?),
                kind: kind(relation.try_get("kind")?),
                columns: columns.remove(&oid).unwrap_or_default(),
                description: comment(relation)?,
                primary_key: primary.into_iter().next().map(|(_, columns)| columns).unwrap_or_default(),
                unique_keys: unique.into_iter().map(|(_, columns)| columns).collect(),
                declared_keys: keys.remove(&oid).unwrap_or_default(),
                upstream: upstream.remove(&oid).unwrap_or_default(),
                row_count_estimate: row_count_estimate(relation)?,
                change_token: relation.try_get("change_token")?,
                updated_at_ms: 0,
            })
        })
        .collect()
}

/// The answers to a question about the relations `oids`, grouped by relation.
async fn by_table<T>(
    connection: &mut PgConnection,
    question: &'static str,
    oids: &[i64],
    read: impl Fn(&PgRow) -> sqlx::Result<T>,
) -> sqlx::Result<HashMap<i64, Vec<T>>> {
    let mut groups: HashMap<i64, Vec<T>> = HashMap::new();
    for row in sqlx::query(question).bind(oids).fetch_all(connection).await? {
        groups.entry(row.try_get("oid")?).or_default().push(read(&row)?);
    }
    Ok(groups)
}

fn column(row: &PgRow) -> sqlx::Result<Column> {
    Ok(Column {
        name: row.try_get("name")?,
        native_type: row.try_get("native_type")?,
        data_type: data_type(row.try_get("type_name")?, row.try_get("type_kind")?, row.try_get("type_category")?),
        nullable: row.try_get("nullable")?,
        description: comment(row)?,
    })
}

fn foreign_key(row: &PgRow, source: &SourceId) -> sqlx::Result<DeclaredKey> {
    Ok(DeclaredKey {
        columns: names(row, "columns")?,
        parent: table_ref(source, row.try_get("parent_schema")?, row.try_get("parent_name")?).fqn,
        parent_columns: names(row, "parent_columns")?,
    })
}

fn names(row: &PgRow, column: &str) -> sqlx::Result<Vec<String>> {
    Ok(row.try_get::<Option<Vec<String>>, _>(column)?.unwrap_or_default())
}

/// A comment was written by somebody: it is never overwritten.
fn comment(row: &PgRow) -> sqlx::Result<Option<AuthoredText>> {
    let text: Option<String> = row.try_get("comment")?;
    Ok(text.filter(|t| !t.trim().is_empty()).map(|text| AuthoredText { text, by_human: true }))
}

fn kind(relkind: &str) -> TableKind {
    match relkind {
        "v" => TableKind::View,
        "m" => TableKind::MaterializedView,
        "f" => TableKind::External,
        _ => TableKind::Table,
    }
}

/// The planner's count after `ANALYZE` or `VACUUM`, else the live rows that the statistics saw; `None` for views and
/// when neither knows anything.
fn row_count_estimate(row: &PgRow) -> sqlx::Result<Option<u64>> {
    if matches!(row.try_get("kind")?, "v") {
        return Ok(None);
    }
    let (planner, pages): (f64, i32) = (row.try_get("planner_rows")?, row.try_get("pages")?);
    if planner > 0.0 || planner == 0.0 && pages > 0 {
        return Ok(Some(planner as u64));
    }
    let live: Option<i64> = row.try_get("live_rows")?;
    Ok(live.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0))
}
