//! Servers, proxies and tokens that are not what they should be: a clear error, and nothing lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalog_core::ports::{Discovered, MetadataSource, Publisher};
use catalog_core::{Error, ErrorKind};
use catalog_net::{Credential, EgressPolicy};
use catalog_om::{OmClient, OmPublisher, OmSettings, OmSource, ServerCapabilities};
use catalog_testkit::fake_om::{Fault, FaultKind, Generation};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::world::{World, describe, nowhere, policy};

/// A server that gives every request the same answer, and counts them.
async fn saying(kind: &'static str, body: String) -> (OmSettings, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut head = vec![0; 16 << 10];
            let _ = stream.read(&mut head).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body.as_bytes()).await;
        }
    });
    (OmSettings { url, attempts_max: 1, ..OmSettings::default() }, asked)
}

fn source(settings: &OmSettings) -> OmSource {
    let client = OmClient::new(settings, &policy(&settings.url)).unwrap();
    OmSource::new(client, settings, &ServerCapabilities::unknown("bot")).unwrap()
}

async fn listing_error(settings: &OmSettings) -> Error {
    source(settings).list(None, 10).await.err().unwrap()
}

fn listed(names: &[&str], after: Option<&str>) -> String {
    let table = |name: &&str| json!({"id": name, "name": name, "fullyQualifiedName": format!("s.d.x.{name}"), "version": 0.1, "columns": []});
    let data: Vec<Value> = names.iter().map(table).collect();
    json!({"data": data, "paging": {"after": after, "total": 2}}).to_string()
}

#[tokio::test]
async fn a_page_for_people_is_told_from_an_api() {
    let (settings, _) = saying("text/html", "<html>secret-page</html>".into()).await;
    let error = listing_error(&settings).await;
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let words = error.to_string();
    assert!(words.contains("/api") && !words.contains("secret-page"), "{words}");
}

#[tokio::test]
async fn json_of_another_service_is_no_catalog() {
    for body in ["[1,2]", "{\"data\": 7}", "\"text\"", "{\"data\": [{\"id\": 1}, null]}"] {
        let (settings, _) = saying("application/json", body.into()).await;
        match source(&settings).list(None, 10).await {
            // Entries that are no tables are passed over; the page itself must be one.
            Ok(page) => assert!(page.tables.is_empty() && body.contains("null")),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{body}"),
        }
    }
}

#[tokio::test]
async fn a_table_in_a_form_that_we_cannot_read_is_named_and_does_not_hold_the_others() {
    let odd = json!({"id": "1", "fullyQualifiedName": "s.d.x.odd", "columns": "none"});
    let body = listed(&["fine"], None).replace("[{", &format!("[{odd},{{"));
    let (settings, _) = saying("application/json", body).await;
    let page = source(&settings).list(None, 10).await.unwrap();
    let [Discovered::Unreadable(table, error), Discovered::Table(fine)] = page.tables.as_slice() else {
        panic!("one of each")
    };
    assert_eq!((table.fqn.name(), fine.fqn().name()), ("odd", "fine"));
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}

#[tokio::test]
async fn a_listing_that_repeats_its_cursor_ends_with_an_error() {
    let (settings, asked) = saying("application/json", listed(&["a"], Some("here"))).await;
    let source = source(&settings);
    let first = source.list(None, 10).await.unwrap();
    let error = source.list(first.next.as_deref(), 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    for cursor in ["", "here", "x:y", "-1:y"] {
        assert_eq!(source.list(Some(cursor), 10).await.err().unwrap().kind(), ErrorKind::InvalidInput, "{cursor}");
    }
}

/// A page beyond the limit is asked for again at half the size, down to a single table.
#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let (settings, asked) = saying("application/json", listed(&["a"], None) + &" ".repeat(10_000)).await;
    let settings = OmSettings { body_bytes_max: 5_000, ..settings };
    assert_eq!(listing_error(&settings).await.kind(), ErrorKind::LimitExceeded);
    assert_eq!(asked.load(Ordering::Relaxed), 5, "10, 5, 3, 2, 1");
}

#[tokio::test]
async fn too_many_events_to_read_ask_for_a_listing() {
    let (settings, _) = saying("application/json", " ".repeat(10_000)).await;
    let settings = OmSettings { body_bytes_max: 5_000, ..settings };
    let changes = source(&settings).changes(0, 10).await.unwrap();
    assert_eq!(changes, catalog_core::ports::SourceChanges::Unknown);
}

#[tokio::test]
async fn a_wrong_missing_or_expired_token_names_its_file_and_a_new_one_is_taken_up() {
    let world = World::new(Generation::V2_0).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "expired-token").unwrap();
    let settings = OmSettings { credential: Credential::bearer_file(&path), ..world.settings.clone() };
    let client = OmClient::new(&settings, &policy(&settings.url)).unwrap();
    let error = client.probe().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let words = error.to_string();
    assert!(words.contains("token") && !words.contains("expired-token"), "{words}");
    let source = OmSource::new(client, &settings, &world.capabilities).unwrap();
    assert_eq!(source.list(None, 10).await.err().unwrap().kind(), ErrorKind::Forbidden);
    std::fs::write(&path, "ingestion-bot-token\n").unwrap();
    assert_eq!(source.list(None, 10).await.unwrap().tables.len(), 2);
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_asked_again() {
    let world = World::new(Generation::V2_0).await;
    for status in [429, 503, 502] {
        let kind = FaultKind::Refused(status, Some(0));
        world.server.with(|s| s.fail(Fault { method: "GET".into(), path_contains: "tables".into(), times: 1, kind }));
        assert_eq!(world.source.list(None, 10).await.unwrap().tables.len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_is_not_on_the_allow_list_is_never_asked() {
    let settings = OmSettings { url: "http://example.org".into(), ..OmSettings::default() };
    assert_eq!(OmClient::new(&settings, &EgressPolicy::default()).err().unwrap().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn nothing_is_written_to_a_server_that_reorders_patches() {
    let world = World::new(Generation::V1_6).await;
    let orders = world.table("orders").await;
    let client = OmClient::new(&world.settings, &policy(&world.settings.url)).unwrap();
    let server = ServerCapabilities { ordered_patches: false, ..world.capabilities.clone() };
    let publisher = OmPublisher::new(client, &world.settings, server);
    assert!(!publisher.capabilities().optimistic_locking);
    let current = publisher.read(&orders).await.unwrap().unwrap();
    let error = publisher.write(&orders, &current, &[describe(&orders, "Ours.")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(world.stored("orders")["description"].is_null());
}

#[tokio::test]
async fn a_table_that_is_not_there_is_gone_and_no_error() {
    let world = World::new(Generation::V2_0).await;
    assert!(world.source.get(&nowhere().fqn).await.unwrap().is_none());
    assert!(world.source.get_by_id(&nowhere().id).await.unwrap().is_none());
}
