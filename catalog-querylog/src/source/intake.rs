//! What Trino's HTTP event listener posts: a body to events.

use std::collections::BTreeMap;

use catalog_core::model::{QueryEvent, SkipReason};
use serde_json::Value;

use super::event_json::{OWN_SOURCE, event_from_json};

/// Largest body that is read, in bytes; the endpoint refuses a larger one before it is read whole.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Most events of one body.
pub const EVENTS_MAX: usize = 10_000;

/// The events of one body, and what was no event.
#[derive(Default)]
pub struct Intake {
    /// The events.
    pub events: Vec<QueryEvent>,
    /// Entries that were none, by reason.
    pub rejected: BTreeMap<SkipReason, u64>,
}

impl Intake {
    fn take(&mut self, event: Result<QueryEvent, SkipReason>) {
        match event {
            _ if self.events.len() >= EVENTS_MAX => self.reject(SkipReason::TooLong),
            Ok(event) if event.source.as_deref() == Some(OWN_SOURCE) => self.reject(SkipReason::Own),
            Ok(event) => self.events.push(event),
            Err(reason) => self.reject(reason),
        }
    }

    fn reject(&mut self, reason: SkipReason) {
        *self.rejected.entry(reason).or_default() += 1;
    }
}

/// Reads a body: one event (as Trino posts it), an array of events, or JSON lines (as collectors batch them). A body
/// that is none of these is one malformed line; a good event beside a bad one is kept. Never fails: what Trino is told
/// is only whether the events were taken.
pub fn parse(body: &[u8]) -> Intake {
    let mut intake = Intake::default();
    if body.len() > BODY_BYTES_MAX {
        intake.reject(SkipReason::TooLong);
        return intake;
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Array(documents)) => documents.iter().for_each(|document| intake.take(event_from_json(document))),
        Ok(document) => intake.take(event_from_json(&document)),
        Err(_) => {
            for line in body.split(|b| *b == b'\n').filter(|line| !line.iter().all(u8::is_ascii_whitespace)) {
                let document = serde_json::from_slice::<Value>(line).map_err(|_| SkipReason::MalformedLine);
                intake.take(document.and_then(|document| event_from_json(&document)));
            }
        }
    }
    intake
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(intake: &Intake) -> Vec<&str> {
        intake.events.iter().map(|event| event.sql.as_str()).collect()
    }

    #[test]
    fn one_event_an_array_and_lines_are_read() {
        for body in [r#"{"query":"SELECT 1"}"#, r#"[{"query":"SELECT 1"}]"#, "{\"query\":\"SELECT 1\"}\n\n"] {
            assert_eq!(texts(&parse(body.as_bytes())), ["SELECT 1"], "{body}");
        }
        let lines = "{\"query\":\"SELECT 1\"}\n{\"query\":\"SELECT 2\"}\n{\"que";
        let intake = parse(lines.as_bytes());
        assert_eq!(texts(&intake), ["SELECT 1", "SELECT 2"]);
        assert_eq!(intake.rejected, [(SkipReason::MalformedLine, 1)].into());
    }

    #[test]
    fn our_own_queries_and_unfinished_ones_are_left_out_by_reason() {
        let body = serde_json::json!([
            {"query": "SELECT 1", "source": "akko-catalog-sync"},
            {"metadata": {"query": "SELECT 1", "queryState": "QUEUED"}},
            {"something": "else"},
            7,
        ]);
        let intake = parse(body.to_string().as_bytes());
        assert!(intake.events.is_empty());
        let expected = [(SkipReason::Own, 1), (SkipReason::NotCompleted, 1), (SkipReason::UnknownShape, 2)];
        assert_eq!(intake.rejected, expected.into());
    }

    #[test]
    fn a_body_above_the_limit_is_not_parsed() {
        let body = vec![b'['; BODY_BYTES_MAX + 1];
        assert_eq!(parse(&body).rejected, [(SkipReason::TooLong, 1)].into());
    }

    #[test]
    fn nested_bombs_are_malformed() {
        let body = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(body.as_bytes()).rejected, [(SkipReason::MalformedLine, 1)].into());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
            parse(&body);
        }
    }
}
