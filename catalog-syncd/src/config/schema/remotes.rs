//! The services that the daemon talks to: catalog, engine, ledger.
#![allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::SecretRef;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenmetadataConfig {
    pub url: String,
    pub token: SecretRef,
    pub bot_user: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub page_size: usize,
    pub deadline_secs: u64,
    pub overlap_secs: u64,
    pub ca_file: String,
    pub webhook_secret: SecretRef,
    pub webhook_previous_secret: SecretRef,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    pub services: BTreeMap<String, EngineService>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineService {
    pub catalog: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrinoConfig {
    pub url: String,
    pub user: String,
    pub password: SecretRef,
    pub token: SecretRef,
    pub concurrent: usize,
    pub per_minute: usize,
    pub quiet_hours: String,
    pub scan_bytes_max: u64,
    pub session: BTreeMap<String, String>,
    pub ca_file: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerConfig {
    pub store: LedgerStore,
    pub url: SecretRef,
    pub host: String,
    pub runtime_role: String,
    pub pool_size: u32,
    pub statement_timeout_secs: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerStore {
    Sqlite,
    Postgres,
}
