//! What the question service would find.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::SearchHit;

use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::App;

const HITS: usize = 10;

#[derive(Template)]
#[template(path = "page/search.html")]
struct Search {
    shell: Shell,
    question: String,
    hits: Vec<SearchHit>,
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
    let (hits, failed) = match found {
        Ok(hits) => (hits, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    page(&Search { shell, question, hits, failed })
}
