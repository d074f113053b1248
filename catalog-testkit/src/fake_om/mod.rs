//! A stateful stand-in of an OpenMetadata server, for tests of what talks to one.
//!
//! [`StandIn`] is the server without a socket: [`StandIn::handle`] takes a [`Request`] and gives an [`Answer`]. It
//! keeps OpenMetadata's rules: versions and sessions, JSON Patch with `test`, ETags, per-field change sources, labels,
//! lineage, constraints, suggestions, usage, queries, change events and signed webhooks; its known faults are [`Quirks`].
//! `FakeOm` (feature `fake-om`) serves it over HTTP; the program `fake-om` is the same for other processes.
//!
//! A test looks behind the scenes with [`StandIn::journal`] and [`StandIn::table`], lets others interfere with
//! [`StandIn::hook`] and [`StandIn::edit`], and lets requests fail with [`StandIn::fail`].

mod columns;
mod create;
mod diff;
mod entities;
mod etag;
mod events;
mod exchange;
mod hooks;
mod journal;
mod keys;
mod kind;
mod labels;
mod lineage;
mod list;
mod options;
mod patch;
mod queries;
#[cfg(feature = "fake-om")]
mod server;
mod stand_in;
mod store;
mod suggestions;
mod update;
mod usage;
mod view;
mod webhooks;

pub use exchange::{Answer, Request};
pub use hooks::{Edit, Fault, FaultKind, Moment};
pub use journal::JournalEntry;
pub use kind::Kind;
pub use options::{Generation, Options, Quirks, User, WebhookBody};
#[cfg(feature = "fake-om")]
pub use server::FakeOm;
pub use stand_in::StandIn;
pub use webhooks::Delivery;
