//! The limits of a client.

use std::path::PathBuf;
use std::time::Duration;

use super::Credential;

/// How a client behaves.
#[derive(Clone)]
pub struct HttpOptions {
    /// Who asks.
    pub credential: Credential,
    /// A call, its retries and waits included, takes no longer than this, unless the request says otherwise.
    pub deadline: Duration,
    /// A connection is made within this time.
    pub connect_timeout: Duration,
    /// A response is abandoned when its body exceeds this many bytes, unless the request says otherwise.
    pub body_bytes_max: usize,
    /// Attempts of one call, the first included.
    pub attempts_max: u32,
    /// The wait before the second attempt; it doubles with each attempt, and a random half is added.
    pub backoff: Duration,
    /// No wait is longer, whatever the doubling or a `Retry-After` says. A server that asks for more gets its error
    /// handed to the caller, with the time it asked for.
    pub backoff_max: Duration,
    /// A PEM file of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The `User-Agent`.
    pub user_agent: String,
}

impl Default for HttpOptions {
    /// 60 s a call, 10 s to connect, bodies of 16 MiB, 4 attempts, 200 ms to 10 s between them.
    fn default() -> Self {
        Self {
            credential: Credential::None,
            deadline: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            body_bytes_max: 16 << 20,
            attempts_max: 4,
            backoff: Duration::from_millis(200),
            backoff_max: Duration::from_secs(10),
            ca_file: None,
            user_agent: concat!("akko-catalog-sync/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
