//! Change events: kept, listed, and handed to webhooks.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, text};
use super::options::User;
use super::stand_in::StandIn;

/// Older events are dropped beyond this many.
const EVENTS_MAX: usize = 100_000;

/// The events, oldest first.
pub(super) type Events = VecDeque<Value>;

impl StandIn {
    /// Keeps the event of a change and hands it to webhooks. `entity` is what the writer was answered.
    pub(super) fn tell(&mut self, kind: Kind, event_type: &str, entity: &Value, by: &User) {
        let changes = &entity["changeDescription"];
        let previous = if changes.is_object() { &changes["previousVersion"] } else { &entity["version"] };
        let mut event = json!({
            "id": Self::new_id(),
            "eventType": event_type,
            "entityType": kind.entity_type(),
            "entityId": entity["id"],
            "previousVersion": previous,
            "currentVersion": entity["version"],
            "userName": by.name,
            "timestamp": self.now_ms(),
            "entity": entity.to_string(),
        });
        if changes.is_object() && event_type != "entityCreated" {
            event["changeDescription"] = changes.clone();
        }
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(event.clone());
        self.notify(&event);
    }

    /// The events since a time, of the types asked for: one page, whatever their number.
    pub(super) fn list_events(&self, request: &Request) -> Answer {
        let since = request.param("timestamp").and_then(|t| t.parse::<i64>().ok()).unwrap_or_default();
        let asked = |event: &&Value| {
            let parameter = match text(event, "eventType") {
                "entitySoftDeleted" => "entityDeleted",
                other => other,
            };
            let types = request.param(parameter).unwrap_or_default();
            types.split(',').any(|t| t == "*" || t == text(event, "entityType"))
                && event["timestamp"].as_i64().unwrap_or_default() >= since
        };
        let mut data: Vec<&Value> = self.events.iter().filter(asked).collect();
        if self.options.quirks.events_out_of_order {
            data.reverse();
        }
        Answer::json(200, json!({ "data": data, "paging": { "total": data.len() } }))
    }
}
