//! A Trino that plays a script: each statement is answered by the first rule whose word it holds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::memory::ManualClock;
use catalog_net::{EgressPolicy, HttpClient, HttpOptions};
use catalog_profile::trino::{Politeness, PolitenessOptions, TrinoClient, TrinoOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a statement is taken for that the server plans for nobody.
const REFUSED: &str = "a scan without a filter";

/// How a statement ends.
#[derive(Clone)]
pub(super) enum Play {
    /// Columns (name, type) and rows, on the second page.
    Rows(Vec<(&'static str, &'static str)>, Vec<Value>),
    /// An error of that name and type.
    Error(&'static str, &'static str),
    /// Pages without end or rows.
    Endless,
    /// A next page at this address.
    Elsewhere(String),
    /// So many answers 503 first.
    Storm(usize, Box<Play>),
    /// A page of so many bytes.
    Flood(usize),
    /// Rows in another encoding.
    Spooled,
}

/// What was asked: method, path, headers in lower case, and the body.
pub(super) type Journal = Arc<Mutex<Vec<(String, String)>>>;

/// A running script.
pub(super) struct Scripted {
    pub(super) port: u16,
    pub(super) journal: Journal,
}

impl Scripted {
    pub(super) async fn start(rules: Vec<(&'static str, Play)>) -> Self {
        Self::play(rules, None).await
    }

    /// A server that plans no scan of the table of this name without a filter, as Trino with
    /// `hive.query-partition-filter-required`; `LIMIT 0` needs no scan.
    pub(super) async fn wanting_a_filter(name: &'static str, mut rules: Vec<(&'static str, Play)>) -> Self {
        rules.push((REFUSED, Play::Error("QUERY_REJECTED", "USER_ERROR")));
        Self::play(rules, Some(name)).await
    }

    async fn play(rules: Vec<(&'static str, Play)>, guarded: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (journal, script) = (Journal::default(), Arc::new(Mutex::new(rules)));
        let asked = Arc::clone(&journal);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, (port, guarded), Arc::clone(&asked), Arc::clone(&script)));
            }
        });
        Self { port, journal }
    }

    pub(super) fn client(&self, options: TrinoOptions) -> Arc<TrinoClient> {
        let policy = EgressPolicy::allowing([("127.0.0.1", self.port)]);
        let quick = HttpOptions {
            backoff: Duration::from_millis(1),
            backoff_max: Duration::from_millis(4),
            ..HttpOptions::default()
        };
        let http = HttpClient::new(&format!("http://127.0.0.1:{}", self.port), &policy, quick).unwrap();
        let politeness = Politeness::new(PolitenessOptions::default(), Arc::new(ManualClock::at(0)));
        Arc::new(TrinoClient::new(http, options, politeness))
    }

    /// Requests that begin with this method.
    pub(super) fn asked(&self, method: &str) -> usize {
        self.journal.lock().unwrap().iter().filter(|(head, _)| head.starts_with(method)).count()
    }
}

async fn serve(
    mut socket: TcpStream,
    (port, guarded): (u16, Option<&'static str>),
    journal: Journal,
    rules: Arc<Mutex<Vec<(&'static str, Play)>>>,
) {
    let (mut text, mut buffer) = (String::new(), vec![0; 64 << 10]);
    let body_at = loop {
        let Ok(read @ 1..) = socket.read(&mut buffer).await else { return };
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some(at) = text.find("\r\n\r\n") else { continue };
        let length = text[..at].lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if text.len() >= at + 4 + length {
            break at + 4;
        }
    };
    let (head, body) = (text[..body_at].to_lowercase(), text[body_at..].to_owned());
    let refused = guarded.is_some_and(|name| reads_unfiltered(&body, name));
    let page = answer(&head, if refused { REFUSED } else { &body }, port, &rules);
    journal.lock().unwrap().push((head, body));
    let (status, body) = page.map_or(("503 Busy", String::new()), |page| ("200 OK", page));
    let reply = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = socket.write_all(reply.as_bytes()).await;
}

/// Does the statement scan a table of this name anywhere without a filter?
fn reads_unfiltered(sql: &str, name: &str) -> bool {
    sql.split(name).skip(1).any(|rest| {
        let sampled = rest.strip_prefix(" TABLESAMPLE").and_then(|rest| rest.split_once(')'));
        let rest = sampled.map_or(rest, |(_, rest)| rest);
        !rest.starts_with(" WHERE (") && !rest.starts_with(" LIMIT 0")
    })
}

/// The page, or `None` for a 503. A statement's second page is found by its rule's number in the path.
fn answer(head: &str, body: &str, port: u16, rules: &Mutex<Vec<(&'static str, Play)>>) -> Option<String> {
    let mut rules = rules.lock().unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let first = head.starts_with("post");
    if head.starts_with("delete") {
        return Some(String::new());
    }
    let place = if first {
        rules.iter().position(|(word, _)| body.contains(word)).unwrap_or_else(|| panic!("no rule for {body}"))
    } else {
        path.rsplit('/').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    if let Play::Storm(left, then) = &mut rules[place].1 {
        if *left > 0 {
            *left -= 1;
            return None;
        }
        rules[place].1 = (**then).clone();
    }
    let next = format!("http://127.0.0.1:{port}/v1/statement/executing/{place}/1");
    let page = match (&rules[place].1, first) {
        (Play::Elsewhere(address), _) => json!({"id": "q_1", "nextUri": address}),
        (Play::Endless, _) | (_, true) => json!({"id": "q_1", "nextUri": next}),
        (Play::Rows(columns, rows), false) => {
            let columns: Vec<Value> = columns.iter().map(|(n, t)| json!({"name": n, "type": t})).collect();
            json!({"id": "q_1", "columns": columns, "data": rows})
        }
        (Play::Error(name, kind), false) => {
            let message = "Cannot cast 'alice@example.org' to integer";
            json!({"id": "q_1", "error": {"message": message, "errorCode": 9, "errorName": name, "errorType": kind}})
        }
        (Play::Flood(bytes), false) => json!({"id": "q_1", "nextUri": next, "filler": "x".repeat(*bytes)}),
        (Play::Spooled, false) => {
            json!({"id": "q_1", "nextUri": next, "columns": [], "data": {"encoding": "json+zstd"}})
        }
        (Play::Storm(..), false) => json!({}),
    };
    Some(page.to_string())
}
