//! How a write becomes a version: sessions are consolidated, columns that come or go weigh more.

use serde_json::{Value, json};

use super::diff::Changes;
use super::kind::{Kind, text};
use super::options::{Generation, User};
use super::stand_in::StandIn;

/// Edits of one user within this time of the last are one session.
const SESSION_MS: i64 = 10 * 60 * 1_000;

/// Members whose author newer servers keep.
const ATTRIBUTED: &str = "description";

impl StandIn {
    /// Stores `updated` over `original` and gives what is stored then, and whether it counts as a change that is
    /// told to others. A write within its user's session is compared with the version before the session, and its
    /// version may stay as it was; one that changes nothing moves `updatedAt` within a session and nothing outside.
    pub(super) fn store_update(
        &mut self,
        original: &Value,
        mut updated: Value,
        by: &User,
        source: Option<&str>,
    ) -> (Value, bool) {
        let now = self.now_ms();
        let base = self.session_base(original, by, now);
        let compared = base.as_ref().unwrap_or(original);
        let changes = Changes::between(compared, &updated);
        if base.is_none() && changes.is_empty() {
            return (original.clone(), false);
        }
        // Within a session, columns that came count as heavily as columns that went.
        let major = changes.columns_deleted() || (base.is_some() && changes.columns_added());
        let based_on = compared["version"].as_f64().unwrap_or_default();
        let version = based_on
            + if major {
                1.0
            } else if changes.is_empty() {
                0.0
            } else {
                0.1
            };
        updated["version"] = json!((version * 10.0).round() / 10.0);
        updated["updatedAt"] = json!(now);
        updated["updatedBy"] = json!(by.name);
        updated["changeDescription"] = changes.describe(based_on);
        if self.options.generation == Generation::V2_0 {
            let step = Changes::between(original, &updated);
            updated["changeDescription"]["changeSummary"] = summary(original, &step, by, source, now);
            updated["incrementalChangeDescription"] = step.describe(original["version"].as_f64().unwrap_or_default());
        }
        if let Some(stored) = self.store.by_id_mut(text(original, "id")) {
            if base.is_none() {
                stored.history.push(original.clone());
            }
            stored.entity = updated.clone();
        }
        (updated, true)
    }

    /// The version before the session that this write belongs to, if it belongs to one.
    fn session_base(&self, original: &Value, by: &User, now: i64) -> Option<Value> {
        let previous = original.get("changeDescription")?.get("previousVersion")?;
        let age = now - original["updatedAt"].as_i64()?;
        if text(original, "updatedBy") != by.name || age > SESSION_MS {
            return None;
        }
        let kinds = Kind::ALL.iter().find_map(|kind| self.store.by_id(*kind, text(original, "id")))?;
        kinds.history.iter().rev().find(|version| version["version"] == *previous).cloned()
    }
}

/// Who changed each description last, and by which kind of change: what was known, and this step's.
fn summary(original: &Value, step: &Changes, by: &User, source: Option<&str>, now: i64) -> Value {
    let mut summary = match &original["changeDescription"]["changeSummary"] {
        known @ Value::Object(_) => known.clone(),
        _ => json!({}),
    };
    let attributed =
        |name: &str| name == ATTRIBUTED || (name.starts_with("columns.") && name.ends_with(".description"));
    for name in step.written().filter(|name| attributed(name)) {
        summary[name] = json!({ "changedBy": by.name, "changedAt": now });
        // Left out when the writer did not say; the published model reads that as `Manual`.
        if let Some(source) = source {
            summary[name]["changeSource"] = json!(source);
        }
    }
    if let Some(members) = summary.as_object_mut() {
        for change in &step.deleted {
            members.remove(text(change, "name"));
        }
    }
    summary
}
