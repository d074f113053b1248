//! What changed since a time, by the server's own events.

use catalog_core::model::{Fqn, TableId};
use catalog_core::ports::SourceChanges;
use catalog_core::{ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{OmSource, distinct};
use crate::client::Call;
use crate::webhook::{ChangeEvent, read_event};

#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    data: Vec<Value>,
}

impl OmSource {
    /// Events are hints: they may be told late, twice and out of order, so they are asked for with an overlap, sorted,
    /// and each table counts once with its last event. Accepted suggestions, lineage and profiles fire none; a full
    /// listing finds what they changed.
    pub(super) async fn changes_since(&self, since_ms: i64, limit: usize) -> Result<SourceChanges> {
        let from = since_ms.saturating_sub(self.overlap_ms).max(0);
        let call = Call::get("list_events", "/events")
            .query("entityCreated", "table")
            .query("entityUpdated", "table")
            .query("entityDeleted", "table")
            .query("entityRestored", "table")
            .query("timestamp", from.to_string());
        let events: Events = match self.client.find(call).await {
            Ok(Some(events)) => events,
            // Servers page events in no way: too many are too large to read, and a listing is cheaper then.
            Ok(None) => return Ok(SourceChanges::Unknown),
            Err(error) if matches!(error.kind(), ErrorKind::LimitExceeded | ErrorKind::Unsupported) => {
                return Ok(SourceChanges::Unknown);
            }
            Err(error) => return Err(error),
        };
        // Each holds its whole entity, which is read again anyway.
        let without_entity = |event| ChangeEvent { entity: None, ..event };
        let mut events: Vec<ChangeEvent> = events.data.into_iter().filter_map(read_event).map(without_entity).collect();
        events.retain(|event| event.entity_type == "table");
        events.sort_by_key(|event| event.timestamp_ms);
        let through_ms = events.last().map_or(since_ms, |event| event.timestamp_ms.max(since_ms));
        let mut changed: Vec<Fqn> = Vec::new();
        let mut gone: Vec<TableId> = Vec::new();
        // Newest first: a table that went and came back is there.
        let mut seen = std::collections::BTreeSet::new();
        for event in events.into_iter().rev().filter(|event| !self.reading.authors.is_us(&event.user_name)) {
            if !seen.insert(event.entity_id.clone()) {
                continue;
            }
            match (event.is_gone(), event.fqn) {
                (true, _) => gone.push(TableId(event.entity_id)),
                (false, Some(fqn)) => changed.push(fqn),
                // Without a name it cannot be read again here; a listing finds it.
                (false, None) => return Ok(SourceChanges::Unknown),
            }
        }
        if changed.len() + gone.len() > limit {
            return Ok(SourceChanges::Unknown);
        }
        changed.reverse();
        gone.reverse();
        Ok(SourceChanges::Known { changed: distinct(changed), gone, through_ms })
    }
}
