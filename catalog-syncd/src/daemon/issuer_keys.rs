//! The identity provider's keys by address, for those who do not mount them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use tokio_util::sync::CancellationToken;

use super::schedule::stopped_within;
use crate::config::Config;

/// How often the keys are asked for again: issuers announce new keys long before they sign with them.
const AGAIN: Duration = Duration::from_secs(15 * 60);
/// Bytes of the document.
const BYTES_MAX: usize = 1 << 20;

/// Fetches the document of `api.oidc_keys_url` into the state folder, and gives the file's path.
///
/// # Errors
/// As the address answers; `Corrupt` when that is no set of keys; `Unavailable` when it cannot be stored.
pub(super) async fn fetch(config: &Config) -> Result<PathBuf> {
    let path = config.state.dir.join("issuer-keys.json");
    let policy = EgressPolicy::allowing(config.destinations().into_iter().map(|d| (d.host, d.port)));
    let client = HttpClient::new(&config.api.oidc_keys_url, &policy, HttpOptions::default())?;
    let request =
        HttpRequest::new("fetch_issuer_keys", Method::Get, &config.api.oidc_keys_url).body_bytes_max(BYTES_MAX);
    let answer = client.send(request).await?.require_success()?;
    let keys: serde_json::Value = answer.json()?;
    if !keys["keys"].is_array() {
        return Err(Error::new(ErrorKind::Corrupt, "fetch_issuer_keys", "the answer is no set of keys")
            .hint("api.oidc_keys_url is the issuer's jwks_uri"));
    }
    store(&path, answer.body())?;
    Ok(path)
}

/// Moved into place whole, so that a reader never sees half of it.
fn store(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |e: std::io::Error| {
        Error::new(ErrorKind::Unavailable, "store_issuer_keys", e.kind().to_string()).with("path", path.display())
    };
    let aside = path.with_extension("new");
    std::fs::write(&aside, bytes).map_err(fail)?;
    std::fs::rename(&aside, path).map_err(fail)
}

/// Fetches them again and again; what cannot be fetched leaves the old ones in force.
pub(super) async fn keep_fresh(config: Config, stop: CancellationToken) {
    while !stopped_within(AGAIN, &stop).await {
        if let Err(error) = fetch(&config).await {
            tracing::error!(error.kind = error.kind().as_str(), %error, "the issuer's keys are not fresh");
        }
    }
}
