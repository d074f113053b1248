//! The steward's queue in memory.

use async_trait::async_trait;

use super::{Books, MemoryLedger, limit_or_default};
use crate::model::{FieldPath, Proposal, ProposalId, ProposalState, TableId};
use crate::ports::ledger::{Decision, ProposalFilter, Proposals};
use crate::{Error, ErrorKind, Result};

impl Books {
    /// Opens a proposal unless its id is known; whatever else is open on its field is superseded. Is it new?
    pub(super) fn open(&mut self, proposal: &Proposal) -> bool {
        self.supersede(&proposal.operation.table.id, &proposal.operation.field, Some(&proposal.id));
        match self.proposals.get(&proposal.id) {
            Some(known) if known.state != ProposalState::Superseded => false,
            _ => {
                let opened =
                    Proposal { state: ProposalState::Open, decided_by: None, reason: None, ..proposal.clone() };
                self.proposals.insert(proposal.id.clone(), opened);
                true
            }
        }
    }

    /// Supersedes the open proposals on a field, but for one.
    pub(super) fn supersede(&mut self, table: &TableId, field: &FieldPath, but: Option<&ProposalId>) {
        for other in self.proposals.values_mut() {
            let same_field = other.operation.table.id == *table && other.operation.field == *field;
            if same_field && other.state == ProposalState::Open && Some(&other.id) != but {
                other.state = ProposalState::Superseded;
            }
        }
    }
}

#[async_trait]
impl Proposals for MemoryLedger {
    async fn propose(&self, proposals: &[Proposal]) -> Result<u64> {
        let mut books = self.books();
        Ok(proposals.iter().filter(|proposal| books.open(proposal)).count() as u64)
    }

    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>> {
        let books = self.books();
        let wanted = |p: &&Proposal| {
            filter.state.is_none_or(|state| p.state == state)
                && filter.kind.is_none_or(|kind| p.operation.field.kind() == kind)
                && filter.table.as_ref().is_none_or(|fqn| p.operation.table.fqn == *fqn)
                && filter.confidence_min.is_none_or(|min| p.operation.confidence.value() >= min)
                && filter.after.as_ref().is_none_or(|after| p.id > *after)
        };
        Ok(books.proposals.values().filter(wanted).take(limit_or_default(filter.limit)).cloned().collect())
    }

    async fn proposal(&self, id: &ProposalId) -> Result<Option<Proposal>> {
        Ok(self.books().proposals.get(id).cloned())
    }

    async fn decide(&self, id: &ProposalId, by: &str, decision: &Decision, at_ms: i64) -> Result<Proposal> {
        let mut books = self.books();
        let proposal = books.proposals.get(id).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "decide_proposal", "there is no such proposal").with("proposal", id)
        })?;
        let decided = decision.apply(proposal, by, at_ms)?;
        if let Some(operation) = &decided.publish {
            books.send(operation);
        }
        books.audit.push(decided.audit);
        books.proposals.insert(id.clone(), decided.proposal.clone());
        Ok(decided.proposal)
    }
}
