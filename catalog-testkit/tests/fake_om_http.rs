//! What only a served stand-in shows: concurrent writers, webhooks, other processes.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catalog_testkit::fake_om::{Edit, FakeOm, Generation, Options, Request, WebhookBody};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const TABLE: &str = "lake.iceberg.sales.wide";
const COLUMNS: usize = 10;

async fn served(generation: Generation, body: WebhookBody) -> FakeOm {
    let mut options = Options::of(generation);
    options.webhook_body = body;
    let server = FakeOm::start(options, 0).await.unwrap();
    let columns: Vec<Value> = (0..COLUMNS).map(|i| json!({"name": format!("c{i}"), "dataType": "INT"})).collect();
    for (collection, body) in [
        ("services/databaseServices", json!({"name": "lake", "serviceType": "Trino"})),
        ("databases", json!({"name": "iceberg", "service": "lake"})),
        ("databaseSchemas", json!({"name": "sales", "database": "lake.iceberg"})),
        ("tables", json!({"name": "wide", "databaseSchema": "lake.iceberg.sales", "columns": columns})),
    ] {
        server.with(|s| {
            let request = Request::new("POST", &format!("/api/v1/{collection}")).json(&body);
            assert_eq!(s.handle(&s.authorised(request, "admin")).status, 201);
        });
    }
    server
}

fn client() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// Describes each column by a writer of its own, all at once; gives the statuses and how many texts were stored.
async fn describe_all_columns_at_once(server: &FakeOm) -> (Vec<u16>, usize) {
    server.hold_patches(COLUMNS);
    let writers: Vec<_> = (0..COLUMNS)
        .map(|i| {
            let url = format!("{}/api/v1/tables/name/{TABLE}", server.url());
            tokio::task::spawn_blocking(move || {
                let body = json!([{"op": "add", "path": format!("/columns/{i}/description"), "value": "described"}]);
                let request = client()
                    .patch(&url)
                    .header("Authorization", "Bearer ingestion-bot-token")
                    .header("Content-Type", "application/json-patch+json");
                request.send(body.to_string()).unwrap().status().as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for writer in writers {
        statuses.push(writer.await.unwrap());
    }
    let stored = server.with(|s| {
        let columns = s.table(TABLE).unwrap()["columns"].as_array().unwrap().clone();
        columns.iter().filter(|column| column["description"] == "described").count()
    });
    (statuses, stored)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_patches_the_older_generation_keeps_few_and_says_yes_to_all() {
    let server = served(Generation::V1_6, WebhookBody::Single).await;
    assert_eq!(describe_all_columns_at_once(&server).await, (vec![200; COLUMNS], 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newer_generation_keeps_all_concurrent_patches() {
    let server = served(Generation::V2_0, WebhookBody::Single).await;
    assert_eq!(describe_all_columns_at_once(&server).await, (vec![200; COLUMNS], COLUMNS));
}

/// Takes one HTTP request and answers 200: its head and its body.
fn take_one(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        bytes.push(byte_of(&mut stream));
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    (head, body)
}

fn byte_of(stream: &mut TcpStream) -> u8 {
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    byte[0]
}

fn subscription(endpoint: &str, secret: &str) -> Value {
    json!({
        "name": "hook", "alertType": "Notification", "resources": ["table"], "enabled": true,
        "input": {"filters": [], "actions": []},
        "destinations": [{"category": "External", "type": "Webhook", "enabled": true,
            "config": {"endpoint": endpoint, "secretKey": secret}}],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_is_posted_signed_over_its_raw_body() {
    for (body, pointer) in [
        (WebhookBody::Single, ""),
        (WebhookBody::Data, "/data/0"),
        (WebhookBody::Array, "/0"),
        (WebhookBody::EventList, "/data/0"),
    ] {
        let server = served(Generation::V1_6, body).await;
        let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/hook", receiver.local_addr().unwrap());
        let shown = server.with(|s| {
            let request = Request::new("POST", "/api/v1/events/subscriptions").json(&subscription(&endpoint, "secret"));
            let answer = s.handle(&s.authorised(request, "admin"));
            s.edit(&Edit {
                user: "alice".to_owned(),
                table: TABLE.to_owned(),
                operations: json!([{"op": "add", "path": "/description", "value": "é"}]),
            });
            answer
        });
        assert_eq!(shown.status, 201);
        assert!(shown.get("/destinations/0/config/secretKey").as_str().unwrap().starts_with("fernet:"));
        let (head, raw) = tokio::task::spawn_blocking(move || take_one(&receiver)).await.unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(&raw);
        let expected = format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()));
        let header = head.lines().find_map(|l| l.to_lowercase().starts_with("x-om-signature:").then(|| l[15..].trim()));
        assert_eq!(header, Some(expected.as_str()));
        let sent: Value = serde_json::from_slice(&raw).unwrap();
        let event = sent.pointer(pointer).unwrap();
        assert_eq!((&event["userName"], &event["entityType"]), (&json!("alice"), &json!("table")));
        let entity: Value = serde_json::from_str(event["entity"].as_str().unwrap()).unwrap();
        assert_eq!(entity["description"], "é");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_are_unsigned_without_a_secret_and_can_be_kept_from_being_sent() {
    let server = served(Generation::V1_6, WebhookBody::Single).await;
    server.keep_deliveries();
    let kept = server.with(|s| {
        let request = Request::new("POST", "/api/v1/events/subscriptions").json(&subscription("http://nowhere", ""));
        s.handle(&s.authorised(request, "admin"));
        let operations = json!([{"op": "add", "path": "/description", "value": "x"}]);
        s.edit(&Edit { user: "alice".to_owned(), table: TABLE.to_owned(), operations });
        s.take_deliveries()
    });
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].signature, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_interferes_and_reads_the_journal() {
    let server = served(Generation::V2_0, WebhookBody::Single).await;
    let url = server.url();
    let (patched, journal) = tokio::task::spawn_blocking(move || {
        let operations = json!([{"op": "add", "path": "/description", "value": "by a person"}]);
        let edit = json!({"user": "alice", "table": TABLE, "operations": operations});
        client().post(format!("{url}/stand-in/before-patch")).send(edit.to_string()).unwrap();
        let read = client()
            .get(format!("{url}/api/v1/tables/name/{TABLE}"))
            .header("Authorization", "Bearer ingestion-bot-token")
            .call()
            .unwrap();
        assert!(read.headers()["etag"].to_str().unwrap().starts_with('"'));
        let patched = client()
            .patch(format!("{url}/api/v1/tables/name/{TABLE}"))
            .header("Authorization", "Bearer ingestion-bot-token")
            .header("Content-Type", "application/json-patch+json")
            .header("If-Match", "W/\"0.1\"")
            .send(json!([{"op": "add", "path": "/description", "value": "ours"}]).to_string())
            .unwrap();
        let journal = client().get(format!("{url}/stand-in/journal")).call().unwrap().body_mut().read_to_string();
        (patched.status().as_u16(), journal.unwrap())
    })
    .await
    .unwrap();
    assert_eq!(patched, 412);
    let journal: Value = serde_json::from_str(&journal).unwrap();
    let last = journal.as_array().unwrap().last().unwrap();
    assert_eq!((&last["if_match"], &last["status"]), (&json!("W/\"0.1\""), &json!(412)));
}
