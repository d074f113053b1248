//! Keeping the timetable.

use std::time::Duration;

use catalog_core::ports::Clock;
use tokio_util::sync::CancellationToken;

use super::timetable::{Pass, Timetable};

/// The clock is looked at this often at least, so that a step of it is noticed.
const LOOK: Duration = Duration::from_secs(30);
/// A clock that stands further back than this was set back.
const STEP_MS: i64 = 60_000;

/// Calls `due` for every pass when its time comes, until it is stopped. A clock that steps forward brings what it
/// jumped over once; one that steps back brings passes again, which find nothing new to do.
pub async fn keep(
    timetable: &Timetable,
    clock: &dyn Clock,
    jitter: Duration,
    stop: &CancellationToken,
    mut due: impl FnMut(Pass),
) {
    let mut from = clock.now_ms();
    'next: loop {
        let Some((at, passes)) = timetable.next_after(from) else { return stop.cancelled().await };
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
            if stopped_within(left.min(LOOK), stop).await {
                return;
            }
        }
        if stopped_within(random_part(jitter), stop).await {
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
    use std::sync::atomic::{AtomicI64, Ordering};

    use tokio::time::Instant;

    use super::*;
    use crate::config::ScheduleConfig;

    /// Follows tokio's paused time, with a step that a test sets.
    struct SteppingClock {
        begun: Instant,
        step_ms: AtomicI64,
    }

    impl Clock for SteppingClock {
        fn now_ms(&self) -> i64 {
            let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap();
            1_800_000_000_000 + passed + self.step_ms.load(Ordering::SeqCst)
        }
    }

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

    async fn sweeps_within(hours: u64, step_after: u64, step_ms: i64) -> usize {
        let clock = SteppingClock { begun: Instant::now(), step_ms: AtomicI64::new(0) };
        let (stop, mut count) = (CancellationToken::new(), 0);
        let timetable = hourly();
        let work = keep(&timetable, &clock, Duration::ZERO, &stop, |_| count += 1);
        let time = async {
            tokio::time::sleep(Duration::from_secs(step_after * 3_600 + 60)).await;
            clock.step_ms.store(step_ms, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs((hours - step_after) * 3_600)).await;
            stop.cancel();
        };
        tokio::join!(work, time);
        count
    }

    #[tokio::test(start_paused = true)]
    async fn a_pass_comes_as_often_as_it_is_planned() {
        assert_eq!(sweeps_within(10, 5, 0).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_set_back_or_forward_stops_no_pass() {
        let back = sweeps_within(10, 5, -3_600_000).await;
        assert!((10..=11).contains(&back), "{back}");
        let forward = sweeps_within(10, 5, 86_400_000).await;
        assert!((10..=11).contains(&forward), "{forward}");
    }
}
