//! Queries as entities of their own: posted, put, patched, read, listed by table, deleted for good.

use catalog_core::model::Fqn;
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, reference, text};
use super::options::User;
use super::patch::patched_with;
use super::stand_in::StandIn;

/// What a request to create may hold (`createQuery.json`).
const MEMBERS: &str = "name,displayName,description,tags,query,query_type,exclude_usage,owners,duration,users,usedBy,\
queryDate,queryUsedIn,triggeredBy,processedLineage,service,domains,votes";
/// What a PATCH cannot change.
const FIXED: [&str; 5] = ["id", "name", "fullyQualifiedName", "href", "service"];

impl StandIn {
    pub(super) fn queries_of(&mut self, request: &Request, user: &User, rest: &[&str]) -> Result<Answer, Answer> {
        let missing = |name: &str| Answer::not_found("query", name);
        match (request.method.as_str(), rest) {
            ("POST" | "PUT", []) => self.put_query(request, user),
            ("GET", []) => Ok(self.list_queries(request)),
            ("GET", ["name", fqn]) => {
                self.queries.get(*fqn).map(|query| shown(query, request)).ok_or_else(|| missing(fqn))
            }
            ("PATCH", [id]) => {
                let fqn = self.query_named(id).ok_or_else(|| missing(id))?;
                self.patch_query(&fqn, request, user)
            }
            ("PUT" | "DELETE", [id, "usage"]) => {
                let fqn = self.query_named(id).ok_or_else(|| missing(id))?;
                self.change_tables(&fqn, request)
            }
            // There is no soft deletion of a query.
            ("DELETE", [id]) => {
                let query =
                    self.query_named(id).and_then(|fqn| self.queries.remove(&fqn)).ok_or_else(|| missing(id))?;
                Ok(Answer::json(200, query))
            }
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    fn query_named(&self, id: &str) -> Option<String> {
        self.queries.iter().find(|(_, query)| query["id"] == *id).map(|(fqn, _)| fqn.clone())
    }

    /// The queries of a table, or all.
    fn list_queries(&self, request: &Request) -> Answer {
        let used = |query: &Value, id: &str| {
            query["queryUsedIn"].as_array().into_iter().flatten().any(|table| text(table, "id") == id)
        };
        let wanted = |query: &&Value| request.param("entityId").is_none_or(|id| used(query, id));
        let found: Vec<Value> = self.queries.values().filter(wanted).map(|query| with_fields(query, request)).collect();
        Answer::json(200, json!({ "paging": { "total": found.len() }, "data": found }))
    }

    fn put_query(&mut self, request: &Request, user: &User) -> Result<Answer, Answer> {
        let body = request.body_json()?;
        if let Some(unknown) = body.as_object().and_then(|b| b.keys().find(|k| !MEMBERS.split(',').any(|m| m == *k))) {
            return Err(Answer::error(400, format!("Unrecognized field \"{unknown}\"")));
        }
        for required in ["query", "service"] {
            if text(&body, required).is_empty() {
                return Err(Answer::error(400, format!("[{required} must not be null]")));
            }
        }
        let service = self.find_by_name(Kind::DatabaseService, text(&body, "service"), false)?;
        let service = reference(Kind::DatabaseService, service);
        let used = self.tables_of(&body["queryUsedIn"])?;
        // Without a name the server takes an MD5 of the text; any hash of it does here.
        let checksum = blake3::hash(text(&body, "query").as_bytes()).to_hex()[..32].to_owned();
        let name = Some(text(&body, "name")).filter(|name| !name.is_empty()).unwrap_or(&checksum).to_owned();
        let fqn = Fqn::from_parts([text(&body, "service"), &name]).to_string();
        let there = self.queries.get(&fqn).cloned();
        if there.is_some() && request.method == "POST" {
            return Err(Answer::error(409, "Entity already exists"));
        }
        let id = there.as_ref().map_or_else(Self::new_id, |query| text(query, "id").to_owned());
        let version = there.as_ref().map_or(0.1, |query| query["version"].as_f64().unwrap_or_default() + 0.1);
        let mut query = body;
        query["href"] = json!(format!("{}/queries/{id}", self.options.href_base));
        query["id"] = json!(id);
        query["name"] = json!(name);
        query["fullyQualifiedName"] = json!(fqn);
        query["checksum"] = json!(checksum);
        query["service"] = service;
        query["queryUsedIn"] = used;
        query["version"] = json!((version * 10.0).round() / 10.0);
        self.store_query(&fqn, query.clone(), user);
        Ok(Answer::json(if there.is_none() { 201 } else { 200 }, self.queries.get(&fqn).cloned().unwrap_or(query)))
    }

    fn patch_query(&mut self, fqn: &str, request: &Request, user: &User) -> Result<Answer, Answer> {
        let original = self.queries.get(fqn).cloned().unwrap_or_default();
        let mut query = patched_with(&original, request)?;
        for member in FIXED {
            query[member] = original[member].clone();
        }
        query["version"] = json!((original["version"].as_f64().unwrap_or_default() * 10.0 + 1.0).round() / 10.0);
        self.store_query(fqn, query.clone(), user);
        Ok(Answer::json(200, self.queries.get(fqn).cloned().unwrap_or(query)))
    }

    /// Adds tables to those that the query is used in, or takes some out.
    fn change_tables(&mut self, fqn: &str, request: &Request) -> Result<Answer, Answer> {
        let named = self.tables_of(&request.body_json()?)?;
        let is_named = |table: &Value| named.as_array().into_iter().flatten().any(|other| other["id"] == table["id"]);
        let Some(query) = self.queries.get_mut(fqn) else { return Err(Answer::not_found("query", fqn)) };
        let mut used = query["queryUsedIn"].as_array().cloned().unwrap_or_default();
        used.retain(|table| !is_named(table));
        if request.method == "PUT" {
            used.extend(named.as_array().into_iter().flatten().cloned());
        }
        query["queryUsedIn"] = json!(used);
        let (id, status) = (query["id"].clone(), if request.method == "PUT" { 201 } else { 200 });
        Ok(Answer::json(
            status,
            json!({ "eventType": "entityFieldsChanged", "entityType": "query", "entityId": id, "entity": query }),
        ))
    }

    /// References to the tables that a list names by id.
    fn tables_of(&self, list: &Value) -> Result<Value, Answer> {
        let mut tables = Vec::new();
        for used in list.as_array().into_iter().flatten() {
            let table = self.find_by_id(Kind::Table, text(used, "id"), false)?;
            tables.push(reference(Kind::Table, table));
        }
        Ok(json!(tables))
    }

    fn store_query(&mut self, fqn: &str, mut query: Value, user: &User) {
        query["updatedBy"] = json!(user.name);
        query["updatedAt"] = json!(self.now_ms());
        self.queries.insert(fqn.to_owned(), query);
    }
}

fn shown(query: &Value, request: &Request) -> Answer {
    Answer::json(200, with_fields(query, request))
}

/// The tables of a query are shown when they are asked for.
fn with_fields(query: &Value, request: &Request) -> Value {
    let mut query = query.clone();
    let asked = request.param("fields").is_some_and(|fields| fields.split(',').any(|field| field == "queryUsedIn"));
    if let (false, Some(members)) = (asked, query.as_object_mut()) {
        members.remove("queryUsedIn");
    }
    query
}
