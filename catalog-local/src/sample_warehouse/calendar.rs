//! Days of the proleptic Gregorian calendar, and how busy each month is.

use super::random::Random;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i64);

/// The day on which the bank's data were taken: nothing in it is later, whatever the clock says.
pub(super) const TODAY: Day = Day::new(2026, 6, 30);

/// Relative card spending by month: presents in December, holidays in July, a quiet February.
const SEASON: [f64; 12] = [0.80, 0.70, 0.85, 0.90, 1.00, 1.05, 1.20, 0.95, 0.95, 1.00, 1.15, 1.60];

impl Day {
    /// The day of that date. Formula: Howard Hinnant, "chrono-compatible low-level date algorithms".
    pub(super) const fn new(year: i64, month: i64, day: i64) -> Self {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        Self(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
    }

    /// Year, month and day, by the inverse of the same formula.
    pub(super) fn date(self) -> (i64, i64, i64) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// `2026-06-30`.
    pub(super) fn iso(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// `20260630` as a number, as the legacy tables keep dates.
    pub(super) fn packed(self) -> i64 {
        let (year, month, day) = self.date();
        year * 10_000 + month * 100 + day
    }

    /// The day that many days later.
    pub(super) fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// The same day `months` later, the 28th at most.
    pub(super) fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = self.date();
        let count = year * 12 + month - 1 + months;
        Self::new(count.div_euclid(12), count.rem_euclid(12) + 1, day.min(28))
    }

    /// A day between two days, both included.
    pub(super) fn random(random: &mut Random, from: Self, to: Self) -> Self {
        Self(random.between(from.0, to.0.max(from.0)))
    }

    /// A day between two days, busy months more often.
    pub(super) fn random_in_season(random: &mut Random, from: Self, to: Self) -> Self {
        for _ in 0..16 {
            let day = Self::random(random, from, to);
            if random.unit() * 1.6 < SEASON[(day.date().1 - 1) as usize] {
                return day;
            }
        }
        from
    }
}

/// A time of day as `HH:MM:SS`, between 7 and 22 o'clock.
pub(super) fn time_of_day(random: &mut Random) -> String {
    format!("{:02}:{:02}:{:02}", random.between(7, 21), random.below(60), random.below(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_convert_both_ways_over_leap_years() {
        assert_eq!(Day::new(1970, 1, 1).0, 0);
        assert_eq!(Day::new(2024, 2, 29).plus(1).iso(), "2024-03-01");
        let mut day = Day::new(1896, 1, 1);
        while day < Day::new(2105, 1, 1) {
            let (year, month, date) = day.date();
            assert!(Day::new(year, month, date) == day);
            day = day.plus(1);
        }
    }

    #[test]
    fn adding_months_crosses_years_and_stays_in_the_month() {
        assert_eq!(Day::new(2025, 11, 30).plus_months(3).iso(), "2026-02-28");
        assert_eq!(Day::new(2025, 1, 15).plus_months(-1).iso(), "2024-12-15");
    }

    #[test]
    fn december_is_busier_than_february() {
        let mut random = Random::new(3);
        let mut months = [0; 13];
        for _ in 0..4000 {
            let day = Day::random_in_season(&mut random, Day::new(2024, 1, 1), Day::new(2025, 12, 31));
            months[day.date().1 as usize] += 1;
        }
        assert!(months[12] > months[2] * 3 / 2, "{months:?}");
    }
}
