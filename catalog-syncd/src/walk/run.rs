//! One run over all sources.

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{MinedQueryLog, ProposalState, RunId, RunSummary, SourceId, TableState, WalkStage};
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{Error, Result};
use catalog_publish::Outbound;

use super::describe::Neighbourhood;
use super::discover::Sweep;
use super::options::WalkOptions;
use super::parts::Parts;
use super::progress::Progress;
use super::query_log::QueryLogInput;
use super::stage_clock::StageClock;

/// A source that could not be listed.
#[derive(Debug)]
pub struct SourceFailure {
    /// The source.
    pub source: SourceId,
    /// Why.
    pub error: Error,
}

/// What a run gave. The states, with everything found, are in the ledger.
pub struct WalkOutcome {
    /// The run's figures, as stored in the ledger.
    pub summary: RunSummary,
    /// Sources that could not be listed.
    pub failures: Vec<SourceFailure>,
    /// All tables of the run's sources as the ledger now knows them, ordered by name.
    pub states: Vec<TableState>,
    /// What the query log taught.
    pub queries: MinedQueryLog,
}

/// A walk over all sources of its parts.
pub struct Walk {
    pub(super) parts: Parts,
    pub(super) options: WalkOptions,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) query_log: Option<QueryLogInput>,
    pub(super) stages: StageClock,
}

impl Walk {
    /// A walk that has not begun.
    pub fn new(
        parts: Parts,
        options: WalkOptions,
        query_log: Option<QueryLogInput>,
        progress: Arc<dyn Progress>,
    ) -> Self {
        Self { parts, options, progress, query_log, stages: StageClock::default() }
    }

    /// Walks every source once.
    ///
    /// # Errors
    /// Only what stops the whole run: the ledger, the index or the query log cannot be used. A table that fails is
    /// parked, a source that fails is in the outcome.
    pub async fn run(self: Arc<Self>) -> Result<WalkOutcome> {
        let start = Instant::now();
        let started_ms = self.parts.clock.now_ms();
        let run = RunId(self.parts.ids.next());
        let ledger = Arc::clone(&self.parts.ledger);
        ledger.begin_run(&run, started_ms).await?;

        self.progress.stage("discover", None);
        let sweep = self.stages.time("discover", self.sweep()).await?;
        self.progress.stage("inspect", Some(sweep.seen.saturating_sub(sweep.skipped)));
        let inspected = self.work_off(WalkStage::Inspect, &run.0, |walk, item| walk.inspect(item)).await?;
        let (states, queries) = self.connect(&sweep, inspected).await?;
        let (states, published) = self.publish_and_index(&run, &sweep, states).await?;
        self.advance_watermarks(&sweep.watermarks).await?;

        let parked = ledger.parked().await?;
        let parked = parked.iter().filter(|p| self.parts.connection(&p.table.source).is_some()).count();
        let summary = RunSummary {
            sources: self.parts.connections.iter().map(|c| c.source.id().clone()).collect(),
            tables_seen: sweep.seen,
            tables_skipped: sweep.skipped,
            tables_parked: parked as u64,
            published,
            proposed: self.proposals_since(started_ms).await?,
            seconds: start.elapsed().as_secs_f64(),
            stages: self.stages.seconds(),
        };
        ledger.finish_run(&run, self.parts.clock.now_ms(), &summary).await?;
        self.progress.finish();
        Ok(WalkOutcome { summary, failures: sweep.failures, states, queries })
    }

    /// Query log and keys: what ties tables together. Gives the states as they are now.
    async fn connect(self: &Arc<Self>, sweep: &Sweep, inspected: u64) -> Result<(Vec<TableState>, MinedQueryLog)> {
        let states = self.all_states().await?;
        self.progress.stage("query log", None);
        let (mined, new_log) = self.stages.time("querylog", self.mine(&states)).await?;
        if new_log {
            self.propose_queries(&mined, &states).await?;
        }
        let changed = inspected > 0 || new_log || !sweep.removed.is_empty();
        if !changed || !self.options.keys {
            return Ok((states, mined));
        }
        drop(states);
        self.progress.stage("relate", None);
        self.relate(mined.joins.clone()).await?;
        Ok((self.all_states().await?, mined))
    }

    /// Describes what is queued, publishes the outbox and indexes what changed. Gives the states as they are then and how
    /// many operations were published.
    async fn publish_and_index(
        self: &Arc<Self>,
        run: &RunId,
        sweep: &Sweep,
        states: Vec<TableState>,
    ) -> Result<(Vec<TableState>, u64)> {
        let around = Arc::new(Neighbourhood::gather(&states));
        self.progress.stage("describe", Some(states.len() as u64));
        let described =
            self.work_off(WalkStage::Describe, &run.0, |walk, item| walk.describe(item, Arc::clone(&around))).await?;
        self.progress.stage("publish", None);
        let (ledger, publisher) = (&*self.parts.ledger, &*self.parts.publisher);
        let drained =
            self.stages.time("publish", Outbound::drain(ledger, publisher, &*self.parts.clock, Some(run))).await?;
        let changed = described > 0 || drained.published > 0 || !sweep.removed.is_empty();
        let mut states = if changed { self.all_states().await? } else { states };
        states.sort_by(|a, b| a.table.fqn().cmp(b.table.fqn()));
        let index = self.options.index && !states.is_empty();
        if index && (changed || self.parts.index.searcher().is_err()) {
            self.progress.stage("index", Some(states.len() as u64));
            self.stages.time("index", self.index(&states)).await?;
        }
        Ok((states, drained.published))
    }

    /// How many proposals this run opened.
    async fn proposals_since(&self, from_ms: i64) -> Result<u64> {
        let filter =
            ProposalFilter { state: Some(ProposalState::Open), limit: usize::MAX, ..ProposalFilter::default() };
        let open = self.parts.ledger.proposals(&filter).await?;
        Ok(open.iter().filter(|p| p.created_at_ms >= from_ms).count() as u64)
    }
}
