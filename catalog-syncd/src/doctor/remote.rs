//! The services that the configuration names: can they be reached, and are they what we need?

use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use catalog_om::{OmClient, OmSettings};
use serde_json::Value;

use super::{Check, Health};
use crate::config::{Config, SecretRef};

/// One answer takes no longer.
const DEADLINE: Duration = Duration::from_secs(10);

/// Every service.
pub(super) async fn services(config: &Config) -> Vec<Check> {
    let policy = EgressPolicy::allowing(config.destinations().iter().map(|d| (d.host.clone(), d.port)));
    let mut checks = openmetadata(config, &policy).await;
    checks.push(trino(config, &policy).await);
    checks.extend(models(config, &policy).await);
    checks.push(reachable("presidio", "pii.presidio_url", &config.pii.presidio_url, "/health", &policy).await);
    let logs = &config.querylog.victorialogs_url;
    checks.push(reachable("victorialogs", "querylog.victorialogs_url", logs, "/health", &policy).await);
    checks
}

async fn openmetadata(config: &Config, policy: &EgressPolicy) -> Vec<Check> {
    let section = &config.openmetadata;
    if section.url.is_empty() {
        return vec![Check::off("openmetadata", "openmetadata.url")];
    }
    let probed = async {
        let settings = OmSettings {
            url: section.url.clone(),
            credential: credential(&section.token)?,
            deadline: DEADLINE,
            attempts_max: 1,
            ..OmSettings::default()
        };
        OmClient::new(&settings, policy)?.probe().await
    };
    let found = match probed.await {
        Ok(found) => found,
        Err(error) => return vec![Check::of("openmetadata", Err(error))],
    };
    let mut checks =
        vec![Check::new("openmetadata", Health::Fine, format!("version {}, user {}", found.version, found.user))];
    let mut doubt = |why: String| checks.push(Check::new("openmetadata", Health::Doubtful, why));
    if !found.optimistic_locking {
        doubt("it does not refuse stale writes, so changes go to review; see publish.auto_without_locking".to_owned());
    }
    if !found.ordered_patches {
        doubt("it reorders patches, so nothing is written to it: update it to 1.4 or later".to_owned());
    }
    if !found.is_bot {
        doubt(format!("{} is a person and no bot: that person's own edits would be taken for ours", found.user));
    }
    if found.user != section.bot_user {
        doubt(format!(
            "the token belongs to {}: set openmetadata.bot_user to it, or our own changes wake us",
            found.user
        ));
    }
    match found.missing_rights {
        Some(missing) if !missing.is_empty() => {
            let why = format!("the bot lacks {}: give its role these rights on tables", missing.join(", "));
            checks.push(Check::new("openmetadata", Health::Broken, why));
        }
        Some(_) => {}
        None => doubt("the server does not say what the bot may do".to_owned()),
    }
    checks
}

async fn trino(config: &Config, policy: &EgressPolicy) -> Check {
    let section = &config.trino;
    if section.url.is_empty() {
        return Check::off("trino", "trino.url");
    }
    let asked = async {
        let client = client(&section.url, policy, credential(&section.token)?)?;
        let answer = client.send(HttpRequest::new("ask_trino", Method::Get, "/v1/info")).await?;
        let info: Value = answer.require_success()?.json()?;
        if info["starting"].as_bool() == Some(true) {
            return Err(Error::new(ErrorKind::Unavailable, "ask_trino", "it is still starting"));
        }
        Ok(format!("version {}", info["nodeVersion"]["version"].as_str().unwrap_or("unknown")))
    };
    Check::of("trino", asked.await)
}

/// Are the models there under the names that the configuration uses?
async fn models(config: &Config, policy: &EgressPolicy) -> Vec<Check> {
    if config.llm.url.is_empty() {
        return vec![Check::off("models", "llm.url")];
    }
    let asked = async {
        let client = client(&config.llm.url, policy, credential(&config.llm.key)?)?;
        let answer = client.send(HttpRequest::new("list_models", Method::Get, "/models")).await?;
        answer.require_success()?.json::<Value>()
    };
    let listed = match asked.await {
        Ok(listed) => listed,
        Err(error) => return vec![Check::of("models", Err(error))],
    };
    let names: Vec<&str> = listed["data"].as_array().into_iter().flatten().filter_map(|m| m["id"].as_str()).collect();
    let wanted = [
        ("llm.model", &config.llm.model),
        ("llm.fallback_model", &config.llm.fallback_model),
        ("embed.model", &config.embed.model),
    ];
    let used = wanted.into_iter().filter(|(_, name)| !name.is_empty());
    used.map(|(key, name)| match names.contains(&name.as_str()) {
        true => Check::new(format!("model {name}"), Health::Fine, format!("served; {key}")),
        false => {
            let why = format!("not served: {key} must be one of {}", names.join(", "));
            Check::new(format!("model {name}"), Health::Broken, why)
        }
    })
    .collect()
}

async fn reachable(what: &str, key: &str, url: &str, path: &str, policy: &EgressPolicy) -> Check {
    if url.is_empty() {
        return Check::off(what, key);
    }
    let asked = async {
        let client = client(url, policy, Credential::None)?;
        client.send(HttpRequest::new("ask_service", Method::Get, path)).await?.require_success()?;
        Ok("answers".to_owned())
    };
    Check::of(what, asked.await)
}

fn client(url: &str, policy: &EgressPolicy, credential: Credential) -> Result<HttpClient> {
    // A base without a final slash would lose its last part when a path is joined to it.
    let base = format!("{}/", url.trim_end_matches('/'));
    HttpClient::new(
        &base,
        policy,
        HttpOptions { credential, deadline: DEADLINE, attempts_max: 1, ..HttpOptions::default() },
    )
}

fn credential(secret: &SecretRef) -> Result<Credential> {
    match secret.file() {
        Some(path) => Ok(Credential::bearer_file(path)),
        None => Ok(secret.read()?.map_or(Credential::None, Credential::Bearer)),
    }
}
