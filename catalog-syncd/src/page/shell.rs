//! What every page shows around its matter: navigation, counts, what the last form did, who looks.

use std::fmt::Display;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use catalog_core::model::{ChangeKind, ProposalState};
use catalog_core::ports::ledger::TallyRow;

use super::assets;
use super::door::Visit;
use super::words::Words;
use crate::api::auth::{Caller, Role};
use crate::api::{App, Problem};

/// Who asks, from which browser.
pub(super) struct Looker {
    pub(super) visit: Visit,
    pub(super) caller: Caller,
}

impl<S: Send + Sync> FromRequestParts<S> for Looker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Visit>().zip(parts.extensions.get::<Caller>());
        let (visit, caller) =
            found.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "nobody is logged in"))?;
        Ok(Self { visit: visit.clone(), caller: caller.clone() })
    }
}

/// The frame of a page.
pub(super) struct Shell {
    words: &'static Words,
    pub(super) form_token: String,
    /// Path and query of this page, without what was said.
    pub(super) here: String,
    /// What the last form did.
    pub(super) said: Option<String>,
    /// The name of who looks, where people log in.
    pub(super) who: Option<String>,
    pub(super) steward: bool,
    pub(super) operator: bool,
    /// Which entry of the navigation this is.
    pub(super) active: &'static str,
    /// Names the caller's last decision, if it can be taken back.
    pub(super) undo: Option<String>,
    tally: Vec<TallyRow>,
}

impl Shell {
    /// The frame for this caller.
    pub(super) async fn new(app: &App, looker: &Looker, active: &'static str) -> Result<Self, Problem> {
        let Looker { visit, caller } = looker;
        let said = visit.said.as_ref().map(|said| format!("said.{said}"));
        let said = said.filter(|key| visit.words.get(key) != key);
        let undo = match &said {
            Some(_) => app.parts.desk.last_decision(&caller.name).await?.map(|last| last.token),
            None => None,
        };
        Ok(Self {
            words: visit.words,
            form_token: visit.form_token.clone(),
            here: without_said(&visit.here),
            said: said.map(|key| visit.words.get(&key).to_owned()),
            who: (!app.parts.gatekeeper.is_open()).then(|| caller.name.clone()),
            steward: caller.role.may(Role::Steward),
            operator: caller.role.may(Role::Operator),
            active,
            undo,
            tally: app.parts.desk.ledger.tally().await?,
        })
    }

    /// A text of the page.
    pub(super) fn w<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key)
    }

    /// A text with a value in it.
    pub(super) fn put(&self, key: &str, value: impl Display) -> String {
        self.words.put(key, &[&value])
    }

    /// A text with two values in it.
    pub(super) fn put2(&self, key: &str, first: impl Display, second: impl Display) -> String {
        self.words.put(key, &[&first, &second])
    }

    pub(super) fn code(&self) -> &'static str {
        self.words.code
    }

    pub(super) fn words(&self) -> &'static Words {
        self.words
    }

    pub(super) fn version(&self) -> &'static str {
        assets::VERSION
    }

    pub(super) fn tally(&self) -> &[TallyRow] {
        &self.tally
    }

    /// The keys and what they do.
    pub(super) fn help(&self) -> [(&'static str, &'static str); 10] {
        [
            ("j k", "keys.j"),
            ("x", "keys.x"),
            ("o", "keys.o"),
            ("a", "keys.a"),
            ("r", "keys.r"),
            ("e", "keys.e"),
            ("u", "keys.u"),
            ("n", "keys.n"),
            ("/", "keys.slash"),
            ("?", "keys.help"),
        ]
    }

    pub(super) fn is_active(&self, entry: &str) -> bool {
        self.active == entry
    }

    /// A key of a family of texts.
    pub(super) fn key(&self, family: &str, name: &str) -> String {
        format!("{family}{name}")
    }

    /// A part of an address.
    pub(super) fn url(&self, text: &str) -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    }

    /// How a voter is called.
    pub(super) fn voter(&self, name: &str) -> String {
        let key = format!("voter.{name}");
        let known = self.words.get(&key);
        if known == key { name.to_owned() } else { known.to_owned() }
    }

    /// How a witness for a key is called.
    pub(super) fn witness(&self, name: &str) -> String {
        let key = format!("witness.{name}");
        let known = self.words.get(&key);
        if known == key { name.replace('_', " ") } else { known.to_owned() }
    }

    /// Proposals of a kind in a chip: `3 PII`; a description is just named.
    pub(super) fn count(&self, kind: &str, n: &u64) -> String {
        let (one, more) = (format!("kind.{kind}"), format!("kinds.{kind}"));
        let many = Some(self.words.get(&more)).filter(|text| *n > 1 && *text != more);
        let name = many.unwrap_or_else(|| self.words.get(&one));
        if kind == "description" { name.to_owned() } else { format!("{n} {name}") }
    }

    /// The navigation: address, name, text, open proposals.
    pub(super) fn entries(&self) -> [(&'static str, &'static str, &'static str, u64); 6] {
        [
            ("/", "inbox", "nav.inbox", self.open("")),
            ("/pii", "pii", "nav.pii", self.open("pii")),
            ("/keys", "keys", "nav.keys_view", self.open("key")),
            ("/queries", "queries", "nav.queries", self.open("query")),
            ("/progress", "progress", "nav.progress", 0),
            ("/audit", "audit", "nav.audit", 0),
        ]
    }

    /// Open proposals of a kind, or of all with `""`.
    pub(super) fn open(&self, kind: &str) -> u64 {
        let open = self.tally.iter().filter(|row| row.state == ProposalState::Open);
        open.filter(|row| kind.is_empty() || row.kind.as_str() == kind).map(|row| row.proposals).sum()
    }

    /// The same page in another language.
    pub(super) fn in_language(&self, code: &str) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        rest.extend_pairs(url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != "lang"));
        rest.append_pair("lang", code);
        format!("{path}?{}", rest.finish())
    }

    /// Of decided proposals of the kind that were about as sure: how many were accepted as they were, of how many.
    pub(super) fn like_this(&self, kind: ChangeKind, confidence: f64) -> Option<(u64, u64)> {
        let tenths = (confidence * 10.0) as u8;
        let count = |state| {
            let rows = self.tally.iter().filter(|row| row.kind == kind && row.tenths == tenths && row.state == state);
            rows.map(|row| row.proposals).sum::<u64>()
        };
        let (accepted, rejected) = (count(ProposalState::Accepted), count(ProposalState::Rejected));
        (accepted + rejected > 0).then_some((accepted, accepted + rejected))
    }
}

/// The address without `said`, so that what a form did is said once.
pub(super) fn without_said(here: &str) -> String {
    let Some((path, query)) = here.split_once('?') else { return here.to_owned() };
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("said=") && !pair.is_empty()).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}

/// How long ago, in the largest unit that fits.
pub(super) fn age(words: &Words, at_ms: i64, now_ms: i64) -> String {
    let minutes = (now_ms - at_ms).max(0) / 60_000;
    match minutes {
        0 => words.get("age.now").to_owned(),
        1..60 => words.put("age.minutes", &[&minutes]),
        60..2_880 => words.put("age.hours", &[&(minutes / 60)]),
        _ => words.put("age.days", &[&(minutes / 1_440)]),
    }
}

/// A confidence in a word: `low`, `middle` or `high`.
pub(super) fn band(confidence: f64) -> &'static str {
    match confidence {
        v if v < 0.5 => "low",
        v if v < 0.8 => "middle",
        _ => "high",
    }
}

/// A share as whole percent, rounded down so that 99.6 % is not certain.
pub(super) fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0 + 1e-9) as u8
}

#[derive(Template)]
#[template(path = "page/error.html")]
pub(super) struct ErrorPage<'a> {
    words: &'static Words,
    title: &'a str,
    detail: &'a str,
    back: String,
}

impl<'a> ErrorPage<'a> {
    /// A problem as a page.
    pub(super) fn of(problem: &'a Problem, visit: &Visit) -> String {
        let key = match problem.status {
            StatusCode::FORBIDDEN if problem.title == "stale_form" => "error.stale",
            StatusCode::FORBIDDEN => "error.forbidden",
            StatusCode::NOT_FOUND => "error.missing",
            StatusCode::CONFLICT => "error.conflict",
            StatusCode::BAD_REQUEST => "error.input",
            _ => "error.other",
        };
        let back = match visit.here.split_once("/proposals/") {
            Some(("", _)) => "/".to_owned(),
            _ => without_said(&visit.here),
        };
        let page = Self { words: visit.words, title: visit.words.get(key), detail: &problem.detail, back };
        page.render().unwrap_or_else(|_| problem.detail.replace(['<', '&'], " "))
    }
}
