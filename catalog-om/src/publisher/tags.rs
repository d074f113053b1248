//! The tags that we put on exist, and are made when they do not.

use std::collections::BTreeSet;

use catalog_core::model::Fqn;
use catalog_core::{ErrorKind, Result};
use catalog_net::Method;
use serde_json::{Value, json};

use super::OmPublisher;
use crate::client::Call;
use crate::path_segment;

impl OmPublisher {
    /// Makes what is missing of these tags and their classifications. What was seen once is not asked for again.
    pub(super) async fn ensure_tags(&self, tags: &BTreeSet<String>) -> Result<()> {
        for tag in tags {
            if self.known_tags.lock().await.contains(tag) {
                continue;
            }
            let fqn: Fqn = tag.parse()?;
            let found: Option<Value> =
                self.client.find(Call::get("read_tag", format!("/tags/name/{}", path_segment(&fqn)))).await?;
            if found.is_none() {
                self.make_tag(&fqn).await?;
            }
            self.known_tags.lock().await.insert(tag.clone());
        }
        Ok(())
    }

    async fn make_tag(&self, tag: &Fqn) -> Result<()> {
        let (family, name) = match tag.parts() {
            [family, name] => (family.as_str(), name.as_str()),
            parts => (parts.first().map_or("", String::as_str), tag.name()),
        };
        let path = format!("/classifications/name/{}", path_segment(&Fqn::from_parts([family])));
        let classification: Option<Value> = self.client.find(Call::get("read_classification", path)).await?;
        if classification.is_none() {
            let body = json!({
                "name": family,
                "description": self.about(family),
                // A column may fall under several special categories; of the others one tag is enough.
                "mutuallyExclusive": family != super::labels::SPECIAL,
            });
            self.create("make_classification", "/classifications", &body).await?;
            tracing::info!(classification = family, "classification made");
        }
        let body = json!({
            "name": name,
            "classification": family,
            "description": format!("{name}. {}", self.about(family)),
        });
        self.create("make_tag", "/tags", &body).await
    }

    /// Creates something; that it is there already is as good.
    async fn create(&self, operation: &'static str, path: &str, body: &Value) -> Result<()> {
        match self.client.done(Call::new(operation, Method::Post, path).json(body)).await {
            Err(error) if error.kind() != ErrorKind::Conflict => Err(error),
            _ => Ok(()),
        }
    }

    fn about(&self, classification: &str) -> &'static str {
        if classification == self.settings.domain_classification {
            "The business domain that a table belongs to."
        } else if classification == self.settings.tier_classification {
            "How important a table is."
        } else if classification == self.settings.entity_classification {
            "The kind of personal data that a column holds, as Catalog Sync takes it."
        } else if classification == super::labels::SPECIAL {
            "Special categories of personal data (GDPR article 9)."
        } else {
            "Personal data."
        }
    }
}
