//! JSON Patch (RFC 6902) as the server applies it, in two halves: read and judge, then write.

use json_patch::{Patch, PatchErrorKind, PatchOperation};
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::hooks::{Fault, Moment};
use super::kind::{Kind, text};
use super::options::User;
use super::stand_in::StandIn;
use super::view::View;
use super::{columns, etag, labels};

/// A PATCH that has read its entity and not written it yet.
pub(super) struct PendingPatch {
    kind: Kind,
    original: Value,
    updated: Value,
    user: User,
    source: Option<String>,
    drops_nested: bool,
    entry: Option<u64>,
    pub(super) fault: Option<Fault>,
}

impl StandIn {
    /// The reading half: finds the entity, checks the condition, applies the operations.
    pub(super) fn begin_patch(&mut self, request: &Request, user: User, entry: u64) -> Result<PendingPatch, Answer> {
        if let Some(table) = self.patched_table(request) {
            self.fire(Moment::BeforePatch, &table);
        }
        let mut pending = self.begin_patch_quietly(request, user)?;
        pending.entry = Some(entry);
        Ok(pending)
    }

    /// The reading half without hooks.
    pub(super) fn begin_patch_quietly(&self, request: &Request, user: User) -> Result<PendingPatch, Answer> {
        let (kind, original) = self.patched(request)?;
        if !request.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/json-patch+json")) {
            return Err(Answer::unhandled("HTTP 415 Unsupported Media Type"));
        }
        let quirks = self.options.quirks;
        let if_match = request.headers.get("if-match").filter(|_| !quirks.no_if_match);
        if let Some(if_match) = if_match {
            etag::validate(if_match, &original, quirks.etag_projection_mismatch)?;
        }
        let mut operations = operations_of(request)?;
        if quirks.reordered_operations {
            move_removals_to_the_end(&mut operations);
        }
        let mut updated = original.clone();
        apply(&mut updated, &operations)?;
        let updated = self.checked(kind, &original, updated)?;
        let drops_nested = quirks.drop_nested_on_if_match && if_match.is_some();
        let source = request.param("changeSource").map(str::to_owned);
        Ok(PendingPatch { kind, original, updated, user, source, drops_nested, entry: None, fault: None })
    }

    /// The writing half.
    pub(super) fn finish_patch(&mut self, pending: &PendingPatch) -> Answer {
        let answer = self.finish_quietly(pending);
        if pending.kind == Kind::Table {
            self.fire(Moment::AfterPatch, text(&pending.original, "fullyQualifiedName"));
        }
        let answer = pending.fault.as_ref().and_then(Fault::afterwards).unwrap_or(answer);
        if let Some(entry) = pending.entry {
            self.journal.close(entry, answer.status);
        }
        answer
    }

    /// The writing half without hooks. What is written is what was read and patched, whatever happened since.
    pub(super) fn finish_quietly(&mut self, pending: &PendingPatch) -> Answer {
        let PendingPatch { kind, original, updated, user, source, .. } = pending;
        let mut stored = updated.clone();
        if pending.drops_nested {
            stored["columns"] = original["columns"].clone();
        }
        let (stored, told) = self.store_update(original, stored, user, source.as_deref());
        let mut shown = View::Full.show(*kind, &stored);
        if told {
            self.tell(*kind, "entityUpdated", &shown, user);
        }
        if pending.drops_nested {
            shown["columns"] = updated["columns"].clone();
        }
        Answer::json(200, shown)
    }

    fn patched_table(&self, request: &Request) -> Option<String> {
        let (kind, entity) = self.patched(request).ok()?;
        (kind == Kind::Table).then(|| text(&entity, "fullyQualifiedName").to_owned())
    }

    /// The entity that a PATCH's path names.
    fn patched(&self, request: &Request) -> Result<(Kind, Value), Answer> {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let found = path.strip_prefix(["api", "v1"].as_slice()).and_then(Self::collection);
        match found {
            Some((kind, ["name", fqn])) => Ok((kind, self.find_by_name(kind, fqn, false)?.clone())),
            Some((kind, [id])) => Ok((kind, self.find_by_id(kind, id, false)?.clone())),
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    /// The patched entity as the server takes it: nothing unknown, what cannot be changed unchanged, labels complete.
    fn checked(&self, kind: Kind, original: &Value, mut updated: Value) -> Result<Value, Answer> {
        let members = updated.as_object().ok_or_else(|| Answer::error(400, "Unable to process JSON"))?;
        if let Some(unknown) = members.keys().find(|member| !kind.has_member(member)) {
            return Err(Answer::error(400, format!("Unrecognized field \"{unknown}\"")));
        }
        const FIXED: [&str; 9] = [
            "id",
            "name",
            "fullyQualifiedName",
            "href",
            "version",
            "updatedAt",
            "updatedBy",
            "databaseSchema",
            "service",
        ];
        for member in FIXED {
            if let Some(value) = original.get(member) {
                updated[member] = value.clone();
            }
        }
        let known = self.store.known_tags();
        updated["tags"] = labels::complete(&updated["tags"], &known)?;
        if kind == Kind::Table {
            let fqn = text(original, "fullyQualifiedName").parse().map_err(|_| Answer::error(400, "invalid name"))?;
            updated["columns"] = columns::complete(&updated["columns"], &fqn, &known)?;
            self.check_constraints(&updated)?;
        }
        Ok(updated)
    }
}

/// The entity with a request's operations applied, in their order.
pub(super) fn patched_with(entity: &Value, request: &Request) -> Result<Value, Answer> {
    let mut updated = entity.clone();
    apply(&mut updated, &operations_of(request)?)?;
    Ok(updated)
}

fn operations_of(request: &Request) -> Result<Vec<PatchOperation>, Answer> {
    let body = request.body_json()?;
    if !body.is_array() {
        let place = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1";
        return Err(Answer::error(400, format!("JSON patch has to be an array of objects\n at [{place}]")));
    }
    let patch: Patch = serde_json::from_value(body).map_err(|_| Answer::error(400, "Unable to process JSON"))?;
    Ok(patch.0)
}

fn move_removals_to_the_end(operations: &mut Vec<PatchOperation>) {
    let (mut removals, others): (Vec<_>, Vec<_>) =
        std::mem::take(operations).into_iter().partition(|o| matches!(o, PatchOperation::Remove(_)));
    removals.sort_by_key(|removal| std::cmp::Reverse(removal.path().to_string()));
    operations.extend(others);
    operations.extend(removals);
}

/// Applies the operations in order; the messages are those of the server's library.
fn apply(entity: &mut Value, operations: &[PatchOperation]) -> Result<(), Answer> {
    for operation in operations {
        let path = operation.path().to_string();
        let before = entity.clone();
        if let Err(error) = json_patch::patch(entity, std::slice::from_ref(operation)) {
            return Err(match error.kind {
                PatchErrorKind::TestFailed => Answer::unhandled("JsonPatch.Operation.TEST fails! Values are not equal"),
                _ => Answer::unhandled(&no_such_value(&before, &path)),
            });
        }
    }
    Ok(())
}

/// What the server says about a path that leads nowhere: it quotes the value where the path ends.
fn no_such_value(entity: &Value, path: &str) -> String {
    let mut value = entity;
    for segment in path.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let below = match value {
            Value::Array(list) => name.parse::<usize>().ok().and_then(|at| list.get(at)),
            _ => value.get(&name),
        };
        match below {
            Some(below) => value = below,
            None if value.is_array() => {
                return format!("'{value}' contains no element for index {name} and for '{name}'");
            }
            None => return format!("'{value}' contains no value for name '{name}'"),
        }
    }
    format!("'{}' cannot be changed this way", json!(path))
}
