//! Reading, creating, putting and deleting entities.

use serde_json::{Value, json};

use super::etag;
use super::exchange::{Answer, Request};
use super::kind::{Kind, text};
use super::options::User;
use super::stand_in::StandIn;
use super::view::View;

impl StandIn {
    /// Everything below a collection but PATCH.
    pub(super) fn entities(
        &mut self,
        kind: Kind,
        rest: &[&str],
        request: &Request,
        user: &User,
    ) -> Result<Answer, Answer> {
        match (request.method.as_str(), rest) {
            ("GET", []) => self.list(kind, request),
            ("POST", []) => self.post(kind, &request.body_json()?, user),
            ("PUT", []) => self.put(kind, &request.body_json()?, user),
            ("PUT", ["restore"]) => self.restore(kind, &request.body_json()?, user),
            ("GET", ["name", fqn]) => self.get(kind, request, |s, gone| s.find_by_name(kind, fqn, gone)),
            ("GET", [id]) => self.get(kind, request, |s, gone| s.find_by_id(kind, id, gone)),
            ("GET", [id, "versions"]) => self.versions(kind, id),
            ("GET", [id, "versions", version]) => self.old_version(kind, id, version),
            ("DELETE", ["name", fqn]) => {
                let entity = self.find_by_name(kind, fqn, true)?.clone();
                self.delete(kind, &entity, request, user)
            }
            ("DELETE", [id]) => {
                let entity = self.find_by_id(kind, id, true)?.clone();
                self.delete(kind, &entity, request, user)
            }
            _ => Err(Answer::error(405, "HTTP 405 Method Not Allowed")),
        }
    }

    /// # Errors
    /// 404 when it is not there, or deleted and `with_deleted` is false.
    pub(super) fn find_by_name(&self, kind: Kind, fqn: &str, with_deleted: bool) -> Result<&Value, Answer> {
        let found = self.store.by_name(kind, fqn).map(|stored| &stored.entity);
        found
            .filter(|entity| with_deleted || entity["deleted"] != true)
            .ok_or_else(|| Answer::not_found(kind.entity_type(), fqn))
    }

    /// As [`StandIn::find_by_name`].
    pub(super) fn find_by_id(&self, kind: Kind, id: &str, with_deleted: bool) -> Result<&Value, Answer> {
        let found = self.store.by_id(kind, id).map(|stored| &stored.entity);
        found
            .filter(|entity| with_deleted || entity["deleted"] != true)
            .ok_or_else(|| Answer::not_found(kind.entity_type(), id))
    }

    fn get<'a>(
        &'a self,
        kind: Kind,
        request: &Request,
        find: impl Fn(&'a Self, bool) -> Result<&'a Value, Answer>,
    ) -> Result<Answer, Answer> {
        let view = View::of_fields(kind, request.param("fields"))?;
        let include = request.param("include").unwrap_or("non-deleted");
        let entity = find(self, include != "non-deleted")?;
        if include == "deleted" && entity["deleted"] != true {
            return Err(Answer::not_found(kind.entity_type(), text(entity, "fullyQualifiedName")));
        }
        let shown = view.show(kind, entity);
        let quirks = self.options.quirks;
        if quirks.no_if_match {
            return Ok(Answer::json(200, shown));
        }
        let tag = etag::strong(
            if quirks.etag_projection_mismatch { &shown } else { entity },
            quirks.etag_projection_mismatch,
        );
        Ok(Answer::json(200, shown).with_header("ETag", tag))
    }

    fn post(&mut self, kind: Kind, body: &Value, user: &User) -> Result<Answer, Answer> {
        let entity = self.build(kind, body, user)?;
        if self.store.by_name(kind, text(&entity, "fullyQualifiedName")).is_some() {
            return Err(Answer::error(409, "Entity already exists"));
        }
        Ok(Self::created(self.add(kind, entity, user)))
    }

    fn add(&mut self, kind: Kind, entity: Value, user: &User) -> Value {
        let shown = View::Created.show(kind, &entity);
        self.store.insert(kind, entity);
        self.tell(kind, "entityCreated", &shown, user);
        shown
    }

    /// Creates, or writes over what is there.
    fn put(&mut self, kind: Kind, body: &Value, user: &User) -> Result<Answer, Answer> {
        let built = self.build(kind, body, user)?;
        let there = self.store.by_name(kind, text(&built, "fullyQualifiedName")).map(|stored| stored.entity.clone());
        let Some(original) = there else {
            return Ok(Self::created(self.add(kind, built, user)));
        };
        let updated = self.merged_put(kind, &original, built, user)?;
        let (stored, told) = self.store_update(&original, updated, user, None);
        let shown = View::Created.show(kind, &stored);
        if told {
            self.tell(kind, "entityUpdated", &shown, user);
        }
        Ok(Answer::json(200, shown))
    }

    fn restore(&mut self, kind: Kind, body: &Value, user: &User) -> Result<Answer, Answer> {
        let original = self.find_by_id(kind, text(body, "id"), true)?.clone();
        Ok(self.set_deleted(kind, &original, false, "entityRestored", user))
    }

    /// Deletes what is there: softly unless `hardDelete`, and with all below it if `recursive`.
    fn delete(&mut self, kind: Kind, entity: &Value, request: &Request, user: &User) -> Result<Answer, Answer> {
        let is = |parameter: &str| request.param(parameter) == Some("true");
        let below = self.store.below(kind, text(entity, "fullyQualifiedName"));
        if !below.is_empty() && !is("recursive") {
            return Err(Answer::error(400, format!("{} is not empty", kind.entity_type())));
        }
        for (kind, entity) in below {
            self.delete_one(kind, &entity, is("hardDelete"), user);
        }
        Ok(self.delete_one(kind, entity, is("hardDelete"), user))
    }

    fn delete_one(&mut self, kind: Kind, entity: &Value, hard: bool, user: &User) -> Answer {
        if !hard {
            return self.set_deleted(kind, entity, true, "entitySoftDeleted", user);
        }
        self.store.remove(text(entity, "id"));
        let shown = View::Full.show(kind, entity);
        self.tell(kind, "entityDeleted", &shown, user);
        Answer::json(200, shown)
    }

    fn set_deleted(&mut self, kind: Kind, entity: &Value, deleted: bool, event: &str, user: &User) -> Answer {
        let mut updated = entity.clone();
        updated["deleted"] = json!(deleted);
        let (stored, told) = self.store_update(entity, updated, user, None);
        let shown = View::Full.show(kind, &stored);
        if told {
            self.tell(kind, event, &shown, user);
        }
        Answer::json(200, shown)
    }

    /// All versions, newest first, each as a text of JSON.
    fn versions(&self, kind: Kind, id: &str) -> Result<Answer, Answer> {
        self.find_by_id(kind, id, true)?;
        let stored = self.store.by_id(kind, id);
        let versions: Vec<String> = stored
            .into_iter()
            .flat_map(|stored| std::iter::once(&stored.entity).chain(stored.history.iter().rev()))
            .map(Value::to_string)
            .collect();
        Ok(Answer::json(200, json!({ "entityType": kind.entity_type(), "versions": versions })))
    }

    fn old_version(&self, kind: Kind, id: &str, version: &str) -> Result<Answer, Answer> {
        let current = self.find_by_id(kind, id, true)?;
        let history = self.store.by_id(kind, id).map_or(&[][..], |stored| &stored.history);
        let number: Option<f64> = version.parse().ok();
        let asked = |entity: &&Value| number.is_some() && entity["version"].as_f64() == number;
        let found = std::iter::once(current).chain(history.iter().rev()).find(asked);
        found
            .map(|entity| Answer::json(200, entity.clone()))
            .ok_or_else(|| Answer::not_found(kind.entity_type(), &format!("{id} version {version}")))
    }
}
