//! Names on their way into SQL and out of it.

use catalog_core::model::{Column, Table};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::sources::identifier::quote;

/// `main."table"`.
pub(super) fn table_name(table: &Table) -> String {
    format!("main.{}", quote(&table.table_ref.engine.table))
}

/// The columns at `indices`, quoted, for a SELECT list. SQLite reads a quoted name without a column as a text
/// literal, so each is qualified by the alias `t`.
///
/// # Errors
/// `InvalidInput` when an index is beyond the last column.
pub(super) fn select_list(table: &Table, indices: &[usize]) -> Result<String> {
    if indices.is_empty() {
        return Ok("1".to_owned());
    }
    let names = indices.iter().map(|i| {
        table.columns.get(*i).map(|c| format!("t.{}", quote(&c.name))).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "scan_table", "a requested column is beyond the last one")
        })
    });
    Ok(names.collect::<Result<Vec<_>>>()?.join(", "))
}

/// The name under which the row id can be read: one of SQLite's three that no column takes. `None` when all are
/// taken.
pub(super) fn row_id_name(columns: &[Column]) -> Option<&'static str> {
    ["rowid", "_rowid_", "oid"].into_iter().find(|id| !columns.iter().any(|c| c.name.eq_ignore_ascii_case(id)))
}

/// A name; bytes that are not UTF-8 become U+FFFD, and nothing is found under such a name later.
pub(super) fn text(row: &Row<'_>, index: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(index)? {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use catalog_core::model::DataType;

    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            native_type: String::new(),
            data_type: DataType::Unknown,
            nullable: true,
            description: None,
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn a_column_called_rowid_does_not_hide_the_row_id() {
        assert_eq!(row_id_name(&columns(&["a", "RowId"])), Some("_rowid_"));
        assert_eq!(row_id_name(&columns(&["rowid", "_rowid_", "oid"])), None);
    }
}
