//! Lists in pages: an opaque cursor leads to the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Problem;

/// Entries of a page when nothing is said.
const PAGE: usize = 100;
/// Entries of a page at most.
const PAGE_MAX: usize = 1_000;
/// Bytes of a cursor at most.
const CURSOR_BYTES_MAX: usize = 2_048;

/// Which page is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Paging {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// One page.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl Paging {
    /// A page asked for by these.
    pub(super) fn of(limit: Option<usize>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX)
    }

    /// The key after which the page begins.
    pub(super) fn after(&self) -> Result<Option<String>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = (cursor.len() <= CURSOR_BYTES_MAX).then(|| URL_SAFE_NO_PAD.decode(cursor).ok()).flatten();
        let key = bytes.and_then(|b| String::from_utf8(b).ok());
        key.map(Some).ok_or_else(|| Problem::bad_request("the cursor is not one that this API gave"))
    }
}

impl<T> Page<T> {
    /// A page read with the limit; `key` names an entry for the cursor. A full page has a next one.
    pub(super) fn new(items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let full = items.len() >= limit;
        let next = items.last().filter(|_| full).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Self { items, next }
    }

    /// The page as JSON, with each entry as `row` shows it.
    pub(super) fn to_json(&self, row: impl Fn(&T) -> serde_json::Value) -> serde_json::Value {
        serde_json::json!({ "items": self.items.iter().map(row).collect::<Vec<_>>(), "next": self.next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursors_lead_through_the_whole_list_once() {
        let all: Vec<String> = (0..25).map(|i| format!("t{i:02}")).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let paging = Paging { limit: Some(10), cursor };
            let after = paging.after().unwrap();
            let rest = all.iter().filter(|t| after.as_ref().is_none_or(|a| *t > a));
            let page = Page::new(rest.take(paging.limit()).cloned().collect(), paging.limit(), String::clone);
            seen.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for cursor in ["%%", "____", &"A".repeat(5_000)] {
            assert!(Paging { limit: None, cursor: Some(cursor.to_owned()) }.after().is_err(), "{cursor}");
        }
    }
}
