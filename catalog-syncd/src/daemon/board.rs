//! Which runs there are and how far they have come.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use catalog_core::model::{RunId, RunSummary};
use catalog_core::ports::Clock;
use serde::Serialize;
use tokio::sync::watch;

use crate::walk::{Progress, SourceFailure};

/// Runs remembered, the latest.
const RUNS_MAX: usize = 200;
/// What a run did without is told as far as this.
pub(super) const LEFT_OUT_MAX: usize = 20;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It was asked for and has not begun.
    Waiting,
    /// It is at work.
    Running,
    /// It ended.
    Done,
    /// It was stopped before its end; what is left stays queued.
    Stopped,
    /// It could not go on.
    Failed,
}

impl RunState {
    /// The state as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// When a stage of a run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageView {
    /// Its name.
    pub name: &'static str,
    /// When it began, in milliseconds since 1970; it ended when the next one began.
    pub begun_at_ms: i64,
}

/// One run as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunView {
    /// Its id.
    pub id: RunId,
    /// What asked for it: `schedule`, `webhook`, `request`, `start`, `retry`.
    pub reason: &'static str,
    /// Does it compare every table, or only walk what is queued?
    pub sweep: bool,
    /// Where it stands.
    pub state: RunState,
    /// The stage it is in.
    pub stage: Option<&'static str>,
    /// Items of the stage that are done.
    pub done: u64,
    /// Items of the stage, when that is known.
    pub total: Option<u64>,
    /// The stages it has been in.
    pub stages: Vec<StageView>,
    /// When it was asked for, in milliseconds since 1970.
    pub asked_at_ms: i64,
    /// When it began.
    pub begun_at_ms: Option<i64>,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// Its figures, when it ended.
    pub summary: Option<RunSummary>,
    /// Why it failed.
    pub error: Option<String>,
    /// What it did without, though it ended: sources that could not be listed and passes that could not be made.
    pub left_out: Vec<LeftOut>,
}

/// What a run did without; the next run tries again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The source, or the pass: `keys`, `index`.
    pub name: String,
    /// The stage that failed.
    pub stage: &'static str,
    /// Why, and what to do.
    pub reason: String,
}

impl From<&SourceFailure> for LeftOut {
    fn from(failure: &SourceFailure) -> Self {
        let SourceFailure { source, stage, error } = failure;
        Self { name: source.to_string(), stage, reason: error.to_string() }
    }
}

impl RunView {
    /// Is there nothing more to come?
    pub fn is_over(&self) -> bool {
        matches!(self.state, RunState::Done | RunState::Stopped | RunState::Failed)
    }
}

/// The runs of this process, with a bell for those who watch.
pub struct Board {
    runs: Mutex<VecDeque<RunView>>,
    bell: watch::Sender<u64>,
}

impl Default for Board {
    fn default() -> Self {
        Self { runs: Mutex::default(), bell: watch::Sender::new(0) }
    }
}

impl Board {
    /// The runs, the latest first.
    pub fn runs(&self) -> Vec<RunView> {
        self.lock().iter().rev().cloned().collect()
    }

    /// One run.
    pub fn run(&self, id: &RunId) -> Option<RunView> {
        self.lock().iter().find(|r| r.id == *id).cloned()
    }

    /// Rings whenever any run changes.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    pub(super) fn add(&self, run: RunView) {
        let mut runs = self.lock();
        runs.push_back(run);
        while runs.len() > RUNS_MAX {
            runs.pop_front();
        }
        drop(runs);
        self.ring();
    }

    pub(super) fn change(&self, id: &RunId, change: impl FnOnce(&mut RunView)) {
        if let Some(run) = self.lock().iter_mut().find(|r| r.id == *id) {
            change(run);
        }
        self.ring();
    }

    fn ring(&self) {
        self.bell.send_modify(|n| *n = n.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<RunView>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a walk's progress onto the board.
pub(super) struct Posted {
    pub(super) board: std::sync::Arc<Board>,
    pub(super) run: RunId,
    pub(super) clock: std::sync::Arc<dyn Clock>,
}

impl Progress for Posted {
    fn stage(&self, name: &'static str, total: Option<u64>) {
        let begun_at_ms = self.clock.now_ms();
        self.board.change(&self.run, |run| {
            run.stages.push(StageView { name, begun_at_ms });
            run.stage = Some(name);
            run.done = 0;
            run.total = total;
        });
    }

    fn advance(&self, n: u64) {
        self.board.change(&self.run, |run| run.done += n);
    }

    fn finish(&self) {}
}
