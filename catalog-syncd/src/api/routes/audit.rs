//! What was changed, by whom and why; and taking it back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use catalog_core::model::{Fqn, RunId};
use catalog_core::ports::ledger::AuditFilter;
use catalog_publish::undo::UndoScope;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::auth::Role;
use super::super::book::{Book, Page};
use super::super::paging::{self, Paging};
use super::super::{App, Problem};
use super::{Answer, Asker, Body, Query};

/// Rows of one answer at most.
const ROWS_MAX: usize = 10_000;

pub(super) fn add(book: Book) -> Book {
    book.get(
        Page::new(
            "/api/v1/audit",
            Some(Role::Viewer),
            "The audit log in pages from the latest rows back, each in order of time.",
            "Rows; no cell value.",
        )
        .query(&[
            ("table", "only of this table, by its whole name"),
            ("from_ms", "only from this time on, in milliseconds since 1970"),
            ("run", "only what this run did"),
            ("limit", "rows, 1 to 10000"),
            ("cursor", "`next` of the page before"),
            ("format", "json (the default) or jsonl, one row a line, for export"),
        ]),
        audit,
    )
    .post(
        Page::new(
            "/api/v1/audit/undo",
            Some(Role::Steward),
            "Take back what was published, unless somebody changed it since.",
            "What goes back, what was overtaken, what was published.",
        )
        .body(&[
            ("operation?", "one operation or proposal, by its id"),
            ("table?", "everything of one table"),
            ("run?", "everything of one run"),
        ]),
        undo,
    )
}

#[derive(Deserialize)]
struct Rows {
    table: Option<Fqn>,
    run: Option<RunId>,
    from_ms: Option<i64>,
    limit: Option<usize>,
    cursor: Option<String>,
    format: Option<String>,
}

async fn audit(State(app): State<Arc<App>>, Query(asked): Query<Rows>) -> Result<Response, Problem> {
    let limit = asked.limit.unwrap_or(1_000).clamp(1, ROWS_MAX);
    // The cursor is how many rows were passed: rows are never removed, and new ones only make pages overlap.
    let passed = Paging::of(None, asked.cursor.clone()).after()?;
    let skip = passed.map_or(Ok(0), |n| n.parse::<usize>());
    let skip = skip.map_err(|_| Problem::bad_request("the cursor is not one that this API gave"))?;
    let Rows { table, run, from_ms, format, .. } = asked;
    let filter = AuditFilter { table, run, from_ms, skip, limit, ..AuditFilter::default() };
    let rows = app.parts.desk.ledger.audit(&filter).await?;
    match format.as_deref() {
        None | Some("json") => {
            let page = paging::Page::new(rows, limit, |_| skip.saturating_add(limit).to_string());
            Ok(Json(page.to_json(|row| json!(row))).into_response())
        }
        Some("jsonl") => {
            let lines: String = rows.iter().filter_map(|r| serde_json::to_string(r).ok()).map(|l| l + "\n").collect();
            Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
        }
        Some(_) => Err(Problem::bad_request("there is no such format")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    operation: Option<String>,
    table: Option<Fqn>,
    run: Option<RunId>,
}

async fn undo(State(app): State<Arc<App>>, Extension(by): Asker, Body(asked): Body<Undo>) -> Answer<Value> {
    let desk = &app.parts.desk;
    let scope = match (asked.operation, asked.table, asked.run) {
        (Some(id), None, None) => UndoScope::Operation(desk.published(&id).await?),
        (None, Some(table), None) => UndoScope::Table(table),
        (None, None, Some(run)) => UndoScope::Run(run),
        _ => return Err(Problem::bad_request("say exactly one of operation, table and run")),
    };
    let undone = desk.undo(&scope, &by.name).await?;
    let report = desk.publish().await?;
    Ok(Json(json!({ "undone": undone, "published": report.published, "overtaken": report.withdrawn })))
}
