//! What was asked, so that a test can judge.

use std::collections::VecDeque;

use serde::Serialize;

use super::exchange::Request;

/// Older entries are dropped beyond this many.
const ENTRIES_MAX: usize = 100_000;

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalEntry {
    /// `GET`, `PATCH` and so on.
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The query's parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Who asked; `None` when nobody known did.
    pub user: Option<String>,
    /// The condition that was sent.
    pub if_match: Option<String>,
    /// The body as text.
    pub body: String,
    /// When, by the server's clock.
    pub at_ms: i64,
    /// The answer's status; 0 until there is one.
    pub status: u16,
}

impl JournalEntry {
    /// Was it sent to change something?
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// The requests in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: VecDeque<JournalEntry>,
    dropped: u64,
}

impl Journal {
    /// Notes a request and gives its number.
    pub(super) fn open(&mut self, request: &Request, user: Option<&str>, at_ms: i64) -> u64 {
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(JournalEntry {
            method: request.method.clone(),
            path: format!("/{}", request.path.join("/")),
            query: request.query.clone(),
            user: user.map(str::to_owned),
            if_match: request.headers.get("if-match").cloned(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            at_ms,
            status: 0,
        });
        self.dropped + self.entries.len() as u64 - 1
    }

    /// Notes the answer to a request.
    pub(super) fn close(&mut self, number: u64, status: u16) {
        let at = number.checked_sub(self.dropped).and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.status = status;
        }
    }

    /// How many were asked in all, also those that were dropped.
    pub(super) fn len(&self) -> u64 {
        self.dropped + self.entries.len() as u64
    }

    pub(super) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.iter().cloned().collect()
    }
}
