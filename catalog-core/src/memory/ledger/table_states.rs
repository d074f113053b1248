//! Table states, runs and the mined query log in memory.

use std::collections::BTreeSet;
use std::ops::Bound;

use async_trait::async_trait;

use super::{Books, Fate, MemoryLedger};
use crate::Result;
use crate::model::{
    Fingerprint, ForeignKey, MinedQueryLog, ProposalState, RunId, RunSummary, SourceId, TableId, TableState,
};
use crate::ports::ledger::{GateRow, KeyLink, TableLinks, TableStates, check_note};

/// A run, with its end once it has one.
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) begun_at_ms: i64,
    pub(super) closed: Option<(i64, RunSummary)>,
}

impl Books {
    fn states_after(&self, after: Option<&TableId>) -> impl Iterator<Item = (&TableId, &TableState)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.states.range::<TableId, _>((start, Bound::Unbounded))
    }

    /// The tables of a source, walked, queued or parked.
    fn known(&self, source: &SourceId) -> BTreeSet<&TableId> {
        let walked = self.states.values().map(|state| &state.table.table_ref);
        let parked = self.parked.values().map(|parked| &parked.table);
        let all = walked.chain(parked).chain(self.queued());
        all.filter(|table| table.source == *source).map(|table| &table.id).collect()
    }
}

fn gate_row(id: &TableId, state: &TableState) -> GateRow {
    GateRow { id: id.clone(), gate: state.gate.clone(), sampled_at_ms: state.sampled_at_ms }
}

#[async_trait]
impl TableStates for MemoryLedger {
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>> {
        let books = self.books();
        let of_source = books.states.iter().filter(|(_, state)| state.table.table_ref.source == *source);
        Ok(of_source.map(|(id, state)| gate_row(id, state)).collect())
    }

    async fn gates_of(&self, ids: &[TableId]) -> Result<Vec<GateRow>> {
        let books = self.books();
        let known = ids.iter().filter_map(|id| books.states.get_key_value(id));
        Ok(known.map(|(id, state)| gate_row(id, state)).collect())
    }

    async fn state(&self, id: &TableId) -> Result<Option<TableState>> {
        Ok(self.books().states.get(id).cloned())
    }

    async fn states(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        Ok(self.books().states_after(after).take(limit).map(|(_, state)| state.clone()).collect())
    }

    async fn facts(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        let bare = |state: &TableState| TableState { fingerprints: Vec::new(), sample: None, ..state.clone() };
        Ok(self.books().states_after(after).take(limit).map(|(_, state)| bare(state)).collect())
    }

    async fn links(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableLinks>> {
        let links = |state: &TableState| TableLinks {
            table: state.table.table_ref.clone(),
            keys: state.keys.iter().map(KeyLink::of).collect(),
        };
        Ok(self.books().states_after(after).take(limit).map(|(_, state)| links(state)).collect())
    }

    async fn fingerprints(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<(TableId, Vec<Fingerprint>)>> {
        let books = self.books();
        Ok(books.states_after(after).take(limit).map(|(id, state)| (id.clone(), state.fingerprints.clone())).collect())
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
        Ok(self.books().known(source).into_iter().cloned().collect())
    }

    async fn known_page(&self, source: &SourceId, after: Option<&TableId>, limit: usize) -> Result<Vec<TableId>> {
        let books = self.books();
        let known = books.known(source).into_iter().filter(|id| after.is_none_or(|after| *id > after));
        Ok(known.take(limit).cloned().collect())
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

    async fn begin_run(&self, run: &RunId, at_ms: i64) -> Result<()> {
        let mut books = self.books();
        if !books.runs.iter().any(|r| r.id == *run) {
            books.runs.push(Run { id: run.clone(), begun_at_ms: at_ms, closed: None });
        }
        Ok(())
    }

    async fn finish_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()> {
        let mut books = self.books();
        let closed = Some((at_ms, summary.clone()));
        match books.runs.iter_mut().find(|r| r.id == *run) {
            Some(open) => open.closed = closed,
            None => books.runs.push(Run { id: run.clone(), begun_at_ms: at_ms, closed }),
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
