//! A query log in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::model::QueryEvent;
use crate::ports::{QueryLogPage, QueryLogSource};
use crate::{Error, ErrorKind, Result};

/// Events in the order in which they ended.
#[derive(Clone, Default)]
pub struct MemoryQueryLog {
    /// The events.
    pub events: Vec<QueryEvent>,
}

#[async_trait]
impl QueryLogSource for MemoryQueryLog {
    async fn page(&self, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage> {
        let start: usize = cursor.unwrap_or("0").parse().map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "read_query_log", "the cursor is not one of this log")
                .hint("start without a cursor")
        })?;
        let events: Vec<QueryEvent> = self.events.iter().skip(start).take(limit.max(1)).cloned().collect();
        let end = start.saturating_add(events.len());
        let next = (end < self.events.len()).then(|| end.to_string());
        let resume = Some(end.to_string());
        Ok(QueryLogPage { events, rejected: BTreeMap::new(), next, resume })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::QueryState;

    #[tokio::test]
    async fn pages_give_every_event_once_and_in_order() {
        let event = |i: usize| QueryEvent {
            query_id: format!("q{i}"),
            sql: "SELECT 1".into(),
            state: QueryState::Finished,
            user_hash: "u".into(),
            source: None,
            catalog: None,
            schema: None,
            inputs: Vec::new(),
            wall_ms: None,
            bytes: None,
            ended_at_ms: None,
        };
        let log = MemoryQueryLog { events: (0..5).map(event).collect() };
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = log.page(cursor.as_deref(), 2).await.unwrap();
            seen.extend(page.events.into_iter().map(|e| e.query_id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["q0", "q1", "q2", "q3", "q4"]);
        assert_eq!(log.page(Some("x"), 2).await.err().unwrap().kind(), ErrorKind::InvalidInput);
    }
}
