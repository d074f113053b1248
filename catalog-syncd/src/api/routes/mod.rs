//! Every path.

mod audit;
mod catalog;
mod health;
mod intake;
mod proposals;
mod syncs;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::book::Book;
use super::{App, Problem};

/// The whole API over the application.
pub fn router(app: &Arc<App>) -> Router {
    let routes = all(Book::new(Some(Arc::clone(app)))).router();
    routes
        .merge(crate::page::routes(app))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such path") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "the path has other methods")
        })
        .layer(DefaultBodyLimit::max(app.body_bytes_max))
        .with_state(Arc::clone(app))
}

/// The OpenAPI document of the API.
pub fn openapi() -> Value {
    all(Book::new(None)).openapi()
}

fn all(book: Book) -> Book {
    [health::add, intake::add, syncs::add, proposals::add, catalog::add, audit::add]
        .into_iter()
        .fold(book, |book, add| add(book))
}

type Answer<T> = Result<axum::Json<T>, Problem>;

/// A body that is JSON, with an error that is a problem and quotes nothing.
struct Body<T>(T);

impl<T, S> axum::extract::FromRequest<S> for Body<T>
where
    T: serde::de::DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|refused| {
            Problem::new(refused.status(), "invalid_input", "the body cannot be read or is too large")
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| {
            Problem::bad_request(format!(
                "the body is not what this path takes (line {}, column {})",
                e.line(),
                e.column()
            ))
        })
    }
}

/// The parameters of the query, with an error that is a problem.
struct Query<T>(T);

impl<T, S> axum::extract::FromRequestParts<S> for Query<T>
where
    T: serde::de::DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _state: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| Problem::bad_request("a parameter of the query cannot be understood"))
    }
}

/// Who asks; every route with a role has one.
type Asker = axum::Extension<Caller>;
