//! The client: ask, page on, stop in time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog_core::model::{EngineName, Table};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{HttpClient, HttpRequest, HttpResponse, Method};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::{Answer, EngineColumn};
use super::failure::query_error;
use super::live_query::LiveQuery;
use super::wire::Page;
use super::{Statement, TrinoOptions};
use crate::trino::politeness::Politeness;
use crate::trino::sql_name::table_name;
use crate::trino::types::TrinoType;

/// The engine holds an answer back while nothing happens; one that does not is asked no faster than this.
const EMPTY_PAGE_PAUSE: Duration = Duration::from_millis(20);
/// Columns of a table are believed this long.
const COLUMNS_AGE_MAX: Duration = Duration::from_secs(600);
const TABLES_REMEMBERED_MAX: usize = 10_000;
/// Ending all queries takes no longer than this.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(6);

type KnownColumns = HashMap<EngineName, (Instant, Arc<Vec<EngineColumn>>)>;

/// Asks one Trino. Its users share it behind an `Arc`, and with it the [`Politeness`].
pub struct TrinoClient {
    http: HttpClient,
    options: TrinoOptions,
    politeness: Politeness,
    farewells: TaskTracker,
    closing: CancellationToken,
    columns: Mutex<KnownColumns>,
    trace_token: Mutex<Option<String>>,
}

impl TrinoClient {
    /// A client over an HTTP client of the coordinator's origin, which carries the credential and TLS.
    pub fn new(http: HttpClient, options: TrinoOptions, politeness: Politeness) -> Self {
        let (farewells, closing) = (TaskTracker::new(), CancellationToken::new());
        let trace_token = Mutex::new(options.trace_token.clone());
        Self { http, options, politeness, farewells, closing, columns: Mutex::default(), trace_token }
    }

    /// Ties the queries from now on together in the engine's log, in place of the token of the options.
    pub fn set_trace_token(&self, token: &str) {
        *self.trace_token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.to_owned());
    }

    /// Runs a query and reads its result. Waits for its turn first. Dropping the future, or any failure, tells the
    /// engine to stop.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Unsupported`, `LimitExceeded`, `Timeout`, `RateLimited`, `Unavailable` as the
    /// engine's error means, never with its message; `Forbidden` when a page's successor lies on another host;
    /// `Corrupt` when a page is not the protocol's.
    pub async fn query(&self, statement: &Statement) -> Result<Answer> {
        let _turn = self.politeness.enter().await?;
        tokio::select! {
            answer = tokio::time::timeout(statement.deadline, self.run(statement)) => answer.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Timeout, statement.operation, "the query's deadline passed")
                    .with("seconds", statement.deadline.as_secs()))
            }),
            () = self.closing.cancelled() => {
                Err(Error::new(ErrorKind::Unavailable, statement.operation, "the client is shutting down"))
            }
        }
    }

    /// Ends every running query and waits, at most six seconds, until the engine was told. Later queries fail.
    pub async fn shutdown(&self) {
        self.closing.cancel();
        self.farewells.close();
        let _ = tokio::time::timeout(SHUTDOWN_WITHIN, self.farewells.wait()).await;
    }

    /// The table's columns as the engine sees them, with their types; remembered for ten minutes.
    ///
    /// # Errors
    /// As [`TrinoClient::query`].
    pub async fn columns_of(&self, table: &Table) -> Result<Arc<Vec<EngineColumn>>> {
        let name = &table.table_ref.engine;
        if let Some((when, columns)) = self.columns.lock().unwrap_or_else(PoisonError::into_inner).get(name)
            && when.elapsed() < COLUMNS_AGE_MAX
        {
            return Ok(Arc::clone(columns));
        }
        let sql = format!("SELECT * FROM {} LIMIT 0", table_name(name));
        let answer = self.query(&Statement::new("schema", "read_columns", sql)).await?;
        let columns = Arc::new(answer.columns);
        let mut known = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= TABLES_REMEMBERED_MAX {
            known.clear();
        }
        known.insert(name.clone(), (Instant::now(), Arc::clone(&columns)));
        Ok(columns)
    }

    async fn run(&self, statement: &Statement) -> Result<Answer> {
        let mut page = self.page(statement, self.first_request(statement)).await?;
        let mut live = LiveQuery {
            http: &self.http,
            user: &self.options.user,
            farewells: &self.farewells,
            id: page.id.clone(),
            next: None,
        };
        let mut answer = Answer { query_id: page.id.clone(), ..Answer::default() };
        for _ in 0..self.options.polls_max {
            live.next = page.next_uri.take();
            if let Some(failure) = &page.error {
                live.next = None;
                return Err(query_error(statement.operation, failure));
            }
            answer.stats = page.stats.read();
            if let (true, Some(columns)) = (answer.columns.is_empty(), &page.columns) {
                answer.columns = columns
                    .iter()
                    .map(|c| EngineColumn { name: c.name.clone(), kind: TrinoType::parse(&c.kind) })
                    .collect();
            }
            let empty = page.data.is_none();
            take_rows(statement, page.data, &mut answer)?;
            let Some(next) = live.next.clone() else { return Ok(answer) };
            if answer.rows.len() > statement.rows_max {
                answer.rows.truncate(statement.rows_max);
                return Ok(answer);
            }
            let asked = Instant::now();
            page = self.page(statement, self.next_request(statement, next)).await?;
            if empty && page.data.is_none() && asked.elapsed() < EMPTY_PAGE_PAUSE {
                tokio::time::sleep(EMPTY_PAGE_PAUSE).await;
            }
        }
        Err(Error::new(ErrorKind::LimitExceeded, statement.operation, "the result has no end")
            .with("polls", self.options.polls_max))
    }

    fn first_request(&self, statement: &Statement) -> HttpRequest {
        let options = &self.options;
        let tags: Vec<String> = ["catalog-sync".to_owned(), format!("pass:{}", statement.pass)]
            .into_iter()
            .chain(options.tags.iter().cloned())
            .collect();
        let mut session = vec![format!("query_max_run_time={}ms", statement.deadline.as_millis())];
        session.extend(options.scan_bytes_max.map(|bytes| format!("query_max_scan_physical_bytes={bytes}B")));
        session.extend(options.session.iter().map(|(name, value)| format!("{name}={}", escaped(value))));
        // The protocol says to send a statement again after a 502, 503 or 504.
        let mut request = HttpRequest::new(statement.operation, Method::Post, "/v1/statement")
            .repeatable()
            .body("text/plain; charset=utf-8", statement.sql.clone())
            .header("x-trino-user", &*options.user)
            .header("x-trino-source", &*options.source)
            .header("x-trino-client-tags", tags.join(","))
            .header("x-trino-client-capabilities", "PARAMETRIC_DATETIME")
            .header("x-trino-time-zone", "UTC")
            .header("x-trino-session", session.join(","));
        if let Some(token) = &*self.trace_token.lock().unwrap_or_else(PoisonError::into_inner) {
            request = request.header("x-trino-trace-token", &**token);
        }
        request
    }

    fn next_request(&self, statement: &Statement, next: String) -> HttpRequest {
        HttpRequest::new(statement.operation, Method::Get, next).header("x-trino-user", &*self.options.user)
    }

    async fn page(&self, statement: &Statement, request: HttpRequest) -> Result<Page> {
        let request = request
            .deadline(statement.deadline)
            .body_bytes_max(statement.page_bytes_max.unwrap_or(self.options.page_bytes_max));
        let response = self.http.send(request).await.and_then(HttpResponse::require_success).map_err(|error| {
            if error.kind() == ErrorKind::Forbidden {
                error.hint(
                    "behind a proxy, set http-server.process-forwarded=true so that Trino names its public address",
                )
            } else {
                error
            }
        })?;
        response.json()
    }
}

/// Appends a page's rows.
fn take_rows(statement: &Statement, data: Option<Value>, answer: &mut Answer) -> Result<()> {
    let broken = |why: &str| Error::new(ErrorKind::Corrupt, statement.operation, why);
    match data {
        None => Ok(()),
        Some(Value::Array(rows)) => {
            for row in rows {
                match row {
                    Value::Array(cells) if cells.len() == answer.columns.len() => answer.rows.push(cells),
                    _ => return Err(broken("a row has another form than the columns")),
                }
            }
            Ok(())
        }
        Some(_) => Err(broken("the rows come in an encoding that was not asked for")),
    }
}

/// A session property's value as the header wants it: percent-encoded where it is not plain.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}
