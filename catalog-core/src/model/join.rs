//! Joins seen in the query log.

use serde::{Deserialize, Serialize};

use super::Fqn;

/// How two columns were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Column equals column.
    Equality,
    /// Equality through an expression on either side (`CAST`, `lower`): weaker evidence.
    Expression,
}

/// An equi-join that people run: undirected, `left` sorts before `right`. Column lists match in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MinedJoin {
    /// One table.
    pub left: Fqn,
    /// Its joined columns, more than one for a composite join.
    pub left_columns: Vec<String>,
    /// The other table.
    pub right: Fqn,
    /// Its joined columns.
    pub right_columns: Vec<String>,
    /// How they were compared.
    pub kind: JoinKind,
    /// How many runs joined them so.
    pub runs: u64,
    /// How many different people ran them.
    pub users: u64,
}
