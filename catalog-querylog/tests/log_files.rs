//! Files of JSON lines: pages, cursors and damaged lines.

use std::io::Write;

use catalog_core::model::{EngineName, Fqn, SkipReason};
use catalog_core::ports::{QueryLogPage, QueryLogSource};
use catalog_core::{ErrorKind, Result};
use catalog_querylog::{JsonLinesLog, MinerOptions, QueryMiner, SchemaTable};

fn file(bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    Ok(file)
}

async fn page(file: &tempfile::NamedTempFile, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage> {
    JsonLinesLog::open(file.path())?.page(cursor, limit).await
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let lines: String = (0..10).map(|i| format!("{{\"query\":\"SELECT {i}\"}}\n")).collect();
    let file = file(lines.as_bytes()).unwrap();
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = page(&file, cursor.as_deref(), 3).await.unwrap();
        seen.extend(page.events.into_iter().map(|e| e.sql));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, (0..10).map(|i| format!("SELECT {i}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn damaged_lines_are_counted_and_the_rest_is_read() {
    let mut bytes = b"{\"query\":\"SELECT 1\"}\n\n  \nnot json\n{\"query\":\n{\"other\":1}\n\xff\xfe\x00\n".to_vec();
    bytes.extend_from_slice(
        b"{\"query\":\"SELECT 2\",\"source\":\"akko-catalog-sync\"}\r\n{\"query\":\"SELECT 3\"}\n{\"que",
    );
    let page = page(&file(&bytes).unwrap(), None, 100).await.unwrap();
    assert_eq!(page.events.iter().map(|e| e.sql.as_str()).collect::<Vec<_>>(), ["SELECT 1", "SELECT 3"]);
    let expected = [(SkipReason::MalformedLine, 4), (SkipReason::UnknownShape, 1), (SkipReason::Own, 1)];
    assert_eq!(page.rejected, expected.into());
    assert!(page.next.is_none());
}

#[tokio::test]
async fn a_line_beyond_ten_megabytes_is_skipped_and_the_next_one_read() {
    let mut bytes = format!("{{\"query\":\"{}\"}}\n", "x".repeat(11 << 20)).into_bytes();
    bytes.extend_from_slice(b"{\"query\":\"SELECT 1\"}\n");
    let page = page(&file(&bytes).unwrap(), None, 100).await.unwrap();
    assert_eq!((page.events.len(), page.rejected), (1, [(SkipReason::TooLong, 1)].into()));
}

#[tokio::test]
async fn a_cursor_behind_the_end_gives_an_empty_page() {
    let page = page(&file(b"{\"query\":\"SELECT 1\"}\n").unwrap(), Some("9999"), 10).await.unwrap();
    assert!(page.events.is_empty() && page.next.is_none());
}

#[tokio::test]
async fn a_cursor_that_is_no_offset_and_a_missing_file_are_named_errors() {
    let file = file(b"").unwrap();
    let error = JsonLinesLog::open(file.path()).unwrap().page(Some("x"), 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = JsonLinesLog::open(std::path::Path::new("/no/such/queries.jsonl")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/queries.jsonl"));
    let error = JsonLinesLog::open(std::env::temp_dir().as_path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_log_of_trino_is_mined_without_a_value_left() {
    let event = |id: &str, sql: &str, state: &str| {
        serde_json::json!({
            "metadata": {"queryId": id, "query": sql, "queryState": state, "tables": []},
            "context": {"user": "ana.costa", "source": "cli", "catalog": "bank", "schema": "main"},
            "statistics": {"wallTime": 0.2}, "endTime": "2026-01-31T10:00:00Z",
        })
        .to_string()
    };
    let good = |email: &str| {
        format!(
            "SELECT c.name FROM customer c JOIN account a ON a.customer_id = c.id WHERE c.email = '{email}' -- {email}"
        )
    };
    let text = [
        event("q1", &good("jean@example.com"), "FINISHED"),
        event("q1", &good("jean@example.com"), "FINISHED"),
        event("q2", &good("lea@example.org"), "FAILED"),
        event("q3", "SELECT * FROM customer WHERE email = 'open@example.com", "FAILED"),
    ]
    .join("\n");
    let page = page(&file(text.as_bytes()).unwrap(), None, 100).await.unwrap();
    let table = |name: &str, columns: &[&str]| SchemaTable {
        fqn: Fqn::from_parts(["bank", "main", name]),
        engine: EngineName { catalog: "bank".into(), schema: "main".into(), table: name.into() },
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    let schema = vec![table("customer", &["id", "name", "email"]), table("account", &["id", "customer_id"])];
    let mut miner = QueryMiner::new(schema, MinerOptions::default());
    page.events.iter().for_each(|e| miner.observe(e));
    let log = miner.finish();
    assert_eq!((log.joins[0].runs, log.joins[0].users, log.queries[0].success_rate), (2, 1, 0.5));
    assert_eq!(log.skipped, [(SkipReason::Duplicate, 1), (SkipReason::CutOff, 1)].into());
    let json = serde_json::to_string(&log).unwrap();
    assert!(!json.contains("example") && !json.contains("costa"), "{json}");
}
