//! Table states, runs and the mined query log in memory.

use std::collections::BTreeSet;
use std::ops::Bound;

use async_trait::async_trait;

use super::{Fate, MemoryLedger};
use crate::Result;
use crate::model::{ForeignKey, MinedQueryLog, ProposalState, RunId, RunSummary, SourceId, TableId, TableState};
use crate::ports::ledger::{GateRow, TableStates, check_note};

/// A run, with its end once it has one.
pub(super) struct Run {
    id: RunId,
    closed: Option<(i64, RunSummary)>,
}

#[async_trait]
impl TableStates for MemoryLedger {
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>> {
        let books = self.books();
        let of_source = books.states.iter().filter(|(_, state)| state.table.table_ref.source == *source);
        Ok(of_source
            .map(|(id, state)| GateRow { id: id.clone(), gate: state.gate.clone(), sampled_at_ms: state.sampled_at_ms })
            .collect())
    }

    async fn state(&self, id: &TableId) -> Result<Option<TableState>> {
        Ok(self.books().states.get(id).cloned())
    }

    async fn states(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let books = self.books();
        Ok(books.states.range::<TableId, _>((start, Bound::Unbounded)).take(limit).map(|(_, s)| s.clone()).collect())
    }

    async fn set_keys(&self, keys: &[(TableId, Vec<ForeignKey>)]) -> Result<()> {
        let mut books = self.books();
        for (id, keys) in keys {
            if let Some(state) = books.states.get_mut(id) {
                state.keys.clone_from(keys);
            }
        }
        Ok(())
    }

    async fn set_indexed(&self, texts: &[(TableId, String)]) -> Result<()> {
        let mut books = self.books();
        for (id, text) in texts {
            if let Some(state) = books.states.get_mut(id) {
                state.indexed_text = Some(text.clone());
            }
        }
        Ok(())
    }

    async fn known(&self, source: &SourceId) -> Result<Vec<TableId>> {
        let books = self.books();
        let walked = books.states.values().map(|state| &state.table.table_ref);
        let parked = books.parked.values().map(|parked| &parked.table);
        let all = walked.chain(parked).chain(books.queued());
        let ids: BTreeSet<&TableId> = all.filter(|table| table.source == *source).map(|table| &table.id).collect();
        Ok(ids.into_iter().cloned().collect())
    }

    async fn forget(&self, ids: &[TableId]) -> Result<()> {
        let mut books = self.books();
        for id in ids {
            books.states.remove(id);
            books.queue.remove(id);
            books.parked.remove(id);
        }
        let gone: BTreeSet<&TableId> = ids.iter().collect();
        for proposal in books.proposals.values_mut() {
            if proposal.state == ProposalState::Open && gone.contains(&proposal.operation.table.id) {
                proposal.state = ProposalState::Superseded;
            }
        }
        for outgoing in &mut books.outbox {
            if matches!(outgoing.fate, Fate::Pending) && gone.contains(&outgoing.operation.table.id) {
                outgoing.fate = Fate::Withdrawn;
            }
        }
        Ok(())
    }

    async fn note(&self, key: &str) -> Result<Option<String>> {
        Ok(self.books().notes.get(key).cloned())
    }

    async fn set_note(&self, key: &str, value: &str) -> Result<()> {
        check_note(key, value)?;
        self.books().notes.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    async fn begin_run(&self, run: &RunId, _at_ms: i64) -> Result<()> {
        let mut books = self.books();
        if !books.runs.iter().any(|r| r.id == *run) {
            books.runs.push(Run { id: run.clone(), closed: None });
        }
        Ok(())
    }

    async fn finish_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()> {
        let mut books = self.books();
        let closed = Some((at_ms, summary.clone()));
        match books.runs.iter_mut().find(|r| r.id == *run) {
            Some(open) => open.closed = closed,
            None => books.runs.push(Run { id: run.clone(), closed }),
        }
        Ok(())
    }

    async fn last_run(&self) -> Result<Option<(RunId, RunSummary)>> {
        let books = self.books();
        let closed = books.runs.iter().filter_map(|r| r.closed.as_ref().map(|(at_ms, summary)| (*at_ms, r, summary)));
        Ok(closed.max_by_key(|(at_ms, ..)| *at_ms).map(|(_, r, summary)| (r.id.clone(), summary.clone())))
    }

    async fn set_query_log(&self, input_hash: &str, mined: &MinedQueryLog) -> Result<()> {
        self.books().query_log = Some((input_hash.to_owned(), mined.clone()));
        Ok(())
    }

    async fn query_log(&self) -> Result<Option<(String, MinedQueryLog)>> {
        Ok(self.books().query_log.clone())
    }
}
