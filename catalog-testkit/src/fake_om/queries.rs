//! Queries as entities of their own: put, read, deleted.

use catalog_core::model::Fqn;
use serde_json::json;

use super::exchange::{Answer, Request};
use super::kind::{Kind, reference, text};
use super::options::User;
use super::stand_in::StandIn;

impl StandIn {
    pub(super) fn queries_of(&mut self, request: &Request, user: &User, rest: &[&str]) -> Result<Answer, Answer> {
        let missing = |name: &str| Answer::not_found("query", name);
        match (request.method.as_str(), rest) {
            ("POST" | "PUT", []) => self.put_query(request, user),
            ("GET", ["name", fqn]) => {
                self.queries.get(*fqn).map(|query| Answer::json(200, query.clone())).ok_or_else(|| missing(fqn))
            }
            ("DELETE", [id]) => {
                let found = self.queries.iter().find(|(_, query)| query["id"] == *id).map(|(fqn, _)| fqn.clone());
                let query = found.and_then(|fqn| self.queries.remove(&fqn)).ok_or_else(|| missing(id))?;
                Ok(Answer::json(200, query))
            }
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    fn put_query(&mut self, request: &Request, user: &User) -> Result<Answer, Answer> {
        let body = request.body_json()?;
        for required in ["query", "service"] {
            if text(&body, required).is_empty() {
                return Err(Answer::error(400, format!("[{required} must not be null]")));
            }
        }
        let service = self.find_by_name(Kind::DatabaseService, text(&body, "service"), false)?;
        let service = reference(Kind::DatabaseService, service);
        for used in body["queryUsedIn"].as_array().into_iter().flatten() {
            self.find_by_id(Kind::Table, text(used, "id"), false)?;
        }
        let fqn = Fqn::from_parts([text(&body, "service"), text(&body, "name")]).to_string();
        let there = self.queries.get(&fqn).map(|query| query["id"].clone());
        let created = there.is_none();
        if !created && request.method == "POST" {
            return Err(Answer::error(409, "Entity already exists"));
        }
        let mut query = body;
        query["id"] = there.unwrap_or_else(|| json!(Self::new_id()));
        query["fullyQualifiedName"] = json!(fqn);
        query["service"] = service;
        query["updatedBy"] = json!(user.name);
        query["updatedAt"] = json!(self.now_ms());
        query["version"] = json!(0.1);
        self.queries.insert(fqn, query.clone());
        Ok(Answer::json(if created { 201 } else { 200 }, query))
    }
}
