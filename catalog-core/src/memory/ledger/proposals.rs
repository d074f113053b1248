//! The steward's queue in memory.

use std::cmp::Ordering;

use async_trait::async_trait;

use super::{Books, Fate, MemoryLedger, limit_or_default};
use crate::model::{
    ChangeKind, FieldPath, Operation, OperationId, Proposal, ProposalId, ProposalState, TableId, TableRef,
};
use crate::ports::ledger::{
    Decision, Precedent, ProposalFilter, ProposalOrder, Proposals, group_of, id_to_use, on_its_way,
};
use crate::{Error, ErrorKind, Result};

impl Books {
    /// Opens a proposal unless it is known; whatever else is open on its field is superseded. Is it new?
    pub(super) fn open(&mut self, proposal: &Proposal) -> bool {
        let mut opened = Proposal { state: ProposalState::Open, decided_by: None, reason: None, ..proposal.clone() };
        let usable = self.id_to_use(&proposal.operation.id);
        if let Some(id) = usable.as_ref().filter(|id| **id != proposal.operation.id) {
            (opened.id, opened.operation.id) = (ProposalId::of(id), id.clone());
        }
        self.supersede(&opened.operation.table.id, &opened.operation.field, Some(&opened.id));
        let opens = usable.is_some() && self.may_open(&opened.id);
        if opens {
            self.proposals.insert(opened.id.clone(), opened);
        }
        opens
    }

    fn may_open(&self, id: &ProposalId) -> bool {
        self.proposals.get(id).is_none_or(|known| match known.state {
            ProposalState::Superseded => true,
            ProposalState::Accepted => matches!(self.fate(&known.operation.id), Some(Fate::Withdrawn)),
            ProposalState::Open | ProposalState::Rejected => false,
        })
    }

    /// The id under which the change goes on; `None` when it was rejected.
    pub(super) fn id_to_use(&self, planned: &OperationId) -> Option<OperationId> {
        let Ok(id) = id_to_use(planned, |id| Ok::<_, std::convert::Infallible>(self.precedent(id)));
        id
    }

    fn precedent(&self, id: &OperationId) -> Precedent {
        let published = |id| matches!(self.fate(id), Some(Fate::Published(_)));
        match self.proposals.get(&ProposalId::of(id)) {
            Some(p) if p.state == ProposalState::Rejected && p.operation.id == *id => Precedent::Rejected,
            Some(p) if p.state == ProposalState::Accepted && published(&p.operation.id) => Precedent::Published,
            _ if published(id) => Precedent::Published,
            _ => Precedent::Unspent,
        }
    }

    /// Supersedes the table's open proposals on all other fields, but for verified queries.
    pub(super) fn supersede_unplanned(&mut self, table: &TableId, planned: &[&FieldPath]) {
        for proposal in self.proposals.values_mut() {
            let Operation { table: TableRef { id, .. }, field, .. } = &proposal.operation;
            let stale = id == table && field.kind() != ChangeKind::Query && !planned.contains(&field);
            if stale && proposal.state == ProposalState::Open {
                proposal.state = ProposalState::Superseded;
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

pub(super) fn wanted(filter: &ProposalFilter, proposal: &Proposal) -> bool {
    let operation = &proposal.operation;
    filter.state.is_none_or(|state| proposal.state == state)
        && filter.kind.is_none_or(|kind| operation.field.kind() == kind)
        && filter.table.as_ref().is_none_or(|fqn| operation.table.fqn == *fqn)
        && filter.confidence_min.is_none_or(|min| operation.confidence.value() >= min)
        && filter.created_from_ms.is_none_or(|from| proposal.created_at_ms >= from)
        && filter.name_holds.as_ref().is_none_or(|part| {
            operation.table.fqn.to_string().to_ascii_lowercase().contains(&part.to_ascii_lowercase())
        })
        && (filter.group.is_none() || filter.group == group_of(operation))
}

fn compare(order: ProposalOrder, a: &Proposal, b: &Proposal) -> Ordering {
    let confidence = |p: &Proposal| p.operation.confidence.value();
    match order {
        ProposalOrder::Id => a.id.cmp(&b.id),
        ProposalOrder::LeastSure => confidence(a).total_cmp(&confidence(b)).then_with(|| a.id.cmp(&b.id)),
        ProposalOrder::Newest => (b.created_at_ms, &b.id).cmp(&(a.created_at_ms, &a.id)),
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
        let mut page: Vec<&Proposal> = books.proposals.values().filter(|p| wanted(filter, p)).collect();
        page.sort_by(|a, b| compare(filter.order, a, b));
        match (&filter.after, filter.order) {
            (None, _) => {}
            // An id has its place whether or not there is such a proposal.
            (Some(id), ProposalOrder::Id) => page.retain(|p| p.id > *id),
            (Some(id), order) => {
                let Some(after) = books.proposals.get(id) else { return Ok(Vec::new()) };
                page.retain(|p| compare(order, p, after).is_gt());
            }
        }
        Ok(page.into_iter().take(limit_or_default(filter.limit)).cloned().collect())
    }

    async fn count_proposals(&self, filter: &ProposalFilter) -> Result<u64> {
        Ok(self.books().proposals.values().filter(|p| wanted(filter, p)).count() as u64)
    }

    async fn proposal(&self, id: &ProposalId) -> Result<Option<Proposal>> {
        Ok(self.books().proposals.get(id).cloned())
    }

    async fn decide(&self, id: &ProposalId, by: &str, decision: &Decision, at_ms: i64) -> Result<Proposal> {
        let mut books = self.books();
        let proposal = books.proposals.get(id).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "decide_proposal", "there is no such proposal").with("proposal", id)
        })?;
        let refused = proposal.operation.id.clone();
        let sent = matches!(books.fate(&refused), Some(Fate::Pending | Fate::Published(_)));
        if matches!(decision, Decision::Reopen) && proposal.state == ProposalState::Accepted && sent {
            return Err(on_its_way(id));
        }
        let mut decided = decision.apply(proposal, by, at_ms)?;
        if let Some(operation) = decided.publish.take() {
            let operation = Operation { id: books.id_to_use(&operation.id).unwrap_or(operation.id), ..operation };
            books.send(&operation);
            decided.audit.operation.id.clone_from(&operation.id);
            decided.proposal.operation.id = operation.id;
        }
        if let (Decision::Reject { .. }, Some(outgoing)) = (decision, books.outgoing(&refused))
            && matches!(outgoing.fate, Fate::Pending)
        {
            outgoing.fate = Fate::Withdrawn;
        }
        if matches!(decision, Decision::Reopen) {
            let Operation { table, field, .. } = &decided.proposal.operation;
            books.supersede(&table.id, field, Some(id));
        }
        books.audit.push(decided.audit);
        books.proposals.insert(id.clone(), decided.proposal.clone());
        Ok(decided.proposal)
    }
}
