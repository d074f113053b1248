//! OpenMetadata, read and written safely.
//!
//! - [`OmClient`] talks to the server; [`OmClient::probe`] says what it is and what it lets us do;
//! - [`OmSource`] lists tables, tells what changed and what a table is made from;
//! - [`OmPublisher`] writes under guard: no person's edit is overwritten, nothing counts before it was read back;
//! - [`WebhookReceiver`] turns signed bodies into [`ChangeEvent`]s, [`WebhookIntake`] those into tables to look at;
//! - [`Rules`] say which tables are wanted; [`EntityLink`] and [`path_segment`] write names as the server reads them.
//!
//! This crate knows no prompt, no sample and no threshold.

mod authors;
mod client;
mod entity_link;
mod intake;
mod lineage;
mod path_segment;
mod probe;
mod publisher;
mod rules;
mod settings;
mod source;
mod types;
mod webhook;
mod wire;

pub use client::OmClient;
pub use entity_link::EntityLink;
pub use intake::{WakeUp, WebhookIntake};
pub use path_segment::path_segment;
pub use probe::{OmService, ServerCapabilities};
pub use publisher::OmPublisher;
pub use rules::{RuleFacts, Rules};
pub use settings::{FkAs, OmSettings};
pub use source::OmSource;
pub use webhook::{ChangeEvent, EVENTS_MAX, WEBHOOK_BODY_BYTES_MAX, WebhookBatch, WebhookReceiver};
