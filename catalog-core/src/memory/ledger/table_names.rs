//! Tables by their names, in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Books, MemoryLedger};
use crate::Result;
use crate::model::{Fqn, TableRef};
use crate::ports::ledger::TableNames;

impl Books {
    /// Walked and parked tables.
    fn tables(&self) -> impl Iterator<Item = &TableRef> {
        let parked = self.parked.values().map(|parked| &parked.table);
        parked.chain(self.states.values().map(|state| &state.table.table_ref))
    }
}

#[async_trait]
impl TableNames for MemoryLedger {
    async fn named(&self, name: &Fqn) -> Result<Option<TableRef>> {
        Ok(self.books().tables().filter(|table| table.fqn == *name).min_by_key(|table| &table.id).cloned())
    }

    async fn named_like(&self, ending: &Fqn, limit: usize) -> Result<Vec<TableRef>> {
        let books = self.books();
        let longer = books.tables().filter(|table| table.fqn != *ending && table.fqn.ends_with(ending));
        let found: BTreeSet<_> = longer.map(|table| (table.fqn.backwards(), &table.id, table)).collect();
        Ok(found.into_iter().take(limit).map(|(.., table)| table.clone()).collect())
    }
}
