//! The daemon around the walk: when, where it listens, what it tells.
#![allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    pub time_zone: String,
    pub sweep: String,
    pub querylog: String,
    pub retention: String,
    pub jitter_secs: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    pub runs_days: u32,
    pub proposals_days: u32,
    pub queries_days: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaemonConfig {
    pub grace_secs: u64,
    pub start_jitter_secs: u64,
    pub settle_secs: u64,
    pub commit_wait_ms: u64,
    pub intake_queue_max: usize,
    pub retry_first_secs: u64,
    pub retry_max_secs: u64,
    pub retry_attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    pub listen: String,
    pub tokens_file: String,
    pub oidc_issuer: String,
    pub oidc_audience: String,
    pub oidc_keys_file: String,
    pub oidc_keys_url: String,
    pub oidc_roles_claim: String,
    pub oidc_role_prefix: String,
    pub requests_per_minute: u32,
    pub body_bytes_max: usize,
    pub deadline_secs: u64,
    pub in_flight_max: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    pub otlp_url: String,
}
