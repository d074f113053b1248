//! What stands between a browser and the pages: the session's cookie, the form token, security headers, and errors as
//! pages.
//!
//! The session's cookie holds the caller's own token, so that the gatekeeper judges every request anew: a token that
//! ends or is withdrawn ends the session. The form token is a hash of that secret (of a random cookie where no token
//! is asked for), so another site can neither read nor guess it, and several replicas agree on it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::shell::ErrorPage;
use super::words::Words;
use crate::api::door::is_loopback_name;
use crate::api::{App, Problem};

pub(super) const SESSION: &str = "catalog_sync_session";
const VISIT: &str = "catalog_sync_visit";
const LANGUAGE: &str = "catalog_sync_language";
/// Nothing but our own files, no script or style within a page, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One request of a browser.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) words: &'static Words,
    pub(super) form_token: String,
    /// Path and query, to come back to.
    pub(super) here: String,
    /// What the last form did, as a key of the texts.
    pub(super) said: Option<String>,
    /// Does the browser reach us over a name of this machine?
    pub(super) local: bool,
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).find(|value| !value.is_empty())
}

/// A cookie that scripts cannot read and other sites cannot send. Over anything but this machine it needs TLS.
pub(super) fn set_cookie(name: &str, value: &str, max_age_secs: u32, local: bool) -> Option<HeaderValue> {
    let secure = if local { "" } else { "; Secure" };
    let line = format!("{name}={value}; Path=/; Max-Age={max_age_secs}; HttpOnly; SameSite=Strict{secure}");
    line.parse().ok()
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Does a page of ours send this form? Browsers say so themselves; where one does not, the form token decides alone.
fn same_origin(headers: &HeaderMap) -> bool {
    let named = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let site = named("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let origin = named("origin").is_none_or(|origin| {
        let host = named("host").unwrap_or_default();
        origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host))
    });
    site && origin
}

/// Reads cookies on the way in; sets headers and turns problems into pages on the way out.
pub(super) async fn dress(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let asks_for_tokens = !app.parts.gatekeeper.is_open();
    let session = cookie(headers, SESSION).filter(|_| asks_for_tokens).map(str::to_owned);
    let known_visit = cookie(headers, VISIT).map(str::to_owned);
    let visit_secret = known_visit.clone().unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let secret = session.as_ref().unwrap_or(&visit_secret);
    let asked = parameter(&request, "lang").as_deref().and_then(Words::of);
    let words = asked.or_else(|| cookie(headers, LANGUAGE).and_then(Words::of));
    let local = headers.get(header::HOST).and_then(|v| v.to_str().ok()).is_some_and(is_loopback_name);
    let visit = Visit {
        words: words.unwrap_or_else(|| Words::asked_for(headers)),
        form_token: blake3::Hash::from_bytes(blake3::derive_key("akko catalog-sync page form 1", secret.as_bytes()))
            .to_hex()
            .to_string(),
        here: request.uri().path_and_query().map_or("/", |p| p.as_str()).chars().take(2_000).collect(),
        said: parameter(&request, "said"),
        local,
    };
    let (looks, sent_by_us) = (request.method() == Method::GET, same_origin(headers));
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if let Some(value) = session.as_ref().and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok()) {
        request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
    }
    request.extensions_mut().insert(visit.clone());
    let mut response = if looks || sent_by_us {
        next.run(request).await
    } else {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", "another site sent this form").into_response()
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = if problem.status == StatusCode::UNAUTHORIZED && looks && from_elsewhere && session.is_none() {
            // A strict cookie does not come along from another site's link: ask once more from here.
            again(&visit)
        } else {
            show(&problem, &visit)
        };
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Cookie, Accept-Language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if known_visit.is_none() {
        headers.extend(set_cookie(VISIT, &visit_secret, 86_400, local).map(|v| (header::SET_COOKIE, v)));
    }
    if let Some(words) = asked {
        headers.extend(set_cookie(LANGUAGE, words.code, 31_536_000, local).map(|v| (header::SET_COOKIE, v)));
    }
    response
}

fn show(problem: &Problem, visit: &Visit) -> Response {
    if problem.status == StatusCode::UNAUTHORIZED {
        let back: String = url::form_urlencoded::byte_serialize(visit.here.as_bytes()).collect();
        return Redirect::to(&format!("/login?back={back}")).into_response();
    }
    let text = ErrorPage::of(problem, visit);
    (problem.status, Html(text)).into_response()
}

/// A page that only loads itself again.
fn again(visit: &Visit) -> Response {
    let here = visit.here.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('\'', "&#39;");
    let here = if here.contains("said=") || !here.starts_with('/') { "/".to_owned() } else { here };
    Html(format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><title>Catalog Sync</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={here}\"></html>",
        visit.words.code
    ))
    .into_response()
}
