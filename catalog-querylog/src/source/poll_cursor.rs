//! Where a poll of VictoriaLogs stands, as text that a ledger can keep.

use std::fmt;
use std::str::FromStr;

/// Shortest span of time that one query asks for, in nanoseconds, however full the log.
pub(super) const STEP_MIN_NS: i64 = 60 * 1_000_000_000;

/// Longest one.
pub(super) const STEP_MAX_NS: i64 = 24 * 3_600 * 1_000_000_000;

/// A place in the log. All times in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollCursor {
    /// Between polls: the latest time of which an event was seen.
    Watermark(i64),
    /// In the middle of one.
    Within(Position),
}

/// A place in the middle of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Events of this time and later are to come.
    pub(super) from: i64,
    /// But so many of them were delivered.
    pub(super) skip: u64,
    /// The poll ends before this time.
    pub(super) end: i64,
    /// How long a span the next query asks for.
    pub(super) step: i64,
    /// The latest time of which an event was seen.
    pub(super) seen: i64,
}

impl fmt::Display for PollCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watermark(seen) => write!(f, "w{seen}"),
            Self::Within(Position { from, skip, end, step, seen }) => write!(f, "p{from}:{skip}:{end}:{step}:{seen}"),
        }
    }
}

impl FromStr for PollCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| ());
        if let Some(seen) = text.strip_prefix('w') {
            return Ok(Self::Watermark(number(seen)?));
        }
        let parts: Vec<&str> = text.strip_prefix('p').ok_or(())?.split(':').collect();
        let [from, skip, end, step, seen] = parts[..] else { return Err(()) };
        Ok(Self::Within(Position {
            from: number(from)?,
            skip: skip.parse().map_err(|_| ())?,
            end: number(end)?,
            step: number(step)?.clamp(STEP_MIN_NS, STEP_MAX_NS),
            seen: number(seen)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn printing_and_parsing_are_inverse(from: i64, skip: u64, end: i64, step in STEP_MIN_NS..STEP_MAX_NS, seen: i64) {
            for cursor in [PollCursor::Watermark(seen), PollCursor::Within(Position { from, skip, end, step, seen })] {
                prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
            }
        }

        #[test]
        fn any_text_is_a_cursor_or_none(text in "[wp0-9:-]{0,40}") {
            let _ = text.parse::<PollCursor>();
        }
    }
}
