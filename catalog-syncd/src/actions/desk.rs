//! The parts that every action needs.

use std::sync::Arc;

use catalog_core::Result;
use catalog_core::ports::{Clock, Ledger, Publisher};
use catalog_publish::{DrainReport, Outbound};

use super::Finder;

/// Ledger, catalog, search and clock. Clones share them.
#[derive(Clone)]
pub struct Desk {
    /// What is queued, proposed, published and noted.
    pub ledger: Arc<dyn Ledger>,
    /// Where changes are published.
    pub publisher: Arc<dyn Publisher>,
    /// Finds tables by a question.
    pub finder: Arc<dyn Finder>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Does an accepted query go to the catalog as well? Else it is for the semantic model alone.
    pub query_entities: bool,
}

impl Desk {
    /// Publishes what the outbox holds: what a steward accepted, and what waits from before.
    ///
    /// # Errors
    /// The ledger's; what the catalog refuses is in the report and stays in the outbox.
    pub async fn publish(&self) -> Result<DrainReport> {
        Outbound::drain(&*self.ledger, &*self.publisher, &*self.clock, None).await
    }
}
