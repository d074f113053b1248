//! What a cell can be read as: a number, a day, or neither.

use catalog_core::model::CellRef;

/// Longer texts are no numbers.
const NUMBER_BYTES_MAX: usize = 40;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Reading {
    /// A finite number.
    Number(f64),
    /// A date or timestamp, by its year.
    Year(f64),
    Neither,
}

impl Reading {
    /// Reads a cell, given its canonical text.
    pub(super) fn of(cell: CellRef<'_>, canonical: &str) -> Self {
        match cell {
            CellRef::Int(v) => Self::Number(v as f64),
            CellRef::Real(v) if v.is_finite() => Self::Number(v),
            CellRef::Text(_) => Self::of_text(canonical),
            _ => Self::Neither,
        }
    }

    fn of_text(text: &str) -> Self {
        let bytes = text.as_bytes();
        if !matches!(bytes.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.')) {
            return Self::Neither;
        }
        if let Some(year) = year_of(bytes) {
            return Self::Year(year);
        }
        let numeric = bytes.len() <= NUMBER_BYTES_MAX
            && bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        match text.parse::<f64>() {
            Ok(number) if numeric && number.is_finite() => Self::Number(number),
            _ => Self::Neither,
        }
    }

    pub(super) fn number(self) -> Option<f64> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }
}

/// The year of `YYYY-MM-DD`, alone or before a space.
fn year_of(bytes: &[u8]) -> Option<f64> {
    let day = bytes.get(..10)?;
    let dated = day.iter().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
    let ends = bytes.get(10).is_none_or(|b| *b == b' ');
    (dated && ends).then(|| day[..4].iter().fold(0.0, |year, digit| year * 10.0 + f64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Reading {
        Reading::of(CellRef::Text(text), text)
    }

    #[test]
    fn digits_signs_and_exponents_are_numbers() {
        for (text, number) in [("42", 42.0), ("-1.5", -1.5), ("007", 7.0), ("+33", 33.0), ("1e3", 1000.0)] {
            assert_eq!(read(text), Reading::Number(number));
        }
        assert_eq!(Reading::of(CellRef::Real(f64::NAN), "NaN"), Reading::Neither);
        for text in ["", "-", "1.2.3.4", "12 34", "e5", "1e999", "inf", "NaN"] {
            assert_eq!(read(text), Reading::Neither, "{text}");
        }
    }

    #[test]
    fn a_date_is_its_year_and_no_number() {
        assert_eq!(read("1984-02-29"), Reading::Year(1984.0));
        assert_eq!(read("1984-02-29 08:30:00"), Reading::Year(1984.0));
        assert_eq!(read("1984-02-2"), Reading::Neither);
        assert_eq!(read("1984-02-29x"), Reading::Neither);
    }
}
