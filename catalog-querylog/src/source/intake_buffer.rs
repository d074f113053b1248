//! The bounded hand-over between the endpoint that takes events and the miner.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use catalog_core::model::{QueryEvent, SkipReason};
use catalog_core::ports::{QueryLogPage, QueryLogSource};
use catalog_core::{Error, ErrorKind, Result};

use super::intake::Intake;

/// Stands in a cursor before which every event's result is stored.
const STORED: char = ':';

/// Stands in the cursor of a next page.
const PASSED: char = '>';

/// What the buffer may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeLimits {
    /// Most events.
    pub events_max: usize,
    /// Most bytes of their texts.
    pub bytes_max: usize,
}

impl Default for IntakeLimits {
    /// 10,000 events and 64 MiB.
    fn default() -> Self {
        Self { events_max: 10_000, bytes_max: 64 * 1024 * 1024 }
    }
}

/// Events in memory until they are mined. They never touch a disk: their texts are not masked yet. A full buffer
/// refuses a whole body, so that the sender keeps it and tries again; what is in the buffer when the process dies is
/// lost, as it is when the engine's own attempts end.
///
/// As a source, a cursor to resume at says what was mined and stored: events before it are dropped. The cursor of a next
/// page only passes over events: until their result is stored they stay and can be delivered again.
pub struct IntakeBuffer {
    /// Tells cursors of another process from ours.
    instance: String,
    limits: IntakeLimits,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    events: VecDeque<QueryEvent>,
    rejected: BTreeMap<SkipReason, u64>,
    bytes: usize,
    /// How many events were dropped before the first one.
    dropped: u64,
}

impl IntakeBuffer {
    /// An empty buffer. `instance` must be another one after each start of the process, such as a random id.
    pub fn new(instance: impl Into<String>, limits: IntakeLimits) -> Self {
        Self { instance: instance.into(), limits, held: Mutex::default() }
    }

    /// Takes all events of a body, or none.
    ///
    /// # Errors
    /// `RateLimited` when they do not fit: answer 503, and the sender tries again.
    pub fn offer(&self, intake: Intake) -> Result<()> {
        let bytes: usize = intake.events.iter().map(event_bytes).sum();
        let mut held = self.lock();
        if held.events.len() + intake.events.len() > self.limits.events_max
            || held.bytes + bytes > self.limits.bytes_max
        {
            return Err(Error::new(ErrorKind::RateLimited, "take_query_events", "the buffer of query events is full")
                .with("events", held.events.len())
                .with("bytes", held.bytes)
                .hint("send them again later; they are mined every few seconds"));
        }
        held.bytes += bytes;
        held.events.extend(intake.events);
        for (reason, count) in intake.rejected {
            *held.rejected.entry(reason).or_default() += count;
        }
        Ok(())
    }

    /// Events that wait.
    pub fn len(&self) -> usize {
        self.lock().events.len()
    }

    /// Does none wait?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cursor(&self, mark: char, position: u64) -> Option<String> {
        Some(format!("{}{mark}{position}", self.instance))
    }

    /// The position in a cursor of ours with that mark; a cursor of another process says nothing here.
    fn position(&self, cursor: Option<&str>, mark: char) -> Option<u64> {
        let (instance, position) = cursor?.rsplit_once(mark)?;
        (instance == self.instance).then(|| position.parse().ok())?
    }
}

#[async_trait]
impl QueryLogSource for IntakeBuffer {
    async fn page(&self, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage> {
        let mut held = self.lock();
        let mined = self.position(cursor, STORED).map_or(0, |position| position.saturating_sub(held.dropped));
        for _ in 0..mined.min(held.events.len() as u64) {
            if let Some(event) = held.events.pop_front() {
                held.bytes -= event_bytes(&event);
                held.dropped += 1;
            }
        }
        let passed = self.position(cursor, PASSED).map_or(0, |position| position.saturating_sub(held.dropped)) as usize;
        let events: Vec<QueryEvent> = held.events.iter().skip(passed).take(limit.max(1)).cloned().collect();
        let more = passed + events.len() < held.events.len();
        let end = held.dropped + (passed + events.len()) as u64;
        let next = self.cursor(PASSED, end).filter(|_| more);
        let resume = self.cursor(STORED, end).filter(|_| !more);
        let rejected = std::mem::take(&mut held.rejected);
        Ok(QueryLogPage { events, rejected, next, resume })
    }
}

fn event_bytes(event: &QueryEvent) -> usize {
    let inputs = event.inputs.iter().map(|(c, s, t, columns)| {
        c.len() + s.len() + t.len() + columns.iter().map(|column| column.len() + 24).sum::<usize>()
    });
    event.sql.len() + inputs.sum::<usize>() + 256
}

#[cfg(test)]
mod tests {
    use super::super::intake;
    use super::*;

    fn body(numbers: std::ops::Range<usize>) -> Intake {
        let events: Vec<_> = numbers.map(|i| serde_json::json!({"query": format!("SELECT {i}")})).collect();
        intake::parse(serde_json::Value::from(events).to_string().as_bytes())
    }

    fn texts(page: &QueryLogPage) -> Vec<&str> {
        page.events.iter().map(|event| event.sql.as_str()).collect()
    }

    #[tokio::test]
    async fn events_stay_until_a_cursor_says_that_they_are_mined() {
        let buffer = IntakeBuffer::new("a", IntakeLimits::default());
        buffer.offer(body(0..3)).unwrap();
        let first = buffer.page(None, 2).await.unwrap();
        assert_eq!(texts(&first), ["SELECT 0", "SELECT 1"]);
        assert_eq!(texts(&buffer.page(None, 2).await.unwrap()), ["SELECT 0", "SELECT 1"], "not mined yet");
        let second = buffer.page(first.next.as_deref(), 2).await.unwrap();
        assert_eq!((texts(&second), second.next.as_deref()), (vec!["SELECT 2"], None));
        assert_eq!(buffer.len(), 3, "no result is stored yet");
        let third = buffer.page(second.resume.as_deref(), 2).await.unwrap();
        assert!(third.events.is_empty() && buffer.is_empty());
    }

    #[tokio::test]
    async fn a_cursor_of_another_process_drops_nothing() {
        let buffer = IntakeBuffer::new("b", IntakeLimits::default());
        buffer.offer(body(0..2)).unwrap();
        assert_eq!(buffer.page(Some("a:2"), 9).await.unwrap().events.len(), 2);
        assert_eq!(buffer.page(Some("nonsense"), 9).await.unwrap().events.len(), 2);
    }

    #[tokio::test]
    async fn a_full_buffer_refuses_the_whole_body_and_takes_it_later() {
        let buffer = IntakeBuffer::new("a", IntakeLimits { events_max: 4, ..IntakeLimits::default() });
        buffer.offer(body(0..3)).unwrap();
        let error = buffer.offer(body(3..5)).unwrap_err();
        assert_eq!((error.kind(), buffer.len()), (ErrorKind::RateLimited, 3));
        let page = buffer.page(None, 9).await.unwrap();
        buffer.page(page.resume.as_deref(), 9).await.unwrap();
        buffer.offer(body(3..5)).unwrap();
        let bytes = IntakeBuffer::new("a", IntakeLimits { bytes_max: 300, ..IntakeLimits::default() });
        assert!(bytes.offer(body(0..1)).is_ok() && bytes.offer(body(1..2)).is_err());
    }

    #[tokio::test]
    async fn what_was_no_event_is_counted_once() {
        let buffer = IntakeBuffer::new("a", IntakeLimits::default());
        buffer.offer(intake::parse(b"nonsense")).unwrap();
        assert_eq!(buffer.page(None, 1).await.unwrap().rejected, [(SkipReason::MalformedLine, 1)].into());
        assert!(buffer.page(None, 1).await.unwrap().rejected.is_empty());
    }
}
