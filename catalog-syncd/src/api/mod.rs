//! The HTTP API: thin handlers over the actions, behind one door that checks who asks and how much.
//!
//! - [`App`]: what handlers share;
//! - [`router`]: every path, each registered together with its documentation and the role it needs;
//! - [`openapi`]: the document made from the same registrations;
//! - [`auth`]: bearer tokens from a file, and tokens of an identity provider.

mod app;
pub mod auth;
mod book;
pub(crate) mod door;
mod paging;
mod problem;
mod routes;
mod webhooks;

pub use app::{App, AppParts};
pub(crate) use door::{Guard, guard};
pub use problem::Problem;
pub use routes::{openapi, router};
pub use webhooks::{Called, WebhookDoor};
