//! The allow-list of destinations.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use url::Url;

use crate::address;

/// The configuration key that holds the allow-list: a list of `"host:port"`.
pub const ALLOW_LIST_KEY: &str = "egress.allow";

/// A name that does not resolve within this time is unavailable.
const RESOLVE_DEADLINE: Duration = Duration::from_secs(10);

/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 32;

/// Which hosts and ports may be dialled. Everything else is refused (promise I9).
///
/// ```
/// use catalog_net::EgressPolicy;
/// let policy = EgressPolicy::allowing([("Trino.data.svc", 8080)]);
/// assert!(policy.approve("trino.DATA.svc", 8080).is_ok());
/// let refused = policy.approve("example.org", 443).unwrap_err();
/// assert!(refused.to_string().contains("example.org:443"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allowed: BTreeSet<(String, u16)>,
}

/// A destination that an [`EgressPolicy`] approved. Nothing else makes one, so a function that takes it cannot dial
/// a host that the operator did not list.
///
/// ```compile_fail
/// let t = catalog_net::ApprovedTarget { host: "example.org".into(), port: 443 };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApprovedTarget {
    host: String,
    port: u16,
}

impl EgressPolicy {
    /// A policy that approves exactly these hosts and ports. A host is a name or an IP literal (an IPv6 one with or
    /// without brackets); case and a final dot do not matter.
    pub fn allowing<H: Into<String>>(targets: impl IntoIterator<Item = (H, u16)>) -> Self {
        Self { allowed: targets.into_iter().map(|(host, port)| (normal_host(&host.into()), port)).collect() }
    }

    /// Approves a destination that is on the list.
    ///
    /// # Errors
    /// `Forbidden` when it is not on the list, or is an address that is never dialled (link-local, cloud metadata,
    /// multicast, unspecified).
    pub fn approve(&self, host: &str, port: u16) -> Result<ApprovedTarget> {
        let host = normal_host(host);
        let target = ApprovedTarget { host, port };
        if let Some(why) = target.host.parse::<IpAddr>().ok().and_then(address::refusal) {
            return Err(Error::new(ErrorKind::Forbidden, "approve_target", why).with("target", &target));
        }
        if self.allowed.contains(&(target.host.clone(), port)) {
            return Ok(target);
        }
        Err(Error::new(ErrorKind::Forbidden, "approve_target", "the target is not on the allow-list")
            .with("target", &target)
            .hint(format!("add \"{target}\" to {ALLOW_LIST_KEY} if it may be reached")))
    }

    /// Approves the destination of a URL; without a port the scheme's own is meant (http 80, https 443,
    /// postgres 5432).
    ///
    /// # Errors
    /// As [`EgressPolicy::approve`]; `InvalidInput` when the URL has no host, or no port and an unknown scheme.
    pub fn approve_url(&self, url: &Url) -> Result<ApprovedTarget> {
        let bad = |why: &str| {
            Error::new(ErrorKind::InvalidInput, "approve_target", why)
                .with("url", crate::redact_url(url.as_str()))
                .hint("write scheme://host:port/…")
        };
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(|| bad("the url names no host"))?;
        let port = url.port().or_else(|| default_port(url.scheme())).ok_or_else(|| bad("the url names no port"))?;
        self.approve(host, port)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" | "postgresql" => Some(5432),
        _ => None,
    }
}

/// One spelling for one host: lower case, no final dot, no brackets, IP literals in canonical form.
fn normal_host(host: &str) -> String {
    let host = host.trim();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => bare.strip_suffix('.').unwrap_or(bare).to_lowercase(),
    }
}

impl ApprovedTarget {
    /// The host as it was approved: a lowercase name, or an IP literal without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses behind the target now, for one connection: dial one of these, not the name again, so that a
    /// second answer of the name server cannot redirect it.
    ///
    /// # Errors
    /// `Unavailable` when the name does not resolve, `Timeout` after ten seconds, `Forbidden` when any address is
    /// one that is never dialled.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>> {
        let fail = |kind, why: &str| Error::new(kind, "resolve_target", why).with("target", self);
        let lookup = tokio::net::lookup_host((self.host.as_str(), self.port));
        let found = tokio::time::timeout(RESOLVE_DEADLINE, lookup)
            .await
            .map_err(|_| fail(ErrorKind::Timeout, "the name server did not answer in time"))?
            .map_err(|e| fail(ErrorKind::Unavailable, "the name does not resolve").caused_by(e))?;
        let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        if addresses.is_empty() {
            return Err(fail(ErrorKind::Unavailable, "the name has no address"));
        }
        match addresses.iter().find_map(|a| address::refusal(a.ip()).map(|why| (a, why))) {
            Some((address, why)) => Err(fail(ErrorKind::Forbidden, why).with("address", address.ip())),
            None => Ok(addresses),
        }
    }
}

/// Prints as `host:port`, an IPv6 literal in brackets.
impl fmt::Display for ApprovedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> EgressPolicy {
        EgressPolicy::allowing([("trino.data.svc", 8080), ("127.0.0.1", 5432), ("[::1]", 5432), ("om", 443)])
    }

    #[test]
    fn a_listed_target_is_approved_in_any_spelling() {
        for (host, port) in
            [("TRINO.data.svc", 8080), ("trino.data.svc.", 8080), ("[0:0::1]", 5432), ("::1", 5432), ("om", 443)]
        {
            assert!(policy().approve(host, port).is_ok(), "{host}:{port}");
        }
    }

    #[test]
    fn another_port_or_a_sibling_name_is_refused_with_the_key_to_add() {
        for (host, port) in [("trino.data.svc", 8081), ("evil.trino.data.svc", 8080), ("data.svc", 8080)] {
            let error = policy().approve(host, port).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Forbidden);
            let text = error.to_string();
            assert!(text.contains(&format!("{host}:{port}")) && text.contains(ALLOW_LIST_KEY), "{text}");
        }
    }

    #[test]
    fn a_metadata_address_is_refused_even_when_listed() {
        let policy =
            EgressPolicy::allowing([("169.254.169.254", 80), ("[fe80::1]", 80), ("::ffff:169.254.169.254", 80)]);
        for host in ["169.254.169.254", "fe80::1", "[::ffff:169.254.169.254]"] {
            assert_eq!(policy.approve(host, 80).unwrap_err().kind(), ErrorKind::Forbidden);
        }
    }

    #[test]
    fn a_url_without_a_port_means_the_default_of_its_scheme() {
        let approve = |text: &str| policy().approve_url(&Url::parse(text).unwrap());
        assert_eq!(approve("postgres://u:p@127.0.0.1/db").unwrap().to_string(), "127.0.0.1:5432");
        assert_eq!(approve("postgresql://[::1]/db").unwrap().to_string(), "[::1]:5432");
        assert_eq!(approve("https://OM/api").unwrap().to_string(), "om:443");
        assert_eq!(approve("http://om/api").unwrap_err().kind(), ErrorKind::Forbidden);
        assert_eq!(approve("gopher://om/").unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(approve("unix:/run/sock").unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn userinfo_does_not_pass_for_a_host() {
        let url = Url::parse("http://om:443@example.org/").unwrap();
        assert_eq!(policy().approve_url(&url).unwrap_err().kind(), ErrorKind::Forbidden);
    }

    #[test]
    fn no_url_in_an_error_shows_its_password() {
        let url = Url::parse("gopher://u:hunter2@om/").unwrap();
        assert!(!policy().approve_url(&url).unwrap_err().to_string().contains("hunter2"));
    }

    #[tokio::test]
    async fn a_literal_resolves_to_itself() {
        let found = policy().approve("127.0.0.1", 5432).unwrap().resolve().await.unwrap();
        assert_eq!(found, ["127.0.0.1:5432".parse().unwrap()]);
    }

    proptest! {
        #[test]
        fn nothing_is_approved_by_an_empty_list(host in ".{0,40}", port: u16) {
            prop_assert!(EgressPolicy::default().approve(&host, port).is_err());
        }

        #[test]
        fn a_listed_host_is_always_approved_under_its_own_name(host in "[a-zA-Z0-9.-]{1,30}", port: u16) {
            let literal = host.parse::<IpAddr>().is_ok();
            prop_assume!(!literal);
            prop_assert!(EgressPolicy::allowing([(host.as_str(), port)]).approve(&host, port).is_ok());
        }
    }
}
