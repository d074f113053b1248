//! The names in a file's schema. A connection keeps them: to find one name, SQLite looks through all of them.

use std::collections::BTreeMap;
use std::ops::Bound;

use catalog_core::model::TableKind;
use rusqlite::{Connection, Row};

use super::sql_text::text;

/// A table or view.
pub(super) struct Relation {
    /// The name as the schema spells it.
    pub(super) name: String,
    /// Table or view.
    pub(super) kind: TableKind,
    /// Has it row ids?
    pub(super) has_row_id: bool,
    /// Rows at the last `ANALYZE`.
    pub(super) analyzed_rows: Option<u64>,
}

/// All tables and views of one state of the schema, by their names in ASCII lowercase: SQLite's names differ in more
/// than case.
pub(super) struct Relations {
    schema_version: i64,
    by_name: BTreeMap<String, Relation>,
}

impl Relations {
    /// Those of the state that the connection sees now: the ones in `known`, or read and put there.
    pub(super) fn current<'k>(connection: &Connection, known: &'k mut Option<Self>) -> rusqlite::Result<&'k Self> {
        let schema_version = connection.query_row("PRAGMA main.schema_version", [], |r| r.get(0))?;
        let current = match known.take().filter(|k| k.schema_version == schema_version) {
            Some(current) => current,
            None => Self { schema_version, by_name: read(connection)? },
        };
        Ok(known.insert(current))
    }

    /// The one of that name, in whatever case.
    pub(super) fn named(&self, name: &str) -> Option<&Relation> {
        self.by_name.get(&name.to_ascii_lowercase())
    }

    /// Those whose names come after `name`, in order.
    pub(super) fn after(&self, name: Option<&str>) -> impl Iterator<Item = &Relation> {
        let start = name.map_or(Bound::Unbounded, |n| Bound::Excluded(n.to_ascii_lowercase()));
        self.by_name.range((start, Bound::Unbounded)).map(|(_, relation)| relation)
    }
}

fn read(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Relation>> {
    let sql = "SELECT name, type, wr FROM pragma_table_list \
               WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let (name, kind) = (text(row, 0)?, text(row, 1)?);
        Ok(Relation {
            kind: if kind == "view" { TableKind::View } else { TableKind::Table },
            has_row_id: kind == "table" && !row.get::<_, bool>(2)?,
            name,
            analyzed_rows: None,
        })
    })?;
    let mut by_name = BTreeMap::new();
    for relation in rows {
        let relation = relation?;
        by_name.insert(relation.name.to_ascii_lowercase(), relation);
    }
    // Statistics are an optional extra: without them, or with damaged ones, there is no estimate.
    for (name, rows) in statistics(connection).unwrap_or_default() {
        if let Some(relation) = by_name.get_mut(&name.to_ascii_lowercase()) {
            relation.analyzed_rows = Some(rows);
        }
    }
    Ok(by_name)
}

fn statistics(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let sql = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 GROUP BY tbl";
    let read = |r: &Row<'_>| Ok((text(r, 0)?, u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0)));
    connection.prepare(sql)?.query_map([], read)?.collect()
}
