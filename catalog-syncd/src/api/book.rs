//! Registering a route together with its documentation, so that the two cannot drift.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use serde_json::{Map, Value, json};

use super::App;
use super::auth::Role;
use super::door::{Guard, guard};

/// A route's documentation.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) path: &'static str,
    pub(super) role: Option<Role>,
    pub(super) summary: &'static str,
    /// Parameters of the query, `name: meaning`.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// Fields of the body, `name: meaning`; a name with `?` may be left out.
    pub(super) body: &'static [(&'static str, &'static str)],
    /// What a success answers.
    pub(super) answer: &'static str,
    /// Bytes of the body; `None`: the operator's limit.
    pub(super) body_bytes_max: Option<usize>,
}

impl Page {
    pub(super) const fn new(
        path: &'static str,
        role: Option<Role>,
        summary: &'static str,
        answer: &'static str,
    ) -> Self {
        Self { path, role, summary, query: &[], body: &[], answer, body_bytes_max: None }
    }

    pub(super) const fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    /// A limit of its own for the body.
    pub(super) const fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = Some(bytes);
        self
    }

    pub(super) const fn body(mut self, body: &'static [(&'static str, &'static str)]) -> Self {
        self.body = body;
        self
    }
}

/// The routes so far and what is written about them. Without an application only the documentation is collected.
pub(super) struct Book {
    app: Option<Arc<App>>,
    router: Router<Arc<App>>,
    paths: BTreeMap<&'static str, Map<String, Value>>,
}

impl Book {
    pub(super) fn new(app: Option<Arc<App>>) -> Self {
        Self { app, router: Router::new(), paths: BTreeMap::new() }
    }

    pub(super) fn get<H, T>(self, page: Page, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(&Method::GET, MethodFilter::GET, page, handler, false)
    }

    pub(super) fn stream<H, T>(self, page: Page, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(&Method::GET, MethodFilter::GET, page, handler, true)
    }

    pub(super) fn post<H, T>(self, page: Page, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(&Method::POST, MethodFilter::POST, page, handler, false)
    }

    fn add<H, T>(mut self, method: &Method, filter: MethodFilter, page: Page, handler: H, streams: bool) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let operation = self.paths.entry(page.path).or_default();
        operation.insert(method.as_str().to_lowercase(), document(&page));
        if let Some(app) = &self.app {
            let at_door = Guard { app: Arc::clone(app), role: page.role, streams };
            let mut route = on(filter, handler).route_layer(axum::middleware::from_fn_with_state(at_door, guard));
            if let Some(bytes) = page.body_bytes_max {
                route = route.layer(DefaultBodyLimit::max(bytes));
            }
            self.router = self.router.route(page.path, route);
        }
        self
    }

    pub(super) fn router(self) -> Router<Arc<App>> {
        self.router
    }

    /// The OpenAPI document of all routes.
    pub(super) fn openapi(self) -> Value {
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "AKKO Catalog Sync",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Errors are problem details (RFC 9457). Lists come in pages: give the `next` of one as the `cursor` of the next request.",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "paths": self.paths,
            "components": {
                "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
                "schemas": { "Problem": {
                    "type": "object",
                    "properties": {
                        "type": { "type": "string" }, "title": { "type": "string" },
                        "status": { "type": "integer" }, "detail": { "type": "string" },
                    },
                } },
            },
        })
    }
}

fn document(page: &Page) -> Value {
    let mut operation = json!({
        "summary": page.summary,
        "responses": {
            "200": { "description": page.answer },
            "default": {
                "description": "What went wrong.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            },
        },
    });
    let in_path = page.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(page.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "description": meaning, "schema": { "type": "string" } })
    }));
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if !page.body.is_empty() {
        let fields = page
            .body
            .iter()
            .map(|(name, meaning)| (name.trim_end_matches('?').to_owned(), json!({ "description": meaning })));
        let required: Vec<&str> = page.body.iter().map(|(name, _)| *name).filter(|n| !n.ends_with('?')).collect();
        let schema = json!({ "type": "object", "properties": fields.collect::<Map<_, _>>(), "required": required });
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    }
    if let Some(role) = page.role {
        operation["security"] = json!([{ "bearer": [role.as_str()] }]);
    }
    operation
}
