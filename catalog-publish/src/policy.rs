//! What may be published unseen, as the operator configures it (`[publish]`).

use catalog_core::model::ChangeKind;
use serde::{Deserialize, Serialize};

/// What becomes of one kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Published at once when it is safe, proposed otherwise.
    Auto,
    /// Always proposed.
    Review,
    /// Proposed through OpenMetadata's own suggestions. A catalog without them treats it as [`Mode::Review`].
    OmSuggestion,
    /// Neither published nor proposed.
    Off,
}

/// The mode of each kind, and the thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// A table's description.
    pub description: Mode,
    /// A column's description.
    pub column_description: Mode,
    /// PII tags.
    pub pii: Mode,
    /// Domain tags.
    pub domain: Mode,
    /// Tier tags.
    pub tier: Mode,
    /// Inferred keys.
    pub key: Mode,
    /// Usage counts.
    pub usage: Mode,
    /// A text whose confidence is below this is proposed, 0 to 1.
    pub propose_below: f64,
    /// Publish unseen also to a catalog that does not refuse stale writes? A person's edit could be lost then.
    pub auto_without_locking: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            description: Mode::Auto,
            column_description: Mode::Review,
            pii: Mode::Auto,
            domain: Mode::Review,
            tier: Mode::Review,
            key: Mode::Auto,
            usage: Mode::Auto,
            propose_below: 0.6,
            auto_without_locking: false,
        }
    }
}

impl Policy {
    /// Is any kind asked through the catalog's own review page?
    pub fn suggests(&self) -> bool {
        let kinds = [self.description, self.column_description, self.pii, self.domain, self.tier, self.key, self.usage];
        kinds.contains(&Mode::OmSuggestion)
    }

    /// The mode of a kind. Queries are always reviewed: nobody can switch that off.
    pub fn mode(&self, kind: ChangeKind) -> Mode {
        match kind {
            ChangeKind::Description => self.description,
            ChangeKind::ColumnDescription => self.column_description,
            ChangeKind::Pii => self.pii,
            ChangeKind::Domain => self.domain,
            ChangeKind::Tier => self.tier,
            ChangeKind::Key => self.key,
            ChangeKind::Usage => self.usage,
            ChangeKind::Query => Mode::Review,
        }
    }
}
