//! The catalog's tables, found by the names that queries use.

use std::collections::HashMap;

use catalog_core::model::{EngineName, Fqn, QueryEvent};

/// A table as the miner needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaTable {
    /// The name in results.
    pub fqn: Fqn,
    /// The name in queries.
    pub engine: EngineName,
    /// Column names as the engine spells them.
    pub columns: Vec<String>,
}

/// A table's index in the schema.
pub(crate) type TableIndex = u32;
/// A column's index in its table.
pub(crate) type ColumnIndex = u32;

/// All tables, with names folded to lower case as Trino does.
pub(crate) struct Schema {
    tables: Vec<SchemaTable>,
    columns: Vec<HashMap<String, ColumnIndex>>,
    by_name: HashMap<String, Vec<TableIndex>>,
}

/// What an event says beside its text: session defaults, and the tables that the engine resolved.
#[derive(Default)]
pub(crate) struct Session {
    catalog: Option<String>,
    schema: Option<String>,
    /// Engine-resolved tables that the catalog knows, with their columns there.
    inputs: Vec<(TableIndex, Vec<ColumnIndex>)>,
}

impl Schema {
    pub(crate) fn new(tables: Vec<SchemaTable>) -> Self {
        let mut by_name: HashMap<String, Vec<TableIndex>> = HashMap::new();
        let mut columns = Vec::with_capacity(tables.len());
        for (i, table) in tables.iter().enumerate() {
            by_name.entry(table.engine.table.to_lowercase()).or_default().push(i as TableIndex);
            let numbered = table.columns.iter().enumerate().map(|(c, name)| (name.to_lowercase(), c as ColumnIndex));
            columns.push(numbered.collect());
        }
        Self { tables, columns, by_name }
    }

    pub(crate) fn fqn(&self, table: TableIndex) -> &Fqn {
        &self.tables[table as usize].fqn
    }

    /// The name in queries.
    pub(crate) fn engine(&self, table: TableIndex) -> &EngineName {
        &self.tables[table as usize].engine
    }

    pub(crate) fn column_name(&self, table: TableIndex, column: ColumnIndex) -> &str {
        &self.tables[table as usize].columns[column as usize]
    }

    pub(crate) fn column_count(&self, table: TableIndex) -> usize {
        self.tables[table as usize].columns.len()
    }

    /// The column of that lower-case name.
    pub(crate) fn column(&self, table: TableIndex, name: &str) -> Option<ColumnIndex> {
        self.columns[table as usize].get(name).copied()
    }

    /// The session of an event.
    pub(crate) fn session(&self, event: &QueryEvent) -> Session {
        let mut session = Session {
            catalog: event.catalog.as_deref().map(str::to_lowercase),
            schema: event.schema.as_deref().map(str::to_lowercase),
            inputs: Vec::new(),
        };
        for (catalog, schema, table, columns) in &event.inputs {
            let parts = [catalog, schema, table].map(|p| p.to_lowercase());
            let written: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
            if let Some(index) = self.resolve(&written, &Session::default()) {
                let columns = columns.iter().filter_map(|c| self.column(index, &c.to_lowercase())).collect();
                session.inputs.push((index, columns));
            }
        }
        session
    }

    /// The table that a name of one to three lower-case parts stands for: the longest suffix that matches wins, and
    /// two equally good tables are none. A table whose engine has catalogs only answers to its own catalog and
    /// schema; one without (an embedded source) answers to any, so that a log from the real engine fits its copy.
    pub(crate) fn resolve(&self, parts: &[&str], session: &Session) -> Option<TableIndex> {
        let (name, qualifiers) = parts.split_last()?;
        let candidates = self.by_name.get(*name)?;
        let schema = qualifiers.last().copied();
        let catalog = qualifiers.len().checked_sub(2).map(|i| qualifiers[i]);
        let same_name = |t: &&TableIndex| session.inputs.iter().any(|(input, _)| input == *t);
        let mut engine_says = candidates.iter().filter(same_name);
        if let (true, Some(table), None) = (qualifiers.is_empty(), engine_says.next(), engine_says.next()) {
            return Some(*table);
        }
        let default_schema = if qualifiers.is_empty() { session.schema.as_deref() } else { None };
        let default_catalog = session.catalog.as_deref();
        let mut best: Option<(u8, TableIndex)> = None;
        let mut tied = false;
        for index in candidates {
            let engine = &self.tables[*index as usize].engine;
            let fits = |written: Option<&str>, own: &str| written.map(|w| w.eq_ignore_ascii_case(own));
            let by_schema = fits(schema.or(default_schema), &engine.schema);
            let by_catalog = fits(catalog.or(default_catalog), &engine.catalog);
            let strict = !engine.catalog.is_empty();
            if strict && (by_schema == Some(false) || by_catalog == Some(false)) || schema == Some("information_schema")
            {
                continue;
            }
            let score = match (by_schema, by_catalog) {
                (Some(true), Some(true)) => 3,
                (Some(true), _) => 2,
                _ => 1,
            };
            match best {
                Some((top, _)) if score < top => {}
                Some((top, _)) if score == top => tied = true,
                _ => (best, tied) = (Some((score, *index)), false),
            }
        }
        best.filter(|_| !tied).map(|(_, index)| index)
    }
}

impl Session {
    /// Did the engine say that the query reads that column?
    pub(crate) fn reads(&self, table: TableIndex, column: ColumnIndex) -> bool {
        self.inputs.iter().any(|(t, columns)| *t == table && columns.contains(&column))
    }

    /// The tables and columns that the engine resolved.
    pub(crate) fn inputs(&self) -> &[(TableIndex, Vec<ColumnIndex>)] {
        &self.inputs
    }

    /// Bytes that tell two sessions apart where it matters for resolution.
    pub(crate) fn feed(&self, hasher: &mut blake3::Hasher) {
        for text in [&self.catalog, &self.schema] {
            hasher.update(text.as_deref().unwrap_or_default().as_bytes());
            hasher.update(&[0]);
        }
        for (table, columns) in &self.inputs {
            hasher.update(&table.to_le_bytes());
            columns.iter().for_each(|c| {
                hasher.update(&c.to_le_bytes());
            });
            hasher.update(&u32::MAX.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(names: &[(&str, &str, &str)]) -> Schema {
        let table = |(catalog, schema, table): &(&str, &str, &str)| SchemaTable {
            fqn: Fqn::from_parts([*catalog, *schema, *table]),
            engine: EngineName { catalog: (*catalog).into(), schema: (*schema).into(), table: (*table).into() },
            columns: vec!["id".into()],
        };
        Schema::new(names.iter().map(table).collect())
    }

    fn session(catalog: &str, schema: &str) -> Session {
        Session { catalog: Some(catalog.into()), schema: Some(schema.into()), inputs: Vec::new() }
    }

    #[test]
    fn a_bare_name_is_looked_up_in_the_session_schema() {
        let schema = schema(&[("c", "a", "T"), ("c", "b", "T")]);
        assert_eq!(schema.resolve(&["t"], &session("c", "b")), Some(1));
        assert_eq!(schema.resolve(&["a", "t"], &session("c", "b")), Some(0));
        assert_eq!(schema.resolve(&["t"], &Session::default()), None);
    }

    #[test]
    fn a_table_of_another_catalog_is_not_taken_for_ours() {
        let schema = schema(&[("c", "a", "t")]);
        assert_eq!(schema.resolve(&["other", "a", "t"], &Session::default()), None);
        assert_eq!(schema.resolve(&["c", "information_schema", "t"], &Session::default()), None);
        assert_eq!(schema.resolve(&["c", "a", "t"], &session("x", "y")), Some(0));
    }

    #[test]
    fn an_embedded_table_answers_to_the_names_of_the_real_engine() {
        let schema = schema(&[("", "main", "t")]);
        assert_eq!(schema.resolve(&["hive", "core", "t"], &Session::default()), Some(0));
        assert_eq!(schema.resolve(&["t"], &session("hive", "core")), Some(0));
    }
}
