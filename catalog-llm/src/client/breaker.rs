//! Not asking, for a while, a server that does not answer.

use std::sync::{Arc, Mutex, PoisonError};

use catalog_core::ports::Clock;
use catalog_core::{Error, ErrorKind, Result};

/// Failures in a row after which nobody is asked for a while.
const FAILURES_MAX: u32 = 3;
/// How long nobody is asked, in milliseconds.
const PAUSE_MS: i64 = 30_000;

/// Counts failures in a row. Without it each of a thousand tables would wait for its own deadline.
pub(super) struct Breaker {
    clock: Arc<dyn Clock>,
    state: Mutex<(u32, i64)>,
}

impl Breaker {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::new((0, i64::MIN)) }
    }

    /// May the server be asked?
    pub(super) fn admit(&self) -> Result<()> {
        let (failures, since_ms) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let paused_ms = self.clock.now_ms().saturating_sub(since_ms);
        if failures >= FAILURES_MAX && (0..PAUSE_MS).contains(&paused_ms) {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "ask_model",
                "the model did not answer several times in a row",
            )
            .hint("it is asked again in half a minute"));
        }
        Ok(())
    }

    /// Takes note of how a call ended. Only an outage counts: a question that the server refuses says nothing of the
    /// next one.
    pub(super) fn note(&self, error: Option<ErrorKind>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let outage = matches!(error, Some(ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Forbidden));
        *state = if outage { (state.0.saturating_add(1), self.clock.now_ms()) } else { (0, i64::MIN) };
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::memory::ManualClock;

    use super::*;

    #[test]
    fn three_outages_in_a_row_pause_the_calls_and_one_answer_ends_the_pause() {
        let clock = Arc::new(ManualClock::at(0));
        let breaker = Breaker::new(clock.clone());
        for _ in 0..FAILURES_MAX {
            assert!(breaker.admit().is_ok());
            breaker.note(Some(ErrorKind::Timeout));
        }
        assert_eq!(breaker.admit().unwrap_err().kind(), ErrorKind::Unavailable);
        clock.advance_ms(PAUSE_MS);
        assert!(breaker.admit().is_ok());
        breaker.note(None);
        breaker.note(Some(ErrorKind::Timeout));
        assert!(breaker.admit().is_ok());
    }

    #[test]
    fn a_refused_question_is_no_outage() {
        let breaker = Breaker::new(Arc::new(ManualClock::at(0)));
        for _ in 0..10 {
            breaker.note(Some(ErrorKind::InvalidInput));
        }
        assert!(breaker.admit().is_ok());
    }
}
