//! HTTP to one approved origin: deadline, byte cap, retries, errors without secrets.
//!
//! A client is bound to the origin of its base address. Nothing leads it elsewhere: redirects are not followed, no
//! proxy is read from the environment, names are resolved and checked for each connection, and an address that a
//! response names is refused unless its scheme, host and port are those of the base.

mod client;
mod credential;
mod options;
mod request;
mod resolver;
mod response;
mod retry;
mod tls;

pub use client::HttpClient;
pub use credential::{Credential, TokenFile};
pub use options::HttpOptions;
pub use request::{HttpRequest, Method};
pub use response::HttpResponse;
#[cfg(feature = "http2")]
pub(crate) use tls::client_config;
