//! The sidecar as a scanner, against a server on the loopback that plays a script, one answer a connection.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{PiiEntity, Verdict};
use catalog_core::ports::{PiiVoter, RawScanner};
use catalog_net::EgressPolicy;
use catalog_pii::{BesideScanner, Masker, PatternScanner, PatternVoter, PresidioOptions, PresidioScanner, evidence};
use support::{rows_of_text, text_sample, text_table};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each connection with the next body under a status, and keeps what was asked.
async fn serve(answers: Vec<(&'static str, String)>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&asked);
    tokio::spawn(async move {
        for (status, body) in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 64 << 10];
            let read = socket.read(&mut bytes).await.unwrap();
            journal.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (port, asked)
}

fn scanner(port: u16) -> PresidioScanner {
    let options = PresidioOptions {
        languages: vec!["en".into()],
        deadline: Duration::from_secs(3),
        ..PresidioOptions::default()
    };
    PresidioScanner::new(&format!("http://127.0.0.1:{port}"), &EgressPolicy::allowing([("127.0.0.1", port)]), options)
        .unwrap()
}

fn finding(entity: &str, start: usize, end: usize, score: f64) -> String {
    format!(r#"{{"entity_type":"{entity}","start":{start},"end":{end},"score":{score},"analysis_explanation":null}}"#)
}

#[tokio::test]
async fn shares_are_counted_over_cells_and_each_text_is_sent_once() {
    let answer = format!(
        "[[{}],[{},{}]]",
        finding("EMAIL_ADDRESS", 2, 9, 1.0),
        finding("IBAN_CODE", 0, 27, 1.0),
        finding("URL", 0, 27, 0.5)
    );
    let (port, asked) = serve(vec![("200 OK", answer)]).await;
    let sample = text_sample("c", &["é a@b.org", "FR1420041010050500013M02606", "é a@b.org", ""]);
    let hits = scanner(port).scan(&sample).await.unwrap().remove(0);
    assert_eq!(hits.cells_seen, 3);
    let found: Vec<_> = hits.hits.iter().map(|h| (h.entity, h.checksum)).collect();
    assert_eq!(found, [(PiiEntity::Email, false), (PiiEntity::Iban, true)]);
    assert!((hits.hits[0].whole_cell_share - 0.0).abs() < 1e-9 && (hits.hits[0].inside_share - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(asked.lock().unwrap()[0].matches("a@b.org").count(), 1);
}

#[tokio::test]
async fn findings_outside_the_text_or_below_the_score_do_not_count() {
    let answer = format!("[[{},{}]]", finding("EMAIL_ADDRESS", 3, 900, 1.0), finding("PHONE_NUMBER", 0, 3, 0.1));
    let (port, _) = serve(vec![("200 OK", answer)]).await;
    assert!(scanner(port).scan(&text_sample("c", &["abc"])).await.unwrap()[0].hits.is_empty());
}

#[tokio::test]
async fn garbage_is_an_error_that_quotes_nothing() {
    for (status, body) in [("200 OK", "[[]]"), ("200 OK", "<html>a@b.org</html>"), ("500 x", "{\"error\":\"a@b.org\"}")]
    {
        let (port, _) = serve(vec![(status, body.to_owned()); 8]).await;
        let error = scanner(port).scan(&text_sample("c", &["a@b.org", "x@y.org"])).await.unwrap_err();
        assert!(!error.to_string().contains("b.org"), "{error}");
    }
}

#[tokio::test]
async fn raw_cells_go_to_this_machine_alone() {
    let policy = EgressPolicy::allowing([("presidio.data.svc", 5002)]);
    let error =
        PresidioScanner::new("http://presidio.data.svc:5002", &policy, PresidioOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let unlisted = PresidioScanner::new("http://127.0.0.1:5002", &policy, PresidioOptions::default()).err().unwrap();
    assert_eq!(unlisted.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_sidecar_that_is_away_turns_a_no_into_an_abstention_and_no_yes_into_anything_less() {
    let sample = rows_of_text(&["mail", "colour"], &[vec!["a@b.org", "red"], vec!["c@d.org", "blue"]]);
    let beside = BesideScanner::new(Arc::new(PatternScanner::default()), Arc::new(scanner(1)));
    let hits = beside.scan(&sample).await.unwrap();
    let evidence = evidence(&text_table("t", &["mail", "colour"]), None, &hits, Masker::default().mask(&sample));
    let votes = PatternVoter.vote(&evidence).await.unwrap();
    assert_eq!((votes[0].verdict, votes[1].verdict), (Verdict::Yes, Verdict::Abstain));
}

#[tokio::test]
async fn the_larger_share_of_both_counts() {
    let (port, _) = serve(vec![("200 OK", format!("[[{}],[]]", finding("PERSON", 0, 6, 0.85)))]).await;
    let beside = BesideScanner::new(Arc::new(PatternScanner::default()), Arc::new(scanner(port)));
    let hits = beside.scan(&text_sample("c", &["Xyzzyq", "a@b.org"])).await.unwrap().remove(0);
    let found: Vec<_> = hits.hits.iter().map(|h| (h.entity, h.whole_cell_share)).collect();
    assert_eq!(found, [(PiiEntity::Email, 0.5), (PiiEntity::PersonName, 0.5)]);
}
