//! Taking items off the queue and working on a bounded number at a time.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::{LeasedItem, ParkedTable, WalkStage};
use catalog_core::{Error, ErrorKind, Result, Retry};
use catalog_publish::fail_point;
use futures_util::FutureExt;
use tokio::task::{self, AbortHandle, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

use super::run::Walk;

/// Heartbeats in the time of a lease: one may fail and one come late before it ends.
const BEATS_A_LEASE: i64 = 3;

/// How a table's task ended: aborted, panicked, failed or done.
type Finished = std::result::Result<std::result::Result<Result<(), Setback>, Box<dyn Any + Send>>, JoinError>;

/// Why one table could not go on, and in which stage.
pub(super) struct Setback {
    pub(super) stage: &'static str,
    pub(super) error: Error,
}

impl Setback {
    /// For `map_err`: the stage that failed.
    pub(super) fn at(stage: &'static str) -> impl Fn(Error) -> Self {
        move |error| Self { stage, error }
    }
}

impl Walk {
    /// Works off all items of a stage that are due, `workers` at a time, and keeps their leases meanwhile. A table that
    /// fails for a while is put back, one that fails for good or panics is parked with its reason; the others go on.
    pub(super) async fn work_off<F, Fut>(self: &Arc<Self>, stage: WalkStage, worker: &str, job: F) -> Result<()>
    where
        F: Fn(Arc<Self>, LeasedItem) -> Fut,
        Fut: Future<Output = Result<(), Setback>> + Send + 'static,
    {
        let mut running = JoinSet::new();
        let mut held: HashMap<task::Id, (LeasedItem, AbortHandle)> = HashMap::new();
        let mut heartbeat = interval(
            Duration::from_millis(self.options.lease_ms.max(BEATS_A_LEASE).unsigned_abs()) / BEATS_A_LEASE as u32,
        );
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        loop {
            let room = self.options.workers.saturating_sub(running.len());
            let leased = if room == 0 || self.stop.is_cancelled() {
                Vec::new()
            } else {
                let now = self.parts.clock.now_ms();
                self.parts.ledger.lease(stage, worker, room, now, self.options.lease_ms).await?
            };
            if leased.is_empty() && running.is_empty() {
                return Ok(());
            }
            fail_point!("walk::after_claim");
            for item in leased {
                let work = AssertUnwindSafe(job(Arc::clone(self), item.clone())).catch_unwind();
                let handle = running.spawn(work);
                held.insert(handle.id(), (item, handle));
            }
            tokio::select! {
                Some(finished) = running.join_next_with_id() => {
                    let id = finished.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
                    let Some((item, _)) = held.remove(&id) else { continue };
                    self.settle(stage, &item, finished.map(|(_, outcome)| outcome)).await?;
                    self.progress.advance(1);
                }
                _ = heartbeat.tick() => self.keep_leases(&held).await,
            }
        }
    }

    /// Moves the ends of the leases on, and stops the work on tables that somebody else holds by now. A ledger that
    /// does not answer is asked again at the next beat: a lease outlives two of them.
    async fn keep_leases(&self, held: &HashMap<task::Id, (LeasedItem, AbortHandle)>) {
        let items: Vec<LeasedItem> = held.values().map(|(item, _)| item.clone()).collect();
        let until_ms = self.parts.clock.now_ms().saturating_add(self.options.lease_ms);
        match self.parts.ledger.extend_leases(&items, until_ms).await {
            Ok(lost) => {
                for (item, work) in held.values().filter(|(item, _)| lost.contains(&item.item.table.id)) {
                    tracing::warn!(table.fqn = %item.item.table.fqn, "somebody else holds the table, work on it stops");
                    work.abort();
                }
            }
            Err(error) => tracing::warn!(%error, "leases not extended"),
        }
    }

    /// What came of one table's work.
    async fn settle(&self, stage: WalkStage, item: &LeasedItem, outcome: Finished) -> Result<()> {
        let setback = match outcome {
            // Stopped because it was lost: it is somebody else's.
            Err(_) | Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(setback))) => setback,
            // The panic's message is not kept: it may quote the cell that it stumbled over.
            Ok(Err(_)) => Setback {
                stage: stage.as_str(),
                error: Error::new(ErrorKind::Internal, "walk_table", "the code that looks at it panicked")
                    .hint("this is a bug; the log has its place in the code"),
            },
        };
        match self.wait_before_again(item, &setback.error) {
            Some(wait_ms) => self.postpone(item, &setback, wait_ms).await,
            None => self.park(item, &setback).await,
        }
    }

    /// Milliseconds after which the table may be tried again; `None` when that would not help or was done enough.
    fn wait_before_again(&self, item: &LeasedItem, error: &Error) -> Option<i64> {
        let asked_ms = match error.retry() {
            Retry::Permanent => return None,
            Retry::Temporary(Some(after)) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Retry::Temporary(None) | Retry::Persistent => 0,
        };
        let backoff = self.options.backoff?;
        Some(backoff.after(item.attempt)?.max(asked_ms.min(backoff.max_ms)))
    }

    /// Puts a table back for a while. A lost lease is no failure, as in [`Walk::park`].
    async fn postpone(&self, item: &LeasedItem, setback: &Setback, wait_ms: i64) -> Result<()> {
        tracing::warn!(
            table.fqn = %item.item.table.fqn,
            stage = setback.stage,
            attempt = item.attempt,
            wait.ms = wait_ms,
            error.kind = setback.error.kind().as_str(),
            error = %setback.error,
            "table is tried again later"
        );
        let until_ms = self.parts.clock.now_ms().saturating_add(wait_ms);
        match self.parts.ledger.postpone(item, until_ms).await {
            Err(e) if e.kind() == ErrorKind::Conflict => Ok(()),
            other => other,
        }
    }

    /// Parks a table. A lost lease is no failure: somebody else has the table now.
    async fn park(&self, item: &LeasedItem, setback: &Setback) -> Result<()> {
        tracing::warn!(
            table.fqn = %item.item.table.fqn,
            stage = setback.stage,
            error.kind = setback.error.kind().as_str(),
            error = %setback.error,
            "table parked"
        );
        let parked = ParkedTable {
            table: item.item.table.clone(),
            stage: setback.stage.to_owned(),
            kind: setback.error.kind(),
            reason: setback.error.to_string(),
            at_ms: self.parts.clock.now_ms(),
        };
        match self.parts.ledger.park(item, &parked).await {
            Err(e) if e.kind() == ErrorKind::Conflict => Ok(()),
            other => other,
        }
    }
}
