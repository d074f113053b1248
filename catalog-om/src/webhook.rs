//! Webhook bodies: verified, bounded, and read in every form that servers are known to send.

use catalog_core::model::{Fqn, Secret};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::WebhookSignature;
use serde::Deserialize;
use serde_json::Value;

/// A larger body is refused before anything else: 1 MiB.
pub const WEBHOOK_BODY_BYTES_MAX: usize = 1 << 20;

/// A body with more events is refused.
pub const EVENTS_MAX: usize = 1_000;

/// A change as OpenMetadata reports it. It is a hint to look again, not the truth: events come late, twice or out of
/// order, so the entity is read again before anything is done.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEvent {
    /// The event's id; the same id again is a replay.
    pub id: String,
    /// What happened, as the server says it: `entityCreated`, `entityUpdated`, `entityFieldsChanged`,
    /// `entitySoftDeleted`, `entityDeleted`, `entityRestored` and others.
    pub event_type: String,
    /// What it happened to: `table` and others.
    pub entity_type: String,
    /// The entity's id.
    pub entity_id: String,
    /// The entity's name, when the event tells it.
    pub fqn: Option<Fqn>,
    /// Who did it; empty when the event does not say.
    pub user_name: String,
    /// When, in milliseconds since 1970.
    pub timestamp_ms: i64,
    /// The entity as it was sent, if it was and could be read.
    pub entity: Option<Value>,
}

impl ChangeEvent {
    /// Does it say that the entity is no longer there?
    pub fn is_gone(&self) -> bool {
        matches!(self.event_type.as_str(), "entitySoftDeleted" | "entityDeleted")
    }
}

/// What one webhook brought.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WebhookBatch {
    /// Changes by others, in the order of the body.
    pub events: Vec<ChangeEvent>,
    /// Changes of our own user, left out.
    pub own: usize,
    /// Entries that lack what an event needs, left out; the next sweep finds what they meant.
    pub unreadable: usize,
}

/// Turns requests into events. Nothing of a body is looked at before its signature is verified.
pub struct WebhookReceiver {
    signature: WebhookSignature,
    own_user: Option<String>,
}

impl WebhookReceiver {
    /// A receiver for bodies signed with `secret`, or with `previous` while it is rotated. Events of `own_user` (the
    /// bot that we write as; letter case is ignored) are left out, so that our own writes do not wake us.
    ///
    /// # Errors
    /// `Configuration` when a secret is empty.
    pub fn new(secret: &Secret, previous: Option<&Secret>, own_user: Option<&str>) -> Result<Self> {
        Ok(Self { signature: WebhookSignature::new(secret, previous)?, own_user: own_user.map(str::to_owned) })
    }

    /// Verifies and reads one request: the value of its `X-OM-Signature` header and its raw body.
    ///
    /// # Errors
    /// `LimitExceeded` for a body over [`WEBHOOK_BODY_BYTES_MAX`] or of more than [`EVENTS_MAX`] events, `Forbidden`
    /// when the signature is missing or wrong, `InvalidInput` when the body is no JSON or holds no event.
    pub fn receive(&self, signature: Option<&str>, body: &[u8]) -> Result<WebhookBatch> {
        if body.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Error::new(ErrorKind::LimitExceeded, "read_webhook", "the body is too large")
                .with("bytes", body.len())
                .with("bytes_max", WEBHOOK_BODY_BYTES_MAX));
        }
        self.signature.verify(signature, body)?;
        let entries = entries_of(body)?;
        let mut batch = WebhookBatch::default();
        for entry in entries {
            match read_event(entry) {
                Some(event) if self.is_own(&event) => batch.own += 1,
                Some(event) => batch.events.push(event),
                None => batch.unreadable += 1,
            }
        }
        Ok(batch)
    }

    fn is_own(&self, event: &ChangeEvent) -> bool {
        self.own_user.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&event.user_name))
    }
}

/// The events in a body: one object, an array, or a list under `data` or `events` (with or without paging).
fn entries_of(body: &[u8]) -> Result<Vec<Value>> {
    let bad = |why: &str| Error::new(ErrorKind::InvalidInput, "read_webhook", why);
    // A parser's message may quote the body, so only the place is told.
    let body: Value = serde_json::from_slice(body)
        .map_err(|e| bad("the body is no json").with("line", e.line()).with("column", e.column()))?;
    let entries = match body {
        Value::Array(entries) => entries,
        Value::Object(mut object) => match object.remove("data").or_else(|| object.remove("events")) {
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(bad("the list of events is no list")),
            None if object.contains_key("eventType") => vec![Value::Object(object)],
            None => return Err(bad("the body holds no event")),
        },
        _ => return Err(bad("the body is neither an object nor a list")),
    };
    if entries.len() > EVENTS_MAX {
        return Err(Error::new(ErrorKind::LimitExceeded, "read_webhook", "the body holds too many events")
            .with("events", entries.len())
            .with("events_max", EVENTS_MAX));
    }
    Ok(entries)
}

/// An event as it is sent. Fields that we do not use are not read, so new ones do no harm.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentEvent {
    id: Option<String>,
    event_type: String,
    entity_type: String,
    entity_id: String,
    entity_fully_qualified_name: Option<String>,
    user_name: Option<String>,
    #[serde(default)]
    timestamp: i64,
    entity: Option<Value>,
}

pub(crate) fn read_event(entry: Value) -> Option<ChangeEvent> {
    let sent: SentEvent = serde_json::from_value(entry).ok()?;
    // The 1.6 servers send the entity as a string of JSON, others as an object.
    let entity = match sent.entity {
        Some(Value::String(text)) => serde_json::from_str::<Value>(&text).ok(),
        other => other,
    };
    let entity = entity.filter(Value::is_object);
    let in_entity = || entity.as_ref()?.get("fullyQualifiedName")?.as_str().map(str::to_owned);
    let fqn = sent.entity_fully_qualified_name.or_else(in_entity).and_then(|name| name.parse().ok());
    Some(ChangeEvent {
        // Servers that send no id still send the same event with the same time again.
        id: sent.id.unwrap_or_else(|| format!("{}:{}:{}", sent.entity_id, sent.event_type, sent.timestamp)),
        event_type: sent.event_type,
        entity_type: sent.entity_type,
        entity_id: sent.entity_id,
        fqn,
        user_name: sent.user_name.unwrap_or_default(),
        timestamp_ms: sent.timestamp,
        entity,
    })
}
