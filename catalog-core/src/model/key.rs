//! Foreign keys: candidates, the checks that confirm them, and what came of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DeclaredKey, Fqn, KeyColumn, KeyEvidence, MinedJoin, TableKind};

/// What key inference knows of one table.
pub struct KeyTable {
    /// The table's name.
    pub fqn: Fqn,
    /// Which catalog of the engine it lives in; keys across catalogs are an option.
    pub catalog: String,
    /// What kind of relation it is; a view is never a parent.
    pub kind: TableKind,
    /// Rows, counted or estimated.
    pub row_count: u64,
    /// The columns, in the table's order.
    pub columns: Vec<KeyColumn>,
    /// The declared primary key; empty when unknown or hidden.
    pub primary_key: Vec<String>,
    /// The declared foreign keys; empty when unknown or hidden.
    pub declared: Vec<DeclaredKey>,
}

/// Everything that the search for keys rests on.
#[derive(Default)]
pub struct RelateInput {
    /// The tables.
    pub tables: Vec<KeyTable>,
    /// Joins seen in the query log.
    pub joins: Vec<MinedJoin>,
    /// Where the columns' hashes are, when the columns do not hold them.
    pub hashes: Option<Arc<dyn KeptHashes>>,
}

/// Hashes of columns outside memory, read by column and by several threads at once.
pub trait KeptHashes: Send + Sync {
    /// Appends a column's hashes to `out`, ascending and each once. Columns are numbered from 0 through all tables, in
    /// the order of [`RelateInput::tables`].
    ///
    /// A search that has begun cannot stop: what cannot be read is left out, and whoever keeps the hashes remembers
    /// why, so that its owner throws the search's result away.
    fn read(&self, column: usize, out: &mut Vec<i64>);
}

/// Columns of one table, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnSet {
    /// The table.
    pub table: Fqn,
    /// Its columns.
    pub columns: Vec<String>,
}

/// A possible key before it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FkCandidate {
    /// The referring side.
    pub child: ColumnSet,
    /// The referred side.
    pub parent: ColumnSet,
    /// Probability that this is a key, before confirmation.
    pub score: f64,
    /// The witnesses.
    pub evidence: KeyEvidence,
}

/// A count that would settle a candidate, as data; whoever runs it must ignore NULLs: a child tuple with any NULL
/// is no orphan, and a parent tuple with any NULL is not there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConfirmCheck {
    /// The referring side.
    pub child: ColumnSet,
    /// The referred side.
    pub parent: ColumnSet,
}

/// The answer to a [`ConfirmCheck`]. Values are compared in canonical form, so that `42` meets `'42'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmCount {
    /// Distinct child tuples without NULL.
    pub child_distinct: u64,
    /// Distinct child tuples that no parent tuple equals.
    pub orphans: u64,
    /// Parent tuples without NULL.
    pub parent_rows: u64,
    /// Distinct parent tuples without NULL; equal to `parent_rows` when the parent is unique.
    pub parent_distinct: u64,
    /// Was only a part checked: some of the child's rows, or, where the engine gives up no more, of the parent's?
    pub sampled: bool,
}

impl ConfirmCount {
    /// Is one side empty, so that the check proves nothing?
    pub fn vacuous(&self) -> bool {
        self.child_distinct == 0 || self.parent_distinct == 0
    }

    /// Share of the child's distinct tuples without a parent; 0 when there are none.
    pub fn orphan_ratio(&self) -> f64 {
        if self.child_distinct == 0 { 0.0 } else { self.orphans as f64 / self.child_distinct as f64 }
    }
}

/// How much a key can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// The schema says so.
    Declared,
    /// Inferred, scored above the threshold and checked against the data.
    Confirmed,
    /// Inferred, for a steward to judge.
    Proposed,
}

impl KeyStatus {
    /// The status as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Confirmed => "confirmed",
            Self::Proposed => "proposed",
        }
    }
}

/// A foreign key, declared or inferred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referring side.
    pub child: ColumnSet,
    /// The referred side.
    pub parent: ColumnSet,
    /// Calibrated probability; 1 for declared keys.
    pub score: f64,
    /// How much it can be trusted.
    pub status: KeyStatus,
    /// Distinct child tuples without a parent; `None` when nothing was checked.
    pub orphans: Option<u64>,
    /// Was a side empty, so that the check proved nothing?
    pub vacuous: bool,
    /// Was only a part checked, or nothing but the sketches?
    pub sampled: bool,
    /// The witnesses.
    pub evidence: KeyEvidence,
}
