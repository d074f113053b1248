//! How much tables are used, day by day, in the form that a catalog takes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Fqn;

const DAY_MS: i64 = 86_400_000;

/// A day in UTC, as days since 1970-01-01. Prints as `2026-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// The day of a moment in milliseconds since 1970.
    pub fn of_ms(at_ms: i64) -> Self {
        Self(i32::try_from(at_ms.div_euclid(DAY_MS)).unwrap_or(if at_ms < 0 { i32::MIN } else { i32::MAX }))
    }
}

/// By the inverse of the Gregorian day count over eras of 400 years (146,097 days).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Years start in March here, so that the leap day is a year's last.
        let days = i64::from(self.0) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Queries that read a table on one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableUsage {
    /// The table.
    pub table: Fqn,
    /// The day.
    pub day: Day,
    /// Queries that read it.
    pub queries: u64,
}

/// Queries that joined two columns on one day; `left` sorts before `right`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JoinUsage {
    /// One table.
    pub left: Fqn,
    /// Its column.
    pub left_column: String,
    /// The other table.
    pub right: Fqn,
    /// Its column.
    pub right_column: String,
    /// The day.
    pub day: Day,
    /// Queries that joined them.
    pub queries: u64,
}

/// What people did in all the time that the log covers: the base of a tier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableTotal {
    /// The table.
    pub table: Fqn,
    /// Queries that read it.
    pub queries: u64,
    /// Different users that ran them; a lower bound above 200.
    pub users: u64,
}

/// Usage by day over the latest days, and in total. Free of cell values and of names of people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UsageFacts {
    /// Tables by day, ordered by table and day.
    pub tables: Vec<TableUsage>,
    /// Joined columns by day, ordered by columns and day.
    pub joins: Vec<JoinUsage>,
    /// Totals by table, ordered by table.
    pub totals: Vec<TableTotal>,
    /// Users behind the totals, in their order, as numbers into the checkpoint's users.
    pub total_users: Vec<Vec<u32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_print_as_calendar_dates() {
        let printed = |days: i32| Day(days).to_string();
        assert_eq!(
            [printed(0), printed(-1), printed(58), printed(59)],
            ["1970-01-01", "1969-12-31", "1970-02-28", "1970-03-01"]
        );
        assert_eq!([printed(11_016), printed(20_484), printed(47_540)], ["2000-02-29", "2026-01-31", "2100-02-28"]);
        assert_eq!(printed(47_541), "2100-03-01");
    }

    #[test]
    fn a_moment_belongs_to_its_day_in_utc() {
        assert_eq!(Day::of_ms(86_399_999), Day(0));
        assert_eq!(Day::of_ms(86_400_000), Day(1));
        assert_eq!(Day::of_ms(-1), Day(-1));
        assert_eq!(Day::of_ms(i64::MAX), Day(i32::MAX));
    }
}
