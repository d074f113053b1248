//! Models and where vectors go.
#![allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]

use serde::{Deserialize, Serialize};

use crate::config::SecretRef;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmConfig {
    pub url: String,
    pub key: SecretRef,
    pub enabled: bool,
    pub model: String,
    pub fallback_model: String,
    pub fallback_enabled: bool,
    pub fallback_below: f64,
    pub calibration: String,
    pub second_sample: bool,
    pub vote: bool,
    pub concurrent: usize,
    pub run_calls_max: u64,
    pub run_tokens_max: u64,
    pub day_tokens_max: u64,
    pub deadline_secs: u64,
    pub answer_tokens_max: u32,
    pub ca_file: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedConfig {
    pub model: String,
    pub dimension: usize,
    pub document_prefix: String,
    pub query_prefix: String,
    pub batch: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilvusConfig {
    pub url: String,
    pub token: SecretRef,
    pub collection: String,
    pub names_collection: String,
    pub owns_collection: bool,
    pub id_field: String,
    pub fqn_field: String,
    pub text_field: String,
    pub vector_field: String,
    pub meta_field: String,
    pub batch: usize,
    pub deadline_secs: u64,
    pub ca_file: String,
}
