//! Suggestions: made, listed, accepted and rejected, with the server's oddities. Accepting writes as the accepter,
//! over whatever was written since, and fires no event; nothing withdraws a suggestion when a person edits.

use catalog_core::model::Fqn;
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, text};
use super::list::limit_of;
use super::options::User;
use super::stand_in::StandIn;
use super::{columns, labels};

/// A suggestion as it is answered.
pub(super) type Suggestion = Value;

/// More are refused.
const SUGGESTIONS_MAX: usize = 100_000;

impl StandIn {
    pub(super) fn suggestions_of(&mut self, request: &Request, user: &User, rest: &[&str]) -> Result<Answer, Answer> {
        match (request.method.as_str(), rest) {
            ("POST", []) => self.suggest(&request.body_json()?, user),
            ("GET", []) => self.list_suggestions(request),
            ("GET", [id]) => Ok(Answer::json(200, self.suggestion(id)?.clone())),
            ("PUT", [id, "accept"]) => self.accept(id, user),
            ("PUT", [id, "reject"]) => self.close(id, "Rejected", user),
            ("DELETE", [id]) => {
                let suggestion = self.suggestion(id)?.clone();
                self.suggestions.retain(|other| other["id"] != suggestion["id"]);
                Ok(Answer::json(200, suggestion))
            }
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    fn suggestion(&mut self, id: &str) -> Result<&mut Value, Answer> {
        let found = self.suggestions.iter_mut().find(|suggestion| suggestion["id"] == id);
        found.ok_or_else(|| Answer::not_found("Suggestion", id))
    }

    fn suggest(&mut self, body: &Value, user: &User) -> Result<Answer, Answer> {
        let link = text(body, "entityLink");
        let (table, column) = read_link(link)?;
        let table = self.find_by_name(Kind::Table, &table, false)?;
        if let Some(column) = &column
            && columns::find(&table["columns"], column).is_none()
        {
            return Err(Answer::not_found("column", link));
        }
        if self.suggestions.len() == SUGGESTIONS_MAX {
            return Err(Answer::error(400, "too many suggestions"));
        }
        let (id, now) = (Self::new_id(), self.now_ms());
        let mut suggestion = json!({
            "id": id,
            "type": body["type"],
            "href": format!("{}/suggestions/{id}", self.options.href_base),
            "entityLink": link,
            "createdAt": now,
            "createdBy": Self::user_reference(&user.name),
            "updatedAt": now,
            "updatedBy": user.name,
            "status": "Open",
        });
        match text(body, "type") {
            "SuggestDescription" if !text(body, "description").is_empty() => {
                suggestion["description"] = body["description"].clone();
            }
            "SuggestTagLabel" if body["tagLabels"].is_array() => {
                suggestion["tagLabels"] = labels::complete(&body["tagLabels"], &self.store.known_tags())?;
            }
            _ => return Err(Answer::error(400, "Suggestion's description or tags cannot be empty")),
        }
        self.suggestions.push(suggestion.clone());
        Ok(Self::created(suggestion))
    }

    /// The newest first, ten if not said otherwise.
    fn list_suggestions(&self, request: &Request) -> Result<Answer, Answer> {
        let table = request.param("entityFQN");
        let status = request.param("status");
        let asked = |suggestion: &&Value| {
            let of = read_link(text(suggestion, "entityLink")).map(|(table, _)| table).unwrap_or_default();
            table.is_none_or(|table| table == of) && status.is_none_or(|s| suggestion["status"] == s)
        };
        let all: Vec<&Value> = self.suggestions.iter().rev().filter(asked).collect();
        let page: Vec<&Value> = all.iter().copied().take(limit_of(request)?).collect();
        Ok(Answer::json(200, json!({ "data": page, "paging": { "total": all.len() } })))
    }

    fn accept(&mut self, id: &str, user: &User) -> Result<Answer, Answer> {
        let suggestion = self.suggestion(id)?.clone();
        let (table, column) = read_link(text(&suggestion, "entityLink"))?;
        let original = self.find_by_name(Kind::Table, &table, false)?.clone();
        let mut updated = original.clone();
        let target = match &column {
            Some(path) => columns::find_mut(&mut updated["columns"], path)
                .ok_or_else(|| Answer::not_found("column", text(&suggestion, "entityLink")))?,
            None => &mut updated,
        };
        if suggestion["type"] == "SuggestDescription" {
            target["description"] = suggestion["description"].clone();
        } else {
            let all = labels::merged(&target["tags"], &suggestion["tagLabels"]);
            target["tags"] = labels::complete(&all, &self.store.known_tags())?;
        }
        self.store_update(&original, updated, user, Some("Suggested"));
        self.close(id, "Accepted", user)
    }

    fn close(&mut self, id: &str, status: &str, user: &User) -> Result<Answer, Answer> {
        let now = self.now_ms();
        let suggestion = self.suggestion(id)?;
        suggestion["status"] = json!(status);
        suggestion["updatedAt"] = json!(now);
        suggestion["updatedBy"] = json!(user.name);
        Ok(Answer::empty())
    }
}

/// Table and, if it goes to one, path of the column out of `<#E::table::FQN::columns::NAME>`.
fn read_link(link: &str) -> Result<(String, Option<Vec<String>>), Answer> {
    let bad = || Answer::error(400, format!("Invalid entity link {link}"));
    let body = link.strip_prefix("<#E::table::").and_then(|rest| rest.strip_suffix('>')).ok_or_else(bad)?;
    match body.split("::").collect::<Vec<_>>().as_slice() {
        [table] => Ok(((*table).to_owned(), None)),
        [table, "columns", column, ..] => {
            let path: Fqn = column.parse().map_err(|_| bad())?;
            Ok(((*table).to_owned(), Some(path.parts().to_vec())))
        }
        _ => Err(bad()),
    }
}
