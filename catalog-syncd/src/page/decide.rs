//! What a steward decides on one proposal: each form answers with a redirect to where it came from.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use catalog_core::ErrorKind;
use catalog_core::model::{Proposal, ProposalId};

use super::form::Form;
use super::shell::{Looker, without_said};
use crate::actions::{Decided, Redraft};
use crate::api::{App, Problem};

/// Words of a description, as everybody who writes one is held to.
const WORDS_MAX: usize = catalog_llm::guard::WORDS_MAX;
/// How long a form waits for the catalog; what is not out by then goes out behind it.
const PUBLISH_WAIT: Duration = Duration::from_secs(8);

type Done = Result<Redirect, Problem>;

pub(super) async fn accept(State(app): State<Arc<App>>, Path(id): Path<String>, looker: Looker, form: Form) -> Done {
    let id = ProposalId(id);
    let text = form.filled("text").or_else(|| form.filled("entity"));
    if let Some(text) = form.filled("text") {
        check(text, &looker)?;
    }
    let decided = app.parts.desk.accept(std::slice::from_ref(&id), text, &looker.caller.name).await?;
    only(&app, decided, &looker).await?;
    app.parts.desk.remember(&looker.caller.name, true, vec![id]).await?;
    let said = publish(&app).await?;
    Ok(back(&form, said))
}

pub(super) async fn reject(State(app): State<Arc<App>>, Path(id): Path<String>, looker: Looker, form: Form) -> Done {
    let id = ProposalId(id);
    let reason = reason(&form, &looker)?;
    let decided = app.parts.desk.reject(std::slice::from_ref(&id), &reason, &looker.caller.name).await?;
    only(&app, decided, &looker).await?;
    app.parts.desk.remember(&looker.caller.name, false, vec![id]).await?;
    Ok(back(&form, "rejected"))
}

pub(super) async fn redraft(State(app): State<Arc<App>>, Path(id): Path<String>, looker: Looker, form: Form) -> Done {
    let hint = said(&form, "hint", &looker)?;
    again(&app, id, &Redraft::Hint(hint), &looker).await?;
    Ok(back(&form, "redrafted"))
}

pub(super) async fn answer(State(app): State<Arc<App>>, Path(id): Path<String>, looker: Looker, form: Form) -> Done {
    let answer = said(&form, "answer", &looker)?;
    again(&app, id, &Redraft::Answer(answer), &looker).await?;
    Ok(back(&form, "redrafted"))
}

async fn again(app: &App, id: String, say: &Redraft, looker: &Looker) -> Result<(), Problem> {
    let id = ProposalId(id);
    match app.parts.desk.redraft(&id, say, &looker.caller.name).await {
        Ok(_) => {
            app.parts.engine.ask(false, "request");
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::Conflict => Err(decided_already(app, &id, looker).await),
        Err(error) => Err(error.into()),
    }
}

fn said(form: &Form, name: &str, looker: &Looker) -> Result<String, Problem> {
    let missing = || Problem::bad_request(looker.visit.words.get("error.empty"));
    form.filled(name).map(str::to_owned).ok_or_else(missing)
}

/// The chosen reason, and what was written beside it.
pub(super) fn reason(form: &Form, looker: &Looker) -> Result<String, Problem> {
    let chosen = form.filled("reason");
    let more = form.filled("more");
    match (chosen, more) {
        (Some(chosen), Some(more)) => Ok(format!("{chosen}: {more}")),
        (Some(one), None) | (None, Some(one)) => Ok(one.to_owned()),
        (None, None) => Err(Problem::bad_request(looker.visit.words.get("error.reason"))),
    }
}

/// A text of at most twenty words on one line.
fn check(text: &str, looker: &Looker) -> Result<(), Problem> {
    let words = text.split_whitespace().count();
    if words > WORDS_MAX {
        return Err(Problem::bad_request(looker.visit.words.put("error.words", &[&words, &WORDS_MAX])));
    }
    if text.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) || text.contains("://") {
        return Err(Problem::bad_request(looker.visit.words.get("error.markup")));
    }
    Ok(())
}

/// The proposal of a request about one, or what a person needs to know instead.
async fn only(app: &App, decided: Vec<Decided>, looker: &Looker) -> Result<Proposal, Problem> {
    let one = decided.into_iter().next().ok_or_else(|| Problem::bad_request("no proposal was named"))?;
    match one.outcome {
        Ok(proposal) => Ok(proposal),
        Err(error) if error.kind() == ErrorKind::Conflict => Err(decided_already(app, &one.id, looker).await),
        Err(error) => Err(error.into()),
    }
}

/// Who was faster, in words.
async fn decided_already(app: &App, id: &ProposalId, looker: &Looker) -> Problem {
    let words = looker.visit.words;
    let known = app.parts.desk.ledger.proposal(id).await.ok().flatten();
    let text = match known.as_ref().map(|p| (p.state.as_str(), p.decided_by.as_deref())) {
        Some(("accepted", Some(by))) => words.put("conflict.accepted", &[&by]),
        Some(("rejected", Some(by))) => words.put("conflict.rejected", &[&by]),
        _ => words.get("conflict.superseded").to_owned(),
    };
    Problem::new(StatusCode::CONFLICT, "conflict", text)
}

/// Publishes what was accepted, and says what came of it. A slow catalog is waited for in the background.
pub(super) async fn publish(app: &Arc<App>) -> Result<&'static str, Problem> {
    let desk = app.parts.desk.clone();
    let at_work = tokio::spawn(async move { desk.publish().await });
    match tokio::time::timeout(PUBLISH_WAIT, at_work).await {
        Ok(Ok(Ok(report))) if report.withdrawn > 0 => Ok("overtaken"),
        Ok(Ok(Ok(report))) if report.failed > 0 => Ok("waiting"),
        Ok(Ok(Ok(_))) => Ok("accepted"),
        Ok(Ok(Err(error))) => {
            tracing::warn!(%error, "what a steward accepted waits in the outbox");
            Ok("waiting")
        }
        Ok(Err(_)) | Err(_) => Ok("waiting"),
    }
}

/// Back to where the form stood, with what it did.
pub(super) fn back(form: &Form, said: &str) -> Redirect {
    let back = without_said(&form.back());
    let sign = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{sign}said={said}"))
}
