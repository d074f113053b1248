//! A service that was taken over leads nowhere: no redirect, no link and no next page is followed to another host, and
//! the address that hands out a cloud's credentials is never dialled.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use catalog_core::ErrorKind;
use catalog_core::memory::ManualClock;
use catalog_core::ports::MetadataSource as _;
use catalog_net::{EgressPolicy, HttpClient, HttpOptions};
use catalog_om::{OmClient, OmSettings, OmSource, ServerCapabilities};
use catalog_profile::trino::{Politeness, PolitenessOptions, Statement, TrinoClient, TrinoOptions};
use catalog_syncd::config::{ConfigSource, load};
use catalog_syncd::doctor::{Health, examine};

/// Where a taken-over service wants to lead us; counts who came.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let app = Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "{}" }
    });
    (serve(app).await, visits)
}

async fn serve(app: Router) -> u16 {
    let listener = catalog_net::listen("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    port
}

/// A service that answers everything with a redirect.
async fn redirecting(to: String) -> u16 {
    serve(Router::new().fallback(move || {
        let to = to.clone();
        async move { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response() }
    }))
    .await
}

/// A service that answers everything with this JSON.
async fn answering(json: String) -> u16 {
    serve(Router::new().fallback(move || {
        let json = json.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], json) }
    }))
    .await
}

#[tokio::test]
async fn no_redirect_of_any_service_is_followed() {
    let (port, visits) = trap().await;
    for to in [format!("http://127.0.0.1:{port}/x"), "http://169.254.169.254/latest/meta-data/".to_owned()] {
        let service = format!("http://127.0.0.1:{}", redirecting(to).await);
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        let text = format!(
            "[state]\ndir = \"{0}/state\"\nkey_file = \"{0}/key\"\n[openmetadata]\nurl = \"{service}/api\"\n\
             [trino]\nurl = \"{service}\"\n[llm]\nurl = \"{service}/v1\"\n[pii]\npresidio_url = \"{service}\"\n\
             [querylog]\nvictorialogs_url = \"{service}\"\n",
            dir.path().display()
        );
        std::fs::write(&file, text).unwrap();
        let config = load(&ConfigSource { file: Some(file), ..ConfigSource::default() }).unwrap().config;
        let checks = examine(&config).await;
        for service in ["openmetadata", "trino", "models", "presidio", "victorialogs"] {
            let check = checks.iter().find(|c| c.what == service).unwrap();
            assert_eq!(check.health, Health::Broken, "{check:?}");
        }
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_next_page_or_a_link_on_another_host_is_never_fetched() {
    let (port, visits) = trap().await;
    let elsewhere = format!("http://127.0.0.1:{port}/v1/statement/x/1");
    let trino =
        answering(format!("{{\"id\": \"q\", \"nextUri\": \"{elsewhere}\", \"stats\": {{\"state\": \"RUNNING\"}}}}"))
            .await;
    let policy = |port| EgressPolicy::allowing([("127.0.0.1", port)]);
    let http = HttpClient::new(&format!("http://127.0.0.1:{trino}/"), &policy(trino), HttpOptions::default()).unwrap();
    let politeness = Politeness::new(PolitenessOptions::default(), Arc::new(ManualClock::at(0)));
    let client = TrinoClient::new(http, TrinoOptions::default(), politeness);
    let refused = client.query(&Statement::new("test", "ask", "SELECT 1")).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Forbidden, "{refused}");

    let page = format!(
        "{{\"data\": [], \"paging\": {{\"total\": 9, \"after\": \"{elsewhere}\"}}, \"href\": \"{elsewhere}\"}}"
    );
    let om = answering(page).await;
    let settings = OmSettings { url: format!("http://127.0.0.1:{om}/api"), ..OmSettings::default() };
    let source =
        OmSource::new(OmClient::new(&settings, &policy(om)).unwrap(), &settings, &ServerCapabilities::unknown("bot"))
            .unwrap();
    let first = source.list(None, 10).await;
    if let Some(next) = first.ok().and_then(|page| page.next) {
        // What claims to be a cursor is sent as one, to the same host.
        let _ = source.list(Some(&next), 10).await;
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}
