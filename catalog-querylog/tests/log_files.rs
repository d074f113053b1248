//! Files of JSON lines: pages, cursors and damaged lines.

use std::io::Write;

use catalog_core::ErrorKind;
use catalog_core::model::SkipReason;
use catalog_core::ports::{QueryLogPage, QueryLogSource};
use catalog_querylog::JsonLinesLog;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

async fn page(file: &tempfile::NamedTempFile, cursor: Option<&str>, limit: usize) -> QueryLogPage {
    JsonLinesLog::open(file.path()).unwrap().page(cursor, limit).await.unwrap()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let lines: String = (0..10).map(|i| format!("{{\"query\":\"SELECT {i}\"}}\n")).collect();
    let file = file(lines.as_bytes());
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = page(&file, cursor.as_deref(), 3).await;
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
    let page = page(&file(&bytes), None, 100).await;
    assert_eq!(page.events.iter().map(|e| e.sql.as_str()).collect::<Vec<_>>(), ["SELECT 1", "SELECT 3"]);
    let expected = [(SkipReason::MalformedLine, 4), (SkipReason::UnknownShape, 1), (SkipReason::Own, 1)];
    assert_eq!(page.rejected, expected.into());
    assert!(page.next.is_none());
}

#[tokio::test]
async fn a_line_beyond_ten_megabytes_is_skipped_and_the_next_one_read() {
    let mut bytes = format!("{{\"query\":\"{}\"}}\n", "x".repeat(11 << 20)).into_bytes();
    bytes.extend_from_slice(b"{\"query\":\"SELECT 1\"}\n");
    let page = page(&file(&bytes), None, 100).await;
    assert_eq!((page.events.len(), page.rejected), (1, [(SkipReason::TooLong, 1)].into()));
}

#[tokio::test]
async fn a_cursor_behind_the_end_gives_an_empty_page() {
    let page = page(&file(b"{\"query\":\"SELECT 1\"}\n"), Some("9999"), 10).await;
    assert!(page.events.is_empty() && page.next.is_none());
}

#[tokio::test]
async fn a_cursor_that_is_no_offset_and_a_missing_file_are_named_errors() {
    let file = file(b"");
    let error = JsonLinesLog::open(file.path()).unwrap().page(Some("x"), 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = JsonLinesLog::open(std::path::Path::new("/no/such/queries.jsonl")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/queries.jsonl"));
    let error = JsonLinesLog::open(std::env::temp_dir().as_path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
