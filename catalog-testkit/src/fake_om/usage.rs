//! How much tables are used: counts a day. Usage has no version and moves no entity's version.

use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, reference, text};
use super::stand_in::StandIn;

impl StandIn {
    pub(super) fn usage_of(&mut self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let table = self.find_by_id(Kind::Table, id, true)?.clone();
        match request.method.as_str() {
            "GET" => {
                let date = request.param("date").unwrap_or_default();
                let usage: Vec<Value> =
                    self.usage.get(&(id.to_owned(), date.to_owned())).map(|c| day(date, *c)).into_iter().collect();
                Ok(Answer::json(200, json!({ "entity": reference(Kind::Table, &table), "usage": usage })))
            }
            // POST replaces a day's count, PUT adds to it.
            method @ ("POST" | "PUT") => {
                let body = request.body_json()?;
                let date = text(&body, "date").to_owned();
                let count = body["count"].as_u64().ok_or_else(|| Answer::error(400, "[count must not be null]"))?;
                if date.is_empty() {
                    return Err(Answer::error(400, "[date must not be null]"));
                }
                let held = self.usage.entry((id.to_owned(), date.clone())).or_default();
                *held = if method == "POST" { count } else { *held + count };
                let summary = day(&date, *held);
                if let Some(stored) = self.store.by_id_mut(id) {
                    stored.entity["usageSummary"] = summary;
                }
                Ok(Answer::json(
                    201,
                    json!({ "eventType": "entityFieldsChanged", "entityType": "table", "entityId": id }),
                ))
            }
            _ => Err(Answer::error(405, "HTTP 405 Method Not Allowed")),
        }
    }
}

/// One day's figures; the week and the month are taken to hold that day alone.
fn day(date: &str, count: u64) -> Value {
    let stats = json!({ "count": count, "percentileRank": 0.0 });
    json!({ "date": date, "dailyStats": stats, "weeklyStats": stats, "monthlyStats": stats })
}
