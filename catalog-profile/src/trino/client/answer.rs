//! What a query gave.

use serde_json::Value;

use crate::trino::TrinoType;

/// A column of a result or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineColumn {
    /// The name as the engine spells it, in lower case.
    pub name: String,
    /// Its type.
    pub kind: TrinoType,
}

/// What a query cost, as the engine counted it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueryStats {
    /// Rows that were read.
    pub rows: u64,
    /// Bytes that were processed.
    pub bytes: u64,
    /// Bytes that were read from storage.
    pub physical_bytes: u64,
    /// Wall time in the engine, in milliseconds.
    pub elapsed_ms: u64,
    /// Processor time, in milliseconds.
    pub cpu_ms: u64,
}

/// A result. No `Debug`: its rows are cells.
#[derive(Default)]
pub struct Answer {
    /// The engine's id of the query.
    pub query_id: String,
    /// The columns.
    pub columns: Vec<EngineColumn>,
    /// The rows: JSON values in the order of the columns.
    pub rows: Vec<Vec<Value>>,
    /// What it cost.
    pub stats: QueryStats,
}
