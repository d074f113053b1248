//! Listings: ordered by name, paged by a cursor.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, text};
use super::stand_in::StandIn;
use super::view::View;

/// What a page holds when the request does not say.
const LIMIT_DEFAULT: usize = 10;
/// A request for more is refused.
const LIMIT_MAX: i64 = 1_000_000;

impl StandIn {
    /// One page. Parameters that the server does not know are ignored: there is no filter by time.
    pub(super) fn list(&self, kind: Kind, request: &Request) -> Result<Answer, Answer> {
        let view = View::of_fields(kind, request.param("fields"))?;
        let limit = limit_of(request)?;
        let all: Vec<&Value> = self.store.sorted(kind).into_iter().filter(|e| is_listed(request, e)).collect();
        let after = request.param("after").map(read_cursor).transpose()?;
        let before = request.param("before").map(read_cursor).transpose()?;
        let (first, last) = match (after, before) {
            (Some(after), _) => {
                let first = all.partition_point(|entity| key(entity) <= (&after.0, &after.1));
                (first, all.len().min(first.saturating_add(limit)))
            }
            (None, Some(before)) => {
                let last = all.partition_point(|entity| key(entity) < (&before.0, &before.1));
                (last.saturating_sub(limit), last)
            }
            (None, None) => (0, all.len().min(limit)),
        };
        let page = &all[first..last];
        let mut paging = json!({ "total": all.len() });
        if let (Some(entity), true) = (page.first(), first > 0) {
            paging["before"] = json!(cursor(entity));
        }
        if let (Some(entity), true) = (page.last(), last < all.len()) {
            paging["after"] = json!(cursor(entity));
        }
        let data: Vec<Value> = page.iter().map(|entity| view.show(kind, entity)).collect();
        Ok(Answer::json(200, json!({ "data": data, "paging": paging })))
    }
}

/// The number of entries that a request wants on a page.
///
/// # Errors
/// 400 beyond the server's bounds, 404 for what is no number.
pub(super) fn limit_of(request: &Request) -> Result<usize, Answer> {
    let Some(limit) = request.param("limit") else { return Ok(LIMIT_DEFAULT) };
    let limit: i64 = limit.parse().map_err(|_| Answer::error(404, "HTTP 404 Not Found"))?;
    if limit < 0 {
        return Err(Answer::error(400, "[query param limit must be greater than or equal to 0]"));
    }
    if limit > LIMIT_MAX {
        let message = format!("[query param limit must be less than or equal to {LIMIT_MAX}]");
        return Err(Answer::error(400, message));
    }
    Ok(usize::try_from(limit).unwrap_or(LIMIT_DEFAULT))
}

/// Deleted entities are left out unless asked for; `databaseSchema`, `database` and `service` narrow by the parent.
fn is_listed(request: &Request, entity: &Value) -> bool {
    let deleted = entity["deleted"] == true;
    let included = match request.param("include") {
        Some("deleted") => deleted,
        Some("all") => true,
        _ => !deleted,
    };
    let within = |member: &str| request.param(member).is_none_or(|fqn| entity[member]["fullyQualifiedName"] == fqn);
    let of_family =
        request.param("parent").is_none_or(|family| entity["classification"]["fullyQualifiedName"] == family);
    included && of_family && ["databaseSchema", "database", "service"].into_iter().all(within)
}

fn key(entity: &Value) -> (&str, &str) {
    (text(entity, "name"), text(entity, "id"))
}

fn cursor(entity: &Value) -> String {
    STANDARD.encode(json!({ "id": entity["id"], "name": entity["name"] }).to_string())
}

/// Name and id out of a cursor; a cursor that the server did not make is its own failure, not the client's.
fn read_cursor(cursor: &str) -> Result<(String, String), Answer> {
    let bad = || {
        Answer::error(500, "An exception with message [Failed to process JSON ] was thrown while processing request.")
    };
    let bytes = STANDARD.decode(cursor).map_err(|_| bad())?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    match (value["name"].as_str(), value["id"].as_str()) {
        (Some(name), Some(id)) => Ok((name.to_owned(), id.to_owned())),
        _ => Err(bad()),
    }
}
