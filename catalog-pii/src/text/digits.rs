//! Digits of a text as groups and runs of groups, so that a number is found however it is spaced.

use std::ops::Range;

/// Digits without anything between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What parts it from the group before: the first byte that is no space, a space, or 0 at the start of a run.
    pub(crate) separator: u8,
}

impl Group {
    /// How many digits.
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// All digit groups of a text; groups parted by at most three separators form a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct DigitRuns {
    groups: Vec<Group>,
    runs: Vec<Range<usize>>,
}

/// Neighbouring groups of one run, parted by one kind of separator.
pub(crate) struct Window<'a> {
    /// The groups.
    pub(crate) groups: &'a [Group],
    /// Their digits (values 0 to 9), joined.
    pub(crate) digits: &'a [u8],
    /// Do they make up the whole run?
    pub(crate) whole_run: bool,
}

impl Window<'_> {
    /// First byte.
    pub(crate) fn start(&self) -> usize {
        self.groups[0].start
    }

    /// Byte after the last digit.
    pub(crate) fn end(&self) -> usize {
        self.groups[self.groups.len() - 1].end
    }

    /// The separator, or `None` for one group.
    pub(crate) fn separator(&self) -> Option<u8> {
        self.groups.get(1).map(|g| g.separator)
    }

    /// The groups' lengths.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().map(Group::len)
    }
}

/// The longest number that any recogniser asks for.
const WINDOW_DIGITS_MAX: usize = 24;

impl DigitRuns {
    /// Groups the digits of a text.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut found = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let first = found.groups.len();
            let mut separator = 0;
            loop {
                let start = at;
                while at < bytes.len() && bytes[at].is_ascii_digit() {
                    at += 1;
                }
                found.groups.push(Group { start, end: at, separator });
                let Some((next, parted_by)) = next_group(bytes, at) else { break };
                at = next;
                separator = parted_by;
            }
            found.runs.push(first..found.groups.len());
        }
        found
    }

    /// The runs, each as its groups.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Group]> {
        self.runs.iter().map(|r| &self.groups[r.clone()])
    }

    /// Calls `visit` for every window of `lengths` digits whose groups are parted by one kind of separator.
    pub(crate) fn windows(&self, text: &str, lengths: Range<usize>, mut visit: impl FnMut(&Window<'_>)) {
        let bytes = text.as_bytes();
        let mut digits = [0_u8; WINDOW_DIGITS_MAX];
        for run in self.runs() {
            for first in 0..run.len() {
                let mut filled = 0;
                for last in first..run.len() {
                    let group = run[last];
                    let kind = run.get(first + 1).map_or(0, |g| g.separator);
                    if (last > first && group.separator != kind)
                        || filled + group.len() >= lengths.end.min(WINDOW_DIGITS_MAX)
                    {
                        break;
                    }
                    for &byte in &bytes[group.start..group.end] {
                        digits[filled] = byte - b'0';
                        filled += 1;
                    }
                    if lengths.contains(&filled) {
                        let whole_run = first == 0 && last + 1 == run.len();
                        visit(&Window { groups: &run[first..=last], digits: &digits[..filled], whole_run });
                    }
                }
            }
        }
    }
}

/// Where the next group of the run starts and what parts it, or `None` at the run's end. `%20` parts like a space.
fn next_group(bytes: &[u8], mut at: usize) -> Option<(usize, u8)> {
    let mut separator = b' ';
    for _ in 0..3 {
        match *bytes.get(at)? {
            b'%' if bytes.len() > at + 3 && bytes[at + 1].is_ascii_hexdigit() && bytes[at + 2].is_ascii_hexdigit() => {
                at += 3;
            }
            b'+' if bytes[at - 1].is_ascii_digit() => at += 1,
            b' ' | b'\t' => at += 1,
            byte @ (b'.' | b'-' | b'_' | b'/' | b'|' | b',' | b':' | b'\'' | b'(' | b')' | b'*') => {
                separator = byte;
                at += 1;
            }
            _ => return None,
        }
        if bytes.get(at)?.is_ascii_digit() {
            return Some((at, separator));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str, lengths: Range<usize>) -> Vec<String> {
        let mut found = Vec::new();
        DigitRuns::new(text).windows(text, lengths, |w| found.push(text[w.start()..w.end()].to_owned()));
        found
    }

    #[test]
    fn a_number_is_found_however_it_is_spaced() {
        for text in ["12345678", "1234 5678", "1234-5678", "1234%205678", "1234+5678", "1234 - 5678", "x1234.5678y"] {
            assert_eq!(windows(text, 8..9).len(), 1, "{text}");
        }
    }

    #[test]
    fn two_kinds_of_separator_are_two_numbers() {
        assert!(windows("1234-5678 9999", 12..13).is_empty());
        assert_eq!(windows("1234-5678 9999", 8..9), ["1234-5678", "5678 9999"]);
    }

    #[test]
    fn a_very_long_run_of_digits_is_no_number() {
        assert!(windows(&"1".repeat(5000), 12..20).is_empty());
    }
}
