//! The steward's decisions.

use catalog_core::model::{ChangeKind, FieldPath, Proposal, ProposalId, WakeReason, WalkStage, WorkItem};
use catalog_core::ports::ledger::{Decision, NOTE_BYTES_MAX};
use catalog_core::{Error, ErrorKind, Result};

use super::Desk;
use crate::walk::{index_is_stale, steward_note};

/// Proposals in one request at most.
const IDS_MAX: usize = 1_000;
/// Characters of an edited text, a reason or a hint.
const TEXT_CHARS_MAX: usize = 2_000;

/// What became of one proposal of a request.
#[derive(Debug)]
pub struct Decided {
    /// The proposal asked for.
    pub id: ProposalId,
    /// As it now is, or why it was not decided.
    pub outcome: Result<Proposal>,
}

/// What a steward says about a proposal that is to be written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redraft {
    /// How to write it: "say that amounts are in cents".
    Hint(String),
    /// The answer to the question that came with the proposal.
    Answer(String),
}

impl Desk {
    /// Accepts proposals, with another text if one is given (for one proposal only). They go to the outbox, but for
    /// queries where the configuration keeps them out of the catalog; call [`Desk::publish`] afterwards.
    ///
    /// # Errors
    /// `InvalidInput` for a text with several ids or one that is too long, `LimitExceeded` for too many ids. What is
    /// wrong with one proposal is in its own outcome, and the others are decided.
    pub async fn accept(&self, ids: &[ProposalId], text: Option<&str>, by: &str) -> Result<Vec<Decided>> {
        if text.is_some() && ids.len() > 1 {
            let why = "one text cannot serve several ids";
            return Err(Error::new(ErrorKind::InvalidInput, "accept_proposals", why).hint("give one id with a text"));
        }
        check_text(text.unwrap_or_default())?;
        self.decide(ids, by, &Decision::Accept { edited: text.map(str::to_owned) }).await
    }

    /// Rejects proposals with a reason; the same changes do not return, and whoever describes tables of the kind next
    /// is told why.
    ///
    /// # Errors
    /// As [`Desk::accept`], and `InvalidInput` without a reason.
    pub async fn reject(&self, ids: &[ProposalId], reason: &str, by: &str) -> Result<Vec<Decided>> {
        if reason.trim().is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "reject_proposals", "a rejection needs its reason")
                .hint("say what is wrong: the next descriptions are written with that in mind"));
        }
        check_text(reason)?;
        self.decide(ids, by, &Decision::Reject { reason: reason.to_owned() }).await
    }

    /// Has a description written again, with what the steward says about it as evidence. The old draft is superseded.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` when it was decided already, `InvalidInput` when it is no description.
    pub async fn redraft(&self, id: &ProposalId, say: &Redraft, by: &str) -> Result<Proposal> {
        let (Redraft::Hint(text) | Redraft::Answer(text)) = say;
        check_text(text)?;
        let proposal = self.ledger.proposal(id).await?.ok_or_else(|| unknown(id))?;
        if proposal.operation.field.kind() != ChangeKind::Description {
            return Err(Error::new(ErrorKind::InvalidInput, "redraft_proposal", "only a description is written again")
                .with("proposal", id)
                .with("field", &proposal.operation.field));
        }
        // Said first: a crash in between has the table described with it by the next run.
        let note = steward_note(&proposal.operation.table.id);
        self.ledger.set_note(&note, text).await?;
        let now = self.clock.now_ms();
        let superseded = self.ledger.decide(id, by, &Decision::Supersede, now).await?;
        self.wake(&superseded).await?;
        Ok(superseded)
    }

    async fn decide(&self, ids: &[ProposalId], by: &str, decision: &Decision) -> Result<Vec<Decided>> {
        if ids.len() > IDS_MAX {
            return Err(Error::new(ErrorKind::LimitExceeded, "decide_proposals", "too many proposals in one request")
                .with("ids", ids.len())
                .with("ids_max", IDS_MAX));
        }
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let outcome = match self.decision_on(id, decision).await {
                Ok(decision) => self.ledger.decide(id, by, decision, self.clock.now_ms()).await,
                Err(error) => Err(error),
            };
            if let Ok(proposal) = &outcome {
                self.wake(proposal).await?;
            }
            all.push(Decided { id: id.clone(), outcome });
        }
        Ok(all)
    }

    /// What the decision means for this proposal: a query that stays out of the catalog is kept.
    async fn decision_on<'d>(&self, id: &ProposalId, decision: &'d Decision) -> Result<&'d Decision> {
        if self.query_entities || !matches!(decision, Decision::Accept { edited: None }) {
            return Ok(decision);
        }
        let query = |p: &Proposal| p.operation.field.kind() == ChangeKind::Query;
        let kept = self.ledger.proposal(id).await?.is_some_and(|proposal| query(&proposal));
        Ok(if kept { &Decision::Keep } else { decision })
    }

    /// The next run sees what a decision changed: in the index and in the neighbours' evidence.
    async fn wake(&self, proposal: &Proposal) -> Result<()> {
        if matches!(proposal.operation.field, FieldPath::VerifiedQuery { .. }) {
            return Ok(());
        }
        index_is_stale(&*self.ledger).await?;
        let item = WorkItem::new(proposal.operation.table.clone(), WakeReason::Manual);
        self.ledger.enqueue(&[item], WalkStage::Describe).await?;
        Ok(())
    }
}

pub(super) fn unknown(id: &ProposalId) -> Error {
    Error::new(ErrorKind::NotFound, "find_proposal", "there is no such proposal")
        .with("proposal", id)
        .hint("list the open proposals again")
}

fn check_text(text: &str) -> Result<()> {
    let characters = text.chars().count();
    if characters <= TEXT_CHARS_MAX && text.len() <= NOTE_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "read_decision", "the text is too long")
        .with("characters", characters)
        .with("characters_max", TEXT_CHARS_MAX))
}
