//! When a pass is due.

use catalog_core::{Error, ErrorKind, Result};
use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::ScheduleConfig;

/// What is done by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// Every table is compared with the ledger.
    Sweep,
    /// The query log is mined.
    QueryLog,
    /// What is too old goes.
    Retention,
}

/// The passes with their cron expressions, read in one time zone. Where a clock is put back, an expression that names
/// an hour meets once; where it is put forward, a time that does not exist is met right after the gap.
pub struct Timetable {
    zone: TimeZone,
    passes: Vec<(Pass, Cron)>,
}

impl Timetable {
    /// The operator's timetable; a pass with an empty expression is never due.
    ///
    /// # Errors
    /// `Configuration` for an unknown zone or an expression that is none.
    pub fn new(schedule: &ScheduleConfig) -> Result<Self> {
        let wrong = |key: &'static str, why: String| {
            Error::new(ErrorKind::Configuration, "read_schedule", why).with("key", key)
        };
        let zone = TimeZone::get(&schedule.time_zone)
            .map_err(|_| wrong("schedule.time_zone", "there is no such time zone".to_owned()))?;
        let expressions = [
            (Pass::Sweep, "schedule.sweep", &schedule.sweep),
            (Pass::QueryLog, "schedule.querylog", &schedule.querylog),
            (Pass::Retention, "schedule.retention", &schedule.retention),
        ];
        let mut passes = Vec::new();
        for (pass, key, text) in expressions.into_iter().filter(|(_, _, text)| !text.is_empty()) {
            passes.push((pass, text.parse::<Cron>().map_err(|e| wrong(key, e.to_string()))?));
        }
        Ok(Self { zone, passes })
    }

    /// What is due next after this time, both in milliseconds since 1970, with the passes that share the moment.
    pub fn next_after(&self, now_ms: i64) -> Option<(i64, Vec<Pass>)> {
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned(self.zone.clone());
        let times = self.passes.iter().filter_map(|(pass, cron)| {
            let next = cron.find_next_occurrence(&now, false).ok()?;
            Some((next.timestamp().as_millisecond(), *pass))
        });
        let times: Vec<(i64, Pass)> = times.collect();
        let first = times.iter().map(|(at, _)| *at).min()?;
        Some((first, times.into_iter().filter(|(at, _)| *at == first).map(|(_, pass)| pass).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timetable(zone: &str, sweep: &str, retention: &str) -> Timetable {
        Timetable::new(&ScheduleConfig {
            time_zone: zone.into(),
            sweep: sweep.into(),
            querylog: String::new(),
            retention: retention.into(),
            jitter_secs: 0,
        })
        .unwrap()
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn an_hour_is_the_operators_hour_in_summer_and_in_winter() {
        let paris = timetable("Europe/Paris", "0 3 * * *", "");
        assert_eq!(paris.next_after(ms("2026-01-15T12:00:00Z")).unwrap().0, ms("2026-01-16T02:00:00Z"));
        assert_eq!(paris.next_after(ms("2026-07-15T12:00:00Z")).unwrap().0, ms("2026-07-16T01:00:00Z"));
    }

    #[test]
    fn an_hour_that_comes_twice_meets_once_and_one_that_does_not_come_is_met_after_the_gap() {
        let paris = timetable("Europe/Paris", "30 2 * * *", "");
        let first = paris.next_after(ms("2026-10-24T22:00:00Z")).unwrap().0;
        let second = paris.next_after(first).unwrap().0;
        assert!(second - first > 20 * 3_600_000, "{first} {second}");
        let in_gap = paris.next_after(ms("2026-03-28T22:00:00Z")).unwrap().0;
        assert!((ms("2026-03-29T01:00:00Z")..=ms("2026-03-29T02:00:00Z")).contains(&in_gap));
    }

    #[test]
    fn passes_that_share_a_moment_are_due_together() {
        let both = timetable("UTC", "0 * * * *", "0 0 * * *").next_after(ms("2026-05-01T23:30:00Z")).unwrap();
        assert_eq!(both, (ms("2026-05-02T00:00:00Z"), vec![Pass::Sweep, Pass::Retention]));
    }

    #[test]
    fn a_clock_that_steps_back_only_brings_a_pass_again_and_never_loses_one() {
        let hourly = timetable("UTC", "0 * * * *", "");
        let now = ms("2026-05-01T12:00:00Z");
        assert_eq!(hourly.next_after(now).unwrap().0, now + 3_600_000);
        assert_eq!(hourly.next_after(now - 3_600_000).unwrap().0, now);
        assert_eq!(hourly.next_after(now + 24 * 3_600_000).unwrap().0, now + 25 * 3_600_000);
    }
}
