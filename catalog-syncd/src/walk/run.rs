//! One run over all sources.

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{
    Fqn, MinedQueryLog, ParkedTable, ProposalState, RunId, RunSummary, SourceId, WakeReason, WalkStage, WorkItem,
};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{Error, Result};
use catalog_llm::client::Spent;
use catalog_llm::enrich::EnrichStatistics;
use catalog_publish::{DrainReport, Outbound, fail_point};
use tokio_util::sync::CancellationToken;

use super::discover::Sweep;
use super::options::WalkOptions;
use super::parts::Parts;
use super::progress::Progress;
use super::query_log::{Mined, QueryLogInput};
use super::stage_clock::StageClock;

/// Times that a table is planned in one run when its entry keeps changing under us; the next run goes on.
const PLANS_MAX: usize = 3;
/// How many parked tables are kept for the report.
const PARKED_KEPT: usize = 1_000;

/// A source that could not be opened or listed, or a pass over all tables that could not be made.
#[derive(Debug)]
pub struct SourceFailure {
    /// The source, or the location that was to be one; of a pass `keys` or `index`.
    pub source: SourceId,
    /// The stage that failed.
    pub stage: &'static str,
    /// Why.
    pub error: Error,
}

/// What a run gave. The states, with everything found, are in the ledger.
pub struct WalkOutcome {
    /// The run's figures, as stored in the ledger.
    pub summary: RunSummary,
    /// Sources that could not be opened or listed, and passes that could not be made; the next run tries again.
    pub failures: Vec<SourceFailure>,
    /// Tables whose changes the catalog did not take, and why; the next sync tries again.
    pub unpublished: Vec<(Fqn, Error)>,
    /// Tables of the run's sources that are parked, by name, at most 1,000; the summary counts all.
    pub parked: Vec<ParkedTable>,
    /// What the query log taught.
    pub queries: MinedQueryLog,
}

/// Which tables a run looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Every table of every source: what is new or changed is queued first.
    Sweep,
    /// Only what is queued already: by a webhook, a request, or a run that was stopped.
    Queued,
}

/// A walk over all sources of its parts.
pub struct Walk {
    pub(super) parts: Parts,
    pub(super) options: WalkOptions,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) query_log: Option<QueryLogInput>,
    pub(super) stages: StageClock,
    pub(super) stop: CancellationToken,
    name: Option<RunId>,
}

impl Walk {
    /// A walk that has not begun. It has to be the only one on its ledger: leases of others are taken for dead.
    pub fn new(
        parts: Parts,
        options: WalkOptions,
        query_log: Option<QueryLogInput>,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let stop = CancellationToken::new();
        Self { parts, options, progress, query_log, stages: StageClock::default(), stop, name: None }
    }

    /// The ledger that the walk writes.
    pub fn ledger(&self) -> &dyn Ledger {
        &*self.parts.ledger
    }

    /// What models were asked since the walk was put together; nothing without models.
    pub fn spent(&self) -> Spent {
        self.parts.models.as_ref().map_or_else(Spent::default, |models| models.budget().of_run())
    }

    /// What became of the tables that a model was to describe, since the process began; `None` where rules describe.
    pub fn described(&self) -> Option<EnrichStatistics> {
        self.parts.describer.as_ref().map(|describer| describer.statistics())
    }

    /// Ends early once the token is cancelled: tables in flight are finished, none is begun, and the rest stays
    /// queued for the next run.
    #[must_use]
    pub fn stopped_by(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// Gives the run its id, for callers that tell it before the run begins.
    #[must_use]
    pub fn named(mut self, run: RunId) -> Self {
        self.name = Some(run);
        self
    }

    /// Walks every source once.
    ///
    /// # Errors
    /// Only what stops the whole run: the ledger, the index or the query log cannot be used. A table that fails is
    /// parked; a source that fails, and a search for keys that finds no room, are in the outcome.
    pub async fn run(self: Arc<Self>) -> Result<WalkOutcome> {
        self.run_for(Selection::Sweep).await
    }

    /// Walks the selected tables once.
    ///
    /// # Errors
    /// As [`Walk::run`].
    pub async fn run_for(self: Arc<Self>, selection: Selection) -> Result<WalkOutcome> {
        let start = Instant::now();
        let started_ms = self.parts.clock.now_ms();
        let run = self.name.clone().unwrap_or_else(|| RunId(self.parts.ids.next()));
        let ledger = Arc::clone(&self.parts.ledger);
        ledger.begin_run(&run, started_ms).await?;
        self.parts.connections.iter().filter_map(|c| c.run_begins.as_ref()).for_each(|told| told(&run));
        fail_point!("walk::after_begin");
        if self.options.alone {
            ledger.release_leases().await?;
        }

        let mut sweep = match selection {
            Selection::Queued => Sweep::default(),
            Selection::Sweep => {
                self.progress.stage("discover", None);
                self.stages.time("discover", self.sweep()).await?
            }
        };
        let mut failures = std::mem::take(&mut sweep.failures);
        self.progress.stage("inspect", Some(sweep.seen.saturating_sub(sweep.skipped)));
        self.work_off(WalkStage::Inspect, &run.0, |walk, item| walk.inspect(item)).await?;
        let (mut mined, mut drained) = (Mined::default(), DrainReport::default());
        // Each stage leaves a note of what it did: what is left out here is done by the next run.
        if !self.stop.is_cancelled() {
            mined = self.connect().await?;
            failures.append(&mut mined.failures);
            drained = self.describe_and_publish(&run, &mined).await?;
        }
        fail_point!("walk::before_index");
        if self.options.index && !self.stop.is_cancelled() {
            self.progress.stage("index", None);
            if let Some(error) = self.stages.time("index", self.index()).await? {
                failures.push(SourceFailure { source: SourceId("index".to_owned()), stage: "index", error });
            }
            fail_point!("walk::after_index");
        }
        fail_point!("walk::before_watermark");
        self.advance_watermarks(&sweep).await?;
        fail_point!("walk::after_watermark");

        let (tables_parked, parked) = self.parked().await?;
        let new = ProposalFilter {
            state: Some(ProposalState::Open),
            created_from_ms: Some(started_ms),
            ..ProposalFilter::default()
        };
        let summary = RunSummary {
            sources: self.swept(&failures),
            tables_seen: sweep.seen,
            tables_skipped: sweep.skipped,
            tables_parked,
            tables_queued: ledger.counts().await?.queued,
            published: drained.published,
            unpublished: drained.failed,
            proposed: ledger.count_proposals(&new).await?,
            seconds: start.elapsed().as_secs_f64(),
            stages: self.stages.seconds(),
        };
        ledger.finish_run(&run, self.parts.clock.now_ms(), &summary).await?;
        fail_point!("walk::after_run");
        self.progress.finish();
        Ok(WalkOutcome { summary, failures, unpublished: drained.failures, parked, queries: mined.log })
    }

    /// How many tables of the run's sources are parked, and the first of them.
    async fn parked(&self) -> Result<(u64, Vec<ParkedTable>)> {
        let (mut count, mut kept) = (0, Vec::new());
        let mut after = None;
        loop {
            let page = self.parts.ledger.parked_page(after.as_ref(), self.options.page_size).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.id.clone());
            for parked in page.into_iter().filter(|p| self.parts.connection(&p.table.source).is_some()) {
                count += 1;
                if kept.len() < PARKED_KEPT {
                    kept.push(parked);
                }
            }
        }
        kept.sort_by(|a, b| a.table.fqn.cmp(&b.table.fqn));
        Ok((count, kept))
    }

    fn swept(&self, failures: &[SourceFailure]) -> Vec<SourceId> {
        let failed = |id: &SourceId| failures.iter().any(|f| f.source == *id);
        self.parts.connections.iter().map(|c| c.source.id().clone()).filter(|id| !failed(id)).collect()
    }

    /// Query log and keys: what ties tables together.
    async fn connect(&self) -> Result<Mined> {
        self.progress.stage("query log", None);
        let mut mined = self.stages.time("querylog", self.mine()).await?;
        if self.options.keys
            && let Some(error) = self.relate(mined.log.joins.clone(), &mined.joins_key()).await?
        {
            mined.failures.push(SourceFailure { source: SourceId("keys".to_owned()), stage: "relate", error });
        }
        Ok(mined)
    }

    /// Describes what is queued and publishes the outbox.
    async fn describe_and_publish(self: &Arc<Self>, run: &RunId, mined: &Mined) -> Result<DrainReport> {
        let around = Arc::new(self.neighbourhood(mined).await?);
        let (ledger, publisher) = (&*self.parts.ledger, &*self.parts.publisher);
        let mut whole = DrainReport::default();
        for round in 0..PLANS_MAX {
            self.progress.stage("describe", None);
            self.work_off(WalkStage::Describe, &run.0, |walk, item| walk.describe(item, Arc::clone(&around))).await?;
            self.progress.stage("publish", None);
            if !ledger.pending(1).await?.is_empty() {
                self.index_is_stale().await?;
            }
            let drained = Outbound::drain(ledger, publisher, &*self.parts.clock, Some(run));
            let drained = self.stages.time("publish", drained).await?;
            whole.published += drained.published;
            whole.withdrawn += drained.withdrawn;
            whole.conflicts += drained.conflicts;
            (whole.failed, whole.failures) = (drained.failed, drained.failures);
            // Somebody changed the entry between plan and write: plan against it as it is now.
            let again = drained.replan.into_iter().map(|table| WorkItem::new(table, WakeReason::Sweep));
            let again: Vec<WorkItem> = again.collect();
            ledger.enqueue(&again, WalkStage::Describe).await?;
            if again.is_empty() || round + 1 == PLANS_MAX || self.stop.is_cancelled() {
                break;
            }
        }
        Ok(whole)
    }
}
