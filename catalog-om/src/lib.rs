//! OpenMetadata's words: links to entities, names in URLs, and the webhooks it sends.
//!
//! - [`EntityLink`] reads and writes `<#E::table::FQN::columns::NAME>`;
//! - [`path_segment`] writes a fully qualified name into a URL's path;
//! - [`WebhookReceiver`] turns a signed body into [`ChangeEvent`]s, without our own.
//!
//! This crate knows no prompt, no sample and no threshold.

mod entity_link;
mod path_segment;
mod webhook;

pub use entity_link::EntityLink;
pub use path_segment::path_segment;
pub use webhook::{ChangeEvent, EVENTS_MAX, WEBHOOK_BODY_BYTES_MAX, WebhookBatch, WebhookReceiver};
