//! Polling against a server that holds events and answers as VictoriaLogs does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::memory::ManualClock;
use catalog_core::model::SkipReason;
use catalog_core::ports::QueryLogSource;
use catalog_net::{EgressPolicy, HttpClient, HttpOptions};
use catalog_querylog::{VictoriaLogsOptions, VictoriaLogsSource};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// 2026-01-31T10:00:00Z.
const NOW_MS: i64 = 1_769_853_600_000;

/// Lines with their time in seconds before now, in any order.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<(i64, String)>>>);

impl Store {
    fn put(&self, seconds_ago: i64, id: &str) {
        let time = moment(NOW_MS - seconds_ago * 1_000);
        let line = json!({"_time": time, "_msg": format!("SELECT '{id}'"), "metadata.queryId": id});
        self.put_line(seconds_ago, line.to_string());
    }

    fn put_line(&self, seconds_ago: i64, line: String) {
        self.0.lock().unwrap().push((NOW_MS - seconds_ago * 1_000, line));
    }

    /// What `… _time:[a, b) | sort … offset o limit n | …` selects.
    fn select(&self, query: &str) -> String {
        let part = |from: &str, to: &str| query.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned();
        let time = |text: String| text.trim().parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let (from, to) = (time(part("_time:[", ",")), time(part(", ", ")")));
        let number = |word: &str| part(word, " ").parse::<usize>().unwrap();
        let (offset, limit) = (number("offset "), number("limit "));
        let mut found: Vec<(i64, String)> =
            self.0.lock().unwrap().iter().filter(|(at, _)| (from..to).contains(at)).cloned().collect();
        found.sort();
        found.into_iter().skip(offset).take(limit).map(|(_, line)| line + "\n").collect()
    }

    async fn serve(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, store) = (listener.local_addr().unwrap().port(), self.clone());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, store.clone()));
            }
        });
        port
    }

    async fn source(&self, clock: &Arc<ManualClock>) -> VictoriaLogsSource {
        source(self.serve().await, clock)
    }
}

fn source(port: u16, clock: &Arc<ManualClock>) -> VictoriaLogsSource {
    let quick = HttpOptions {
        backoff: Duration::from_millis(1),
        backoff_max: Duration::from_millis(2),
        attempts_max: 2,
        ..HttpOptions::default()
    };
    let policy = EgressPolicy::allowing([("127.0.0.1", port)]);
    let http = HttpClient::new(&format!("http://127.0.0.1:{port}"), &policy, quick).unwrap();
    let clock: Arc<ManualClock> = Arc::clone(clock);
    VictoriaLogsSource::new(http, VictoriaLogsOptions::default(), clock)
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}

async fn answer(mut socket: TcpStream, store: Store) {
    let (mut text, mut buffer) = (String::new(), vec![0; 16 << 10]);
    while !text.contains("\r\n\r\n") {
        let Ok(read @ 1..) = socket.read(&mut buffer).await else { return };
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    let target = text.split(' ').nth(1).unwrap();
    let url: url::Url = format!("http://x{target}").parse().unwrap();
    let query = url.query_pairs().find(|(name, _)| name == "query").unwrap().1.into_owned();
    let body = store.select(&query);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = socket.write_all((head + &body).as_bytes()).await;
}

/// All ids of one poll, and where the next one starts.
async fn poll(source: &VictoriaLogsSource, cursor: Option<String>, limit: usize) -> (Vec<String>, Option<String>) {
    let (mut ids, mut cursor) = (Vec::new(), cursor);
    for _ in 0..1_000 {
        let page = source.page(cursor.as_deref(), limit).await.unwrap();
        ids.extend(page.events.into_iter().map(|event| event.query_id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return (ids, page.resume),
        }
    }
    panic!("the poll does not end")
}

#[tokio::test]
async fn a_poll_finds_every_event_once_in_the_order_of_time_whatever_the_page() {
    let store = Store::default();
    let mut expected = Vec::new();
    for i in 0..60 {
        // Bursts of the same instant, and gaps of days.
        let seconds_ago = 20 * 86_400 - (i / 7) * 2 * 86_400;
        let id = format!("q{i:02}");
        store.put(seconds_ago, &id);
        expected.push(id);
    }
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let source = store.source(&clock).await;
    for limit in [1, 2, 7, 50, 1_000] {
        let (ids, resume) = poll(&source, None, limit).await;
        assert_eq!(ids, expected, "pages of {limit}");
        assert!(resume.is_some());
    }
}

#[tokio::test]
async fn the_next_poll_overlaps_and_finds_what_came_late_and_what_is_new() {
    let store = Store::default();
    store.put(1_000, "old");
    store.put(300, "seen");
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let source = store.source(&clock).await;
    let (_, resume) = poll(&source, None, 10).await;
    store.put(330, "late");
    store.put(200, "new");
    let (ids, resume) = poll(&source, resume, 10).await;
    assert_eq!(ids, ["late", "seen", "new"], "of what was seen only the overlap comes again");
    let (ids, _) = poll(&source, resume, 10).await;
    assert_eq!(ids, ["seen", "new"]);
}

#[tokio::test]
async fn an_event_of_the_future_waits_for_its_time() {
    let store = Store::default();
    store.put(10, "now");
    store.put(-3_600, "later");
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let source = store.source(&clock).await;
    let (ids, resume) = poll(&source, None, 10).await;
    assert_eq!(ids, ["now"]);
    clock.advance_ms(2 * 3_600_000);
    assert_eq!(poll(&source, resume, 10).await.0, ["now", "later"]);
}

#[tokio::test]
async fn damaged_lines_and_our_own_queries_are_counted_and_passed() {
    let store = Store::default();
    store.put(50, "a");
    store.put_line(40, "{\"_time\":\"2026".to_owned());
    let own = json!({"_time": moment(NOW_MS - 30_000), "_msg": "SELECT 1", "context.source": "akko-catalog-sync"});
    store.put_line(30, own.to_string());
    store.put(20, "b");
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let source = store.source(&clock).await;
    let page = source.page(None, 10).await.unwrap();
    assert_eq!(page.events.len(), 2);
    assert_eq!(page.rejected, [(SkipReason::MalformedLine, 1), (SkipReason::Own, 1)].into());
}

#[tokio::test]
async fn a_server_that_is_down_and_a_cursor_of_another_source_are_named_errors() {
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let down = source(port, &clock);
    assert_eq!(down.page(None, 10).await.err().unwrap().kind(), ErrorKind::Unavailable);
    assert_eq!(down.page(Some("17"), 10).await.err().unwrap().kind(), ErrorKind::InvalidInput);
}
