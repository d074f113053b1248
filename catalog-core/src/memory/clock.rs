//! A clock that only tests move.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::ports::Clock;

/// Stands still until it is set or advanced.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now_ms`.
    pub fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves it; negative steps go back.
    pub fn advance_ms(&self, step_ms: i64) {
        self.0.fetch_add(step_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
