//! The one way to write a value, so that `42`, `42.0` and `'42  '` of three engines are the same text.

use std::fmt::Write as _;

use catalog_core::model::{CellRef, ValueFamily};

/// Writes a cell in canonical form into `out` (cleared first) and tells what the value is; `None` for NULL, which
/// leaves `out` empty. Does not allocate beyond `out`.
///
/// | value | canonical text |
/// | --- | --- |
/// | whole number of any width, also as text or with `.0` | digits, `-` in front: `42` |
/// | number with a fraction | without trailing zeros: `1.5`; binary floats in their shortest exact form |
/// | text of digits with leading zeros or a plus | unchanged: `007` is not `7` |
/// | date | `2024-02-29` |
/// | timestamp | `2024-02-29 08:30:00.5`: a space for `T`, no trailing zeros, no mark for UTC; midnight is the date |
/// | UUID | lower case, no braces |
/// | truth value | `true` or `false`; an engine that stores 0 and 1 has whole numbers |
/// | other text | without trailing spaces, else exact |
/// | binary | lower-case hex |
pub fn canonical_text(cell: CellRef<'_>, out: &mut String) -> Option<ValueFamily> {
    out.clear();
    let family = match cell {
        CellRef::Null => return None,
        CellRef::Bool(v) => {
            out.push_str(if v { "true" } else { "false" });
            ValueFamily::Boolean
        }
        CellRef::Int(v) => {
            push_integer(v, out);
            ValueFamily::Integer
        }
        CellRef::Real(v) => push_real(v, out),
        CellRef::Text(v) => push_text(v.trim_end_matches(' '), out),
        CellRef::Bytes(v) => {
            for byte in v {
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
                }
            }
            ValueFamily::Binary
        }
    };
    Some(family)
}

fn push_integer(value: i64, out: &mut String) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}

fn push_real(value: f64, out: &mut String) -> ValueFamily {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: every whole number up to here is a float
    if value.fract() == 0.0 && value.abs() <= EXACT {
        push_integer(value as i64, out);
        return ValueFamily::Integer;
    }
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
    if value.fract() == 0.0 { ValueFamily::Integer } else { ValueFamily::Decimal }
}

fn push_text(text: &str, out: &mut String) -> ValueFamily {
    let first = text.as_bytes().first().copied().unwrap_or(b' ');
    let starts_a_number = first.is_ascii_digit() || first == b'-';
    let family = if starts_a_number { push_number(text, out).or_else(|| push_temporal(text, out)) } else { None };
    if let Some(family) = family.or_else(|| push_uuid(text, out)) {
        return family;
    }
    out.clear();
    out.push_str(text);
    if matches!(text, "true" | "false") { ValueFamily::Boolean } else { ValueFamily::Text }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?`
fn push_number(text: &str, out: &mut String) -> Option<ValueFamily> {
    let (sign, body) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(w, f)| (w, Some(f)));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || (whole.len() > 1 && whole.starts_with('0')) || fraction.is_some_and(|f| !digits(f)) {
        return None;
    }
    let fraction = fraction.unwrap_or("").trim_end_matches('0');
    if !(whole == "0" && fraction.is_empty()) {
        out.push_str(sign);
    }
    out.push_str(whole);
    if fraction.is_empty() {
        return Some(ValueFamily::Integer);
    }
    out.push('.');
    out.push_str(fraction);
    Some(ValueFamily::Decimal)
}

/// `YYYY-MM-DD`, then optionally `T` or a space, `HH:MM`, `:SS`, a fraction and a zone.
fn push_temporal(text: &str, out: &mut String) -> Option<ValueFamily> {
    let date = text.get(..10).filter(|d| is_date(d))?;
    let rest = &text[10..];
    if rest.is_empty() {
        out.push_str(date);
        return Some(ValueFamily::Temporal);
    }
    let time = rest.strip_prefix(['T', ' '])?;
    let clock_end = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let (clock, zone) = time.split_at(clock_end);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(c, f)| (c, Some(f)));
    let seconds = match *clock.as_bytes() {
        [h1, h2, b':', m1, m2] if is_two_digits(h1, h2, 24) && is_two_digits(m1, m2, 59) => ":00",
        [h1, h2, b':', m1, m2, b':', s1, s2]
            if is_two_digits(h1, h2, 24) && is_two_digits(m1, m2, 59) && is_two_digits(s1, s2, 60) =>
        {
            ""
        }
        _ => return None,
    };
    if fraction.is_some_and(|f| f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let zone = match zone.trim_start_matches(' ') {
        "" | "Z" | "z" | "UTC" | "+00" | "+00:00" | "+0000" => "",
        offset => Some(offset).filter(|o| is_offset(o))?,
    };
    let fraction = fraction.unwrap_or("").trim_end_matches('0');
    out.push_str(date);
    if zone.is_empty() && fraction.is_empty() && matches!(clock, "00:00" | "00:00:00") {
        return Some(ValueFamily::Temporal);
    }
    out.push(' ');
    out.push_str(clock);
    out.push_str(seconds);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out.push_str(zone);
    Some(ValueFamily::Temporal)
}

fn is_date(text: &str) -> bool {
    match *text.as_bytes() {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            [y1, y2, y3, y4].iter().all(u8::is_ascii_digit) && is_two_digits(m1, m2, 12) && is_two_digits(d1, d2, 31)
        }
        _ => false,
    }
}

fn is_two_digits(tens: u8, ones: u8, max: u8) -> bool {
    tens.is_ascii_digit() && ones.is_ascii_digit() && (tens - b'0') * 10 + (ones - b'0') <= max
}

/// `+HH`, `+HHMM` or `+HH:MM`.
fn is_offset(text: &str) -> bool {
    let mut bytes = text.bytes();
    matches!(bytes.next(), Some(b'+' | b'-'))
        && matches!(text.len(), 3 | 5 | 6)
        && bytes.enumerate().all(|(i, b)| b.is_ascii_digit() || (b == b':' && i == 2 && text.len() == 6))
}

fn push_uuid(text: &str, out: &mut String) -> Option<ValueFamily> {
    let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let well_formed = bare.len() == 36
        && bare.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    if !well_formed {
        return None;
    }
    out.extend(bare.chars().map(|c| c.to_ascii_lowercase()));
    Some(ValueFamily::Uuid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canon(cell: CellRef<'_>) -> (String, Option<ValueFamily>) {
        let mut out = String::from("left over");
        let family = canonical_text(cell, &mut out);
        (out, family)
    }

    fn text(value: &str) -> String {
        canon(CellRef::Text(value)).0
    }

    #[test]
    fn a_number_is_the_same_however_it_is_stored() {
        let same = [
            CellRef::Int(42),
            CellRef::Real(42.0),
            CellRef::Text("42"),
            CellRef::Text("42   "),
            CellRef::Text("42.0"),
            CellRef::Text("42.00 "),
        ];
        for cell in same {
            assert!(canon(cell) == ("42".to_owned(), Some(ValueFamily::Integer)));
        }
        assert_eq!(canon(CellRef::Int(i64::MIN)).0, i64::MIN.to_string());
        assert_eq!(text("123456789012345678901234567890"), "123456789012345678901234567890");
        for zero in ["0", "0.0", "-0", "-0.00"] {
            assert_eq!(text(zero), "0");
        }
        assert_eq!(canon(CellRef::Real(-0.0)).0, "0");
    }

    #[test]
    fn leading_zeros_and_plus_signs_stay_distinct_text() {
        for code in ["007", "00", "+7", "1.", ".5", "1e5", "--1", "-"] {
            assert!(canon(CellRef::Text(code)) == (code.to_owned(), Some(ValueFamily::Text)), "{code}");
        }
    }

    #[test]
    fn decimals_lose_their_trailing_zeros() {
        assert_eq!(text("1.50"), "1.5");
        assert_eq!(text("-0.10"), "-0.1");
        assert_eq!(canon(CellRef::Real(1.5)), ("1.5".to_owned(), Some(ValueFamily::Decimal)));
        assert_eq!(canon(CellRef::Real(f64::NAN)).0, "NaN");
    }

    #[test]
    fn a_midnight_timestamp_is_its_date() {
        for midnight in ["2024-02-29", "2024-02-29T00:00:00.000Z", "2024-02-29 00:00", "2024-02-29 00:00:00+00"] {
            assert!(canon(CellRef::Text(midnight)) == ("2024-02-29".to_owned(), Some(ValueFamily::Temporal)));
        }
        assert_eq!(text("2024-02-29T08:30"), "2024-02-29 08:30:00");
        assert_eq!(text("2024-02-29T08:30:00.500"), "2024-02-29 08:30:00.5");
        assert_eq!(text("2024-02-29 08:30:00 +02:00"), "2024-02-29 08:30:00+02:00");
        assert_eq!(canon(CellRef::Text("2024-13-01")).1, Some(ValueFamily::Text));
    }

    #[test]
    fn uuids_ignore_case_and_braces() {
        let lower = "123e4567-e89b-12d3-a456-426614174000";
        assert_eq!(text("{123E4567-E89B-12D3-A456-426614174000}"), lower);
        assert_eq!(canon(CellRef::Text(lower)).1, Some(ValueFamily::Uuid));
    }

    #[test]
    fn text_is_exact_but_for_trailing_spaces() {
        assert_eq!(text("  Été  "), "  Été");
        assert_eq!(text("A\t"), "A\t");
        assert_eq!(canon(CellRef::Bytes(&[0x0f, 0xa0])), ("0fa0".to_owned(), Some(ValueFamily::Binary)));
        assert_eq!(canon(CellRef::Bool(true)).0, "true");
        assert_eq!(canon(CellRef::Null), (String::new(), None));
    }

    proptest! {
        #[test]
        fn canonical_text_is_its_own_canonical_text(value in ".{0,40}|-?[0-9.]{1,12}|[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-9:.]{0,14}Z?") {
            let once = text(&value);
            prop_assert_eq!(text(&once), once);
        }

        #[test]
        fn integers_meet_their_text(value in any::<i64>()) {
            prop_assert_eq!(canon(CellRef::Int(value)).0, text(&value.to_string()));
        }

        #[test]
        fn floats_meet_their_text(value in any::<f64>()) {
            prop_assert_eq!(canon(CellRef::Real(value)).0, text(&value.to_string()));
        }
    }
}
