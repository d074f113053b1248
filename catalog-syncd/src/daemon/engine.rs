//! One walk at a time, whoever asked for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::RunId;
use catalog_core::ports::ledger::Backoff;
use catalog_core::ports::{Clock, Ids, Ledger};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::board::{Board, LEFT_OUT_MAX, LeftOut, Posted, RunState, RunView};
use crate::observability::{Metrics, Traces};
use crate::walk::{Parts, Preview, QueryLogInput, Quiet, Selection, SourceFailure, Walk, WalkOptions, WalkOutcome};

/// What one walk is made of.
pub struct Expedition {
    /// Its parts.
    pub parts: Parts,
    /// Its options.
    pub options: WalkOptions,
    /// The query log to mine, if any.
    pub query_log: Option<QueryLogInput>,
    /// Sources that could not be opened.
    pub failures: Vec<SourceFailure>,
}

/// Makes walks ready: opens the sources anew, so that files which came or went and secrets which changed are seen.
#[async_trait]
pub trait WalkSetup: Send + Sync {
    /// The next walk.
    ///
    /// # Errors
    /// What stops a walk before it begins; the engine reports it and stays up.
    async fn prepare(&self) -> Result<Expedition>;
}

/// A run that was asked for.
struct Asked {
    run: RunId,
    sweep: bool,
}

/// Walks when it is asked to, one walk at a time. Requests while a walk is at work become one further run.
pub struct Engine {
    setup: Arc<dyn WalkSetup>,
    board: Arc<Board>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    metrics: Arc<Metrics>,
    traces: Option<Traces>,
    settle: Duration,
    retry: Backoff,
    asked: Mutex<Option<Asked>>,
    wake: Notify,
    paused: AtomicBool,
    stop: CancellationToken,
}

/// What an engine needs beside its setup.
pub struct EngineParts {
    /// The runs.
    pub board: Arc<Board>,
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Names for runs.
    pub ids: Arc<dyn Ids>,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// Where traces go, if anywhere.
    pub traces: Option<Traces>,
    /// How long changes are collected before they are walked.
    pub settle: Duration,
    /// When what a run left queued is tried again.
    pub retry: Backoff,
    /// Ends the engine: the walk at work finishes the tables in flight.
    pub stop: CancellationToken,
}

impl Engine {
    /// An engine that sleeps until it is asked.
    pub fn new(setup: Arc<dyn WalkSetup>, parts: EngineParts) -> Self {
        let EngineParts { board, ledger, clock, ids, metrics, traces, settle, retry, stop } = parts;
        let (asked, wake, paused) = (Mutex::default(), Notify::new(), AtomicBool::new(false));
        Self { setup, board, ledger, clock, ids, metrics, traces, settle, retry, asked, wake, paused, stop }
    }

    /// Asks for a run: over all tables, or only over what is queued. Gives the run's id; requests that come before it
    /// begins share it.
    pub fn ask(&self, sweep: bool, reason: &'static str) -> RunId {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let run = match &mut *asked {
            Some(waiting) => {
                waiting.sweep |= sweep;
                let run = waiting.run.clone();
                self.board.change(&run, |view| view.sweep |= sweep);
                run
            }
            None => {
                let run = RunId(self.ids.next());
                self.board.add(RunView {
                    id: run.clone(),
                    reason,
                    sweep,
                    state: RunState::Waiting,
                    stage: None,
                    done: 0,
                    total: None,
                    stages: Vec::new(),
                    asked_at_ms: self.clock.now_ms(),
                    begun_at_ms: None,
                    ended_at_ms: None,
                    summary: None,
                    error: None,
                    left_out: Vec::new(),
                });
                *asked = Some(Asked { run: run.clone(), sweep });
                run
            }
        };
        drop(asked);
        self.wake.notify_one();
        run
    }

    /// What a sweep would do and cost now; writes nothing.
    ///
    /// # Errors
    /// As [`WalkSetup::prepare`], and the ledger's.
    pub async fn preview(&self) -> Result<Preview> {
        let Expedition { parts, options, query_log, .. } = self.setup.prepare().await?;
        Walk::new(parts, options, query_log, Arc::new(Quiet)).preview().await
    }

    /// Begins no run until it is resumed; the one at work goes on. What is asked for meanwhile waits.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Does it begin no run?
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// Serves requests until it is stopped. What a run left queued (tables that failed for a while, or that a daemon
    /// which is gone had leased) is walked again by itself, later each time.
    pub async fn serve(&self) {
        let mut unfinished = 0;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.pause_after(unfinished)), if unfinished > 0 => {
                    self.ask(false, "retry");
                }
            }
            while !self.is_paused() && !self.stop.is_cancelled() && self.has_request() {
                // A burst of changes becomes one run.
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = tokio::time::sleep(self.settle) => {}
                }
                let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(asked) = asked {
                    unfinished = if self.walk(&asked).await { 0 } else { unfinished.saturating_add(1) };
                }
            }
        }
    }

    /// As [`Engine::serve`], for a task that owns it.
    pub async fn serve_owned(self: Arc<Self>) {
        self.serve().await;
    }

    fn has_request(&self) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// How long what was left queued waits after so many runs that left something.
    fn pause_after(&self, runs: u32) -> Duration {
        let wait_ms = Backoff { attempts_max: u32::MAX, ..self.retry }.after(runs).unwrap_or(self.retry.max_ms);
        Duration::from_millis(wait_ms.unsigned_abs())
    }

    /// One run; gives whether it left nothing queued.
    async fn walk(&self, asked: &Asked) -> bool {
        let begun = self.clock.now_ms();
        self.board.change(&asked.run, |run| {
            run.state = RunState::Running;
            run.begun_at_ms = Some(begun);
        });
        tracing::info!(run.id = %asked.run, run.sweep = asked.sweep, "run begins");
        let outcome = self.run(asked).await;
        let ended = self.clock.now_ms();
        let stopped = self.stop.is_cancelled();
        match outcome {
            Ok(outcome) => {
                let summary = outcome.summary;
                tracing::info!(
                    run.id = %asked.run, run.seconds = summary.seconds, tables.seen = summary.tables_seen,
                    tables.parked = summary.tables_parked, tables.queued = summary.tables_queued,
                    changes.published = summary.published, changes.proposed = summary.proposed, "run ends"
                );
                self.metrics.run_ended(&summary, &outcome.failures, stopped, ended);
                self.board.change(&asked.run, |run| {
                    run.state = if stopped { RunState::Stopped } else { RunState::Done };
                    run.ended_at_ms = Some(ended);
                    run.stage = None;
                    run.summary = Some(summary);
                    run.left_out = outcome.failures.iter().take(LEFT_OUT_MAX).map(LeftOut::from).collect();
                });
            }
            Err(error) => {
                tracing::error!(run.id = %asked.run, error.kind = error.kind().as_str(), %error, "run failed");
                self.metrics.run_failed();
                // The next run takes its tables at once; a ledger that is down keeps them until their leases end.
                let _ = self.ledger.release_leases_of(&asked.run.0).await;
                self.board.change(&asked.run, |run| {
                    run.state = RunState::Failed;
                    run.ended_at_ms = Some(ended);
                    run.error = Some(error.to_string());
                });
            }
        }
        let counts = self.ledger.counts().await;
        if let Ok(counts) = &counts {
            self.metrics.counts(counts);
        }
        if let (Some(traces), Some(run)) = (&self.traces, self.board.run(&asked.run)) {
            traces.send(&run).await;
        }
        counts.is_ok_and(|counts| counts.queued == 0)
    }

    async fn run(&self, asked: &Asked) -> Result<WalkOutcome> {
        let Expedition { parts, options, query_log, failures } = self.setup.prepare().await?;
        let clock = Arc::clone(&self.clock);
        let progress = Arc::new(Posted { board: Arc::clone(&self.board), run: asked.run.clone(), clock });
        let walk =
            Walk::new(parts, options, query_log, progress).stopped_by(self.stop.clone()).named(asked.run.clone());
        let selection = if asked.sweep { Selection::Sweep } else { Selection::Queued };
        let mut outcome = Arc::new(walk).run_for(selection).await?;
        outcome.failures.extend(failures);
        Ok(outcome)
    }
}
