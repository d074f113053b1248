//! The door in front of every handler: who asks, how often, for how long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::auth::{Caller, Role};
use super::{App, Problem};

/// Callers that are counted; beyond it the count begins anew.
const CALLERS_MAX: usize = 10_000;

/// Requests of each caller within the minute.
pub(super) struct RateLimit {
    per_minute: u32,
    counts: Mutex<(i64, HashMap<String, u32>)>,
}

impl RateLimit {
    pub(super) fn new(per_minute: u32) -> Self {
        Self { per_minute, counts: Mutex::default() }
    }

    /// May the caller ask once more at this time?
    fn admits(&self, caller: &str, now_ms: i64) -> bool {
        let minute = now_ms.div_euclid(60_000);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != minute || counts.1.len() >= CALLERS_MAX {
            *counts = (minute, HashMap::new());
        }
        let count = counts.1.entry(caller.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

/// What a route asks of its callers.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) app: Arc<App>,
    /// The least role; `None`: anybody, and the route checks for itself.
    pub(crate) role: Option<Role>,
    /// Does the answer go on for as long as the caller listens?
    pub(crate) streams: bool,
}

/// Lets a request in or turns it away, and counts it.
pub(crate) async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let app = &guard.app;
    let response = match admit(&guard, request.headers(), request.method()) {
        Err(problem) => problem.into_response(),
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            match app.in_flight.try_acquire() {
                Err(_) => {
                    app.parts.metrics.turned_away("busy");
                    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "too many requests are in flight")
                        .retry_after(1)
                        .into_response()
                }
                // A stream lives long and its answer begins at once: it holds no place in the queue.
                Ok(_permit) if guard.streams => next.run(request).await,
                Ok(_permit) => match tokio::time::timeout(app.deadline, next.run(request)).await {
                    Ok(response) => response,
                    Err(_) => {
                        Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "the answer took too long").into_response()
                    }
                },
            }
        }
    };
    let took = (!guard.streams).then(|| start.elapsed());
    app.parts.metrics.request(response.status().as_u16(), took);
    response
}

fn admit(guard: &Guard, headers: &HeaderMap, method: &Method) -> Result<Option<Caller>, Problem> {
    let Some(role) = guard.role else { return Ok(None) };
    let parts = &guard.app.parts;
    let authorization = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let caller = parts.gatekeeper.caller(authorization).map_err(|error| {
        parts.metrics.turned_away("unauthorized");
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", error.to_string())
    })?;
    if parts.gatekeeper.is_open() && !from_this_machine(headers, method) {
        parts.metrics.turned_away("forbidden");
        let why = "without tokens the API serves this machine alone: a page of another origin may not call it";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", why));
    }
    if !caller.role.may(role) {
        parts.metrics.turned_away("forbidden");
        let why = format!("{} has the role {}, this needs {}", caller.name, caller.role.as_str(), role.as_str());
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", why));
    }
    if !parts.gatekeeper.is_open() && !guard.app.rate.admits(&caller.name, parts.clock.now_ms()) {
        parts.metrics.turned_away("rate");
        let why = "the limit of requests a minute is reached";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", why).retry_after(60));
    }
    Ok(Some(caller))
}

/// Is the request's `Host` a name of this machine?
pub(crate) fn is_loopback_name(host: &str) -> bool {
    let bare = host.strip_prefix("http://").unwrap_or(host);
    let bare =
        bare.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit())).map_or(bare, |(h, _)| h);
    matches!(bare, "localhost" | "127.0.0.1" | "[::1]")
}

/// Does the request come from a program on this machine and not from a web page that a person happens to look at? A
/// page's requests carry its origin, and a name that was made to point here is not ours.
fn from_this_machine(headers: &HeaderMap, method: &Method) -> bool {
    let named = |name| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let origin = named(header::ORIGIN).is_none_or(is_loopback_name);
    let host = named(header::HOST).is_none_or(is_loopback_name);
    host && (origin || method == Method::OPTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_over_the_limit_waits_for_the_next_minute_and_others_do_not() {
        let limit = RateLimit::new(2);
        assert!(limit.admits("a", 0) && limit.admits("a", 1) && !limit.admits("a", 2));
        assert!(limit.admits("b", 3) && limit.admits("a", 60_000));
    }

    #[test]
    fn a_page_of_another_origin_or_a_rebound_name_is_not_this_machine() {
        let from = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            from_this_machine(&headers, &Method::POST)
        };
        assert!(
            from("127.0.0.1:8580", None)
                && from("localhost:8580", Some("http://localhost:8580"))
                && from("[::1]:8580", None)
        );
        assert!(!from("evil.example:8580", None));
        assert!(!from("127.0.0.1:8580", Some("https://evil.example")));
    }
}
