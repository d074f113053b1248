//! Telephone numbers: E.164 and the national forms of France, Germany, Spain, Italy, Great Britain and the United
//! States, judged by the numbering plans of `phonenumber` (a port of libphonenumber).
//!
//! A number that its plan knows counts; one that is only possible (`555-123-4567`) counts when the column's name or
//! most of its cells say phone.

use catalog_core::model::PiiEntity;
use phonenumber::country::Id;

use super::{Hit, Strength};
use crate::text::{CellText, Group};

/// E.164 allows fifteen digits; a subscriber number has at least seven.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    for run in cell.digits.runs() {
        let parts = run.chunk_by(|_, next| matches!(next.separator, b' ' | b'.' | b'-' | b'/' | b'(' | b')'));
        for groups in parts {
            if let Some(candidate) = Candidate::read(cell, groups) {
                hits.extend(candidate.judge());
            }
        }
    }
}

/// Digit groups that may be a number, with what stands before them.
struct Candidate<'a> {
    groups: &'a [Group],
    digits: String,
    start: usize,
    end: usize,
    plus: bool,
    brackets: bool,
}

impl<'a> Candidate<'a> {
    fn read(cell: &CellText<'_>, groups: &'a [Group]) -> Option<Self> {
        let (first, last) = (groups.first()?, groups.last()?);
        let length: usize = groups.iter().map(Group::len).sum();
        if !DIGITS.contains(&length) || groups.len() > 8 {
            return None;
        }
        let mut start = first.start;
        let mut plus = false;
        let mut brackets = false;
        while let Some(lead) = cell.before(start) {
            match lead {
                '+' if !plus => plus = true,
                '(' if !brackets => brackets = true,
                _ => break,
            }
            start -= 1;
        }
        let end = last.end;
        let escaped = cell.text[..start].ends_with("%2B") || cell.text[..start].ends_with("%20");
        let joined_left = cell.before(start).is_some_and(|c| c.is_alphanumeric() || "_-.#$€£".contains(c)) && !escaped;
        let extension = cell.text[end..].trim_start().starts_with(['x', 'e']);
        let joined_right = cell.after(end).is_some_and(|c| c.is_alphanumeric() || "_-%€$".contains(c));
        if joined_left || joined_right && !extension {
            return None;
        }
        let digits: String = groups.iter().map(|g| &cell.text[g.start..g.end]).collect();
        let brackets = brackets || groups.iter().any(|g| matches!(g.separator, b'(' | b')'));
        Some(Self { groups, digits, start, end, plus: plus || cell.text[..start].ends_with("%2B"), brackets })
    }

    fn judge(&self) -> Option<Hit> {
        let strength = if self.plus {
            if is_valid(None, &format!("+{}", self.digits)) { Strength::Strong } else { Strength::Shaped }
        } else if self.is_something_else() {
            return None;
        } else if let Some(international) = self.digits.strip_prefix("00").filter(|d| d.len() >= 8) {
            if is_valid(None, &format!("+{international}")) { Strength::Strong } else { Strength::Weak }
        } else {
            self.national()
        };
        Some(Hit { start: self.start, end: self.end, entity: PiiEntity::Phone, strength })
    }

    fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(Group::len).collect()
    }

    fn separator(&self) -> u8 {
        self.groups.get(1).map_or(0, |g| g.separator)
    }

    /// Dates, decimals, IP addresses, social security and postal codes, book numbers.
    fn is_something_else(&self) -> bool {
        let lengths = self.lengths();
        let years = |at: usize| matches!(&self.digits[at..at + 2], "19" | "20");
        match lengths[..] {
            [4, 1..=2, 1..=2, ..] => years(0) && !self.brackets,
            [1..=2, 1..=2, 4, ..] => years(lengths[0] + lengths[1]) && self.separator() != b' ',
            [_, _] if self.separator() == b'.' => true,
            [3, 2, 4] | [5, 4] => !self.brackets,
            [a, b, c, d] if self.separator() == b'.' => a.max(b).max(c).max(d) <= 3,
            [1, .., 1] => !self.brackets,
            _ => false,
        }
    }

    fn national(&self) -> Strength {
        let lengths = self.lengths();
        let formatted = self.groups.len() > 1 || self.brackets;
        let valid = self.plans(&lengths).iter().any(|id| is_valid(Some(*id), &self.digits));
        let american = matches!(lengths[..], [3, 3, 4] | [1, 3, 3, 4]) || (self.brackets && lengths.ends_with(&[4]));
        let french = lengths == [2, 2, 2, 2, 2] && self.digits.starts_with('0');
        match (valid, formatted) {
            (true, true) => Strength::Strong,
            (true, false) if self.digits.starts_with('0') && self.digits.len() == 10 => Strength::Shaped,
            (false, true) if american || french => Strength::Shaped,
            _ => Strength::Weak,
        }
    }

    /// The numbering plans that such digits may belong to.
    fn plans(&self, lengths: &[usize]) -> &'static [Id] {
        match (self.digits.starts_with('0'), self.digits.len()) {
            (true, 10) if lengths.len() <= 1 || lengths == [2, 2, 2, 2, 2] => &[Id::FR, Id::GB],
            (true, 6..=12) if (3..=6).contains(&lengths[0]) && lengths.len() > 1 => &[Id::GB, Id::DE, Id::IT],
            (true, 9..=11) if lengths[0] == 2 => &[Id::FR, Id::IT],
            (false, 10) if self.digits.starts_with('3') && matches!(lengths, [3, 3, 4] | [3, 7] | [10]) => &[Id::IT],
            (false, 10) if matches!(lengths, [3, 3, 4] | [10]) => &[Id::US],
            (false, 11) if self.digits.starts_with('1') => &[Id::US],
            (false, 9) if matches!(lengths, [3, 3, 3] | [3, 2, 2, 2] | [2, 3, 2, 2]) => &[Id::ES],
            _ => &[],
        }
    }
}

fn is_valid(plan: Option<Id>, number: &str) -> bool {
    phonenumber::parse(plan, number).is_ok_and(|n| n.is_valid())
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::strongest;

    #[test]
    fn numbers_of_six_countries_and_e164_are_valid() {
        for text in [
            "+33 6 12 34 56 78",
            "+14155552671",
            "06 12 34 56 78",
            "01.42.68.53.00",
            "030 123456",
            "(415) 987-6543",
            "415-987-6543",
            "020 7946 0958",
            "612 345 678",
            "0033 6 12 34 56 78",
            "+55 (12) 3923-5555",
            r#"{"tel":"+44 20 7946 0958"}"#,
        ] {
            assert_eq!(strongest(text, "PHONE"), Some(Strength::Strong), "{text}");
        }
    }

    #[test]
    fn possible_numbers_wait_for_their_column() {
        assert_eq!(strongest("555-123-4567", "PHONE"), Some(Strength::Shaped));
        assert_eq!(strongest("(555)-123-4567", "PHONE"), Some(Strength::Shaped));
        assert_eq!(strongest("4159876543", "PHONE"), Some(Strength::Weak));
        assert_eq!(strongest("123456789", "PHONE"), Some(Strength::Weak));
    }

    #[test]
    fn dates_versions_order_numbers_and_uuids_are_no_numbers() {
        for text in [
            "2024-01-31",
            "31/01/2024",
            "2024-01-31 10:20:30",
            "ORD-2024-000123",
            "12345678.90",
            "192.168.100.200",
            "123-45-6789",
            "550e8400-e29b-41d4-a716-446655440000",
            "#123456789",
        ] {
            assert_eq!(strongest(text, "PHONE"), None, "{text}");
        }
    }
}
