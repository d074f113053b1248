//! Is it alive, is it ready, what is it?

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use catalog_core::model::ProposalState;
use catalog_core::ports::ledger::ProposalFilter;
use serde_json::{Value, json};

use super::super::book::{Book, Page};
use super::super::{App, Problem};

pub(super) fn add(book: Book) -> Book {
    book.get(Page::new("/healthz", None, "Is the process alive?", "It is."), || async { "alive\n" })
        .get(Page::new("/readyz", None, "Can it work? Asks its own ledger and nothing remote.", "It can."), ready)
        .get(Page::new("/version", None, "Which program is it?", "Name and version."), version)
        .get(Page::new("/metrics", None, "Figures in Prometheus' text form.", "The figures."), metrics)
        .get(Page::new("/openapi.json", None, "This document.", "OpenAPI 3.1."), || async { Json(super::openapi()) })
        .get(Page::new("/docs", None, "This document as a page.", "A page without scripts from elsewhere."), docs)
}

async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    let state = app.parts.desk.ledger.ready().await;
    app.parts.metrics.ledger_up(state.is_ok());
    state
        .map(|()| "ready\n")
        .map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string()).retry_after(5))
}

async fn version() -> Json<Value> {
    Json(json!({ "name": "catalog-syncd", "version": env!("CARGO_PKG_VERSION") }))
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let parts = &app.parts;
    parts.metrics.paused(parts.engine.is_paused());
    // Asked at every scrape: a scrape is also how an operator learns that the ledger is down.
    let ledger = &parts.desk.ledger;
    match ledger.counts().await {
        Ok(counts) => {
            parts.metrics.ledger_up(true);
            parts.metrics.counts(&counts);
            let open = ProposalFilter { state: Some(ProposalState::Open), ..ProposalFilter::default() };
            if let Ok(n) = ledger.count_proposals(&open).await {
                parts.metrics.proposals_open(n);
            }
        }
        Err(_) => parts.metrics.ledger_up(false),
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], parts.metrics.text())
}

/// The document as a plain page: no script, nothing from another host.
async fn docs() -> impl IntoResponse {
    let document = super::openapi();
    let mut rows = String::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            let role = operation["security"][0]["bearer"][0].as_str().unwrap_or("anybody");
            rows.push_str(&format!(
                "<tr><td>{}</td><td><code>{path}</code></td><td>{role}</td><td>{summary}</td></tr>",
                method.to_uppercase()
            ));
        }
    }
    let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")];
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>AKKO Catalog Sync API</title>\
         <style>body{{font:16px/1.5 system-ui;margin:2rem;max-width:70rem}}td{{padding:.2rem 1rem .2rem 0;vertical-align:top}}</style>\
         <h1>AKKO Catalog Sync API</h1><p>The document for programs: <a href=\"openapi.json\">openapi.json</a>.</p>\
         <table><tr><th>method</th><th>path</th><th>role</th><th>what it does</th></tr>{rows}</table></html>"
    );
    (policy, Html(page))
}
