//! What is known of the tables: their walk, their joins, finding them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use catalog_core::model::{Fqn, ProposalId, SearchHit, TableId};
use catalog_fk::JoinGraph;
use catalog_publish::SavedQuestion;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::auth::Role;
use super::super::book::{Book, Page};
use super::super::paging;
use super::super::{App, Problem};
use super::{Answer, Body, Query};
use crate::actions::Explanation;

/// Tables of one search at most.
const HITS_MAX: usize = 100;
/// Characters of a question.
const QUESTION_CHARS_MAX: usize = 2_000;

pub(super) fn add(book: Book) -> Book {
    let viewer = Some(Role::Viewer);
    book.get(
        Page::new("/api/v1/tables", viewer, "The tables that were walked, by id.", "A page of tables.")
            .query(&[("limit", "entries of a page, 1 to 1000"), ("cursor", "`next` of the page before")]),
        tables,
    )
    .get(
        Page::new("/api/v1/tables/{name}", viewer, "What each stage saw of one table; no raw value.", "The walk."),
        table,
    )
    .get(
        Page::new(
            "/api/v1/join-graph",
            viewer,
            "Declared and confirmed keys as a graph.",
            "The graph; catalog-fk reads it.",
        ),
        graph,
    )
    .post(
        Page::new("/api/v1/join-hints", viewer, "Ways to join these tables, best first.", "Hints with SQL for Trino.")
            .body(&[("tables", "2 to 32 whole names")]),
        hints,
    )
    .get(
        Page::new("/api/v1/search", viewer, "Find tables by a question.", "Tables, best first.")
            .query(&[("q", "the question"), ("k", "how many tables, 1 to 100")]),
        search,
    )
    .post(
        Page::new(
            "/api/v1/recall-preview",
            viewer,
            "What accepting open descriptions would change for search; counts with word statistics.",
            "Recall among the first five, before and after.",
        )
        .body(&[
            ("questions", "up to 2000 of { question, tables }"),
            ("ids?", "proposals; without them all open descriptions"),
        ]),
        recall,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recall {
    questions: Vec<Question>,
    ids: Option<Vec<ProposalId>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    question: String,
    tables: Vec<Fqn>,
}

async fn recall(State(app): State<Arc<App>>, Body(asked): Body<Recall>) -> Answer<Value> {
    let questions: Vec<SavedQuestion> =
        asked.questions.into_iter().map(|q| SavedQuestion { text: q.question, tables: q.tables }).collect();
    let change = app.parts.desk.recall_preview(&questions, asked.ids.as_deref()).await?;
    let each = change.per_question.iter();
    let each = each.map(|q| json!({ "question": q.question, "before": q.before, "after": q.after }));
    Ok(Json(json!({ "before": change.before, "after": change.after, "questions": each.collect::<Vec<_>>() })))
}

async fn tables(State(app): State<Arc<App>>, Query(paging): Query<paging::Paging>) -> Answer<Value> {
    let after = paging.after()?.map(TableId);
    let limit = paging.limit();
    let states = app.parts.desk.ledger.facts(after.as_ref(), limit).await?;
    let page = paging::Page::new(states, limit, |s| s.table.table_ref.id.0.clone());
    let row = |s: &catalog_core::model::TableState| {
        json!({
            "id": s.table.table_ref.id,
            "fqn": s.table.fqn(),
            "source": s.table.table_ref.source,
            "kind": s.table.kind,
            "columns": s.table.columns.len(),
            "sampled_at_ms": s.sampled_at_ms,
            "description": s.draft.as_ref().map(|d| json!({ "text": d.text, "confidence": d.confidence, "source": d.source })),
        })
    };
    Ok(Json(page.to_json(row)))
}

async fn table(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer<Explanation> {
    Ok(Json(app.parts.desk.explain(&name).await?))
}

async fn graph(State(app): State<Arc<App>>) -> Answer<JoinGraph> {
    Ok(Json(app.parts.desk.join_graph().await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hints {
    tables: Vec<Fqn>,
}

async fn hints(State(app): State<Arc<App>>, Body(asked): Body<Hints>) -> Answer<Value> {
    if !(2..=32).contains(&asked.tables.len()) {
        return Err(Problem::bad_request("name 2 to 32 tables"));
    }
    let hints = app.parts.desk.join_graph().await?.hints(&asked.tables);
    Ok(Json(json!({ "hints": hints })))
}

#[derive(Deserialize)]
struct Search {
    q: String,
    k: Option<usize>,
}

async fn search(State(app): State<Arc<App>>, Query(asked): Query<Search>) -> Answer<Vec<SearchHit>> {
    if asked.q.chars().count() > QUESTION_CHARS_MAX {
        return Err(Problem::bad_request("the question is too long"));
    }
    Ok(Json(app.parts.desk.finder.find(&asked.q, asked.k.unwrap_or(5).clamp(1, HITS_MAX)).await?))
}
