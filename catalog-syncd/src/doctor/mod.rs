//! `doctor`: is everything that the configuration names there, and what to do when it is not. Changes nothing but to
//! make the state folder, as every start does.

mod local;
mod remote;

use catalog_core::{Error, Result};
use serde::Serialize;

use crate::config::Config;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing to do.
    Fine,
    /// The configuration does not name it.
    Off,
    /// It works, and somebody should look.
    Doubtful,
    /// It does not work.
    Broken,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub health: Health,
    /// What was found; with the advice when something is wrong.
    pub found: String,
}

impl Check {
    fn new(what: impl Into<String>, health: Health, found: impl Into<String>) -> Self {
        Self { what: what.into(), health, found: found.into() }
    }

    /// The outcome of something that says what it found.
    fn of(what: impl Into<String>, outcome: Result<String, Error>) -> Self {
        match outcome {
            Ok(found) => Self::new(what, Health::Fine, found),
            Err(error) => Self::new(what, Health::Broken, error.to_string()),
        }
    }

    fn off(what: impl Into<String>, key: &str) -> Self {
        Self::new(what, Health::Off, format!("{key} is empty"))
    }
}

/// All checks, in the order in which an operator would mend them.
pub async fn examine(config: &Config) -> Vec<Check> {
    let mut checks = local::state(config).await;
    checks.extend(local::api(config));
    checks.extend(local::destinations(config).await);
    checks.extend(local::sources(config).await);
    checks.extend(remote::services(config).await);
    checks
}
