//! The steward's queue.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use catalog_core::model::{ChangeKind, Fqn, Proposal, ProposalId, ProposalState};
use catalog_core::ports::ledger::ProposalFilter;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::auth::Role;
use super::super::book::{Book, Page};
use super::super::paging;
use super::super::{App, Problem};
use super::{Answer, Asker, Body, Query};
use crate::actions::{Decided, Redraft};

pub(super) fn add(book: Book) -> Book {
    decisions(looks(book))
}

/// What everybody may see.
fn looks(book: Book) -> Book {
    let viewer = Some(Role::Viewer);
    book.get(
        Page::new("/api/v1/proposals", viewer, "Proposals, by id.", "A page of proposals.").query(&[
            ("state", "open (the default), accepted, rejected, superseded or all"),
            ("kind", "description, column_description, pii, domain, tier, key, usage or query"),
            ("table", "only of this table, by its whole name"),
            ("name", "only of tables whose name holds this"),
            ("confidence_min", "only those at least this sure, 0 to 1"),
            ("limit", "entries of a page, 1 to 1000"),
            ("cursor", "`next` of the page before"),
        ]),
        list,
    )
    .get(Page::new("/api/v1/proposals/{id}", viewer, "One proposal.", "The proposal."), one)
    .get(
        Page::new(
            "/api/v1/proposals/{id}/yaml",
            viewer,
            "A proposed query as YAML for a semantic model, with the diff; writes no file.",
            "File name, fragment, diff.",
        )
        .query(&[("domain", "the domain whose semantic model it is for")]),
        fragment,
    )
}

/// What stewards decide.
fn decisions(book: Book) -> Book {
    let steward = Some(Role::Steward);
    book.post(
        Page::new(
            "/api/v1/proposals/{id}/accept",
            steward,
            "Accept, and publish at once if the catalog allows.",
            "The decision and what was published.",
        )
        .body(&[("text?", "publish this text in place of the proposed one")]),
        accept,
    )
    .post(
        Page::new(
            "/api/v1/proposals/{id}/reject",
            steward,
            "Reject; the same change does not return.",
            "The decision.",
        )
        .body(&[("reason", "why")]),
        reject,
    )
    .post(
        Page::new(
            "/api/v1/proposals/{id}/redraft",
            steward,
            "Have a description written again.",
            "The superseded proposal; the next run writes a new one.",
        )
        .body(&[("hint", "what to mind")]),
        redraft,
    )
    .post(
        Page::new(
            "/api/v1/proposals/{id}/answer",
            steward,
            "Answer the question that came with a proposal.",
            "The superseded proposal; the next run writes a new one.",
        )
        .body(&[("answer", "what the model could not know")]),
        answer,
    )
    .post(
        Page::new(
            "/api/v1/proposals/{id}/undo",
            steward,
            "Take the decision on a proposal back: what was published goes back unless somebody changed it since, what was rejected is open again.",
            "What goes back, what stays, and what was published of it.",
        ),
        undo,
    )
    .post(
        Page::new(
            "/api/v1/proposals/bulk",
            steward,
            "Decide many at once, each for itself.",
            "What became of each, and what was published.",
        )
        .body(&[
            ("ids", "up to 1000 proposals"),
            ("decision", "accept or reject"),
            ("reason?", "why, for a rejection"),
        ]),
        bulk,
    )
}

#[derive(Deserialize)]
struct List {
    state: Option<String>,
    kind: Option<ChangeKind>,
    table: Option<Fqn>,
    name: Option<String>,
    confidence_min: Option<f64>,
    // Spelt out: serde cannot flatten numbers out of a query.
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, Query(asked): Query<List>) -> Answer<paging::Page<Proposal>> {
    let paging = paging::Paging::of(asked.limit, asked.cursor);
    let state = match asked.state.as_deref() {
        None | Some("open") => Some(ProposalState::Open),
        Some("accepted") => Some(ProposalState::Accepted),
        Some("rejected") => Some(ProposalState::Rejected),
        Some("superseded") => Some(ProposalState::Superseded),
        Some("all") => None,
        Some(_) => return Err(Problem::bad_request("there is no such state")),
    };
    let limit = paging.limit();
    let filter = ProposalFilter {
        state,
        kind: asked.kind,
        table: asked.table,
        name_holds: asked.name,
        confidence_min: asked.confidence_min,
        after: paging.after()?.map(ProposalId),
        limit,
        ..ProposalFilter::default()
    };
    let proposals = app.parts.desk.ledger.proposals(&filter).await?;
    Ok(Json(paging::Page::new(proposals, limit, |p| p.id.0.clone())))
}

async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer<Proposal> {
    let found = app.parts.desk.ledger.proposal(&ProposalId(id)).await?;
    found.map(Json).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such proposal"))
}

#[derive(Deserialize)]
struct ForDomain {
    domain: String,
}

async fn fragment(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<ForDomain>,
) -> Answer<Value> {
    let App { parts, .. } = &*app;
    let (models, language) = (&parts.semantic_models, parts.language);
    let made = parts.desk.fragment(&ProposalId(id), &asked.domain, models, language).await?;
    Ok(Json(json!({
        "file": made.file, "fragment": made.fragment, "diff": made.diff, "already_there": made.already_there,
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    text: Option<String>,
}

async fn accept(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(by): Asker,
    Body(asked): Body<Accept>,
) -> Answer<Value> {
    let decided = app.parts.desk.accept(&[ProposalId(id)], asked.text.as_deref(), &by.name).await?;
    let proposal = only(decided)?;
    Ok(Json(json!({ "proposal": proposal, "published": publish(&app).await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reject {
    reason: String,
}

async fn reject(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(by): Asker,
    Body(asked): Body<Reject>,
) -> Answer<Value> {
    let decided = app.parts.desk.reject(&[ProposalId(id)], &asked.reason, &by.name).await?;
    Ok(Json(json!({ "proposal": only(decided)? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hint {
    hint: String,
}

async fn redraft(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(by): Asker,
    Body(asked): Body<Hint>,
) -> Answer<Value> {
    again(&app, id, &Redraft::Hint(asked.hint), &by.name).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    answer: String,
}

async fn answer(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(by): Asker,
    Body(asked): Body<Said>,
) -> Answer<Value> {
    again(&app, id, &Redraft::Answer(asked.answer), &by.name).await
}

async fn undo(State(app): State<Arc<App>>, Path(id): Path<String>, Extension(by): Asker) -> Answer<Value> {
    let undone = app.parts.desk.undo_decision(&ProposalId(id), &by.name).await?;
    Ok(Json(json!({ "undone": undone, "published": publish(&app).await? })))
}

async fn again(app: &App, id: String, say: &Redraft, by: &str) -> Answer<Value> {
    let proposal = app.parts.desk.redraft(&ProposalId(id), say, by).await?;
    Ok(Json(json!({ "proposal": proposal, "run": app.parts.engine.ask(false, "request") })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bulk {
    ids: Vec<ProposalId>,
    decision: BulkDecision,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BulkDecision {
    Accept,
    Reject,
}

async fn bulk(State(app): State<Arc<App>>, Extension(by): Asker, Body(asked): Body<Bulk>) -> Answer<Value> {
    let desk = &app.parts.desk;
    let (decided, published) = match asked.decision {
        BulkDecision::Accept => (desk.accept(&asked.ids, None, &by.name).await?, Some(publish(&app).await?)),
        BulkDecision::Reject => (desk.reject(&asked.ids, &asked.reason, &by.name).await?, None),
    };
    let each = decided.into_iter().map(|one| match one.outcome {
        Ok(proposal) => json!({ "id": one.id, "state": proposal.state }),
        Err(error) => json!({ "id": one.id, "error": error.kind(), "detail": error.to_string() }),
    });
    Ok(Json(json!({ "decided": each.collect::<Vec<_>>(), "published": published })))
}

/// The one decision of a request about one proposal.
fn only(decided: Vec<Decided>) -> Result<Proposal, Problem> {
    let one = decided.into_iter().next().ok_or_else(|| Problem::bad_request("no proposal was named"))?;
    Ok(one.outcome?)
}

/// Publishes what was accepted. A catalog that is down is no failure of the decision: it stays in the outbox.
async fn publish(app: &App) -> Result<Value, Problem> {
    let report = app.parts.desk.publish().await?;
    Ok(json!({ "published": report.published, "overtaken": report.withdrawn, "waiting": report.failed }))
}
