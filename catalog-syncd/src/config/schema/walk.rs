//! What the walk does and may cost.
#![allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use catalog_core::model::{Language, SampleRequest};
use catalog_profile::trino::SampleWith;
use serde::{Deserialize, Serialize};

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
    pub plain_http: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcesConfig {
    pub warehouses: Vec<String>,
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
    pub method: SampleWith,
    pub rows_max: usize,
    pub rows_min: usize,
    pub cell_bytes_max: usize,
    pub total_bytes_max: usize,
    pub deadline_secs: u64,
    pub columns_per_query: usize,
    pub tables: Vec<TableSampleConfig>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSampleConfig {
    pub table: String,
    #[serde(default)]
    pub percent: Option<f64>,
    #[serde(default)]
    pub rows_max: Option<usize>,
    #[serde(default)]
    pub method: Option<SampleWith>,
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
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
    pub columns: DescribeColumns,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DescribeColumns {
    Off,
    Missing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptConfig {
    pub sample_rows: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlossaryConfig {
    pub terms: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiiConfig {
    pub checksum_alone: bool,
    pub custom: Vec<CustomRecogniser>,
    pub allow: Vec<String>,
    pub deny: Vec<String>,
    pub allow_values: Vec<String>,
    pub deny_values: Vec<ListedValues>,
    pub presidio_url: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomRecogniser {
    pub name: String,
    pub pattern: String,
    pub entity: String,
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub check: Option<NumberCheck>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberCheck {
    Luhn,
    Mod97,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedValues {
    pub entity: String,
    pub values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FkConfig {
    pub threshold: f64,
    pub max_orphan_ratio: f64,
    pub confirm_checks_max: usize,
    pub confirm_rows_max: u64,
    pub confirm_gib_max: u64,
    pub confirm_secs_max: u64,
    pub memory_mb: usize,
    pub cross_catalog: CrossCatalogMode,
    pub catalog_pairs: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrossCatalogMode {
    Off,
    Pairs,
    All,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuerylogConfig {
    pub queries_max: usize,
    pub proposals_max: usize,
    pub files: Vec<String>,
    pub intake: bool,
    pub intake_events_max: usize,
    pub victorialogs_url: String,
    pub victorialogs_query: String,
    pub own_users: Vec<String>,
    pub semantic_models_dir: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublishMode {
    Auto,
    Review,
    OmSuggestion,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FkAs {
    Lineage,
    TableConstraint,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishConfig {
    pub description: PublishMode,
    pub column_description: PublishMode,
    pub pii: PublishMode,
    pub domain: PublishMode,
    pub tier: PublishMode,
    pub key: PublishMode,
    pub usage: PublishMode,
    pub query_entities: bool,
    pub propose_below: f64,
    pub auto_without_locking: bool,
    pub fk_as: Vec<FkAs>,
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainConfig {
    pub list: Vec<DomainEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainEntry {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub examples: Vec<String>,
    #[serde(default, rename = "match")]
    pub rules: Vec<String>,
    #[serde(default)]
    pub instructions: String,
}
