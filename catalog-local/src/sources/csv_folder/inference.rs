//! Column types from the texts of the first rows.

use catalog_core::model::DataType;

/// Longer cells are text, whatever they hold.
pub(super) const TYPED_BYTES_MAX: usize = 64;

/// What all texts of a column seen so far can be read as.
#[derive(Clone, Copy)]
pub(super) struct TypeGuess {
    seen: bool,
    boolean: bool,
    integer: bool,
    decimal: bool,
    date: bool,
    timestamp: bool,
    uuid: bool,
}

impl TypeGuess {
    pub(super) fn new() -> Self {
        Self { seen: false, boolean: true, integer: true, decimal: true, date: true, timestamp: true, uuid: true }
    }

    /// Takes one more cell into account; an empty one is NULL and says nothing.
    pub(super) fn see(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if text.len() > TYPED_BYTES_MAX {
            *self = Self {
                seen: true,
                boolean: false,
                integer: false,
                decimal: false,
                date: false,
                timestamp: false,
                uuid: false,
            };
            return;
        }
        self.seen = true;
        self.boolean &= boolean(text).is_some();
        self.integer &= integer(text).is_some();
        self.decimal &= is_number(text);
        self.date &= is_date(text);
        self.timestamp &= is_timestamp(text);
        self.uuid &= is_uuid(text);
    }

    /// The narrowest type that holds every text; unknown when there was none.
    pub(super) fn data_type(&self) -> DataType {
        if !self.seen {
            DataType::Unknown
        } else if self.boolean {
            DataType::Boolean
        } else if self.integer {
            DataType::Integer
        } else if self.decimal {
            DataType::Decimal
        } else if self.date {
            DataType::Date
        } else if self.timestamp {
            DataType::Timestamp
        } else if self.uuid {
            DataType::Uuid
        } else {
            DataType::Text
        }
    }
}

/// `true` and `false` in any case; `0` and `1` are numbers.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A whole number of 64 bits written in the one canonical way: a leading zero or plus makes it a code.
pub(super) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" && digits.len() == text.len() || !digits.starts_with(['0', '+']);
    if canonical { text.parse().ok() } else { None }
}

/// A number whose digits a 64-bit float keeps (at most 15 significant ones).
pub(super) fn exact_real(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 && is_number(text) { text.parse().ok() } else { None }
}

/// Digits with at most one point between them, without leading zeros: `12`, `-0.50`, not `007`, `1.`, `1e5`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// `2024-02-29`: digits and ranges are checked, not the length of the month.
fn is_date(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 10
        && b[4] == b'-'
        && b[7] == b'-'
        && in_range(text, 0, 4, 0..=9999)
        && in_range(text, 5, 7, 1..=12)
        && in_range(text, 8, 10, 1..=31)
}

/// `2024-02-29 12:30`, with seconds, fraction and zone by choice, `T` or a space between.
fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else { return false };
    if !is_date(date) || !time.is_ascii() || time.len() < 5 || time.as_bytes()[2] != b':' {
        return false;
    }
    if !in_range(time, 0, 2, 0..=23) || !in_range(time, 3, 5, 0..=59) {
        return false;
    }
    let rest = &time[5..];
    let rest = match rest.strip_prefix(':') {
        Some(_) if rest.len() >= 3 && in_range(rest, 1, 3, 0..=60) => &rest[3..],
        Some(_) => return false,
        None => rest,
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let zone = rest.trim_start();
    zone.is_empty()
        || zone == "Z"
        || zone == "UTC"
        || zone
            .strip_prefix(['+', '-'])
            .is_some_and(|z| matches!(z.len(), 2 | 4 | 5) && all_digits(&z.replace(':', "")))
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn in_range(text: &str, from: usize, to: usize, range: std::ops::RangeInclusive<u16>) -> bool {
    text.get(from..to).is_some_and(|t| all_digits(t) && t.parse().is_ok_and(|n| range.contains(&n)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn guess(texts: &[&str]) -> DataType {
        let mut guess = TypeGuess::new();
        texts.iter().for_each(|t| guess.see(t));
        guess.data_type()
    }

    #[test]
    fn columns_get_the_narrowest_type_that_holds_every_text() {
        for (texts, expected) in [
            (&["1", "-20", "", "0"][..], DataType::Integer),
            (&["1", "2.50"], DataType::Decimal),
            (&["1", "007"], DataType::Text),
            (&["0612345678"], DataType::Text),
            (&["-0", "1"], DataType::Decimal),
            (&["+1"], DataType::Text),
            (&["123456789012345678901234567890"], DataType::Decimal),
            (&["true", "FALSE"], DataType::Boolean),
            (&["2024-02-29", "1999-12-31"], DataType::Date),
            (&["2024-13-29"], DataType::Text),
            (&["2024-02-29 12:30", "2024-02-29T12:30:59.123Z", "2024-02-29 12:30:00 +01:00"], DataType::Timestamp),
            (&["2024-02-29 12:30:"], DataType::Text),
            (&["67e55044-10b1-426f-9247-bb680e5fe0c8"], DataType::Uuid),
            (&["", ""], DataType::Unknown),
            (&["née"], DataType::Text),
        ] {
            assert_eq!(guess(texts), expected, "{texts:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_guess(text in "\\PC{0,24}", near in "[0-9TZ:. +-]{0,32}") {
            guess(&[&text, &near]);
            guess(&[&format!("2024-01-01 {near}")]);
        }

        #[test]
        fn every_whole_number_is_read_back(number: i64) {
            prop_assert_eq!(integer(&number.to_string()), Some(number));
        }
    }
}
