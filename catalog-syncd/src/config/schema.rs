//! The configuration as types. What each key means stands in `default.toml`, and only there.
#![allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]

use std::path::PathBuf;
use std::time::Duration;

use catalog_core::model::{Language, SampleRequest};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub state: StateConfig,
    pub egress: EgressConfig,
    pub sync: SyncConfig,
    pub sample: SampleConfig,
    pub profile: ProfileConfig,
    pub describe: DescribeConfig,
    pub prompt: PromptConfig,
    pub pii: PiiConfig,
    pub fk: FkConfig,
    pub querylog: QuerylogConfig,
    pub publish: PublishConfig,
    pub passes: PassesConfig,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateConfig {
    pub dir: PathBuf,
    pub key_file: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressConfig {
    pub allow: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    pub workers: usize,
    pub page_size: usize,
    pub lease_secs: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleConfig {
    pub percent: f64,
    pub rows_max: usize,
    pub rows_min: usize,
    pub cell_bytes_max: usize,
    pub total_bytes_max: usize,
    pub deadline_secs: u64,
}

impl SampleConfig {
    /// The request that every table is sampled with.
    pub fn request(&self) -> SampleRequest {
        SampleRequest {
            percent: self.percent,
            rows_max: self.rows_max,
            rows_min: self.rows_min,
            cell_bytes_max: self.cell_bytes_max,
            total_bytes_max: self.total_bytes_max,
            deadline: Duration::from_secs(self.deadline_secs),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    pub max_age_days: u32,
    pub scan_rows_max: u64,
    pub deadline_secs: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeConfig {
    pub language: Language,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptConfig {
    pub sample_rows: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiiConfig {
    pub checksum_alone: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FkConfig {
    pub threshold: f64,
    pub max_orphan_ratio: f64,
    pub confirm_checks_max: usize,
    pub confirm_rows_max: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuerylogConfig {
    pub queries_max: usize,
    pub proposals_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublishMode {
    Auto,
    Review,
    Off,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishConfig {
    pub description: PublishMode,
    pub pii: PublishMode,
    pub key: PublishMode,
    pub propose_below: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassesConfig {
    pub describe: bool,
    pub pii: bool,
    pub keys: bool,
    pub querylog: bool,
    pub index: bool,
}

impl Config {
    /// Values that parse but make no sense, each with its key.
    pub(super) fn nonsense(&self) -> Option<(&'static str, &'static str)> {
        let share = |v: f64| (0.0..=1.0).contains(&v);
        let rules: [(bool, &str, &str); 11] = [
            (self.sync.workers == 0, "sync.workers", "must be at least 1"),
            (self.sync.page_size == 0, "sync.page_size", "must be at least 1"),
            (self.sync.lease_secs == 0, "sync.lease_secs", "must be at least 1 second"),
            (
                !(self.sample.percent > 0.0 && self.sample.percent <= 100.0),
                "sample.percent",
                "must be above 0 and at most 100",
            ),
            (self.sample.rows_max == 0, "sample.rows_max", "must be at least 1"),
            (self.sample.cell_bytes_max == 0, "sample.cell_bytes_max", "must be at least 1"),
            (self.sample.deadline_secs == 0, "sample.deadline_secs", "must be at least 1 second"),
            (self.profile.deadline_secs == 0, "profile.deadline_secs", "must be at least 1 second"),
            (!share(self.fk.threshold), "fk.threshold", "must lie between 0 and 1"),
            (!share(self.fk.max_orphan_ratio), "fk.max_orphan_ratio", "must lie between 0 and 1"),
            (!share(self.publish.propose_below), "publish.propose_below", "must lie between 0 and 1"),
        ];
        rules.into_iter().find(|(broken, _, _)| *broken).map(|(_, key, why)| (key, why))
    }
}
