//! A cell as the recognisers read it: bounded, normalised, with its digits already grouped.

mod digits;
mod normalise;
mod shape;

pub(crate) use digits::{DigitRuns, Group, Window};
pub(crate) use normalise::{fold, normalise};
pub(crate) use shape::shape;

/// Cheap facts about a text, so that a recogniser that cannot match is never asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    /// ASCII digits.
    pub(crate) digits: usize,
    /// Letters of any script.
    pub(crate) letters: usize,
    /// Has an `@`, plain or escaped for a URL or JSON.
    pub(crate) at_sign: bool,
    /// Dots.
    pub(crate) dots: usize,
    /// Colons.
    pub(crate) colons: usize,
    /// Characters that are white space.
    pub(crate) spaces: usize,
}

/// A normalised text with its features and digit groups.
pub(crate) struct CellText<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// What it is made of.
    pub(crate) features: Features,
    /// Its digits.
    pub(crate) digits: DigitRuns,
}

impl<'a> CellText<'a> {
    /// Reads a text that [`normalise`] returned.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut features = Features::default();
        for c in text.chars() {
            match c {
                '0'..='9' => features.digits += 1,
                '@' => features.at_sign = true,
                '.' => features.dots += 1,
                ':' => features.colons += 1,
                c if c.is_alphabetic() => features.letters += 1,
                c if c.is_whitespace() => features.spaces += 1,
                _ => {}
            }
        }
        features.at_sign =
            features.at_sign || text.contains("%40") || text.contains("\\u0040") || text.contains("&#64;");
        let digits = if features.digits > 3 { DigitRuns::new(text) } else { DigitRuns::default() };
        Self { text, features, digits }
    }

    /// The character before a byte offset.
    pub(crate) fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// The character after a byte offset.
    pub(crate) fn after(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// Is there no letter or digit on either side of the range? An escape (`%20`, `\n`) is no letter.
    pub(crate) fn stands_alone(&self, start: usize, end: usize) -> bool {
        let left = &self.text[..start];
        let escaped = left.len() >= 3 && {
            let tail = &left.as_bytes()[left.len() - 3..];
            tail[0] == b'%' && tail[1].is_ascii_hexdigit() && tail[2].is_ascii_hexdigit()
                || tail[1] == b'\\' && matches!(tail[2], b'n' | b't' | b'r')
        };
        (escaped || !self.before(start).is_some_and(char::is_alphanumeric))
            && !self.after(end).is_some_and(char::is_alphanumeric)
    }
}
