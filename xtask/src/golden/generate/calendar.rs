//! Days since 1970 and what they are called.

use crate::Result;

/// The day of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub(super) fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since 1970; the inverse of [`day_of`].
pub(super) fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z - era * 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// `2024-03-01`.
pub(super) fn iso(day: i64) -> String {
    let (y, m, d) = civil(day);
    format!("{y:04}-{m:02}-{d:02}")
}

/// `20240301`, as mainframes hold a date in a number.
pub(super) fn eight_digits(day: i64) -> i64 {
    let (y, m, d) = civil(day);
    y * 10_000 + m * 100 + d
}

/// Reads `2024-03-01` or `2024` (its first day).
pub(super) fn parse(text: &str) -> Result<i64> {
    let parts = text.split('-').map(str::parse).collect::<std::result::Result<Vec<i64>, _>>();
    match parts.as_deref() {
        Ok([y]) => Ok(day_of(*y, 1, 1)),
        Ok([y, m, d]) => Ok(day_of(*y, *m, *d)),
        _ => Err(format!("`{text}` is no date").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_date_are_each_others_inverse() {
        assert_eq!((day_of(1970, 1, 1), day_of(2000, 3, 1)), (0, 11_017));
        for day in (-40_000..40_000).step_by(37) {
            let (y, m, d) = civil(day);
            assert_eq!(day_of(y, m, d), day);
        }
        assert_eq!(iso(parse("2024-02-29").unwrap() + 1), "2024-03-01");
        assert_eq!(eight_digits(parse("2024").unwrap()), 20_240_101);
        assert!(parse("soon").is_err());
    }
}
