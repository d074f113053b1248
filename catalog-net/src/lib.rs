//! The gate in front of every outbound socket (promise I9), and what else must be right about talking to others:
//! addresses without secrets in logs, and the signatures of webhooks.
//!
//! - [`EgressPolicy`] approves targets; only an [`ApprovedTarget`] may be dialled, whatever the driver;
//! - [`HttpClient`] calls one approved origin, with a deadline, a byte cap and retries;
//! - `Http2Channel` (feature `http2`) carries gRPC to one approved origin;
//! - [`redact_url`] prints an address without its secrets;
//! - [`WebhookSignature`] signs and verifies OpenMetadata's webhook bodies.
//!
//! This crate knows no table.

mod address;
mod egress;
mod http;
#[cfg(feature = "http2")]
mod http2;
mod listener;
mod redact;
mod signature;

pub use egress::{ALLOW_LIST_KEY, ApprovedTarget, EgressPolicy};
pub use http::{Credential, HttpClient, HttpOptions, HttpRequest, HttpResponse, Method, TokenFile};
#[cfg(feature = "http2")]
pub use http2::{Http2Channel, Http2Options};
pub use listener::listen;
pub use redact::redact_url;
pub use signature::WebhookSignature;
