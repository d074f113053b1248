//! The allow-list, and what is told of addresses.

use catalog_net::EgressPolicy;

use crate::config::Config;

/// Every destination that the configuration names, and the databases named on the command line.
pub fn egress(config: &Config, locations: &[String]) -> EgressPolicy {
    let mut targets: Vec<(String, u16)> = config.destinations().into_iter().map(|d| (d.host, d.port)).collect();
    for location in locations {
        // A password in the address stays in the address: only host and port are looked at here.
        if let Ok(url) = url::Url::parse(location)
            && matches!(url.scheme(), "postgres" | "postgresql")
        {
            let host = url.host_str().filter(|h| !h.is_empty()).unwrap_or("localhost");
            targets.push((host.to_owned(), url.port().unwrap_or(5432)));
        }
    }
    EgressPolicy::allowing(targets)
}

/// A location as it may be printed: an address without its password.
pub(super) fn shown(location: &str) -> String {
    let may_hold_one =
        location.contains(":/") || location.contains('@') || location.to_lowercase().contains("password");
    if may_hold_one { catalog_net::redact_url(location) } else { location.to_owned() }
}

/// A location as the ledger knows it, wherever the command was run: a whole path, or an address without its password.
pub(super) fn place(location: &str) -> String {
    std::fs::canonicalize(location).map_or_else(|_| shown(location), |path| path.display().to_string())
}
