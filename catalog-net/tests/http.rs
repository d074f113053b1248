//! The client against a server that plays a script, one answer a connection.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::model::Secret;
use catalog_core::{ErrorKind, Retry};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each connection with the next text, keeps what was asked, and drops the connection for an empty text.
async fn serve(answers: Vec<String>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 64 << 10];
            let read = socket.read(&mut bytes).await.unwrap();
            journal.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (port, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn client(port: u16) -> HttpClient {
    let options = HttpOptions {
        backoff: Duration::from_millis(1),
        backoff_max: Duration::from_millis(5),
        deadline: Duration::from_secs(5),
        body_bytes_max: 1000,
        credential: Credential::Bearer(Secret::new("s3cret")),
        ..HttpOptions::default()
    };
    HttpClient::new(&format!("http://127.0.0.1:{port}/api"), &policy(port), options).unwrap()
}

fn policy(port: u16) -> EgressPolicy {
    EgressPolicy::allowing([("127.0.0.1", port), ("localhost", port)])
}

fn get(target: impl Into<String>) -> HttpRequest {
    HttpRequest::new("ask_server", Method::Get, target)
}

#[tokio::test]
async fn a_request_goes_below_the_base_with_its_token_and_parameters() {
    let (port, asked) = serve(vec![answer("200 OK", "x-it: 7\r\n", "{\"a\":1}")]).await;
    let response = client(port).send(get("/v1/t").query("q", "a b&c")).await.unwrap().require_success().unwrap();
    assert_eq!((response.status(), response.header("X-IT")), (200, Some("7")));
    assert_eq!(response.json::<serde_json::Value>().unwrap()["a"], 1);
    let asked = asked.lock().unwrap()[0].to_lowercase();
    assert!(asked.starts_with("get /api/v1/t?q=a+b%26c http/1.1"), "{asked}");
    assert!(asked.contains("authorization: bearer s3cret"), "{asked}");
}

#[tokio::test]
async fn a_storm_of_503_is_outlasted_and_a_long_one_gives_the_last_answer() {
    let busy = || answer("503 Service Unavailable", "", "");
    let (port, asked) = serve(vec![busy(), busy(), answer("200 OK", "", "ok")]).await;
    assert_eq!(client(port).send(get("/")).await.unwrap().body(), b"ok");
    assert_eq!(asked.lock().unwrap().len(), 3);
    let (port, asked) = serve(vec![busy(), busy(), busy(), busy(), busy()]).await;
    let error = client(port).send(get("/")).await.unwrap().require_success().err().unwrap();
    assert_eq!((error.kind(), asked.lock().unwrap().len()), (ErrorKind::Unavailable, 4));
}

#[tokio::test]
async fn a_wait_beyond_our_limit_is_handed_to_the_caller() {
    let (port, asked) = serve(vec![answer("429 Too Many Requests", "retry-after: 3600\r\n", "")]).await;
    let error = client(port).send(get("/")).await.unwrap().require_success().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::Temporary(Some(Duration::from_secs(3600))));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_broken_connection_repeats_a_get_and_no_post() {
    let (port, asked) = serve(vec![String::new(), answer("200 OK", "", "ok")]).await;
    assert_eq!(client(port).send(get("/")).await.unwrap().status(), 200);
    assert_eq!(asked.lock().unwrap().len(), 2);
    let (port, asked) = serve(vec![String::new(), answer("200 OK", "", "ok")]).await;
    let post = HttpRequest::new("ask_server", Method::Post, "/").body("text/plain", "x");
    assert_eq!(client(port).send(post).await.err().unwrap().kind(), ErrorKind::Unavailable);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_body_over_its_cap_is_cut_off_in_the_middle() {
    // The length promised is never sent in full: reading to the end would end as a broken connection.
    let flood = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{}", "x".repeat(5000));
    let (port, _) = serve(vec![flood]).await;
    let error = client(port).send(get("/")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn neither_a_response_nor_a_redirect_leads_to_another_origin() {
    let (port, asked) = serve(vec![answer("302 Found", "location: http://169.254.169.254/\r\n", "")]).await;
    let client = client(port);
    for elsewhere in [
        format!("http://127.0.0.1:{}/api/x", port ^ 1),
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://u:p@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let error = client.send(get(elsewhere)).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert!(!error.to_string().contains("u:p"));
    }
    let redirected = client.send(get(format!("http://127.0.0.1:{port}/there"))).await.unwrap();
    assert_eq!(redirected.require_success().err().unwrap().kind(), ErrorKind::Forbidden);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_never_dialled() {
    let error = HttpClient::new("http://example.org", &policy(80), HttpOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    for odd in ["ftp://localhost:1", "http://u:s3cret@localhost:1", "localhost"] {
        let error = HttpClient::new(odd, &policy(1), HttpOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.to_string().contains("s3cret"));
    }
}

#[tokio::test]
async fn a_listed_name_is_resolved_and_reached() {
    let (port, _) = serve(vec![answer("200 OK", "", "ok")]).await;
    let base = format!("http://localhost:{port}");
    let client = HttpClient::new(&base, &policy(port), HttpOptions::default()).unwrap();
    assert_eq!(client.send(get("/")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn no_error_shows_a_token_or_a_body() {
    let (port, _) =
        serve(vec![answer("401 Unauthorized", "", "alice@example.org"), answer("200 OK", "", "s3cret")]).await;
    let client = client(port);
    let error = client.send(get("/p?token=s3cret")).await.unwrap().require_success().err().unwrap();
    assert!(!format!("{error:?}").contains("s3cret") && !error.to_string().contains("alice"));
    let error = client.send(get("/")).await.unwrap().json::<serde_json::Value>().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(!error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn a_header_with_a_line_break_is_refused() {
    let request = get("/").header("x-source", "a\r\nx-evil: 1");
    assert_eq!(client(9).send(request).await.err().unwrap().kind(), ErrorKind::InvalidInput);
}
