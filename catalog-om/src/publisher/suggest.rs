//! Changes shown on OpenMetadata's own review page.

use std::collections::BTreeSet;

use catalog_core::model::{FieldPath, FieldValue, Fqn, Operation, OperationId, TableRef};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::Method;
use serde_json::{Value, json};

use super::OmPublisher;
use super::labels::{label, pii_tags};
use crate::EntityLink;
use crate::client::Call;
use crate::wire::Page;

/// Open suggestions of one table that are looked at.
const SUGGESTIONS_MAX: usize = 10_000;

impl OmPublisher {
    /// See [`Publisher::suggest`](catalog_core::ports::Publisher::suggest). Texts and tags can be shown so; accepting
    /// one writes as whoever accepts, and tells nobody. A suggestion overwrites what a person wrote after it was made,
    /// so one that is no longer wanted must go.
    pub(super) async fn suggest_all(&self, table: &TableRef, operations: &[Operation]) -> Result<Vec<OperationId>> {
        let mut wanted: Vec<(OperationId, Value, Vec<String>)> = Vec::new();
        for operation in operations.iter().filter(|o| o.table.id == table.id) {
            if let Some((body, tags)) = self.suggestion(&table.fqn, operation)? {
                wanted.push((operation.id.clone(), body, tags));
            }
        }
        let open = self.open_suggestions(&table.fqn).await?;
        for stale in open.iter().filter(|held| !wanted.iter().any(|(_, body, _)| says_the_same(held, body))) {
            self.withdraw(stale).await?;
        }
        let mut shown = Vec::with_capacity(wanted.len());
        for (id, body, tags) in wanted {
            if !open.iter().any(|held| says_the_same(held, &body)) {
                self.ensure_tags(&tags.into_iter().collect::<BTreeSet<String>>()).await?;
                self.client.done(Call::new("suggest", Method::Post, "/suggestions").json(&body)).await?;
            }
            shown.push(id);
        }
        Ok(shown)
    }

    /// The request that suggests a change, with the tags it needs; `None` for what suggestions cannot carry: keys,
    /// counts, queries and removals.
    fn suggestion(&self, table: &Fqn, operation: &Operation) -> Result<Option<(Value, Vec<String>)>> {
        let Some(value) = &operation.after else { return Ok(None) };
        let column = match &operation.field {
            FieldPath::ColumnDescription { column } | FieldPath::ColumnPii { column } => Some(column),
            _ => None,
        };
        let link = match column {
            None => EntityLink::to_table(table)?,
            // A nested field is named by its path.
            Some(name) => EntityLink::to_column(table, &name.parse().unwrap_or_else(|_| Fqn::from_parts([name])))?,
        };
        let tags = match (&operation.field, value) {
            (FieldPath::Description | FieldPath::ColumnDescription { .. }, FieldValue::Text(text)) => {
                let body = json!({ "type": "SuggestDescription", "entityLink": link.to_string(), "description": text });
                return Ok(Some((body, Vec::new())));
            }
            (FieldPath::ColumnPii { .. }, value) => pii_tags(value, &self.settings.entity_classification)?,
            (FieldPath::Domain, FieldValue::Tag(name)) => {
                vec![Fqn::from_parts([&self.settings.domain_classification, name]).to_string()]
            }
            (FieldPath::Tier, FieldValue::Tag(name)) => {
                vec![Fqn::from_parts([&self.settings.tier_classification, name]).to_string()]
            }
            _ => return Ok(None),
        };
        let labels: Vec<Value> = tags.iter().map(|tag| label(tag, false)).collect();
        let body = json!({ "type": "SuggestTagLabel", "entityLink": link.to_string(), "tagLabels": labels });
        Ok(Some((body, tags)))
    }

    /// Our own suggestions for the table that nobody decided.
    async fn open_suggestions(&self, table: &Fqn) -> Result<Vec<Value>> {
        let call = Call::get("list_suggestions", "/suggestions")
            .query("entityFQN", table.to_string())
            .query("status", "Open")
            .query("limit", SUGGESTIONS_MAX.to_string());
        let page: Page = self.client.read(call).await?;
        if page.paging.after.is_some() {
            return Err(Error::new(ErrorKind::LimitExceeded, "list_suggestions", "the table has too many suggestions")
                .with("table", table)
                .with("suggestions_max", SUGGESTIONS_MAX));
        }
        let ours = |held: &Value| {
            let by = held["createdBy"]["name"].as_str().or_else(|| held["updatedBy"].as_str());
            held["status"] == "Open" && by.is_some_and(|by| self.authors.is_us(by))
        };
        Ok(page.data.into_iter().filter(ours).collect())
    }

    /// Takes a suggestion away; where the server cannot delete one, it is rejected.
    async fn withdraw(&self, suggestion: &Value) -> Result<()> {
        let id = suggestion["id"].as_str().unwrap_or_default();
        let gone = Call::new("withdraw_suggestion", Method::Delete, format!("/suggestions/{id}"));
        match self.client.done(gone).await {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unsupported) => {
                let reject = Call::new("withdraw_suggestion", Method::Put, format!("/suggestions/{id}/reject"));
                match self.client.done(reject).await {
                    Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                }
            }
            outcome => outcome.map(|_| ()),
        }
    }
}

/// Is the suggestion that is there what the request would make?
fn says_the_same(held: &Value, body: &Value) -> bool {
    let tags = |value: &Value| -> BTreeSet<String> {
        let labels = value["tagLabels"].as_array().into_iter().flatten();
        labels.filter_map(|label| label["tagFQN"].as_str().map(str::to_owned)).collect()
    };
    ["type", "entityLink", "description"].into_iter().all(|member| held[member] == body[member])
        && tags(held) == tags(body)
}
