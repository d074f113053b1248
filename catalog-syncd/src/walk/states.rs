//! The ledger's states of this walk's sources, a page at a time: no stage holds all of them.

use catalog_core::Result;
use catalog_core::model::{TableId, TableState};
use catalog_core::ports::ledger::TableLinks;

use super::run::Walk;

/// States in a page: one of a wide table takes tens of kilobytes.
const PAGE_MAX: usize = 200;

impl Walk {
    /// Shows every state of this walk's sources, ordered by id, without fingerprints and rows.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn each_fact(&self, mut visit: impl FnMut(TableState)) -> Result<()> {
        let mut after: Option<TableId> = None;
        loop {
            let page = self.parts.ledger.facts(after.as_ref(), self.states_page()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.table.table_ref.id.clone());
            page.into_iter().filter(|s| self.parts.connection_of(&s.table).is_some()).for_each(&mut visit);
        }
    }

    /// How many states are read at a time.
    pub(super) fn states_page(&self) -> usize {
        self.options.page_size.min(PAGE_MAX)
    }

    /// As [`Walk::each_fact`], whole.
    pub(super) async fn each_state(&self, mut visit: impl FnMut(TableState)) -> Result<()> {
        let mut after: Option<TableId> = None;
        loop {
            let page = self.parts.ledger.states(after.as_ref(), self.states_page()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.table.table_ref.id.clone());
            page.into_iter().filter(|s| self.parts.connection_of(&s.table).is_some()).for_each(&mut visit);
        }
    }

    /// As [`Walk::each_fact`], names and keys alone.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn each_link(&self, mut visit: impl FnMut(TableLinks)) -> Result<()> {
        let mut after: Option<TableId> = None;
        loop {
            let page = self.parts.ledger.links(after.as_ref(), self.options.page_size).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.table.id.clone());
            page.into_iter().filter(|l| self.parts.connection(&l.table.source).is_some()).for_each(&mut visit);
        }
    }
}
