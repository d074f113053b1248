//! Descriptions: what a describer may know, and what it writes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DescribeContext, Fqn, PiiVerdict, PromptSample, Table, TableProfile};

/// The language of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// How sure a describer is that a steward would accept its draft, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// Clamps to 0..=1; not-a-number becomes 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The value, 0 to 1.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// Who wrote a description. Prints as reports have it: `rules`, `model:<name>`, `human`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DraftSource {
    /// The rule-based describer.
    Rules,
    /// The model of that name, as the endpoint reports it.
    Model(String),
    /// A person.
    Human,
}

impl fmt::Display for DraftSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules => f.write_str("rules"),
            Self::Model(name) => write!(f, "model:{name}"),
            Self::Human => f.write_str("human"),
        }
    }
}

impl From<DraftSource> for String {
    fn from(source: DraftSource) -> Self {
        source.to_string()
    }
}

impl TryFrom<String> for DraftSource {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "rules" => Ok(Self::Rules),
            "human" => Ok(Self::Human),
            other => match other.strip_prefix("model:") {
                Some(name) => Ok(Self::Model(name.to_owned())),
                None => Err(format!("unknown author of a description: {other}")),
            },
        }
    }
}

/// A described table near this one: upstream of it, referred to by it, or referring to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its name.
    pub fqn: Fqn,
    /// Its description, if it has one.
    pub description: Option<String>,
}

/// A key of or into the table, as far as a describer needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFact {
    /// The columns of the described table.
    pub columns: Vec<String>,
    /// The table at the other end.
    pub other: Fqn,
    /// Does the described table refer to `other` (true), or is it referred to (false)?
    pub outgoing: bool,
}

/// All that a describer may know of a table: no raw value.
pub struct DescribeRequest<'a> {
    /// The schema.
    pub table: &'a Table,
    /// The profile; `None` when the table could not be sampled.
    pub profile: Option<&'a TableProfile>,
    /// Verdicts, one a column.
    pub verdicts: &'a [PiiVerdict],
    /// Redacted rows; `None` when the redaction could not run.
    pub sample: Option<&'a PromptSample>,
    /// The *public codes* of each column in the table's order (promise I4); empty for most columns.
    pub public_codes: &'a [Vec<String>],
    /// Declared and inferred keys of and into the table.
    pub keys: &'a [KeyFact],
    /// The nearest upstream tables and the tables at the other end of its keys.
    pub neighbours: &'a [Neighbour],
    /// The language to write in.
    pub language: Language,
    /// The operator's words and what is known of other tables.
    pub context: DescribeContext<'a>,
}

/// A description that may become a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// One sentence of at most 20 words.
    pub text: String,
    /// How sure its author is.
    pub confidence: Confidence,
    /// Who wrote it.
    pub source: DraftSource,
    /// Version of the prompt or of the rules that made it.
    pub prompt_version: String,
}
