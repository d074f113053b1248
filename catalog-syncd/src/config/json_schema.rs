//! The configuration's JSON schema, for editors: types and defaults from the default file, choices from the types.

use catalog_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value as Json, json};
use toml::{Table, Value};

use super::{Config, DEFAULT_TOML, reference};

/// No choice has this name, so that asking for it makes the types tell theirs.
const NO_CHOICE: &str = "\u{1}";

/// The schema (draft 2020-12) of a configuration file: every key optional, no other key allowed.
///
/// # Errors
/// `Internal` when the default file does not parse, which a test rules out.
pub fn json_schema() -> Result<Json> {
    let table: Table = DEFAULT_TOML.parse().map_err(|e: toml::de::Error| {
        Error::new(ErrorKind::Internal, "read_default_configuration", e.message().to_owned())
    })?;
    let mut sections: Map<String, Json> = Map::new();
    let mut top: Map<String, Json> = Map::new();
    for key in reference::keys() {
        let holder =
            if key.section.is_empty() { Some(&table) } else { table.get(&key.section).and_then(Value::as_table) };
        let Some(default) = holder.and_then(|t| t.get(&key.name)) else { continue };
        let mut schema = shape(default);
        if let Some(choices) = choices(&table, &key.section, &key.name, default) {
            let held = if default.is_array() { &mut schema["items"] } else { &mut schema };
            *held = json!({ "enum": choices });
        }
        schema["description"] = json!(key.comment);
        schema["default"] = json!(default);
        let into = if key.section.is_empty() { &mut top } else { properties(&mut sections, &key.section) };
        into.insert(key.name, schema);
    }
    top.extend(sections);
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AKKO Catalog Sync configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": top,
    }))
}

fn properties<'a>(sections: &'a mut Map<String, Json>, section: &str) -> &'a mut Map<String, Json> {
    let empty = || json!({ "type": "object", "additionalProperties": false, "properties": {} });
    let object = sections.entry(section).or_insert_with(empty);
    match &mut object["properties"] {
        Json::Object(properties) => properties,
        // Made an object above.
        _ => unreachable!("a section has properties"),
    }
}

fn shape(default: &Value) -> Json {
    match default {
        Value::String(_) | Value::Datetime(_) => json!({ "type": "string" }),
        Value::Integer(_) => json!({ "type": "integer", "minimum": 0 }),
        Value::Float(_) => json!({ "type": "number", "minimum": 0 }),
        Value::Boolean(_) => json!({ "type": "boolean" }),
        Value::Array(_) => json!({ "type": "array" }),
        Value::Table(_) => json!({ "type": "object" }),
    }
}

/// What a key may be, when that is a list of words: the types say so when they are asked for a word that is none.
fn choices(table: &Table, section: &str, name: &str, default: &Value) -> Option<Vec<String>> {
    let asked = match default {
        Value::String(_) => Value::String(NO_CHOICE.to_owned()),
        Value::Array(items) if items.first().is_some_and(Value::is_str) => {
            Value::Array(vec![Value::String(NO_CHOICE.to_owned())])
        }
        _ => return None,
    };
    let mut changed = table.clone();
    let holder = if section.is_empty() { &mut changed } else { changed.get_mut(section)?.as_table_mut()? };
    holder.insert(name.to_owned(), asked);
    let refusal = Value::Table(changed).try_into::<Config>().err()?.message().to_owned();
    let listed = refusal.split_once("expected ")?.1;
    let words: Vec<String> = listed.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_the_docs_is_the_one_that_the_types_make() {
        let kept: Json =
            serde_json::from_str(include_str!("../../../docs/reference/configuration.schema.json")).unwrap();
        let why = "run `catalog-syncd config schema > docs/reference/configuration.schema.json`";
        assert!(kept == json_schema().unwrap(), "{why}");
    }

    #[test]
    fn the_schema_accepts_the_defaults_and_every_preset_and_refuses_another_key_or_choice() {
        let validator = jsonschema::validator_for(&json_schema().unwrap()).unwrap();
        let json = |text: &str| serde_json::to_value(text.parse::<Table>().unwrap()).unwrap();
        let presets = [include_str!("presets/akko.toml"), include_str!("presets/reduced.toml")];
        for text in [DEFAULT_TOML].into_iter().chain(presets) {
            assert!(validator.is_valid(&json(text)), "{text}");
        }
        for text in ["[sample]\nrow_max = 1\n", "[publish]\nkey = \"maybe\"\n", "[publish]\nfk_as = [\"fax\"]\n"] {
            assert!(!validator.is_valid(&json(text)), "{text}");
        }
    }
}
