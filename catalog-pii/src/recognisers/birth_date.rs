//! Dates that may be somebody's birth. Any date of the last century may be, so they need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::{CellText, fold};

/// Years that a living person may be born in.
const BIRTH_YEARS: std::ops::RangeInclusive<u32> = 1900..=2035;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim();
    if is_birth_like(text) || is_written_out(text) {
        hits.extend(whole(cell, PiiEntity::BirthDate, Strength::Weak));
    }
}

/// The year of a date that may be a birth and names its day.
pub(crate) fn birth_year(text: &str) -> Option<u16> {
    let text = text.trim();
    let date = text.split('T').next().unwrap_or(text);
    let mut runs = date.split(|c: char| !c.is_ascii_digit()).filter(|r| !r.is_empty());
    if text.len() <= 4 || !(is_birth_like(text) || is_written_out(text)) {
        return None;
    }
    let years = |r: &str| r.parse::<u16>().ok().filter(|y| BIRTH_YEARS.contains(&u32::from(*y)));
    runs.find_map(|r| match r.len() {
        4 => years(r),
        8 => years(&r[..4]),
        _ => None,
    })
}

/// A date in ISO, European or American order, with or without a time of day, or a year alone.
fn is_birth_like(text: &str) -> bool {
    let date = text.split(['T', ' ']).next().unwrap_or(text);
    let rest_is_time = text[date.len()..].chars().all(|c| c.is_ascii_digit() || " T:.+-Z".contains(c));
    if !rest_is_time || date.len() > 10 || !date.is_ascii() {
        return false;
    }
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let number = |p: &str| p.parse::<u32>().ok();
    let numbers: Option<Vec<u32>> = parts.iter().map(|p| number(p)).collect();
    let in_range = |day: u32, month: u32, year: u32| {
        (1..=31).contains(&day) && (1..=12).contains(&month) && BIRTH_YEARS.contains(&year)
    };
    match numbers.as_deref() {
        Some([a, b, c]) if parts[0].len() == 4 => in_range(*c, *b, *a),
        Some([a, b, c]) if parts[2].len() == 4 => in_range(*a, *b, *c) || in_range(*b, *a, *c),
        Some([a, b, c]) if parts[2].len() == 2 => in_range(*a, *b, 1900 + *c) || in_range(*b, *a, 1900 + *c),
        Some([year]) if date.len() == 4 => BIRTH_YEARS.contains(year),
        Some([compact]) if date.len() == 8 => in_range(compact % 100, compact / 100 % 100, compact / 10_000),
        _ => false,
    }
}

/// `January 1, 1992`, `1 janvier 1992`: a day, a month's name and a year.
fn is_written_out(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "fe", "mar", "a", "ma", "ju", "ju", "a", "sep", "oct", "nov", "dec"];
    if text.len() > 24 {
        return false;
    }
    let folded = fold(text);
    let parts: Vec<&str> = folded.split([' ', ',', '.', '-']).filter(|p| !p.is_empty()).collect();
    let day = |p: &str| p.parse::<u32>().is_ok_and(|d| (1..=31).contains(&d));
    let month =
        |p: &str| p.len() >= 3 && p.bytes().all(|b| b.is_ascii_lowercase()) && MONTHS.iter().any(|m| p.starts_with(m));
    match parts[..] {
        [a, b, year] => {
            year.parse::<u32>().is_ok_and(|y| BIRTH_YEARS.contains(&y)) && (day(a) && month(b) || month(a) && day(b))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_birth_like, is_written_out};

    #[test]
    fn dates_in_the_usual_orders_are_possible_births() {
        for text in ["1962-02-18", "1962-02-18 00:00:00", "18/02/1962", "2/18/1962", "18.02.1962", "19620218", "1962"] {
            assert!(is_birth_like(text), "{text}");
        }
    }

    #[test]
    fn the_year_of_a_day_is_read_and_a_bare_year_is_none() {
        for text in ["1962-02-18", "1962-02-18 00:00:00", "18/02/1962", "19620218", "January 1, 1962"] {
            assert_eq!(super::birth_year(text), Some(1962), "{text}");
        }
        assert_eq!((super::birth_year("1962"), super::birth_year("12345")), (None, None));
    }

    #[test]
    fn months_may_be_written_out() {
        for text in ["January 1, 1992", "1 janvier 1992", "02-Oct-1985"] {
            assert!(is_written_out(text), "{text}");
        }
        assert!(!is_written_out("12 items 1992"));
    }

    #[test]
    fn other_numbers_and_far_dates_are_not() {
        for text in ["1462-02-18", "2962-02-18", "123456789", "18-45-1990", "hello", "", "1.2.3", "é962-02-18"] {
            assert!(!is_birth_like(text), "{text}");
        }
    }
}
