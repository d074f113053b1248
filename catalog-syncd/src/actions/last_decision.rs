//! A steward's last decision, kept so that it can be taken back with one key.

use catalog_core::Result;
use catalog_core::model::ProposalId;
use serde::{Deserialize, Serialize};

use super::Desk;

/// What a steward decided last, as one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDecision {
    /// Names it, so that taking it back twice, or in an old tab, is noticed.
    pub token: String,
    /// Was it an acceptance? Else a rejection.
    pub accepted: bool,
    /// The proposals.
    pub ids: Vec<ProposalId>,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

impl Desk {
    /// Keeps what this steward just decided in place of what they decided before.
    ///
    /// # Errors
    /// The ledger's; `LimitExceeded` for more ids than an act may have.
    pub async fn remember(&self, by: &str, accepted: bool, ids: Vec<ProposalId>) -> Result<()> {
        let at_ms = self.clock.now_ms();
        let said = format!("{at_ms} {accepted} {ids:?}");
        let token = blake3::hash(said.as_bytes()).to_hex()[..16].to_owned();
        let last = LastDecision { token, accepted, ids, at_ms };
        let note = serde_json::to_string(&last).unwrap_or_default();
        self.ledger.set_note(&key(by), &note).await
    }

    /// What this steward decided last, unless it was taken back.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn last_decision(&self, by: &str) -> Result<Option<LastDecision>> {
        let note = self.ledger.note(&key(by)).await?;
        Ok(note.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

pub(super) fn key(by: &str) -> String {
    format!("last-decision:{}", &blake3::hash(by.as_bytes()).to_hex()[..32])
}
