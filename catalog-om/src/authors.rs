//! Who wrote a field last: us, another program, or a person.

use catalog_core::{ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::client::{Call, OmClient};
use crate::wire::OmTable;

/// The author of a field's value, as far as the server tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// We did, as a program.
    Us,
    /// Another program: ingestion, propagation, a classifier.
    Program,
    /// A person, or a steward through us.
    Person,
    /// The server does not tell here; its history may.
    Unknown,
}

/// Tells authors apart by the name of our own user.
#[derive(Debug, Clone)]
pub(crate) struct Authors {
    own: String,
}

impl Authors {
    pub(crate) fn new(own: &str) -> Self {
        Self { own: own.to_owned() }
    }

    /// The author of a member by the change summary that newer servers keep. `member` is `description` or
    /// `columns.<path>.description`.
    pub(crate) fn of_member(&self, table: &OmTable, member: &str) -> Author {
        let summary = table.change_description.as_ref().and_then(|change| change.change_summary.as_ref());
        let Some(entry) = summary.and_then(|summary| summary.get(member)) else { return Author::Unknown };
        let by_us = entry["changedBy"].as_str().is_some_and(|by| self.is_us(by));
        match entry["changeSource"].as_str() {
            // Only what we send as automated is ours: ingestion may run under the same user.
            Some("Automated") if by_us => Author::Us,
            Some("Automated" | "Ingested" | "Derived" | "Propagated") => Author::Program,
            _ => Author::Person,
        }
    }

    /// Whether we wrote what the history says was last written by this user.
    pub(crate) fn of_history(&self, by: Option<&str>) -> Author {
        match by {
            Some(by) if self.is_us(by) => Author::Us,
            _ => Author::Person,
        }
    }

    pub(crate) fn is_us(&self, user: &str) -> bool {
        user.eq_ignore_ascii_case(&self.own)
    }
}

/// The versions of a table with their authors, newest first.
pub(crate) struct History(Vec<(OmTable, Option<String>)>);

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    versions: Vec<Value>,
}

impl History {
    /// Reads the versions of a table. A history that is too long to read is empty, so that nobody is taken for us.
    pub(crate) async fn read(client: &OmClient, table_id: &str) -> Result<Self> {
        let call = Call::get("read_versions", format!("/tables/{table_id}/versions"));
        let versions = match client.find::<Versions>(call).await {
            Ok(found) => found.map(|v| v.versions).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::LimitExceeded => {
                tracing::info!(table.id = table_id, "the history is too long to tell authors from");
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        // A version that cannot be read ends what is known.
        Ok(Self(versions.into_iter().map_while(read_version).collect()))
    }

    /// Who made the oldest of the newest versions that hold the value: its author. `None` when no version holds it.
    pub(crate) fn author(&self, holds: impl Fn(&OmTable) -> bool) -> Option<&str> {
        self.0.iter().take_while(|(table, _)| holds(table)).last()?.1.as_deref()
    }
}

/// Servers send each version as a text of JSON.
fn read_version(version: Value) -> Option<(OmTable, Option<String>)> {
    let version = match version {
        Value::String(text) => serde_json::from_str(&text).ok()?,
        other => other,
    };
    let by = version["updatedBy"].as_str().map(str::to_owned);
    Some((serde_json::from_value(version).ok()?, by))
}
