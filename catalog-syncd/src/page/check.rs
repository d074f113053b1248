//! What the guard says of a text while a steward writes it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use catalog_core::model::{DescribeContext, DescribeRequest, KeyFact, Language, ProposalId, TableState};
use catalog_llm::guard::{self, GuardEvidence, Rejection};

use super::form::Form;
use super::shell::Looker;
use crate::api::{App, Problem};

/// Answers with one remark, or nothing where the guard would let the text through. A person may still publish a name
/// or a number that the evidence does not show: they know more.
pub(super) async fn check(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Html<String>, Problem> {
    let ledger = &app.parts.desk.ledger;
    let id = ProposalId(form.get("proposal").unwrap_or_default().to_owned());
    let Some(proposal) = ledger.proposal(&id).await? else { return Ok(Html(String::new())) };
    let Some(state) = ledger.state(&proposal.operation.table.id).await? else { return Ok(Html(String::new())) };
    let text = form.get("text").unwrap_or_default();
    let verdict =
        asked_about(&state, app.parts.language, |request| guard::check(text, &GuardEvidence::of(request, &[])));
    Ok(Html(verdict.err().map(|why| looker.visit.words.get(remark(why)).to_owned()).unwrap_or_default()))
}

/// What a describer was asked about the table, as far as its state tells.
pub(super) fn asked_about<T>(
    state: &TableState,
    language: Language,
    answer: impl FnOnce(&DescribeRequest<'_>) -> T,
) -> T {
    let keys: Vec<KeyFact> = state
        .keys
        .iter()
        .map(|k| KeyFact { columns: k.child.columns.clone(), other: k.parent.table.clone(), outgoing: true })
        .collect();
    answer(&DescribeRequest {
        table: &state.table,
        profile: state.profile.as_ref(),
        verdicts: &state.verdicts,
        sample: None,
        public_codes: &state.public_codes,
        keys: &keys,
        neighbours: &[],
        language,
        context: DescribeContext::default(),
    })
}

fn remark(why: Rejection) -> &'static str {
    match why {
        Rejection::TooManyWords { .. } | Rejection::TooLong => "guard.long",
        Rejection::Empty => "guard.empty",
        Rejection::Url | Rejection::Markup | Rejection::Invisible | Rejection::Placeholder => "guard.plain",
        Rejection::NotOneSentence | Rejection::Instruction => "guard.sentence",
        Rejection::WrongLanguage => "guard.language",
        Rejection::Purpose | Rejection::Guess | Rejection::Structure => "guard.guess",
        _ => "guard.unknown",
    }
}
