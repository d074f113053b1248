//! Logging in: a token of the API goes into a cookie that no script can read.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::door::{SESSION, Visit, set_cookie};
use super::form::Form;
use super::query::Asked;
use super::words::Words;
use super::{Answer, assets, page};
use crate::api::{App, Problem};

/// A session ends after a working day, if its token does not end before.
const SESSION_SECS: u32 = 10 * 60 * 60;
/// A cookie holds four kilobytes.
const TOKEN_BYTES_MAX: usize = 3_800;

#[derive(Template)]
#[template(path = "page/login.html")]
struct Login {
    words: &'static Words,
    form_token: String,
    back: String,
    refused: bool,
    version: &'static str,
}

pub(super) async fn form(Extension(visit): Extension<Visit>, asked: Asked) -> Answer {
    let back = asked.filled("back").unwrap_or_else(|| "/".to_owned());
    let refused = asked.get("refused") == "yes";
    page(&Login { words: visit.words, form_token: visit.form_token, back, refused, version: assets::VERSION })
}

pub(super) async fn enter(
    State(app): State<Arc<App>>,
    Extension(visit): Extension<Visit>,
    form: Form,
) -> Result<Response, Problem> {
    let token = form.filled("token").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    let fits = !token.is_empty() && token.len() <= TOKEN_BYTES_MAX && token.chars().all(plain);
    let back: String = url::form_urlencoded::byte_serialize(form.back().as_bytes()).collect();
    if !fits || app.parts.gatekeeper.caller(Some(&format!("Bearer {token}"))).is_err() {
        app.parts.metrics.turned_away("unauthorized");
        return Ok(Redirect::to(&format!("/login?refused=yes&back={back}")).into_response());
    }
    let cookie = set_cookie(SESSION, token, SESSION_SECS, visit.local)
        .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "invalid_input", "the token fits no cookie"))?;
    let mut response = Redirect::to(&form.back()).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

pub(super) async fn leave(Extension(visit): Extension<Visit>, _form: Form) -> Response {
    let mut response = Redirect::to("/login").into_response();
    response.headers_mut().extend(set_cookie(SESSION, "", 0, visit.local).map(|v| (header::SET_COOKIE, v)));
    response
}
