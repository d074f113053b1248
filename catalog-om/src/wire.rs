//! The members of OpenMetadata's answers that are used; every other one is passed over, so new ones do no harm.

use catalog_core::model::Fqn;
use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// A page of a listing.
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) data: Vec<Value>,
    #[serde(default)]
    pub(crate) paging: Paging,
}

/// Where a page stands.
#[derive(Deserialize, Default)]
pub(crate) struct Paging {
    pub(crate) after: Option<String>,
}

/// A table.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmTable {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) fully_qualified_name: String,
    /// Kept as it is written, since it is sent back in conditions.
    pub(crate) version: Number,
    #[serde(default)]
    pub(crate) updated_at: i64,
    pub(crate) description: Option<String>,
    pub(crate) table_type: Option<String>,
    #[serde(default)]
    pub(crate) columns: Vec<OmColumn>,
    pub(crate) table_constraints: Option<Vec<OmConstraint>>,
    pub(crate) tags: Option<Vec<OmLabel>>,
    pub(crate) owners: Option<Vec<OmReference>>,
    pub(crate) database_schema: Option<OmReference>,
    pub(crate) database: Option<OmReference>,
    pub(crate) service: Option<OmReference>,
    pub(crate) service_type: Option<String>,
    pub(crate) change_description: Option<OmChange>,
    pub(crate) usage_summary: Option<OmUsage>,
}

/// A column, or a field of a struct.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmColumn {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) data_type: String,
    pub(crate) data_type_display: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) constraint: Option<String>,
    pub(crate) tags: Option<Vec<OmLabel>>,
    pub(crate) children: Option<Vec<OmColumn>>,
}

/// A label of a tag.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmLabel {
    #[serde(rename = "tagFQN")]
    pub(crate) tag_fqn: String,
    pub(crate) source: Option<String>,
    pub(crate) label_type: Option<String>,
    pub(crate) state: Option<String>,
}

/// A constraint over columns.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmConstraint {
    pub(crate) constraint_type: Option<String>,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) referred_columns: Option<Vec<String>>,
}

/// A reference to another entity.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmReference {
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) fully_qualified_name: Option<String>,
    pub(crate) description: Option<String>,
}

/// What changed last, and on newer servers who wrote each text last.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmChange {
    pub(crate) change_summary: Option<Map<String, Value>>,
}

/// How much an entity is used.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OmUsage {
    pub(crate) weekly_stats: Option<OmCount>,
    pub(crate) daily_stats: Option<OmCount>,
}

/// A count.
#[derive(Deserialize, Debug, Clone)]
pub(crate) struct OmCount {
    #[serde(default)]
    pub(crate) count: u64,
}

impl OmTable {
    /// Moves with every write, also where the version stays: a session of one user keeps its version.
    pub(crate) fn state(&self) -> String {
        format!("{}@{}", self.version, self.updated_at)
    }

    /// The condition that this version still stands; a strong tag would never be met (OpenMetadata's #30885).
    pub(crate) fn weak_tag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    pub(crate) fn labels(&self) -> &[OmLabel] {
        self.tags.as_deref().unwrap_or_default()
    }

    pub(crate) fn constraints(&self) -> &[OmConstraint] {
        self.table_constraints.as_deref().unwrap_or_default()
    }

    /// Runs of queries in the last week, or on the last day where only that is known.
    pub(crate) fn usage(&self) -> u64 {
        let usage = self.usage_summary.as_ref();
        usage.and_then(|u| u.weekly_stats.as_ref().or(u.daily_stats.as_ref())).map_or(0, |stats| stats.count)
    }
}

impl OmColumn {
    pub(crate) fn labels(&self) -> &[OmLabel] {
        self.tags.as_deref().unwrap_or_default()
    }

    pub(crate) fn children(&self) -> &[OmColumn] {
        self.children.as_deref().unwrap_or_default()
    }
}

impl OmLabel {
    /// The tag's unquoted name below its classification, if it is of that one: `Tier1` of `Tier.Tier1`.
    pub(crate) fn below(&self, classification: &str) -> Option<String> {
        let fqn: Fqn = self.tag_fqn.parse().ok()?;
        let (family, name) = fqn.parts().split_first()?;
        match name {
            [] => None,
            [name] if family == classification => Some(name.clone()),
            deeper if family == classification => Some(Fqn::from_parts(deeper).to_string()),
            _ => None,
        }
    }

    /// Was it set by a program and confirmed by nobody? What we write ourselves is so.
    pub(crate) fn is_automatic(&self) -> bool {
        let by_program = matches!(self.label_type.as_deref(), Some("Automated" | "Generated"));
        by_program && self.state.as_deref() == Some("Suggested")
    }
}

/// A text that says something.
pub(crate) fn said(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}
