//! What the question service would find.

use std::sync::Arc;

use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::App;
use askama::Template;
use axum::extract::State;

const HITS: usize = 10;

/// A table that was found.
struct Hit {
    id: String,
    fqn: String,
    /// Its description, if the index holds it; a draft that waits for a steward is not there.
    description: Option<String>,
    /// All that the index knows it by.
    text: String,
    score: f64,
}

#[derive(Template)]
#[template(path = "page/search.html")]
struct Search {
    shell: Shell,
    question: String,
    hits: Vec<Hit>,
    /// Why nothing could be looked up.
    failed: Option<String>,
}

pub(super) async fn search(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "search").await?;
    let question = asked.filled("q").unwrap_or_default();
    let found = match question.is_empty() {
        true => Ok(Vec::new()),
        false => app.parts.desk.finder.find(&question, HITS).await,
    };
    let (found, failed) = match found {
        Ok(hits) => (hits, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let mut hits = Vec::with_capacity(found.len());
    for hit in found {
        let draft = app.parts.desk.ledger.state(&hit.id).await?.and_then(|state| state.draft).map(|draft| draft.text);
        hits.push(Hit {
            description: draft.filter(|text| hit.text.contains(text.as_str())),
            id: hit.id.0,
            fqn: hit.fqn.to_string(),
            text: hit.text,
            score: f64::from(hit.score),
        });
    }
    page(&Search { shell, question, hits, failed })
}
