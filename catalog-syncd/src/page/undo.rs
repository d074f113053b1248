//! Taking back: the last decision, or what a run or an operation published.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use catalog_core::ErrorKind;
use catalog_core::model::RunId;
use catalog_publish::undo::UndoScope;

use super::decide::{back, publish};
use super::form::Form;
use super::shell::Looker;
use crate::api::{App, Problem};

pub(super) async fn undo(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Redirect, Problem> {
    let (desk, by, words) = (&app.parts.desk, &looker.caller.name, looker.visit.words);
    let undone = match (form.filled("last"), form.filled("operation"), form.filled("run")) {
        (Some(token), ..) => desk.undo_last(by, token).await,
        (_, Some(id), _) => desk.undo(&UndoScope::Operation(desk.published(id).await?), by).await,
        (_, _, Some(run)) => desk.undo(&UndoScope::Run(RunId(run.to_owned())), by).await,
        _ => return Err(Problem::bad_request(words.get("error.empty"))),
    };
    let undone = undone.map_err(|error| match error.kind() {
        ErrorKind::Conflict | ErrorKind::NotFound => {
            Problem::new(StatusCode::CONFLICT, "conflict", words.get("undo.nothing"))
        }
        _ => error.into(),
    })?;
    let said = publish(&app).await?;
    let partly = !undone.refused.is_empty() || said == "overtaken";
    Ok(back(&form, if partly { "undone_partly" } else { "undone" }))
}
