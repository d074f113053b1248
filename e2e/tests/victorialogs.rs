//! Query events: Trino's listener posts them, VictoriaLogs keeps them.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

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
