//! A steward's last decision, kept so that it can be taken back with one key.

use std::collections::BTreeSet;

use catalog_core::model::{OperationId, Proposal, ProposalId, ProposalState};
use catalog_core::ports::ledger::Decision;
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::undo::UndoScope;
use serde::{Deserialize, Serialize};

use super::proposals::unknown;
use super::{Desk, Undone};

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

    /// Takes back what this steward decided last: what is published is undone as by [`Desk::undo`], what still waits in
    /// the outbox is withdrawn, what was rejected is open again. Call [`Desk::publish`] afterwards.
    ///
    /// # Errors
    /// `Conflict` when the token names another decision than the last one; the ledger's and the catalog's.
    pub async fn undo_last(&self, by: &str, token: &str) -> Result<Undone> {
        let last = self.last_decision(by).await?.filter(|last| last.token == token);
        let last = last.ok_or_else(|| {
            Error::new(ErrorKind::Conflict, "undo_decision", "it was taken back already, or is no longer the last one")
        })?;
        // Forgotten first: a double click finds nothing more to take back.
        self.ledger.set_note(&key(by), "").await?;
        self.take_back_all(&last.ids, last.at_ms, by).await
    }

    /// Takes the decision on one proposal back, whoever made it and whenever: what is published is undone as by
    /// [`Desk::undo`], what still waits in the outbox is withdrawn, what was rejected is open again. Call
    /// [`Desk::publish`] afterwards.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it was not decided; the ledger's and the catalog's.
    pub async fn undo_decision(&self, id: &ProposalId, by: &str) -> Result<Undone> {
        let known = self.ledger.proposal(id).await?.ok_or_else(|| unknown(id))?;
        if !matches!(known.state, ProposalState::Accepted | ProposalState::Rejected) {
            return Err(Error::new(ErrorKind::Conflict, "undo_decision", "nobody decided on it")
                .with("proposal", id)
                .with("state", known.state.as_str()));
        }
        self.take_back_all(std::slice::from_ref(id), 0, by).await
    }

    /// Takes decisions back, of what was published since `from_ms`.
    async fn take_back_all(&self, ids: &[ProposalId], from_ms: i64, by: &str) -> Result<Undone> {
        let mut undone = Undone { sent: Vec::new(), refused: Vec::new() };
        let mut published = BTreeSet::new();
        for id in ids {
            let Some(proposal) = self.ledger.proposal(id).await? else { continue };
            if let Some(operation) = self.take_back(proposal, by, &mut undone).await? {
                published.insert(operation);
            }
        }
        if !published.is_empty() {
            let more = self.undo(&UndoScope::Operations { ids: published, from_ms }, by).await?;
            undone.sent.extend(more.sent);
            undone.refused.extend(more.refused);
        }
        Ok(undone)
    }

    /// Takes one decision back, or gives the operation that has to be undone in the catalog.
    async fn take_back(&self, proposal: Proposal, by: &str, undone: &mut Undone) -> Result<Option<OperationId>> {
        let operation = &proposal.operation;
        let name = format!("{} of {}", operation.field, operation.table.fqn);
        let accepted = proposal.state == ProposalState::Accepted;
        if accepted && self.ledger.receipt(&operation.id).await?.is_some() {
            return Ok(Some(operation.id.clone()));
        }
        // A query that was kept opens again by itself; one on its way is a conflict like everything else.
        let reopened = match self.ledger.decide(&proposal.id, by, &Decision::Reopen, self.clock.now_ms()).await {
            Err(error) if error.kind() == ErrorKind::Conflict && accepted => {
                // On its way to the catalog: taken out of the outbox it opens again.
                match self.ledger.withdraw(&operation.id, "undone").await {
                    Ok(()) => self.ledger.propose(std::slice::from_ref(&proposal)).await.map(|_| true),
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                    Err(error) => Err(error),
                }
            }
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            outcome => outcome.map(|_| true),
        }?;
        if reopened {
            undone.sent.push(name);
        } else {
            undone.refused.push(name);
        }
        Ok(None)
    }
}

pub(super) fn key(by: &str) -> String {
    format!("last-decision:{}", &blake3::hash(by.as_bytes()).to_hex()[..32])
}
