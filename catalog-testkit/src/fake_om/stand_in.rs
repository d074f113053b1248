//! The stand-in itself: who may come in, and which path leads where.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use uuid::Uuid;

use super::events::Events;
use super::exchange::{Answer, Request};
use super::hooks::{Fault, Hook};
use super::journal::Journal;
use super::kind::Kind;
use super::lineage::Edge;
use super::options::{Options, User};
use super::patch::PendingPatch;
use super::store::Store;
use super::suggestions::Suggestion;
use super::webhooks::Webhooks;

/// A stateful OpenMetadata without a socket: requests in, answers out.
pub struct StandIn {
    pub(super) options: Options,
    pub(super) store: Store,
    pub(super) events: Events,
    pub(super) lineage: BTreeMap<(String, String), Edge>,
    pub(super) suggestions: Vec<Suggestion>,
    pub(super) usage: BTreeMap<(String, String), u64>,
    pub(super) queries: BTreeMap<String, Value>,
    pub(super) webhooks: Webhooks,
    pub(super) journal: Journal,
    pub(super) hooks: Vec<Hook>,
    pub(super) faults: VecDeque<Fault>,
}

/// What a request comes to: an answer, or a PATCH that has read and not yet written.
pub(super) enum Begun {
    Answered(Answer),
    Patch(Box<PendingPatch>),
}

impl StandIn {
    /// A server with nothing in it but its built-in tags (`PII`, `PersonalData`, `Tier`).
    pub fn new(options: Options) -> Self {
        let mut server = Self {
            options,
            store: Store::default(),
            events: Events::default(),
            lineage: BTreeMap::new(),
            suggestions: Vec::new(),
            usage: BTreeMap::new(),
            queries: BTreeMap::new(),
            webhooks: Webhooks::default(),
            journal: Journal::default(),
            hooks: Vec::new(),
            faults: VecDeque::new(),
        };
        server.add_built_in_tags();
        server
    }

    /// Answers a request.
    pub fn handle(&mut self, request: &Request) -> Answer {
        match self.begin(request) {
            Begun::Answered(answer) => answer,
            Begun::Patch(pending) => self.finish_patch(&pending),
        }
    }

    /// Answers a request, but for the writing half of a PATCH.
    pub(super) fn begin(&mut self, request: &Request) -> Begun {
        let user = self.user_of(request);
        let entry =
            self.journal.open(request, user.as_ref().ok().map(|u| u.name.as_str()), self.options.clock.now_ms());
        let fault = self.take_fault(request);
        if let Some(answer) = fault.as_ref().and_then(Fault::instead) {
            return self.answered(entry, answer);
        }
        let begun = match user {
            Err(answer) => Err(answer),
            Ok(user) if request.method == "PATCH" && !is_query(request) => {
                self.begin_patch(request, user, entry).map(Ok)
            }
            Ok(user) => self.route(request, &user).map(Err),
        };
        match begun {
            Ok(Ok(mut pending)) => {
                pending.fault = fault;
                Begun::Patch(Box::new(pending))
            }
            Ok(Err(answer)) | Err(answer) => {
                let answer = fault.as_ref().and_then(Fault::afterwards).unwrap_or(answer);
                self.answered(entry, answer)
            }
        }
    }

    fn answered(&mut self, entry: u64, answer: Answer) -> Begun {
        self.journal.close(entry, answer.status);
        Begun::Answered(answer)
    }

    fn user_of(&self, request: &Request) -> Result<User, Answer> {
        let open = ["api", "v1", "system", "version"];
        if request.path.iter().map(String::as_str).eq(open) {
            return Ok(User::person("anonymous"));
        }
        let header = request.headers.get("authorization").map_or("", String::as_str);
        let token = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer ")).unwrap_or_default();
        if token.is_empty() {
            return Err(Answer::error(401, "Not Authorized! Token not present"));
        }
        let known = self.options.users.iter().find(|user| user.token == token);
        known.cloned().ok_or_else(|| Answer::error(401, "Not Authorized! Unable to decode the token."))
    }

    fn route(&mut self, request: &Request, user: &User) -> Result<Answer, Answer> {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let ["api", "v1", path @ ..] = path.as_slice() else {
            return Err(Answer::error(404, "HTTP 404 Not Found"));
        };
        match (request.method.as_str(), path) {
            ("GET", ["system", "version"]) => Ok(self.version()),
            ("GET", ["users", "loggedInUser"]) => Ok(Answer::json(200, self.user_entity(user))),
            ("GET", ["users", "name", name]) => self.user(name),
            ("GET", ["search", ..]) => Err(Answer::unhandled("the search engine does not answer")),
            ("GET", ["permissions", resource]) => Ok(Self::permissions(user, resource)),
            (_, ["usage", "table", id]) => self.usage_of(request, id),
            (_, ["queries", rest @ ..]) => self.queries_of(request, user, rest),
            ("GET", ["events"]) => Ok(self.list_events(request)),
            (_, ["events", "subscriptions", rest @ ..]) => self.subscriptions(request, user, rest),
            (_, ["lineage", rest @ ..]) => self.lineage_of(request, rest),
            (_, ["suggestions", rest @ ..]) => self.suggestions_of(request, user, rest),
            ("PUT", ["tables", id, "joins"]) => self.put_joins(request, id),
            _ => match Self::collection(path) {
                Some((kind, rest)) => self.entities(kind, rest, request, user),
                None => Err(Answer::error(404, "HTTP 404 Not Found")),
            },
        }
    }

    /// The kind whose collection the path starts with, and the rest of it.
    pub(super) fn collection<'a, 'b>(path: &'a [&'b str]) -> Option<(Kind, &'a [&'b str])> {
        Kind::ALL.into_iter().find_map(|kind| {
            let collection: Vec<&str> = kind.collection().split('/').collect();
            path.strip_prefix(collection.as_slice()).map(|rest| (kind, rest))
        })
    }

    fn version(&self) -> Answer {
        Answer::json(
            200,
            json!({
                "version": self.options.generation.version(),
                "revision": "stand-in",
                "timestamp": self.now_ms(),
            }),
        )
    }

    fn permissions(user: &User, resource: &str) -> Answer {
        let all = ["Create", "Delete", "ViewAll", "EditAll", "EditDescription", "EditTags", "EditLineage"];
        let one = |operation: &str| {
            let denied = user.denied.contains(&format!("{resource}:{operation}"));
            json!({ "operation": operation, "access": if denied { "notAllow" } else { "allow" } })
        };
        Answer::json(200, json!({ "resource": resource, "permissions": all.map(one) }))
    }

    fn user(&self, name: &str) -> Result<Answer, Answer> {
        let known = self.options.users.iter().find(|user| user.name.eq_ignore_ascii_case(name));
        known.map(|user| Answer::json(200, self.user_entity(user))).ok_or_else(|| Answer::not_found("user", name))
    }

    fn user_entity(&self, user: &User) -> Value {
        let id = Self::user_id(&user.name);
        json!({
            "id": id,
            "name": user.name,
            "fullyQualifiedName": user.name,
            "email": format!("{}@example.org", user.name),
            "version": 0.1,
            "updatedAt": 0,
            "updatedBy": "admin",
            "href": format!("{}/users/{id}", self.options.href_base),
            "isBot": user.is_bot,
            "deleted": false,
        })
    }

    /// How entities refer to a user.
    pub(super) fn user_reference(name: &str) -> Value {
        json!({
            "id": Self::user_id(name),
            "type": "user",
            "name": name,
            "fullyQualifiedName": name,
            "displayName": name,
            "deleted": false,
        })
    }

    /// The same for the same name, since users are not stored.
    fn user_id(name: &str) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&blake3::hash(name.as_bytes()).as_bytes()[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.options.clock.now_ms()
    }

    pub(super) fn new_id() -> String {
        Uuid::new_v4().to_string()
    }

    /// The answer to a creation, which says where the entity is.
    pub(super) fn created(entity: Value) -> Answer {
        let location = entity["href"].as_str().unwrap_or_default().to_owned();
        Answer::json(201, entity).with_header("Location", location)
    }
}

/// Is a query patched? Queries are kept apart from the other entities.
fn is_query(request: &Request) -> bool {
    request.path.get(2).is_some_and(|collection| collection == "queries")
}
