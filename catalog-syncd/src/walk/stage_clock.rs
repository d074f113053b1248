//! Seconds spent in each stage.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use catalog_core::model::StageSeconds;

/// Adds up the time of stages, over all tables and workers.
#[derive(Default)]
pub(super) struct StageClock(Mutex<StageSeconds>);

impl StageClock {
    /// Runs a stage and adds its time under the name.
    pub(super) async fn time<T>(&self, stage: &'static str, work: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let out = work.await;
        self.add(stage, start);
        out
    }

    /// The same for work that does not wait.
    pub(super) fn time_sync<T>(&self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let out = work();
        self.add(stage, start);
        out
    }

    fn add(&self, stage: &'static str, start: Instant) {
        let mut seconds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seconds.entry(stage.to_owned()).or_default() += start.elapsed().as_secs_f64();
    }

    /// The sums so far.
    pub(super) fn seconds(&self) -> StageSeconds {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
