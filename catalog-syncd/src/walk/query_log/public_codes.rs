//! Which values may stay in the normal form of a query.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use catalog_core::model::TableState;
use catalog_querylog::PublicCodes;

/// The public codes of all columns (promise I4), as keyed hashes of 64 bits: a catalog of 100,000 tables has half a
/// million of them, and two that meet by chance are one in 10^13.
#[derive(Default)]
pub(super) struct CodeSet {
    hashes: HashSet<u64>,
    state: RandomState,
}

impl CodeSet {
    /// Takes in the codes of a table's columns.
    pub(super) fn add(&mut self, state: &TableState) {
        let fqn = state.table.fqn();
        for (column, codes) in state.table.columns.iter().zip(&state.public_codes) {
            self.hashes
                .extend(codes.iter().map(|code| self.state.hash_one((fqn, column.name.as_str(), code.as_str()))));
        }
    }

    /// What the miner asks.
    pub(super) fn into_port(self) -> PublicCodes {
        Arc::new(move |table, column, value| self.hashes.contains(&self.state.hash_one((table, column, value))))
    }
}
