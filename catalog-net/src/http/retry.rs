//! When to try again, and how long to wait.

use std::time::Duration;

/// Statuses that ask to come back later.
pub(super) fn asks_to_retry(status: u16, repeatable: bool) -> bool {
    // 429 and 503 say that nothing was done; behind a 502 or 504 the request may have been carried out.
    matches!(status, 429 | 503) || (repeatable && matches!(status, 502 | 504))
}

/// The seconds of a `Retry-After`. Its other form, a date, is left to the backoff: clocks differ.
pub(super) fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse::<u32>().ok().map(|secs| Duration::from_secs(u64::from(secs)))
}

/// The wait after attempt `attempt` (from 1): doubled with each attempt up to `max`, of which a random half is kept,
/// so that clients that failed together do not return together.
pub(super) fn backoff(base: Duration, max: Duration, attempt: u32, random: f64) -> Duration {
    let doubled = base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(16))).min(max);
    doubled.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
}

/// A number from 0 to 1 that differs from call to call; it spreads retries and guards nothing.
pub(super) fn random() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit() {
        let wait = |attempt| backoff(Duration::from_millis(200), Duration::from_secs(1), attempt, 1.0).as_millis();
        assert_eq!([wait(1), wait(2), wait(3), wait(4), wait(4_000)], [200, 400, 800, 1000, 1000]);
        assert_eq!(backoff(Duration::from_millis(200), Duration::from_secs(1), 1, 0.0).as_millis(), 100);
    }

    #[test]
    fn a_post_that_may_have_been_done_is_not_repeated() {
        assert!(asks_to_retry(503, false) && asks_to_retry(429, false) && asks_to_retry(504, true));
        assert!(!asks_to_retry(502, false) && !asks_to_retry(500, true) && !asks_to_retry(200, true));
    }

    #[test]
    fn only_seconds_are_read_from_a_retry_after() {
        assert_eq!(retry_after(Some(" 7 ")), Some(Duration::from_secs(7)));
        for odd in [None, Some(""), Some("-1"), Some("soon"), Some("99999999999999999999")] {
            assert_eq!(retry_after(odd), None);
        }
    }
}
