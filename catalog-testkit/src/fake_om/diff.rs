//! What changed between two versions, in the words of a change description.

use std::collections::BTreeSet;

use catalog_core::model::Fqn;
use serde_json::{Map, Value, json};

use super::kind::text;

/// Added, updated and deleted members; each with name, and old and new value where there is one.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) added: Vec<Value>,
    pub(super) updated: Vec<Value>,
    pub(super) deleted: Vec<Value>,
}

/// Members that change without being a change: the server's own book-keeping.
const BOOKKEEPING: [&str; 10] = [
    "id",
    "href",
    "version",
    "updatedAt",
    "updatedBy",
    "changeDescription",
    "incrementalChangeDescription",
    "votes",
    "followers",
    "fullyQualifiedName",
];

impl Changes {
    /// From one state of an entity to a later one.
    pub(super) fn between(old: &Value, new: &Value) -> Self {
        let mut changes = Self::default();
        changes.members("", old, new);
        changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.deleted.is_empty()
    }

    /// The names of added or updated members.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        self.added.iter().chain(&self.updated).map(|change| text(change, "name"))
    }

    /// As a change description based on a version.
    pub(super) fn describe(&self, previous_version: f64) -> Value {
        json!({
            "fieldsAdded": self.added,
            "fieldsUpdated": self.updated,
            "fieldsDeleted": self.deleted,
            "previousVersion": previous_version,
        })
    }

    fn members(&mut self, prefix: &str, old: &Value, new: &Value) {
        let empty = Map::new();
        let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
        let names: BTreeSet<(u8, &String)> = old.keys().chain(new.keys()).map(|name| (rank(name), name)).collect();
        for (_, name) in names.into_iter().filter(|(_, name)| !BOOKKEEPING.contains(&name.as_str())) {
            let (old, new) = (old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null));
            let field = format!("{prefix}{name}");
            match name.as_str() {
                "columns" | "children" => self.columns(if prefix.is_empty() { "columns" } else { prefix }, old, new),
                _ if old.is_array() || new.is_array() => self.list(&field, old, new),
                _ if old == new => {}
                _ if is_nothing(old) => self.added.push(change(&field, None, Some(new))),
                _ if is_nothing(new) => self.deleted.push(change(&field, Some(old), None)),
                _ => self.updated.push(change(&field, Some(old), Some(new))),
            }
        }
    }

    fn list(&mut self, field: &str, old: &Value, new: &Value) {
        let items = |list: &Value| list.as_array().cloned().unwrap_or_default();
        let (old, new) = (items(old), items(new));
        let added: Vec<&Value> = new.iter().filter(|item| !old.contains(item)).collect();
        let deleted: Vec<&Value> = old.iter().filter(|item| !new.contains(item)).collect();
        if !added.is_empty() {
            self.added.push(change(field, None, Some(&json!(added))));
        }
        if !deleted.is_empty() {
            self.deleted.push(change(field, Some(&json!(deleted)), None));
        }
    }

    /// Columns are matched by name, so that a new order alone is no change.
    fn columns(&mut self, prefix: &str, old: &Value, new: &Value) {
        let items = |list: &Value| list.as_array().cloned().unwrap_or_default();
        let list_name = prefix.trim_end_matches('.').to_owned();
        let (old, new) = (items(old), items(new));
        let same = |a: &Value, b: &Value| text(a, "name").eq_ignore_ascii_case(text(b, "name"));
        let added: Vec<&Value> = new.iter().filter(|c| !old.iter().any(|o| same(o, c))).collect();
        let deleted: Vec<&Value> = old.iter().filter(|c| !new.iter().any(|n| same(n, c))).collect();
        if !added.is_empty() {
            self.added.push(change(&list_name, None, Some(&json!(added))));
        }
        if !deleted.is_empty() {
            self.deleted.push(change(&list_name, Some(&json!(deleted)), None));
        }
        for column in &new {
            if let Some(before) = old.iter().find(|o| same(o, column)) {
                let quoted = Fqn::from_parts([text(column, "name")]);
                self.members(&format!("{list_name}.{quoted}."), before, column);
            }
        }
    }

    /// Did columns come or go?
    pub(super) fn columns_added(&self) -> bool {
        self.added.iter().any(|change| change["name"] == "columns")
    }

    /// As [`Changes::columns_added`], for those that went.
    pub(super) fn columns_deleted(&self) -> bool {
        self.deleted.iter().any(|change| change["name"] == "columns")
    }
}

/// The server's order of members: text and labels first, columns last.
fn rank(name: &str) -> u8 {
    match name {
        "description" => 0,
        "tags" => 1,
        "columns" | "children" => 3,
        _ => 2,
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Texts, numbers and booleans stand as they are; lists and objects as their JSON in a text.
fn change(name: &str, old: Option<&Value>, new: Option<&Value>) -> Value {
    let told = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => json!(value.to_string()),
        plain => plain.clone(),
    };
    let mut change = json!({ "name": name });
    if let Some(old) = old {
        change["oldValue"] = told(old);
    }
    if let Some(new) = new {
        change["newValue"] = told(new);
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(description: &str, columns: &Value) -> Value {
        json!({"name": "t", "description": description, "columns": columns, "version": 0.1})
    }

    #[test]
    fn a_new_order_of_columns_is_no_change() {
        let (a, b) = (json!({"name": "a", "tags": []}), json!({"name": "b", "tags": []}));
        assert!(Changes::between(&table("x", &json!([a, b])), &table("x", &json!([b, a]))).is_empty());
    }

    #[test]
    fn texts_labels_and_nested_columns_are_named_as_the_server_names_them() {
        let old = table("", &json!([{"name": "s", "tags": [], "children": [{"name": "c.1"}]}]));
        let label = json!({"tagFQN": "PII.Sensitive"});
        let new =
            table("now", &json!([{"name": "s", "tags": [label], "children": [{"name": "c.1", "description": "d"}]}]));
        let changes = Changes::between(&old, &new);
        let added: Vec<&str> = changes.written().collect();
        assert_eq!(added, ["description", "columns.s.tags", "columns.s.\"c.1\".description"]);
        assert_eq!(changes.added[1]["newValue"], json!("[{\"tagFQN\":\"PII.Sensitive\"}]"));
        assert_eq!(Changes::between(&new, &old).deleted.len(), 3);
    }
}
