//! The JSON that an answer has to keep.

use catalog_core::model::DomainSpec;
use serde_json::{Value, json};

/// What a table that fits no domain is answered with.
pub(crate) const NO_DOMAIN: &str = "none";

/// One sentence, and a domain where the operator has any.
pub(super) fn description(domains: &[DomainSpec]) -> Value {
    if domains.is_empty() {
        return object(&json!({"description": {"type": "string"}}));
    }
    let mut names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
    names.push(NO_DOMAIN);
    object(&json!({"description": {"type": "string"}, "domain": {"enum": names}}))
}

/// One question.
pub(super) fn question() -> Value {
    object(&json!({"question": {"type": "string"}}))
}

/// A list of columns, each with its name, one of those given, and the given properties.
pub(super) fn columns(names: &[&str], mut properties: Value) -> Value {
    properties["name"] = json!({"enum": names});
    object(&json!({"columns": {"type": "array", "maxItems": names.len(), "items": object(&properties)}}))
}

fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}
