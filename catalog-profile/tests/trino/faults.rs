//! What a Trino can do to us, and what must come of it.

use std::time::Duration;

use catalog_core::model::{
    Column, DataType, EngineName, Fqn, RawSample, SampleMethod, SampleRequest, SourceId, Table, TableId, TableKind,
    TableRef,
};
use catalog_core::ports::{Profiler, Sampler};
use catalog_core::{ErrorKind, Result};
use catalog_profile::trino::{
    SamplerOptions, Statement, TrinoOptions, TrinoProfileOptions, TrinoProfiler, TrinoSampler,
};
use serde_json::{Value, json};

use super::scripted::{Play, Scripted};

pub(super) const COLUMNS: [(&str, &str); 2] = [("id", "bigint"), ("name", "varchar")];

pub(super) fn table() -> Table {
    let fqn = Fqn::from_parts(["c", "s", "t"]);
    let column = |name: &str, data_type| Column {
        name: name.into(),
        native_type: String::new(),
        data_type,
        nullable: true,
        description: None,
    };
    Table {
        table_ref: TableRef {
            source: SourceId("c".into()),
            id: TableId::from_fqn(&fqn),
            fqn,
            engine: EngineName { catalog: "c".into(), schema: "s".into(), table: "t".into() },
        },
        kind: TableKind::Table,
        // The catalog spells a column in its own way, and knows one that the engine does not.
        columns: vec![
            column("ID", DataType::Integer),
            column("name", DataType::Text),
            column("tags", DataType::Nested),
        ],
        description: None,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: Some(1_000_000),
        change_token: None,
        updated_at_ms: 0,
    }
}

pub(super) fn rows(count: i64) -> Play {
    Play::Rows(COLUMNS.to_vec(), (0..count).map(|i| json!([i, format!("n{i}")])).collect())
}

pub(super) fn columns() -> (&'static str, Play) {
    ("LIMIT 0", rows(0))
}

async fn sample(server: &Scripted) -> Result<RawSample> {
    let sampler = TrinoSampler::new(server.client(TrinoOptions::default()), SamplerOptions::default());
    sampler.sample(&table(), &SampleRequest::default()).await
}

async fn ask(server: &Scripted, options: TrinoOptions, deadline: Duration) -> catalog_core::Error {
    let client = server.client(options);
    let mut statement = Statement::new("test", "run_query", "SELECT 1");
    statement.deadline = deadline;
    let error = client.query(&statement).await.err().unwrap();
    client.shutdown().await;
    error
}

#[tokio::test]
async fn every_query_says_who_asks_and_how_long_it_may_run() {
    let server = Scripted::start(vec![columns(), ("SELECT", rows(100))]).await;
    let options = TrinoOptions { trace_token: Some("run-7".into()), ..TrinoOptions::default() };
    let sampler = TrinoSampler::new(server.client(options), SamplerOptions::default());
    sampler.sample(&table(), &SampleRequest::default()).await.unwrap();
    let journal = server.journal.lock().unwrap();
    for (head, _) in journal.iter().filter(|(head, _)| head.starts_with("post")) {
        for line in
            ["x-trino-user: akko-catalog-sync", "x-trino-source: akko-catalog-sync", "x-trino-trace-token: run-7"]
        {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert!(head.contains("x-trino-client-tags: catalog-sync,pass:") && head.contains("query_max_run_time="));
    }
    assert!(journal.iter().any(|(_, body)| body.contains("TABLESAMPLE BERNOULLI (5)") && !body.contains('*')));
}

#[tokio::test]
async fn a_refused_or_poor_sample_falls_back_to_the_first_rows() {
    for first in [rows(3), Play::Error("NOT_SUPPORTED", "USER_ERROR")] {
        let server = Scripted::start(vec![columns(), ("BERNOULLI", first), ("SELECT", rows(100))]).await;
        let sample = sample(&server).await.unwrap();
        assert_eq!((sample.row_count(), sample.method()), (100, SampleMethod::Limit));
        assert_eq!(sample.column_names().collect::<Vec<_>>(), ["ID", "name"], "a column nobody can read is not NULL");
    }
}

#[tokio::test]
async fn a_table_of_one_row_or_none_is_seen_whole() {
    for count in [0, 1] {
        let server = Scripted::start(vec![columns(), ("BERNOULLI", rows(0)), ("SELECT", rows(count))]).await;
        let sample = sample(&server).await.unwrap();
        assert_eq!((sample.row_count(), sample.method()), (count as usize, SampleMethod::FullScan));
        let profiler = TrinoProfiler::new(server.client(TrinoOptions::default()), TrinoProfileOptions::default());
        let profile = profiler.profile(&table(), &sample).await.unwrap().profile;
        assert_eq!(profile.columns[0].null_ratio, (count > 0).then_some(0.0), "0 rows seen is not 0 % NULL");
    }
}

#[tokio::test]
async fn a_missing_forbidden_or_unreachable_table_says_so_without_a_cell() {
    for (name, of, kind) in [
        ("TABLE_NOT_FOUND", "USER_ERROR", ErrorKind::NotFound),
        ("PERMISSION_DENIED", "USER_ERROR", ErrorKind::Forbidden),
        ("JDBC_ERROR", "EXTERNAL", ErrorKind::Unavailable),
        ("INVALID_CAST_ARGUMENT", "USER_ERROR", ErrorKind::Unsupported),
        ("ADMINISTRATIVELY_KILLED", "USER_ERROR", ErrorKind::Unavailable),
    ] {
        let server = Scripted::start(vec![columns(), ("SELECT", Play::Error(name, of))]).await;
        let error = sample(&server).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{name}");
        assert!(!format!("{error:?}").contains("alice"), "{error}");
    }
}

#[tokio::test]
async fn a_storm_of_503_is_outlasted() {
    let storm = Play::Storm(3, Box::new(rows(100)));
    let server = Scripted::start(vec![columns(), ("SELECT", storm)]).await;
    assert_eq!(sample(&server).await.unwrap().row_count(), 100);
}

#[tokio::test]
async fn a_result_without_end_is_given_up_and_the_query_ended() {
    let server = Scripted::start(vec![("SELECT", Play::Endless)]).await;
    let few = TrinoOptions { polls_max: 5, ..TrinoOptions::default() };
    assert_eq!(ask(&server, few, Duration::from_secs(60)).await.kind(), ErrorKind::LimitExceeded);
    assert_eq!((server.asked("get"), server.asked("delete")), (5, 1));
    let server = Scripted::start(vec![("SELECT", Play::Endless)]).await;
    let error = ask(&server, TrinoOptions::default(), Duration::from_millis(200)).await;
    assert_eq!((error.kind(), server.asked("delete")), (ErrorKind::Timeout, 1));
}

#[tokio::test]
async fn a_page_on_another_host_is_never_fetched_and_the_query_is_ended_on_ours() {
    for address in ["http://169.254.169.254/latest", "http://localhost:1/v1/statement/x", "file:///etc/passwd"] {
        let server = Scripted::start(vec![("SELECT", Play::Elsewhere(address.into()))]).await;
        let error = ask(&server, TrinoOptions::default(), Duration::from_secs(5)).await;
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        let journal = server.journal.lock().unwrap();
        assert!(journal.iter().any(|(head, _)| head.starts_with("delete /v1/query/q_1")), "{address}");
    }
}

#[tokio::test]
async fn a_page_over_its_bytes_or_in_another_encoding_is_refused() {
    let server = Scripted::start(vec![("SELECT", Play::Flood(200_000))]).await;
    let small = TrinoOptions { page_bytes_max: 100_000, ..TrinoOptions::default() };
    assert_eq!(ask(&server, small, Duration::from_secs(5)).await.kind(), ErrorKind::LimitExceeded);
    assert_eq!(server.asked("delete"), 1);
    let server = Scripted::start(vec![("SELECT", Play::Spooled)]).await;
    assert_eq!(ask(&server, TrinoOptions::default(), Duration::from_secs(5)).await.kind(), ErrorKind::Corrupt);
}

#[tokio::test]
async fn a_sample_that_is_too_large_is_asked_again_with_shorter_cells() {
    let server = Scripted::start(vec![columns(), ("1, 4096)", Play::Flood(200_000)), ("SELECT", rows(100))]).await;
    let sampler = TrinoSampler::new(server.client(TrinoOptions::default()), SamplerOptions::default());
    let request = SampleRequest { total_bytes_max: 64 << 10, ..SampleRequest::default() };
    let sample = sampler.sample(&table(), &request).await.unwrap();
    assert!(sample.row_count() == 100 && sample.truncated());
}

#[tokio::test]
async fn a_dropped_caller_leaves_nothing_running() {
    let server = Scripted::start(vec![("SELECT", Play::Endless)]).await;
    let client = server.client(TrinoOptions::default());
    let statement = Statement::new("test", "run_query", "SELECT 1");
    let dropped = tokio::time::timeout(Duration::from_millis(150), client.query(&statement)).await;
    assert!(dropped.is_err());
    client.shutdown().await;
    assert_eq!(server.asked("delete"), 1);
    assert_eq!(client.query(&statement).await.err().unwrap().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_scan_that_the_engine_refuses_leaves_sample_and_statistics() {
    let stats = Play::Rows(
        vec![
            ("column_name", "varchar"),
            ("distinct_values_count", "double"),
            ("nulls_fraction", "double"),
            ("row_count", "double"),
        ],
        vec![json!(["id", 900_000.0, 0.1, null]), json!(["name", "NaN", null, null]), json!([null, null, null, 1e6])],
    );
    let refused = Play::Error("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES");
    let server =
        Scripted::start(vec![columns(), ("SHOW STATS", stats), ("make_set_digest", refused), ("SELECT", rows(100))])
            .await;
    let sample = sample(&server).await.unwrap();
    let profiler = TrinoProfiler::new(server.client(TrinoOptions::default()), TrinoProfileOptions::default());
    let profile = profiler.profile(&table(), &sample).await.unwrap().profile;
    assert_eq!((profile.row_count, profile.rows_seen, profile.method), (1_000_000, 100, SampleMethod::Bernoulli));
    assert_eq!(profile.columns[0].distinct.unwrap().value, 900_000);
    assert_eq!(profile.columns[0].null_ratio, Some(0.1));
    assert_eq!(profile.columns[1].distinct.unwrap().value, 100, "the sample's");
}

#[tokio::test]
async fn a_row_that_does_not_fit_its_columns_is_an_error_and_no_panic() {
    for row in [json!([1]), json!({"id": 1}), Value::Null] {
        let server = Scripted::start(vec![columns(), ("SELECT", Play::Rows(COLUMNS.to_vec(), vec![row]))]).await;
        assert_eq!(sample(&server).await.err().unwrap().kind(), ErrorKind::Corrupt);
    }
}
