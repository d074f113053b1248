//! Reading the schema: one statement a fact and table, all in one read transaction, none of them touching rows.

use catalog_core::model::{Column, DeclaredKey, SourceId, Table, TableKind};
use catalog_core::ports::Discovered;
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::declared_type::data_type;
use super::errors::from_driver;
use super::relations::{Relation, Relations};
use super::sql_text::{row_id_name, text};
use super::table_ref;
use crate::sources::identifier::quote;

const OPERATION: &str = "list_tables";
/// No row of a table takes fewer bytes of the file: cell pointer, payload length, row id, header.
const ROW_BYTES_MIN: u64 = 6;

struct ColumnFact {
    column: Column,
    /// Position in the primary key, from 1; 0 outside of it.
    key_position: i64,
}

/// Reads one state of the schema.
pub(super) struct SchemaReader<'c> {
    connection: &'c Connection,
    /// The names in it.
    pub(super) relations: &'c Relations,
    source: &'c SourceId,
    change_token: String,
    file_bytes: u64,
}

impl<'c> SchemaReader<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        relations: &'c Relations,
        source: &'c SourceId,
        (change_token, file_bytes): (String, u64),
    ) -> Self {
        connection.set_prepared_statement_cache_capacity(32);
        Self { connection, relations, source, change_token, file_bytes }
    }

    /// The relation as a table, or why it cannot be read.
    pub(super) fn discover(&self, relation: &Relation) -> Discovered {
        match self.table(relation) {
            Ok(table) => Discovered::Table(Box::new(table)),
            Err(e) => {
                let names = table_ref(self.source, &relation.name);
                let error = e.with("table", &names.fqn);
                Discovered::Unreadable(names, error)
            }
        }
    }

    /// The relation as a table.
    pub(super) fn table(&self, relation: &Relation) -> Result<Table> {
        let facts = self.columns(&relation.name).map_err(|e| from_driver(OPERATION, &e))?;
        if facts.is_empty() {
            return Err(Error::new(ErrorKind::Corrupt, OPERATION, "no column can be read")
                .hint("a view may refer to a table that is gone, or a virtual table need an extension"));
        }
        let failed = |e: rusqlite::Error| from_driver(OPERATION, &e);
        let unique_keys = self.unique_keys(&relation.name).map_err(failed)?;
        let declared_keys = self.declared_keys(&relation.name).map_err(failed)?;
        let primary_key = primary_key(&facts);
        let columns: Vec<Column> = facts.into_iter().map(|f| f.column).collect();
        let row_count_estimate = self.row_count_estimate(relation, &columns);
        Ok(Table {
            table_ref: table_ref(self.source, &relation.name),
            kind: relation.kind,
            columns,
            description: None,
            primary_key,
            unique_keys,
            declared_keys,
            upstream: Vec::new(),
            row_count_estimate,
            change_token: Some(self.change_token.clone()),
            updated_at_ms: 0,
        })
    }

    fn columns(&self, table: &str) -> rusqlite::Result<Vec<ColumnFact>> {
        // `hidden` 1 marks the hidden columns of virtual tables; 2 and 3 are generated columns, which hold data.
        let sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1";
        self.rows(sql, &[&table], |row| {
            let native_type = text(row, 1)?;
            let key_position = row.get(3)?;
            Ok(ColumnFact {
                column: Column {
                    name: text(row, 0)?,
                    data_type: data_type(&native_type),
                    native_type,
                    nullable: !row.get::<_, bool>(2)? && key_position == 0,
                    description: None,
                },
                key_position,
            })
        })
    }

    fn unique_keys(&self, table: &str) -> rusqlite::Result<Vec<Vec<String>>> {
        let sql = "SELECT name FROM pragma_index_list(?1, 'main') \
                   WHERE \"unique\" AND NOT partial AND origin <> 'pk' ORDER BY seq DESC";
        let mut keys = Vec::new();
        for index in self.rows(sql, &[&table], |r| text(r, 0))? {
            let sql = "SELECT name FROM pragma_index_xinfo(?1, 'main') WHERE key ORDER BY seqno";
            let columns = self.rows(sql, &[&index], |r| r.get::<_, Option<String>>(0))?;
            // An expression has no column name: such an index says nothing about columns.
            if let Some(columns) = columns.into_iter().collect::<Option<Vec<_>>>() {
                keys.push(columns);
            }
        }
        Ok(keys)
    }

    /// Declared keys whose parent exists; `REFERENCES parent` without columns means the parent's primary key.
    fn declared_keys(&self, table: &str) -> rusqlite::Result<Vec<DeclaredKey>> {
        let sql =
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq";
        let read = |r: &Row<'_>| Ok((r.get::<_, i64>(0)?, text(r, 1)?, text(r, 2)?, r.get::<_, Option<String>>(3)?));
        let parts = self.rows(sql, &[&table], read)?;
        let mut keys = Vec::new();
        for part in parts.chunk_by(|a, b| a.0 == b.0) {
            let parent = part.first().and_then(|p| self.relations.named(&p.1)).filter(|p| p.kind == TableKind::Table);
            let Some(parent) = parent else { continue };
            let facts = self.columns(&parent.name)?;
            let spelled = |name: &String| {
                facts.iter().find(|f| f.column.name.eq_ignore_ascii_case(name)).map(|f| f.column.name.clone())
            };
            let named: Option<Vec<&String>> = part.iter().map(|p| p.3.as_ref()).collect();
            let parent_columns = match named {
                Some(names) => names.into_iter().map(spelled).collect::<Option<Vec<_>>>(),
                None => Some(primary_key(&facts)),
            };
            if let Some(parent_columns) = parent_columns.filter(|c| c.len() == part.len()) {
                keys.push(DeclaredKey {
                    columns: part.iter().map(|p| p.2.clone()).collect(),
                    parent: table_ref(self.source, &parent.name).fqn,
                    parent_columns,
                });
            }
        }
        Ok(keys)
    }

    /// `ANALYZE`'s count, else an upper bound that costs two seeks: the span of the row ids, and never more rows than
    /// the file has room for. `None` for views and tables without row ids.
    fn row_count_estimate(&self, relation: &Relation, columns: &[Column]) -> Option<u64> {
        if relation.analyzed_rows.is_some() || !relation.has_row_id {
            return relation.analyzed_rows;
        }
        let (low, high) = row_id_range(self.connection, &relation.name, columns).ok()??;
        Some((high.abs_diff(low).saturating_add(1)).min(self.file_bytes / ROW_BYTES_MIN))
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map(parameters, read)?.collect()
    }
}

/// The smallest and the largest row id; `None` for an empty table or one whose columns hide the row id.
pub(super) fn row_id_range(
    connection: &Connection,
    table: &str,
    columns: &[Column],
) -> rusqlite::Result<Option<(i64, i64)>> {
    let Some(id) = row_id_name(columns) else { return Ok(None) };
    let table = quote(table);
    let sql = format!("SELECT (SELECT min({id}) FROM main.{table}), (SELECT max({id}) FROM main.{table})");
    let range = connection.query_row(&sql, [], |r| Ok((r.get::<_, Option<i64>>(0)?, r.get::<_, Option<i64>>(1)?)));
    Ok(range.optional()?.and_then(|(low, high)| low.zip(high)))
}

fn primary_key(facts: &[ColumnFact]) -> Vec<String> {
    let mut key: Vec<_> = facts.iter().filter(|f| f.key_position > 0).collect();
    key.sort_by_key(|f| f.key_position);
    key.into_iter().map(|f| f.column.name.clone()).collect()
}
