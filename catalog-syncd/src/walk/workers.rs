//! Taking items off the queue and working on a bounded number at a time.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use catalog_core::model::{LeasedItem, ParkedTable, WalkStage};
use catalog_core::{Error, ErrorKind, Result};
use futures_util::FutureExt;
use tokio::task::JoinSet;

use super::run::Walk;

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
    /// Works off all items of a stage, `workers` at a time. A table that fails or panics is parked with its reason and
    /// the others go on.
    pub(super) async fn work_off<F, Fut>(self: &Arc<Self>, stage: WalkStage, worker: &str, job: F) -> Result<()>
    where
        F: Fn(Arc<Self>, LeasedItem) -> Fut,
        Fut: Future<Output = Result<(), Setback>> + Send + 'static,
    {
        let mut running = JoinSet::new();
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
            for item in leased {
                let work = AssertUnwindSafe(job(Arc::clone(self), item.clone())).catch_unwind();
                running.spawn(async move { (item, work.await) });
            }
            if let Some(finished) = running.join_next().await {
                let (item, outcome) = finished
                    .map_err(|_| Error::new(ErrorKind::Internal, "work_off_queue", "a worker task was cancelled"))?;
                let setback = match outcome {
                    Ok(Ok(())) => None,
                    Ok(Err(setback)) => Some(setback),
                    // The panic's message is not kept: it may quote the cell that it stumbled over.
                    Err(_) => Some(Setback {
                        stage: stage.as_str(),
                        error: Error::new(ErrorKind::Internal, "walk_table", "the code that looks at it panicked")
                            .hint("this is a bug; the log has its place in the code"),
                    }),
                };
                if let Some(setback) = setback {
                    self.park(&item, &setback).await?;
                }
                self.progress.advance(1);
            }
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
