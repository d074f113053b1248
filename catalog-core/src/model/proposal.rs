//! Changes that wait for a steward.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Operation, OperationId};

/// A proposal's short id: the first twelve characters of its operation's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProposalId(pub String);

impl ProposalId {
    /// The id of the proposal that asks for this operation.
    pub fn of(operation: &OperationId) -> Self {
        Self(operation.0.chars().take(12).collect())
    }
}

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Waits for a steward.
    Open,
    /// Accepted; its operation went to the outbox.
    Accepted,
    /// Rejected; the same change does not return.
    Rejected,
    /// Overtaken: the field changed meanwhile, or a newer proposal replaced it.
    Superseded,
}

impl ProposalState {
    /// The state as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
        }
    }
}

/// A change that waits for a steward, or waited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its short id.
    pub id: ProposalId,
    /// The change.
    pub operation: Operation,
    /// Why it was not published at once.
    pub why: String,
    /// Where it stands.
    pub state: ProposalState,
    /// Who decided, when somebody did.
    pub decided_by: Option<String>,
    /// The reason given with a rejection.
    pub reason: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
}
