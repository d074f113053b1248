//! The keys of all tables as a graph.

use catalog_core::Result;
use catalog_fk::JoinGraph;

use super::Desk;

/// States read at a time.
const PAGE: usize = 500;

impl Desk {
    /// The join graph of everything that the ledger knows. Memory grows with the keys, not with the tables' states.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn join_graph(&self) -> Result<JoinGraph> {
        let (mut keys, mut tables) = (Vec::new(), Vec::new());
        let mut after = None;
        loop {
            let page = self.ledger.facts(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(JoinGraph::new(&keys, tables)) };
            after = Some(last.table.table_ref.id.clone());
            for state in page {
                let reference = state.table.table_ref;
                tables.push((reference.fqn, reference.engine));
                keys.extend(state.keys);
            }
        }
    }
}
