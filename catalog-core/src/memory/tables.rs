//! Tables held in memory, for the twins that read them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::model::{Column, DataType, EngineName, Fqn, RawCell, SourceId, Table, TableId, TableKind, TableRef};

/// Tables with their rows, shared by [`MemorySource`](super::MemorySource) and
/// [`MemoryScanner`](super::MemoryScanner). They may be added and dropped while others read.
#[derive(Default)]
pub struct MemoryTables(RwLock<BTreeMap<Fqn, Arc<Stored>>>);

/// A table and its rows.
pub(super) struct Stored {
    pub(super) table: Table,
    pub(super) rows: Vec<Vec<RawCell>>,
}

impl MemoryTables {
    /// No tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table, or replaces the one of that name. Short rows read as if filled with NULL.
    pub fn insert(&self, table: Table, rows: Vec<Vec<RawCell>>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(table.table_ref.fqn.clone(), Arc::new(Stored { table, rows }));
    }

    /// Adds a base table of nullable columns named `<source>.main.<name>` and gives its description.
    pub fn add(&self, source: &str, name: &str, columns: &[(&str, DataType)], rows: Vec<Vec<RawCell>>) -> Table {
        let table = plain_table(source, name, columns);
        self.insert(table.clone(), rows);
        table
    }

    /// Drops a table; nothing happens when it is not there.
    pub fn remove(&self, fqn: &Fqn) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(fqn);
    }

    /// The table as it is now.
    pub(super) fn get(&self, fqn: &Fqn) -> Option<Arc<Stored>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(fqn).cloned()
    }

    /// Descriptions in the order of their names, those after `after`, at most `limit`.
    pub(super) fn after(&self, after: Option<&Fqn>, limit: usize) -> Vec<Table> {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tables
            .iter()
            .filter(|(fqn, _)| after.is_none_or(|a| *fqn > a))
            .take(limit)
            .map(|(_, s)| s.table.clone())
            .collect()
    }
}

fn plain_table(source: &str, name: &str, columns: &[(&str, DataType)]) -> Table {
    let fqn = Fqn::from_parts([source, "main", name]);
    Table {
        table_ref: TableRef {
            source: SourceId(source.to_owned()),
            id: TableId::from_fqn(&fqn),
            engine: EngineName { catalog: source.to_owned(), schema: "main".to_owned(), table: name.to_owned() },
            fqn,
        },
        kind: TableKind::Table,
        columns: columns
            .iter()
            .map(|(name, data_type)| Column {
                name: (*name).to_owned(),
                native_type: data_type.as_str().to_owned(),
                data_type: *data_type,
                nullable: true,
                description: None,
            })
            .collect(),
        description: None,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    }
}
