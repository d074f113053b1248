//! The steward's page: server-rendered, the same actions as API and command line, no request to anywhere else.
//!
//! - [`routes`]: every path with the least role it needs;
//! - `door`: cookies, form tokens, headers, and errors as pages;
//! - `shell`: what every page shows around its matter;
//! - `words`: the texts, one file a language;
//! - one file a view, named as in the navigation.
//!
//! Accepting and rejecting need no script: plain forms that answer with a redirect. htmx replaces the body instead of
//! the document where scripts run, and one script of ours gives every button a key.

mod assets;
mod audit;
mod bulk;
mod cards;
mod check;
mod decide;
mod diff;
mod door;
mod evidence;
mod form;
mod inbox;
mod keys;
mod login;
mod pii;
mod progress;
mod queries;
mod query;
mod search;
mod shell;
mod table;
mod undo;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};

use crate::api::auth::Role;
use crate::api::{App, Guard, Problem, guard};

type Answer = Result<axum::response::Html<String>, Problem>;

/// Renders a template; none is known to fail.
fn page(template: &impl askama::Template) -> Answer {
    let failed = |_| Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal", "the page has no form");
    template.render().map(axum::response::Html).map_err(failed)
}

/// All pages, behind the same door as the API.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let viewer = Some(Role::Viewer);
    let steward = Some(Role::Steward);
    let operator = Some(Role::Operator);
    let add = Routes { app: Arc::clone(app), router: Router::new() };
    add.get("/", viewer, inbox::inbox)
        .get("/table/{id}", viewer, table::table)
        .post("/proposals/{id}/accept", steward, decide::accept)
        .post("/proposals/{id}/reject", steward, decide::reject)
        .post("/proposals/{id}/redraft", steward, decide::redraft)
        .post("/proposals/{id}/answer", steward, decide::answer)
        .get("/next", viewer, bulk::next)
        .get("/bulk", viewer, bulk::preview)
        .post("/bulk", steward, bulk::decide)
        .post("/decide", steward, bulk::marked_ones)
        .post("/undo", steward, undo::undo)
        .post("/check", steward, check::check)
        .get("/pii", viewer, pii::pii)
        .get("/keys", viewer, keys::keys)
        .get("/queries", viewer, queries::queries)
        .get("/progress", viewer, progress::progress)
        .post("/runs", operator, progress::start)
        .post("/pause", operator, progress::pause)
        .post("/parked/retry", operator, progress::retry)
        .get("/audit", viewer, audit::audit)
        .get("/search", viewer, search::search)
        .get("/login", None, login::form)
        .post("/login", None, login::enter)
        .post("/logout", None, login::leave)
        .router
        .layer(from_fn_with_state(Arc::clone(app), door::dress))
        .route("/assets/{file}", axum::routing::get(assets::serve))
}

struct Routes {
    app: Arc<App>,
    router: Router<Arc<App>>,
}

impl Routes {
    fn get<H, T>(self, path: &str, role: Option<Role>, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(MethodFilter::GET, path, role, handler)
    }

    fn post<H, T>(self, path: &str, role: Option<Role>, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(MethodFilter::POST, path, role, handler)
    }

    fn add<H, T>(mut self, filter: MethodFilter, path: &str, role: Option<Role>, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let at_door = Guard { app: Arc::clone(&self.app), role, streams: false };
        let route = on(filter, handler).route_layer(from_fn_with_state(at_door, guard));
        self.router = self.router.route(path, route);
        self
    }
}
