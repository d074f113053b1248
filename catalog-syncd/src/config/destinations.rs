//! Every host and port that the configuration names.

use std::fmt;

use url::Url;

use super::Config;
use super::checks::host_and_port;

/// A destination and the key that names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Destination {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The configuration key that names it.
    pub key: &'static str,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Config {
    /// Every destination that the configuration names, in the order of its sections. Nothing else is ever dialled but
    /// warehouses on the command line.
    pub fn destinations(&self) -> Vec<Destination> {
        let from_address = |key: &'static str, address: &str| {
            let url = Url::parse(address).ok()?;
            let port = url.port_or_known_default().or_else(|| url.scheme().starts_with("postgres").then_some(5432))?;
            let host = url.host_str().filter(|h| !h.is_empty()).unwrap_or("localhost");
            Some(Destination { host: host.to_owned(), port, key })
        };
        let from_pair = |key: &'static str, text: &str| {
            let (host, port) = host_and_port(text)?;
            Some(Destination { host, port, key })
        };
        let mut all: Vec<Destination> =
            self.addresses().into_iter().filter_map(|(key, address)| from_address(key, address)).collect();
        all.extend(from_pair("ledger.host", &self.ledger.host));
        all.extend(self.sources.warehouses.iter().filter_map(|w| from_address("sources.warehouses", w)));
        all.extend(self.egress.allow.iter().filter_map(|entry| from_pair("egress.allow", entry)));
        all
    }
}
