//! Tag labels: completed, checked against the tags there are, and kept in the server's order.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::exchange::Answer;
use super::kind::text;

/// The tags there are, by name; each with whether its classification admits one tag only.
pub(super) type KnownTags = BTreeMap<String, (Value, bool)>;

/// Completes the labels of a table or column as they were sent: fills in what is left out, stores one of a kind, and
/// orders by name.
///
/// # Errors
/// 404 for a tag that is not there; 400 for two of one classification that admits one.
pub(super) fn complete(labels: &Value, known: &KnownTags) -> Result<Value, Answer> {
    let mut complete: Vec<Value> = Vec::new();
    let mut exclusive: BTreeMap<&str, &str> = BTreeMap::new();
    for label in labels.as_array().map(Vec::as_slice).unwrap_or_default() {
        let name = text(label, "tagFQN");
        if complete.iter().any(|other| other["tagFQN"] == label["tagFQN"]) {
            continue;
        }
        if label["source"] == "Glossary" {
            return Err(Answer::not_found("glossaryTerm", name));
        }
        let (tag, alone) = known.get(name).ok_or_else(|| Answer::not_found("tag", name))?;
        let family = name.split('.').next().unwrap_or_default();
        if *alone && let Some(other) = exclusive.insert(family, name) {
            let message =
                format!("Tag labels {name} and {other} are mutually exclusive and can't be assigned together");
            return Err(Answer::error(400, message));
        }
        complete.push(completed(label, tag));
    }
    complete.sort_by(|a, b| text(a, "tagFQN").cmp(text(b, "tagFQN")));
    Ok(Value::Array(complete))
}

fn completed(label: &Value, tag: &Value) -> Value {
    let or = |member: &str, default: &str| match &label[member] {
        Value::Null => json!(default),
        given => given.clone(),
    };
    let mut complete = json!({
        "tagFQN": label["tagFQN"],
        "name": tag["name"],
        "description": tag["description"],
        "source": or("source", "Classification"),
        "labelType": or("labelType", "Manual"),
        "state": or("state", "Confirmed"),
    });
    for member in ["reason", "displayName"] {
        if let Some(value) = label.get(member) {
            complete[member] = value.clone();
        }
    }
    complete
}

/// Labels of both lists; of one tag, the first list's.
pub(super) fn merged(first: &Value, second: &Value) -> Value {
    let list = |labels: &Value| labels.as_array().cloned().unwrap_or_default();
    let mut all = list(first);
    all.extend(list(second));
    Value::Array(all)
}
