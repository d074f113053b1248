//! Query events: Trino's listener posts them, VictoriaLogs keeps them, the product polls them.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use catalog_core::model::QueryState;
use catalog_core::ports::{Clock, QueryLogSource};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions};
use catalog_querylog::{VictoriaLogsOptions, VictoriaLogsSource};
use e2e::{http, trino, variable};
use serde_json::Value;

/// Four attempts of the listener take seven seconds, and an event is searchable a second after it came.
const FOUND_WITHIN: Duration = Duration::from_secs(30);

/// The event of that query, as soon as it is there.
fn event_of(query_id: &str) -> Value {
    let url = format!("{}/select/logsql/query", variable("CATALOG_TEST_VICTORIALOGS_URL").unwrap());
    let filter = format!("metadata.queryId:={query_id}");
    let start = Instant::now();
    loop {
        let found = http::post_form(&url, &[("query", &filter), ("limit", "10")]).unwrap();
        if let Some(line) = found.lines().next() {
            return serde_json::from_str(line).unwrap();
        }
        assert!(start.elapsed() < FOUND_WITHIN, "no event of query {query_id}");
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[test]
fn a_query_of_ours_is_found_again_by_its_id_with_its_text_and_its_tables() {
    let sql = "SELECT c.name, count(*) FROM tpch.tiny.orders o JOIN tpch.tiny.customer c ON c.custkey = o.custkey
               GROUP BY c.name";
    let answer = trino::query(&variable("CATALOG_TEST_TRINO_URL").unwrap(), sql).unwrap();
    let event = event_of(&answer.id);
    assert_eq!(event["_msg"], sql);
    assert_eq!(event["metadata.queryState"], "FINISHED");
    assert_eq!(event["context.source"], "catalog-e2e");
    let tables = event["metadata.tables"].as_str().unwrap();
    assert!(tables.contains("\"orders\"") && tables.contains("\"customer\""), "{tables}");
}

#[test]
fn a_query_that_failed_is_kept_with_the_name_of_its_error() {
    let url = variable("CATALOG_TEST_TRINO_URL").unwrap();
    let marker = format!("no_such_table_{}", std::process::id());
    let error = trino::query(&url, &format!("SELECT * FROM tpch.tiny.{marker}")).unwrap_err().to_string();
    assert!(error.contains("does not exist"), "{error}");
    let logs = format!("{}/select/logsql/query", variable("CATALOG_TEST_VICTORIALOGS_URL").unwrap());
    let start = Instant::now();
    let found = loop {
        let found = http::post_form(&logs, &[("query", &format!("{marker} | limit 1"))]).unwrap();
        if !found.is_empty() {
            break found;
        }
        assert!(start.elapsed() < FOUND_WITHIN, "no event of the query that failed");
        std::thread::sleep(Duration::from_millis(250));
    };
    let event: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(event["failureInfo.errorCode.name"], "TABLE_NOT_FOUND");
}

struct MachineClock;

impl Clock for MachineClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }
}

fn source() -> VictoriaLogsSource {
    let address = variable("CATALOG_TEST_VICTORIALOGS_URL").unwrap();
    let url: url::Url = address.parse().unwrap();
    let policy = EgressPolicy::allowing([(url.host_str().unwrap(), url.port_or_known_default().unwrap())]);
    let http = HttpClient::new(&address, &policy, HttpOptions::default()).unwrap();
    // Others use the server too: an hour is enough for what this test asks.
    let options = VictoriaLogsOptions { lookback_hours: 1, ..VictoriaLogsOptions::default() };
    VictoriaLogsSource::new(http, options, Arc::new(MachineClock))
}

/// The ids with their states of one poll, and where the next one starts.
async fn poll(source: &VictoriaLogsSource, cursor: Option<String>) -> (Vec<(String, QueryState)>, Option<String>) {
    let (mut found, mut cursor) = (Vec::new(), cursor);
    loop {
        let page = source.page(cursor.as_deref(), 50).await.unwrap();
        found.extend(page.events.into_iter().map(|event| (event.query_id, event.state)));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return (found, page.resume),
        }
    }
}

#[tokio::test]
async fn polling_finds_every_query_of_ours_once_a_poll_and_goes_on_behind_its_watermark() {
    let trino_url = variable("CATALOG_TEST_TRINO_URL").unwrap();
    let run = |sql: String| {
        let url = trino_url.clone();
        tokio::task::spawn_blocking(move || trino::query(&url, &sql).map(|answer| answer.id).unwrap())
    };
    let source = source();
    let (_, before) = poll(&source, None).await;
    let mut ids = Vec::new();
    for i in 0..5 {
        ids.push(run(format!("SELECT count(*) FROM tpch.tiny.nation WHERE nationkey = {i}")).await.unwrap());
    }
    let start = Instant::now();
    let mut cursor = before;
    loop {
        let (found, resume) = poll(&source, cursor.clone()).await;
        let seen = |id: &String| found.iter().filter(|(found, _)| found == id).count();
        assert!(ids.iter().all(|id| seen(id) <= 1), "one poll delivers an event once");
        if ids.iter().all(|id| seen(id) == 1) {
            assert!(found.iter().all(|(id, state)| !ids.contains(id) || *state == QueryState::Finished));
            assert!(resume.is_some());
            break;
        }
        assert!(start.elapsed() < FOUND_WITHIN, "not all of {ids:?} came");
        cursor = resume;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
