//! What a steward's decision makes of a proposal: pure, so that every ledger comes to the same answer.

use super::Decision;
use crate::model::{
    AuditRow, ChangeKind, Confidence, FieldValue, Operation, OperationId, PiiEntity, Proposal, ProposalId,
    ProposalState,
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
    /// `Conflict` when the proposal is not open, or is to be opened again although it was published; `InvalidInput`
    /// when a field that is neither text nor tag is edited, or a text is edited to nothing.
    pub fn apply(&self, mut proposal: Proposal, by: &str, at_ms: i64) -> Result<Decided> {
        let reopens = matches!(self, Self::Reopen) && decided_without_effect(&proposal);
        if proposal.state != ProposalState::Open && !reopens {
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
                publish = Some(proposal.operation.clone());
                proposal.state = ProposalState::Accepted;
                "accepted"
            }
            Self::Keep => {
                if proposal.operation.field.kind() != ChangeKind::Query {
                    let why = "only a verified query can be accepted without being published";
                    return Err(refusal(ErrorKind::InvalidInput, why, &proposal.id));
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
            Self::Reopen => {
                (proposal.state, proposal.reason) = (ProposalState::Open, None);
                "reopened"
            }
        };
        proposal.decided_by = (proposal.state != ProposalState::Open).then(|| by.to_owned());
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

/// May the decision have left the catalog as it is? A ledger refuses to open a query again that it sent to the outbox.
fn decided_without_effect(proposal: &Proposal) -> bool {
    let query = proposal.operation.field.kind() == ChangeKind::Query;
    proposal.state == ProposalState::Rejected || (query && proposal.state == ProposalState::Accepted)
}

/// The value that the steward's text stands for.
fn edited_value(proposal: &Proposal, text: &str) -> Result<FieldValue> {
    let refuse = |why: &str| refusal(ErrorKind::InvalidInput, why, &proposal.id);
    match &proposal.operation.after {
        Some(FieldValue::Text(_)) if text.trim().is_empty() => {
            Err(refuse("the edited text is empty").hint("reject the proposal to leave the field as it is"))
        }
        Some(FieldValue::Text(_)) => Ok(FieldValue::Text(text.to_owned())),
        Some(FieldValue::Pii { .. }) => PiiEntity::from_name(text)
            .map(|entity| FieldValue::Pii { entity, sensitivity: entity.sensitivity() })
            .ok_or_else(|| refuse("there is no such entity").hint("name one as reports spell it, such as EMAIL")),
        _ => Err(refuse("only a text or a tag of personal data can be edited")
            .with("field", &proposal.operation.field)
            .hint("accept it as it is, or reject it")),
    }
}

/// The operation with the steward's value. One that is the same as the proposed one is no edit.
fn edit(proposal: &Proposal, text: &str, by: &str) -> Result<Operation> {
    let operation = &proposal.operation;
    let value = edited_value(proposal, text)?;
    if operation.after.as_ref() == Some(&value) {
        return Ok(operation.clone());
    }
    let mut hasher = blake3::Hasher::new();
    for part in [operation.id.0.as_str(), text, by] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Ok(Operation {
        id: OperationId(hasher.finalize().to_hex().to_string()),
        after: Some(value),
        author: by.to_owned(),
        confidence: Confidence::new(1.0),
        ..operation.clone()
    })
}

/// Why an accepted proposal is not opened again when its operation is in the outbox or was published.
pub fn on_its_way(proposal: &ProposalId) -> Error {
    refusal(ErrorKind::Conflict, "it was published or is on its way", proposal)
        .hint("undo what was published, or withdraw what waits")
}

fn refusal(kind: ErrorKind, why: &str, id: &ProposalId) -> Error {
    Error::new(kind, "decide_proposal", why).with("proposal", id)
}
