//! What a test lets happen behind a client's back.

use serde_json::Value;

use super::exchange::{Answer, Request};
use super::journal::JournalEntry;
use super::kind::{Kind, text};
use super::options::{Quirks, User};
use super::stand_in::StandIn;

/// When a hook fires: once, with the next PATCH of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the PATCH is looked at: after the client read, before it wrote.
    BeforePatch,
    /// After it is stored: before the client reads back.
    AfterPatch,
}

/// Somebody's edit of a table.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Who edits: one of the server's users.
    pub user: String,
    /// The table.
    pub table: String,
    /// JSON Patch operations.
    pub operations: Value,
}

/// An edit that waits for its moment.
#[derive(Debug, Clone)]
pub(super) struct Hook {
    pub(super) moment: Moment,
    pub(super) edit: Edit,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not looked at; the answer has this status and, if given, `Retry-After` in seconds.
    Refused(u16, Option<u64>),
    /// It is done, and the answer has this status all the same.
    AnswerLost(u16),
}

/// A fault that waits for its requests.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which method.
    pub method: String,
    /// What the decoded path must hold.
    pub path_contains: String,
    /// How often it strikes.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// The answer, if the request is not to be looked at.
    pub(super) fn instead(&self) -> Option<Answer> {
        let FaultKind::Refused(status, retry_after) = self.kind else { return None };
        let answer = Answer::error(status, "the server cannot answer now");
        Some(match retry_after {
            Some(seconds) => answer.with_header("Retry-After", seconds.to_string()),
            None => answer,
        })
    }

    /// The answer, if the request was done and this hides it.
    pub(super) fn afterwards(&self) -> Option<Answer> {
        match self.kind {
            FaultKind::AnswerLost(status) => Some(Answer::error(status, "the answer got lost")),
            FaultKind::Refused(..) => None,
        }
    }
}

impl StandIn {
    /// Lets somebody edit a table at a moment of its next PATCH.
    pub fn hook(&mut self, moment: Moment, edit: Edit) {
        self.hooks.push(Hook { moment, edit });
    }

    /// Lets requests go wrong.
    pub fn fail(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    /// Edits a table now. The answer is the one that the user would get.
    pub fn edit(&mut self, edit: &Edit) -> Answer {
        let target = format!("/api/v1/tables/name/{}", escaped(&edit.table));
        let request = self.authorised(Request::new("PATCH", &target).json(&edit.operations), &edit.user);
        // Not through `handle`: an edit behind the scenes fires no hook and no fault, and is not in the journal.
        match self.user_named(&edit.user).and_then(|user| self.begin_patch_quietly(&request, user)) {
            Ok(pending) => self.finish_quietly(&pending),
            Err(answer) => answer,
        }
    }

    /// Puts a table's columns into another order, as another client's PUT would: first those named.
    pub fn reorder_columns(&mut self, table: &str, first: &[&str]) {
        let Some(stored) = self.store.by_name(Kind::Table, table) else { return };
        let id = text(&stored.entity, "id").to_owned();
        if let Some(columns) = self.store.by_id_mut(&id).and_then(|s| s.entity["columns"].as_array_mut()) {
            columns.sort_by_key(|column| {
                first.iter().position(|name| *name == text(column, "name")).unwrap_or(first.len())
            });
        }
    }

    /// A table as it is stored, with everything; `None` when it is not there.
    pub fn table(&self, fqn: &str) -> Option<&Value> {
        self.store.by_name(Kind::Table, fqn).map(|stored| &stored.entity)
    }

    /// What was asked so far.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.journal.entries()
    }

    /// How many requests came so far.
    pub fn requests(&self) -> u64 {
        self.journal.len()
    }

    /// Switches faults of the server on or off.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.options.quirks = quirks;
    }

    /// The request with a user's token.
    pub fn authorised(&self, request: Request, user: &str) -> Request {
        let token = self.options.users.iter().find(|u| u.name == user).map_or("", |u| u.token.as_str());
        request.header("authorization", &format!("Bearer {token}"))
    }

    pub(super) fn user_named(&self, name: &str) -> Result<User, Answer> {
        self.options.users.iter().find(|user| user.name == name).cloned().ok_or_else(|| Answer::not_found("user", name))
    }

    /// Fires the hooks of a table's moment.
    pub(super) fn fire(&mut self, moment: Moment, table: &str) {
        let (due, waiting) =
            std::mem::take(&mut self.hooks).into_iter().partition(|h| h.moment == moment && h.edit.table == table);
        self.hooks = waiting;
        let due: Vec<Hook> = due;
        for hook in due {
            self.edit(&hook.edit);
        }
    }

    pub(super) fn take_fault(&mut self, request: &Request) -> Option<Fault> {
        let path = format!("/{}", request.path.join("/"));
        let fits = |f: &Fault| f.method == request.method && path.contains(&f.path_contains);
        let at = self.faults.iter().position(fits)?;
        let fault = self.faults.get_mut(at)?;
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        if struck.times == 0 {
            self.faults.remove(at);
        }
        Some(struck)
    }
}

/// One segment of a path, with everything escaped that could end it.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
