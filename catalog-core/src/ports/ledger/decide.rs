//! What a steward's decision makes of a proposal: pure, so that every ledger comes to the same answer.

use super::Decision;
use crate::model::{
    AuditRow, ChangeKind, Confidence, FieldValue, Operation, OperationId, Proposal, ProposalId, ProposalState,
};
use crate::{Error, ErrorKind, Result};

/// What to store after a decision, all of it in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The proposal in its new state; with an edited text its operation is the edited one.
    pub proposal: Proposal,
    /// The operation for the outbox, if one is to be published.
    pub publish: Option<Operation>,
    /// The audit row that tells of it.
    pub audit: AuditRow,
}

impl Decision {
    /// Applies the decision to a proposal as it stands.
    ///
    /// # Errors
    /// `Conflict` when the proposal is not open; `InvalidInput` when a field that is no text is edited, or a text
    /// is edited to nothing.
    pub fn apply(&self, mut proposal: Proposal, by: &str, at_ms: i64) -> Result<Decided> {
        if proposal.state != ProposalState::Open {
            return Err(refusal(ErrorKind::Conflict, "it was decided already", &proposal.id)
                .with("state", proposal.state.as_str())
                .hint("list the open proposals again"));
        }
        let mut publish = None;
        let action = match self {
            Self::Accept { edited } => {
                if let Some(text) = edited {
                    proposal.operation = edit(&proposal, text, by)?;
                }
                if proposal.operation.field.kind() != ChangeKind::Query {
                    publish = Some(proposal.operation.clone());
                }
                proposal.state = ProposalState::Accepted;
                "accepted"
            }
            Self::Reject { reason } => {
                proposal.state = ProposalState::Rejected;
                proposal.reason = Some(reason.clone());
                "rejected"
            }
            Self::Supersede => {
                proposal.state = ProposalState::Superseded;
                "superseded"
            }
        };
        proposal.decided_by = Some(by.to_owned());
        let audit = AuditRow {
            at_ms,
            run: None,
            actor: by.to_owned(),
            action: action.to_owned(),
            operation: proposal.operation.clone(),
        };
        Ok(Decided { proposal, publish, audit })
    }
}

/// The operation with the steward's text. A text that is the same as the proposed one is no edit.
fn edit(proposal: &Proposal, text: &str, by: &str) -> Result<Operation> {
    let operation = &proposal.operation;
    let Some(FieldValue::Text(proposed)) = &operation.after else {
        return Err(refusal(ErrorKind::InvalidInput, "only a text can be edited", &proposal.id)
            .with("field", &operation.field)
            .hint("accept it as it is, or reject it"));
    };
    if text.trim().is_empty() {
        return Err(refusal(ErrorKind::InvalidInput, "the edited text is empty", &proposal.id)
            .hint("reject the proposal to leave the field as it is"));
    }
    if text == proposed {
        return Ok(operation.clone());
    }
    let mut hasher = blake3::Hasher::new();
    for part in [operation.id.0.as_str(), text, by] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Ok(Operation {
        id: OperationId(hasher.finalize().to_hex().to_string()),
        after: Some(FieldValue::Text(text.to_owned())),
        author: by.to_owned(),
        confidence: Confidence::new(1.0),
        ..operation.clone()
    })
}

fn refusal(kind: ErrorKind, why: &str, id: &ProposalId) -> Error {
    Error::new(kind, "decide_proposal", why).with("proposal", id)
}
