//! Readiness and retention in memory.

use async_trait::async_trait;

use super::{Books, Fate, MemoryLedger};
use crate::Result;
use crate::model::{ChangeKind, Proposal, ProposalState};
use crate::ports::ledger::{Retained, Retention, Upkeep};

impl Books {
    fn retain_runs(&mut self, before_ms: i64, limit: usize) -> u64 {
        let latest = self.runs.iter().filter_map(|r| r.closed.as_ref().map(|(at_ms, _)| (*at_ms, &r.id)));
        let latest = latest.max_by_key(|(at_ms, _)| *at_ms).map(|(_, id)| id.clone());
        let mut removed = 0;
        self.runs.retain(|run| {
            let goes = removed < limit && run.begun_at_ms < before_ms && Some(&run.id) != latest.as_ref();
            removed += usize::from(goes);
            !goes
        });
        removed as u64
    }

    fn retain_queries(&mut self, before_ms: i64, limit: usize) -> u64 {
        let undecided = |p: &&mut Proposal| {
            p.state == ProposalState::Open
                && p.operation.field.kind() == ChangeKind::Query
                && p.created_at_ms < before_ms
        };
        let old = self.proposals.values_mut().filter(undecided).take(limit);
        old.map(|proposal| proposal.state = ProposalState::Superseded).count() as u64
    }

    fn retain_proposals(&mut self, before_ms: i64, limit: usize) -> u64 {
        let over = |p: &&Proposal| match p.state {
            ProposalState::Superseded => true,
            ProposalState::Accepted => {
                matches!(self.fate(&p.operation.id), Some(Fate::Published(_) | Fate::Withdrawn))
            }
            ProposalState::Open | ProposalState::Rejected => false,
        };
        let old = self.proposals.values().filter(|p| p.created_at_ms < before_ms).filter(over).take(limit);
        let old: Vec<_> = old.map(|p| p.id.clone()).collect();
        old.iter().filter(|id| self.proposals.remove(id).is_some()).count() as u64
    }
}

#[async_trait]
impl Upkeep for MemoryLedger {
    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    async fn retain(&self, policy: &Retention, now_ms: i64) -> Result<Retained> {
        let mut books = self.books();
        let before = |age_ms: Option<i64>| age_ms.map_or(i64::MIN, |age_ms| now_ms.saturating_sub(age_ms));
        Ok(Retained {
            runs: books.retain_runs(before(policy.runs_ms), policy.rows_max),
            proposals: books.retain_proposals(before(policy.decided_proposals_ms), policy.rows_max),
            queries: books.retain_queries(before(policy.open_queries_ms), policy.rows_max),
        })
    }
}
