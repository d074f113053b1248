//! What others send us: the catalog's webhooks and the engine's query events.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use catalog_core::ErrorKind;
use catalog_om::WEBHOOK_BODY_BYTES_MAX;
use catalog_querylog::intake;
use serde_json::{Value, json};

use super::super::auth::Role;
use super::super::book::{Book, Page};
use super::super::{App, Problem};
use super::Answer;
use crate::observability::Webhook;

pub(super) fn add(book: Book) -> Book {
    let page = Page::new(
        "/webhooks/openmetadata",
        None,
        "Take an OpenMetadata webhook; the signature in X-OM-Signature is the proof of who sends it.",
        "Stored durably; the tables are walked soon.",
    )
    .body_bytes_max(WEBHOOK_BODY_BYTES_MAX);
    let events = Page::new(
        "/ingest/trino",
        Some(Role::Ingest),
        "Take query-completed events of Trino's HTTP event listener: one, a list, or JSON lines.",
        "Kept in memory until the next run mines them.",
    )
    .body_bytes_max(intake::BODY_BYTES_MAX);
    book.post(page, webhook).post(events, query_events)
}

async fn query_events(State(app): State<Arc<App>>, body: Bytes) -> Result<(StatusCode, Json<Value>), Problem> {
    let metrics = &app.parts.metrics;
    let Some(buffer) = &app.parts.events else {
        let why = "the intake of query events is switched off; set querylog.intake";
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", why));
    };
    let intake = intake::parse(&body);
    let (kept, rejected) = (intake.events.len() as u64, intake.rejected.values().sum::<u64>());
    if let Err(error) = buffer.offer(intake) {
        metrics.query_events(0, kept);
        // 503 and not 429: Trino's listener tries again on the former alone.
        let busy = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string());
        return Err(busy.retry_after(5));
    }
    metrics.query_events(kept, rejected);
    Ok((StatusCode::ACCEPTED, Json(json!({ "kept": kept, "left_out": rejected }))))
}

async fn webhook(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Answer<Value> {
    let start = Instant::now();
    let parts = &app.parts;
    let Some(door) = &parts.webhooks else {
        let why = "webhooks are switched off; set openmetadata.webhook_secret";
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", why));
    };
    let signature = headers.get("x-om-signature").and_then(|v| v.to_str().ok());
    match door.receive(signature, &body, parts.clock.now_ms()).await {
        Ok(called) => {
            parts.metrics.webhook(Webhook::Stored, called.tables, start.elapsed());
            if called.tables > 0 || called.sweep {
                parts.engine.ask(called.sweep, "webhook");
            }
            Ok(Json(json!({ "tables": called.tables, "sweep": called.sweep })))
        }
        Err(error) => {
            let outcome = if error.kind() == ErrorKind::Unavailable { Webhook::Failed } else { Webhook::Refused };
            parts.metrics.webhook(outcome, 0, start.elapsed());
            tracing::warn!(error.kind = error.kind().as_str(), %error, "webhook not accepted");
            Err(match error.kind() {
                // The sender is not known, which is another thing than a known one who may not.
                ErrorKind::Forbidden => Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", error.to_string()),
                _ => error.into(),
            })
        }
    }
}
