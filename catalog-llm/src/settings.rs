//! What the operator sets.

use crate::client::ConnectionSettings;
use crate::confidence::Calibration;
use crate::prompt::PromptOptions;

/// Which models describe, and how.
#[derive(Debug, Clone)]
pub struct LlmSettings {
    /// Where they answer.
    pub connection: ConnectionSettings,
    /// The model that is asked first, by the name that the endpoint knows.
    pub model: String,
    /// The model that is asked once when the first one's draft is refused or not sure enough; `None` for nobody.
    pub fallback_model: Option<String>,
    /// A draft less sure than this (0 to 1) is asked of the fallback model too, and the surer one is taken.
    pub fallback_below: f64,
    /// Most tokens of an answer about a table.
    pub tokens_max: u32,
    /// Ask a second, freer time to see whether both answers agree? It doubles the calls.
    pub second_sample: bool,
    /// How much of the evidence is told.
    pub prompt: PromptOptions,
    /// What scores mean.
    pub calibration: Calibration,
}

impl Default for LlmSettings {
    /// The ADR's models: `qwen2.5:3b`, and `qwen2.5-coder:7b` below 0.5.
    fn default() -> Self {
        Self {
            connection: ConnectionSettings::default(),
            model: "qwen2.5:3b".to_owned(),
            fallback_model: Some("qwen2.5-coder:7b".to_owned()),
            fallback_below: 0.5,
            tokens_max: 120,
            second_sample: false,
            prompt: PromptOptions::default(),
            calibration: Calibration::default(),
        }
    }
}

/// Which model makes vectors, and how.
#[derive(Debug, Clone)]
pub struct EmbedSettings {
    /// Where it answers.
    pub connection: ConnectionSettings,
    /// The model, by the name that the endpoint knows.
    pub model: String,
    /// The vectors' dimension; an answer of another one is refused.
    pub dimension: usize,
    /// Texts of one call; at least 1.
    pub batch: usize,
    /// What goes before every document, for models that need it (`search_document: `).
    pub document_prefix: String,
    /// What goes before every question (`search_query: `).
    pub query_prefix: String,
}

impl Default for EmbedSettings {
    /// `akko-embed` of 768 dimensions, 32 texts a call, no prefixes.
    fn default() -> Self {
        Self {
            connection: ConnectionSettings::default(),
            model: "akko-embed".to_owned(),
            dimension: 768,
            batch: 32,
            document_prefix: String::new(),
            query_prefix: String::new(),
        }
    }
}
