//! What lies on this machine: state, ledger, key, tokens, files; and the list of allowed connections.

use std::path::Path;

use catalog_core::{Error, ErrorKind};

use super::{Check, Health};
use crate::api::auth::Gatekeeper;
use crate::config::{Config, LedgerStore};
use crate::wiring;

/// The state folder, its ledger and the key.
pub(super) async fn state(config: &Config) -> Vec<Check> {
    let dir = config.state.dir.display().to_string();
    let mut checks = Vec::new();
    if config.ledger.store == LedgerStore::Sqlite {
        let outcome = async {
            let ledger = wiring::stores(config).await?.ledger;
            ledger.ready().await?;
            let counts = ledger.port().counts().await?;
            Ok(format!("{dir}: {} tables done, {} queued, {} parked", counts.done, counts.queued, counts.parked))
        };
        checks.push(Check::of("ledger", outcome.await));
    }
    let key = Path::new(&config.state.key_file);
    if !config.state.key_file.is_empty() && key.starts_with(&config.state.dir) {
        let why = "the key lies in the state folder: whoever copies one has the other; move state.key_file elsewhere";
        checks.push(Check::new("key", Health::Doubtful, why));
    }
    checks
}

/// Who may call us.
pub(super) fn api(config: &Config) -> Vec<Check> {
    let found = Gatekeeper::new(&config.api).map(|gatekeeper| match gatekeeper.is_open() {
        true => format!("{}: no tokens, this machine alone", config.api.listen),
        false => format!("{}: tokens are asked for", config.api.listen),
    });
    let mut checks = vec![Check::of("api", found)];
    let secret = &config.openmetadata.webhook_secret;
    checks.push(match secret.is_empty() {
        true => Check::off("webhooks", "openmetadata.webhook_secret"),
        false => Check::of("webhooks", secret.read().map(|_| format!("signed with {secret}"))),
    });
    checks
}

/// Every connection that is allowed, with what its name leads to.
pub(super) async fn destinations(config: &Config) -> Vec<Check> {
    let destinations = config.destinations();
    if destinations.is_empty() {
        return vec![Check::new("egress", Health::Fine, "no connection is allowed: nothing remote is configured")];
    }
    let policy = catalog_net::EgressPolicy::allowing(destinations.iter().map(|d| (d.host.clone(), d.port)));
    let mut checks = Vec::new();
    for destination in destinations {
        let resolved = async {
            let addresses = policy.approve(&destination.host, destination.port)?.resolve().await?;
            let shown: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
            Ok(format!("allowed by {}; now {}", destination.key, shown.join(", ")))
        };
        checks.push(Check::of(format!("egress {destination}"), resolved.await));
    }
    checks
}

/// The files and databases that are walked without a catalog.
pub(super) async fn sources(config: &Config) -> Vec<Check> {
    if config.sources.warehouses.is_empty() && config.openmetadata.url.is_empty() {
        let why = "nothing to walk: set sources.warehouses or openmetadata.url";
        return vec![Check::new("sources", Health::Doubtful, why)];
    }
    let (parts, failures) = match wiring::parts(config, &config.sources.warehouses).await {
        Ok(opened) => opened,
        Err(error) => return vec![Check::of("sources", Err(error))],
    };
    let mut checks: Vec<Check> =
        failures.into_iter().map(|f| Check::of(format!("source {}", f.source), Err(f.error))).collect();
    for connection in &parts.connections {
        let listed = connection.source.list(None, 1).await.and_then(|page| match page.tables.is_empty() {
            true => Err(Error::new(ErrorKind::NotFound, "list_source", "it holds no table")),
            false => Ok("can be listed".to_owned()),
        });
        checks.push(Check::of(format!("source {}", connection.source.id()), listed));
    }
    checks
}
