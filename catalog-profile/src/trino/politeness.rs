//! What all users of a cluster together may ask of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::ports::Clock;
use catalog_core::{Error, ErrorKind, Result, Retry};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// A part of the day, in minutes since midnight UTC; `from` after `until` runs over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// The first minute.
    pub from: u16,
    /// The first minute after it.
    pub until: u16,
}

/// How much may be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PolitenessOptions {
    /// Queries that run at once.
    pub concurrent: usize,
    /// Queries that start within a minute.
    pub per_minute: usize,
    /// Hours in which no query starts.
    pub quiet: Option<QuietHours>,
}

impl Default for PolitenessOptions {
    /// 4 at once, 120 a minute, no quiet hours.
    fn default() -> Self {
        Self { concurrent: 4, per_minute: 120, quiet: None }
    }
}

/// Hands out turns.
pub struct Politeness {
    options: PolitenessOptions,
    clock: Arc<dyn Clock>,
    running: Semaphore,
    /// When the last queries started, oldest first; at most `per_minute` of them.
    started: Mutex<VecDeque<i64>>,
}

/// A query may run while this is held.
pub struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Politeness {
    /// Turns by that clock.
    pub fn new(options: PolitenessOptions, clock: Arc<dyn Clock>) -> Self {
        let running = Semaphore::new(options.concurrent.clamp(1, Semaphore::MAX_PERMITS));
        Self { options, clock, running, started: Mutex::default() }
    }

    /// Waits until a query may start.
    ///
    /// # Errors
    /// `Unavailable` in quiet hours, with the time until they end.
    pub async fn enter(&self) -> Result<Turn<'_>> {
        self.refuse_in_quiet_hours()?;
        let permit = self
            .running
            .acquire()
            .await
            .map_err(|e| Error::new(ErrorKind::Internal, "wait_for_turn", "no turns are left").caused_by(e))?;
        let per_minute = self.options.per_minute.max(1);
        // Held while waiting, so that turns are given in the order in which they were asked for.
        let mut started = self.started.lock().await;
        if started.len() >= per_minute
            && let Some(oldest) = started.pop_front()
        {
            let wait = (oldest + MINUTE_MS - self.clock.now_ms()).clamp(0, MINUTE_MS);
            tokio::time::sleep(Duration::from_millis(wait as u64)).await;
            self.refuse_in_quiet_hours()?;
        }
        started.push_back(self.clock.now_ms());
        Ok(Turn { _permit: permit })
    }

    fn refuse_in_quiet_hours(&self) -> Result<()> {
        let Some(quiet) = self.options.quiet else { return Ok(()) };
        let minute = self.clock.now_ms().div_euclid(MINUTE_MS).rem_euclid(DAY_MINUTES);
        let (from, until) = (i64::from(quiet.from) % DAY_MINUTES, i64::from(quiet.until) % DAY_MINUTES);
        let since = (minute - from).rem_euclid(DAY_MINUTES);
        let length = (until - from).rem_euclid(DAY_MINUTES);
        if since >= length {
            return Ok(());
        }
        let left = Duration::from_secs((length - since) as u64 * 60);
        Err(Error::new(ErrorKind::Unavailable, "wait_for_turn", "these are quiet hours")
            .with("minutes_left", length - since)
            .retry_as(Retry::Temporary(Some(left))))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// Runs with tokio's paused time.
    struct TokioClock(Instant, i64);

    impl Clock for TokioClock {
        fn now_ms(&self) -> i64 {
            self.1 + self.0.elapsed().as_millis() as i64
        }
    }

    fn politeness(options: PolitenessOptions, start_minute: i64) -> Politeness {
        Politeness::new(options, Arc::new(TokioClock(Instant::now(), start_minute * MINUTE_MS)))
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_sees_more_queries_than_allowed() {
        let polite = politeness(PolitenessOptions { per_minute: 3, ..Default::default() }, 0);
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..8 {
            drop(polite.enter().await.unwrap());
            times.push(start.elapsed().as_secs());
        }
        assert_eq!(times, [0, 0, 0, 60, 60, 60, 120, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_run_at_once() {
        let polite = politeness(PolitenessOptions { concurrent: 2, ..Default::default() }, 0);
        let (a, _b) = (polite.enter().await.unwrap(), polite.enter().await.unwrap());
        assert!(tokio::time::timeout(Duration::from_secs(1), polite.enter()).await.is_err());
        drop(a);
        assert!(tokio::time::timeout(Duration::from_secs(1), polite.enter()).await.is_ok());
    }

    #[tokio::test]
    async fn quiet_hours_over_midnight_say_when_they_end() {
        let options =
            PolitenessOptions { quiet: Some(QuietHours { from: 22 * 60, until: 6 * 60 }), ..Default::default() };
        for (minute, left) in [(22 * 60, Some(480)), (60, Some(300)), (6 * 60, None), (12 * 60, None)] {
            let polite = politeness(options.clone(), minute);
            let refused = polite.enter().await.err().map(|error| error.retry());
            assert_eq!(refused, left.map(|minutes| Retry::Temporary(Some(Duration::from_secs(minutes * 60)))));
        }
    }
}
