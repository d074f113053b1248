//! Keeping the timetable.

use std::time::Duration;

use catalog_core::ports::Clock;
use tokio_util::sync::CancellationToken;

use super::timetable::{Pass, Timetable};

/// The clock is looked at this often at least, so that a step of it is noticed.
const LOOK: Duration = Duration::from_secs(30);
/// A clock that stands further back than this was set back.
const STEP_MS: i64 = 60_000;

/// Calls `due` for every pass when its time comes. `wait` lets that much time pass, and says whether to end. A clock
/// that steps forward brings what it jumped over once; one that steps back brings passes again, which find nothing new
/// to do.
pub async fn keep<Waited: Future<Output = bool>>(
    timetable: &Timetable,
    clock: &dyn Clock,
    jitter: Duration,
    wait: impl Fn(Duration) -> Waited,
    mut due: impl FnMut(Pass),
) {
    let mut from = clock.now_ms();
    'next: loop {
        let Some((at, passes)) = timetable.next_after(from) else {
            while !wait(LOOK).await {}
            return;
        };
        loop {
            let now = clock.now_ms();
            if now >= at {
                break;
            }
            if now < from - STEP_MS {
                from = now;
                continue 'next;
            }
            let left = Duration::from_millis(u64::try_from(at - now).unwrap_or(0));
            if wait(left.min(LOOK)).await {
                return;
            }
        }
        if wait(random_part(jitter)).await {
            return;
        }
        passes.into_iter().for_each(&mut due);
        from = at.max(clock.now_ms());
    }
}

/// Waits; true when it was stopped meanwhile.
pub(super) async fn stopped_within(wait: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}

/// Some part of the time, evenly distributed.
pub(super) fn random_part(of: Duration) -> Duration {
    let part = (uuid::Uuid::new_v4().as_u128() % 1_000) as u32;
    of * part / 1_000
}

#[cfg(test)]
mod tests {
    use catalog_core::memory::ManualClock;

    use super::*;
    use crate::config::ScheduleConfig;

    fn hourly() -> Timetable {
        Timetable::new(&ScheduleConfig {
            time_zone: "UTC".into(),
            sweep: "0 * * * *".into(),
            querylog: String::new(),
            retention: String::new(),
            jitter_secs: 0,
        })
        .unwrap()
    }

    /// Sweeps within so many hours that really pass, while the clock steps once in the middle of one.
    async fn sweeps_within(hours: u64, step_ms: i64) -> usize {
        let clock = ManualClock::at(1_800_000_000_000);
        let passed = std::sync::atomic::AtomicU64::new(0);
        let order = std::sync::atomic::Ordering::SeqCst;
        let mut count = 0;
        let wait = |time: Duration| {
            let before = passed.fetch_add(time.as_secs(), order);
            clock.advance_ms(i64::try_from(time.as_millis()).unwrap());
            let middle = hours * 1_800 + 60;
            if (before..before + time.as_secs()).contains(&middle) {
                clock.advance_ms(step_ms);
            }
            std::future::ready(passed.load(order) >= hours * 3_600)
        };
        keep(&hourly(), &clock, Duration::ZERO, wait, |_| count += 1).await;
        count
    }

    #[tokio::test]
    async fn a_pass_comes_as_often_as_it_is_planned() {
        let calm = sweeps_within(10, 0).await;
        assert!((9..=10).contains(&calm), "{calm}");
    }

    #[tokio::test]
    async fn a_clock_set_back_or_forward_stops_no_pass() {
        for step_ms in [-3_600_000, -86_400_000, 86_400_000] {
            let sweeps = sweeps_within(10, step_ms).await;
            assert!((9..=11).contains(&sweeps), "{step_ms}: {sweeps}");
        }
    }
}
