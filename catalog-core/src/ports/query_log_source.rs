//! Where completed queries come from.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::Result;
use crate::model::{QueryEvent, SkipReason};

/// One page of query events.
pub struct QueryLogPage {
    /// The events that could be read.
    pub events: Vec<QueryEvent>,
    /// Entries that could not, by reason; never lost silently.
    pub rejected: BTreeMap<SkipReason, u64>,
    /// Where the next page starts; `None` when there is no more for now.
    pub next: Option<String>,
    /// Where a later call goes on when there is no more for now, so that what comes meanwhile is found. A source that
    /// overlaps may deliver events from before it once more.
    pub resume: Option<String>,
}

/// Delivers query-completed events in pages.
#[async_trait]
pub trait QueryLogSource: Send + Sync {
    /// At most `limit` entries from the cursor on (`None`: from the start). The same cursor gives the same page as
    /// long as the log is append-only; an event may be delivered twice and is deduplicated by its query id.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, `Timeout` when the log itself cannot be read; a bad entry is counted instead.
    async fn page(&self, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage>;
}
