//! Tables by their names in Postgres.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Fqn, ParkedTable, TableRef};
use catalog_core::ports::ledger::TableNames;

use super::transact::reading;
use super::{PostgresLedger, sql_limit};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// The name in a document as JSON escapes it, and its last characters read backwards: what `table_state_by_name` and
/// `parked_by_name` hold. To be written as in the migration, or the indexes are not used.
macro_rules! name {
    ($document:literal) => {
        concat!("substring(", $document, r#" from '"fqn":"((?:[^"\\]|\\.)*)"')"#)
    };
}
macro_rules! backwards {
    ($document:literal) => {
        concat!("left(reverse(", name!($document), r#"), 400) COLLATE "C""#)
    };
}

const NAMED: &str = concat!(
    "(SELECT table_id, table_ref AS document, false FROM table_state WHERE ",
    backwards!("table_ref"),
    " = left(reverse($1), 400) AND ",
    name!("table_ref"),
    " = $1 ORDER BY table_id LIMIT 1)
    UNION ALL
    (SELECT table_id, parked, true FROM parked WHERE ",
    backwards!("parked"),
    " = left(reverse($1), 400) AND ",
    name!("parked"),
    " = $1 ORDER BY table_id LIMIT 1)
    ORDER BY table_id LIMIT 1"
);

/// What goes on with a dot, the end of the part before. Each side is read in the order of its index, no further than the
/// limit.
const NAMED_LIKE: &str = concat!(
    "(SELECT table_id, table_ref AS document, false, ",
    backwards!("table_ref"),
    " AS backwards FROM table_state WHERE ",
    backwards!("table_ref"),
    " >= reverse($1) || '.' AND ",
    backwards!("table_ref"),
    " < reverse($1) || '/' ORDER BY 4, 1 LIMIT $2)
    UNION ALL
    (SELECT table_id, parked, true, ",
    backwards!("parked"),
    " FROM parked WHERE ",
    backwards!("parked"),
    " >= reverse($1) || '.' AND ",
    backwards!("parked"),
    " < reverse($1) || '/' AND NOT EXISTS (SELECT 1 FROM table_state s WHERE s.table_id = parked.table_id AND ",
    name!("s.table_ref"),
    " = ",
    name!("parked"),
    ") ORDER BY 4, 1 LIMIT $2)
    ORDER BY 4, 1 LIMIT $2"
);

/// The name as it stands between the quotes of a document.
fn escaped(name: &Fqn) -> Result<String, Failure> {
    let quoted = to_json(name)?;
    Ok(quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned())
}

/// The names in the document of a state, or of a parked table: Postgres fails at a NUL that a document escapes.
fn names(document: &str, parked: bool) -> Result<TableRef, Failure> {
    if parked {
        return Ok(from_json::<ParkedTable>(document, "a parked table")?.table);
    }
    from_json(document, "the names of a table")
}

#[async_trait]
impl TableNames for PostgresLedger {
    async fn named(&self, name: &Fqn) -> Result<Option<TableRef>> {
        reading!(self, "find_table", |connection| {
            let found: Option<(String, String, bool)> =
                sqlx::query_as(NAMED).bind(escaped(name)?).fetch_optional(connection).await?;
            found.map(|(_, document, parked)| names(&document, parked)).transpose()
        })
    }

    async fn named_like(&self, ending: &Fqn, limit: usize) -> Result<Vec<TableRef>> {
        let mut tables = reading!(self, "find_table", |connection| {
            let asked = sqlx::query_as(NAMED_LIKE).bind(escaped(ending)?).bind(sql_limit(limit));
            let found: Vec<(String, String, bool, String)> = asked.fetch_all(connection).await?;
            found.iter().map(|(_, document, parked, _)| names(document, *parked)).collect::<Result<Vec<_>, Failure>>()
        })?;
        tables.retain(|table| table.fqn.ends_with(ending));
        Ok(tables)
    }
}
