//! A client of Trino's statement protocol, just enough for a test.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Result, http};

const QUERY_WITHIN: Duration = Duration::from_secs(120);
/// A page is asked for again at once: the server holds the answer back until there is news.
const PAGES_MAX: usize = 10_000;

/// What a query gave.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The server's id of the query.
    pub id: String,
    /// The rows: JSON arrays in the order of the columns.
    pub rows: Vec<Vec<Value>>,
}

/// Runs a query at the server of this address.
///
/// # Errors
/// The server's own message when the query fails; else when the server does not answer, or not in two minutes.
pub fn query(url: &str, sql: &str) -> Result<Answer> {
    let headers = [("X-Trino-User", "e2e"), ("X-Trino-Source", "catalog-e2e")];
    let start = Instant::now();
    let mut answer = Answer::default();
    let mut body = http::post(&format!("{url}/v1/statement"), &headers, sql)?;
    for _ in 0..PAGES_MAX {
        let mut page: Value = serde_json::from_str(&body)?;
        if let Some(message) = page["error"]["message"].as_str() {
            return Err(format!("{message} in: {sql}").into());
        }
        if let Value::Array(rows) = page["data"].take() {
            answer
                .rows
                .extend(rows.into_iter().filter_map(|row| if let Value::Array(r) = row { Some(r) } else { None }));
        }
        match page["nextUri"].as_str() {
            None => {
                answer.id = page["id"].as_str().unwrap_or_default().to_owned();
                return Ok(answer);
            }
            Some(_) if start.elapsed() > QUERY_WITHIN => break,
            Some(next) => body = http::get(next)?,
        }
    }
    Err(format!("no end within {} s: {sql}", QUERY_WITHIN.as_secs()).into())
}
