//! Polling VictoriaLogs for the events that the engine's listener put there.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::model::{QueryEvent, SkipReason};
use catalog_core::ports::{Clock, QueryLogPage, QueryLogSource};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{HttpClient, HttpRequest, Method};
use serde_json::Value;

use super::event_json::{OWN_SOURCE, event_from_json};
use super::poll_cursor::{PollCursor, Position, STEP_MAX_NS, STEP_MIN_NS};

/// What of an event is asked for; plans and statistics of operators make most of its size.
const FIELDS: &str = "_time, _msg, metadata.query, metadata.queryId, metadata.queryState, metadata.tables, \
    context.user, context.source, context.catalog, context.schema, statistics.wallTime, \
    statistics.processedInputBytes, failureInfo.errorCode.name";

/// Most events asked for at a time.
const PAGE_MAX: usize = 1_000;

/// Most queries for one page: spans without an event are passed over so many at a time.
const QUERIES_A_PAGE_MAX: usize = 32;

/// Largest answer; a page that exceeds it is asked for again in halves.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

const NS_A_MS: i64 = 1_000_000;

/// What to look for, and how far back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VictoriaLogsOptions {
    /// LogsQL that every event must match; by default that it has a query id.
    pub filter: String,
    /// A first poll looks back so many hours.
    pub lookback_hours: u32,
    /// Each poll looks so many seconds behind the latest event seen: an event whose delivery is tried again is stored
    /// seconds after it happened. What is delivered twice is told by its query id.
    pub overlap_seconds: u32,
    /// `AccountID` and `ProjectID`, where the server has tenants.
    pub tenant: Option<(u32, u32)>,
}

impl Default for VictoriaLogsOptions {
    /// 30 days back, 2 minutes of overlap.
    fn default() -> Self {
        Self { filter: "metadata.queryId:*".to_owned(), lookback_hours: 30 * 24, overlap_seconds: 120, tenant: None }
    }
}

/// A VictoriaLogs server as a log of query events.
///
/// A poll goes from the watermark, less the overlap, to now, in the order of time. Each query asks for a bounded span
/// and a bounded number of events; a span that is full goes on behind its last event, so that the server sorts little.
/// The watermark is the latest event's own time: the engine's clock is compared with itself alone.
pub struct VictoriaLogsSource {
    http: HttpClient,
    options: VictoriaLogsOptions,
    clock: Arc<dyn Clock>,
}

/// The answer to one query.
#[derive(Default)]
struct Rows {
    events: Vec<QueryEvent>,
    rejected: BTreeMap<SkipReason, u64>,
    /// Lines, good or bad.
    count: usize,
    /// The time of the last line, and how many lines have it.
    last: Option<(i64, u64)>,
}

impl VictoriaLogsSource {
    /// A source over a client that is bound to the server's address.
    pub fn new(http: HttpClient, options: VictoriaLogsOptions, clock: Arc<dyn Clock>) -> Self {
        Self { http, options, clock }
    }

    fn start(&self, cursor: Option<&str>) -> Result<Position> {
        let now = self.clock.now_ms().saturating_mul(NS_A_MS);
        let begin = |from: i64, seen: i64| Position { from, skip: 0, end: now, step: STEP_MAX_NS, seen };
        let Some(text) = cursor else {
            let from = now.saturating_sub(i64::from(self.options.lookback_hours).saturating_mul(3_600_000 * NS_A_MS));
            return Ok(begin(from, from));
        };
        match text.parse() {
            Ok(PollCursor::Within(position)) => Ok(position),
            Ok(PollCursor::Watermark(seen)) => {
                Ok(begin(seen.saturating_sub(i64::from(self.options.overlap_seconds) * 1_000 * NS_A_MS), seen))
            }
            Err(()) => {
                Err(Error::new(ErrorKind::InvalidInput, "poll_query_log", "the cursor is not one of this source")
                    .hint("start without a cursor: events that were mined are told by their ids"))
            }
        }
    }

    /// Up to `limit` events of the span, in the order of time.
    async fn rows(&self, from: i64, to: i64, skip: u64, limit: usize) -> Result<Rows> {
        let query = format!(
            "{} _time:[{}, {}) | sort by (_time, metadata.queryId) offset {skip} limit {limit} | fields {FIELDS}",
            self.options.filter,
            moment(from)?,
            moment(to)?
        );
        let mut request = HttpRequest::new("poll_query_log", Method::Get, "/select/logsql/query")
            .query("query", query)
            .body_bytes_max(ANSWER_BYTES_MAX);
        if let Some((account, project)) = self.options.tenant {
            request = request.header("AccountID", account.to_string()).header("ProjectID", project.to_string());
        }
        let response = self.http.send(request).await?.require_success()?;
        let mut rows = Rows::default();
        for line in response.body().split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            rows.read(line);
        }
        Ok(rows)
    }

    /// The same with fewer events when their answer is too large. One event that is too large by itself is passed over.
    async fn rows_that_fit(&self, from: i64, to: i64, skip: u64, limit: usize) -> Result<(Rows, usize)> {
        let mut limit = limit;
        loop {
            match self.rows(from, to, skip, limit).await {
                Err(error) if error.kind() == ErrorKind::LimitExceeded && limit > 1 => limit = limit.div_ceil(2),
                Err(error) if error.kind() == ErrorKind::LimitExceeded => {
                    let rejected = [(SkipReason::TooLong, 1)].into();
                    return Ok((Rows { rejected, count: 1, last: Some((from, 1)), ..Rows::default() }, 1));
                }
                rows => return rows.map(|rows| (rows, limit)),
            }
        }
    }
}

impl Rows {
    fn read(&mut self, line: &[u8]) {
        self.count += 1;
        let document: Option<Value> = serde_json::from_slice(line).ok();
        let time = document.as_ref().and_then(|d| d["_time"].as_str()?.parse::<jiff::Timestamp>().ok());
        if let Some(time) = time.and_then(|t| i64::try_from(t.as_nanosecond()).ok()) {
            self.last = match self.last {
                Some((last, count)) if last == time => Some((last, count + 1)),
                _ => Some((time, 1)),
            };
        } else if let Some((_, count)) = &mut self.last {
            *count += 1;
        }
        let event = document.ok_or(SkipReason::MalformedLine).and_then(|document| event_from_json(&document));
        let reason = match event {
            Ok(event) if event.source.as_deref() != Some(OWN_SOURCE) => return self.events.push(event),
            Ok(_) => SkipReason::Own,
            Err(reason) => reason,
        };
        *self.rejected.entry(reason).or_default() += 1;
    }
}

#[async_trait]
impl QueryLogSource for VictoriaLogsSource {
    async fn page(&self, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage> {
        let mut at = self.start(cursor)?;
        let mut page = QueryLogPage { events: Vec::new(), rejected: BTreeMap::new(), next: None, resume: None };
        for _ in 0..QUERIES_A_PAGE_MAX {
            if at.from >= at.end {
                break;
            }
            let to = at.end.min(at.from.saturating_add(at.step));
            let (rows, asked) = self.rows_that_fit(at.from, to, at.skip, limit.clamp(1, PAGE_MAX)).await?;
            if let Some((last, _)) = rows.last {
                at.seen = at.seen.max(last);
            }
            match rows.last {
                Some((last, count)) if rows.count >= asked => {
                    // Full: go on at the last one's time, behind those of that time which are here.
                    let same_start = if last == at.from { at.skip } else { 0 };
                    at = Position { from: last, skip: same_start + count, step: STEP_MIN_NS.max(at.step / 2), ..at };
                }
                _ => at = Position { from: to, skip: 0, step: STEP_MAX_NS.min(at.step * 2), ..at },
            }
            let some = rows.count > 0;
            page.events = rows.events;
            page.rejected = rows.rejected;
            if some {
                break;
            }
        }
        match at.from < at.end {
            true => page.next = Some(PollCursor::Within(at).to_string()),
            false => page.resume = Some(PollCursor::Watermark(at.seen).to_string()),
        }
        Ok(page)
    }
}

fn moment(at_ns: i64) -> Result<String> {
    jiff::Timestamp::from_nanosecond(i128::from(at_ns))
        .map(|time| time.to_string())
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "poll_query_log", "the cursor's time is out of range"))
}
