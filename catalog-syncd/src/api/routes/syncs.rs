//! Runs: starting them, watching them, pausing them.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, Json};
use catalog_core::model::{RunId, TableId};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::super::auth::Role;
use super::super::book::{Book, Page};
use super::super::paging;
use super::super::{App, Problem};
use super::{Answer, Asker, Body, Query};
use crate::actions::Wanted;
use crate::daemon::RunView;

pub(super) fn add(book: Book) -> Book {
    let operator = Some(Role::Operator);
    let viewer = Some(Role::Viewer);
    let paged = &[("limit", "entries of a page, 1 to 1000"), ("cursor", "`next` of the page before")];
    book.post(
        Page::new("/api/v1/syncs", operator, "Start a run.", "The run; requests before it begins share one.").body(&[
            ("all?", "true: compare every table"),
            ("match?", "walk the known tables whose name meets the pattern; * stands for any text"),
            ("table?", "walk one table, by its name or the end of it"),
            ("dry_run?", "true: only say what a run would do and cost"),
        ]),
        start,
    )
    .post(
        Page::new("/api/v1/syncs/pause", operator, "Begin no further run; the one at work goes on.", "Paused."),
        pause,
    )
    .post(Page::new("/api/v1/syncs/resume", operator, "End the pause.", "Runs begin again."), resume)
    .get(
        Page::new("/api/v1/runs", viewer, "The runs of this process, the latest first.", "A page of runs.")
            .query(paged),
        runs,
    )
    .get(Page::new("/api/v1/runs/{id}", viewer, "One run with its progress.", "The run."), run)
    .stream(
        Page::new(
            "/api/v1/runs/{id}/events",
            viewer,
            "A run's progress as server-sent events.",
            "Events `run`, the last one when it is over.",
        ),
        events,
    )
    .get(
        Page::new("/api/v1/parked", viewer, "Tables that could not be walked, with the reason.", "A page of tables.")
            .query(paged),
        parked,
    )
    .post(
        Page::new("/api/v1/parked/retry", operator, "Queue parked tables again.", "How many.")
            .body(&[("ids?", "tables' ids; without them all")]),
        retry,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    #[serde(default)]
    all: bool,
    #[serde(rename = "match")]
    pattern: Option<String>,
    table: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

async fn start(
    State(app): State<Arc<App>>,
    Extension(by): Asker,
    Body(asked): Body<Start>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let wanted = match (asked.all, asked.pattern, asked.table) {
        (true, None, None) => Wanted::All,
        (false, Some(pattern), None) => Wanted::Matching(pattern),
        (false, None, Some(table)) => Wanted::Table(table),
        _ => return Err(Problem::bad_request("say exactly one of all, match and table")),
    };
    if asked.dry_run {
        let preview = app.parts.engine.preview().await?;
        return Ok((StatusCode::OK, Json(json!({ "dry_run": preview }))));
    }
    let queued = app.parts.desk.queue(&wanted).await?;
    let run = app.parts.engine.ask(queued.is_none(), "request");
    tracing::info!(run.id = %run, caller = %by.name, tables.queued = queued.unwrap_or(0), "run asked for");
    Ok((StatusCode::ACCEPTED, Json(json!({ "run": run, "queued": queued }))))
}

async fn pause(State(app): State<Arc<App>>, Extension(by): Asker) -> Json<Value> {
    app.parts.engine.pause();
    tracing::info!(caller = %by.name, "runs paused");
    Json(json!({ "paused": true }))
}

async fn resume(State(app): State<Arc<App>>, Extension(by): Asker) -> Json<Value> {
    app.parts.engine.resume();
    tracing::info!(caller = %by.name, "runs resumed");
    Json(json!({ "paused": false }))
}

async fn runs(State(app): State<Arc<App>>, Query(paging): Query<paging::Paging>) -> Answer<paging::Page<RunView>> {
    // Ids sort by creation, and the latest come first: the cursor counts down.
    let after = paging.after()?;
    let limit = paging.limit();
    let runs = app.parts.board.runs();
    let page = runs.into_iter().filter(|r| after.as_ref().is_none_or(|a| r.id.0 < *a)).take(limit).collect();
    Ok(Json(paging::Page::new(page, limit, |r: &RunView| r.id.0.clone())))
}

fn find(app: &App, id: String) -> Result<RunView, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found", "this process knows no such run");
    app.parts.board.run(&RunId(id)).ok_or_else(unknown)
}

async fn run(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer<RunView> {
    find(&app, id).map(Json)
}

async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let first = find(&app, id)?;
    let bell = app.parts.board.watch();
    // The state: what was sent last and whether it was, or nothing when the run is over.
    let stream = stream::unfold(Some((first, bell, false)), move |state| {
        let app = Arc::clone(&app);
        async move {
            let (mut run, mut bell, sent) = state?;
            if sent {
                run = next_change(&app, &run, &mut bell).await?;
            }
            let event = Event::default().event("run").json_data(&run).ok()?;
            let next = (!run.is_over()).then_some((run, bell, true));
            Some((Ok(event), next))
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// The run once it differs from what was sent; `None` when the daemon stops.
async fn next_change(app: &App, sent: &RunView, bell: &mut watch::Receiver<u64>) -> Option<RunView> {
    loop {
        tokio::select! {
            () = app.parts.stop.cancelled() => return None,
            changed = bell.changed() => changed.ok()?,
        }
        let now = app.parts.board.run(&sent.id)?;
        if now != *sent {
            return Some(now);
        }
    }
}

async fn parked(State(app): State<Arc<App>>, Query(paging): Query<paging::Paging>) -> Answer<Value> {
    let after = paging.after()?.map(TableId);
    let limit = paging.limit();
    let tables = app.parts.desk.ledger.parked_page(after.as_ref(), limit).await?;
    let page = paging::Page::new(tables, limit, |p: &catalog_core::model::ParkedTable| p.table.id.0.clone());
    Ok(Json(json!(page)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    ids: Option<Vec<TableId>>,
}

async fn retry(State(app): State<Arc<App>>, Extension(by): Asker, Body(asked): Body<Retry>) -> Answer<Value> {
    let retried = app.parts.desk.retry(asked.ids.as_deref()).await?;
    tracing::info!(caller = %by.name, tables.queued = retried.queued, "parked tables queued again");
    let run = (retried.queued > 0).then(|| app.parts.engine.ask(false, "request"));
    Ok(Json(json!({ "queued": retried.queued, "run": run })))
}
