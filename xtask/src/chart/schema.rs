//! The schema of the chart's values: shapes from `values.yaml`, `config` from the configuration's own schema, which the
//! daemon makes from its types.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::tools::Tools;
use crate::{Result, WORKSPACE};

/// Keys of the configuration that other values decide, so that address, mounted secret and network policy agree.
pub(super) const DECIDED: &[&str] = &[
    "openmetadata.url",
    "openmetadata.token",
    "openmetadata.webhook_secret",
    "trino.url",
    "llm.url",
    "llm.key",
    "llm.enabled",
    "llm.fallback_enabled",
    "milvus.url",
    "milvus.token",
    "ledger.store",
    "ledger.url",
    "ledger.host",
    "ledger.runtime_role",
    "querylog.intake",
    "querylog.victorialogs_url",
    "state.dir",
    "state.key_file",
    "api.listen",
    "api.tokens_file",
];

/// Values whose keys are the operator's own.
const OPEN: &[&str] = &[
    "annotations",
    "podAnnotations",
    "podLabels",
    "labels",
    "dashboardLabels",
    "namespaceLabels",
    "nodeSelector",
    "affinity",
    "resources",
];

/// Writes the schema, or compares it with the one in the chart.
///
/// # Errors
/// When they differ.
pub(super) fn hold(tools: &Tools, chart: &Path, update: bool) -> Result<()> {
    let values = tools.objects(&chart.join("values.yaml"), None)?;
    let config = Path::new(WORKSPACE).join("docs/reference/configuration.schema.json");
    let made = make(values.first().unwrap_or(&Value::Null), serde_json::from_str(&fs::read_to_string(config)?)?);
    let made = format!("{}\n", serde_json::to_string_pretty(&made)?);
    let file = chart.join("values.schema.json");
    if update {
        return Ok(fs::write(file, made)?);
    }
    if fs::read_to_string(&file).is_ok_and(|kept| kept == made) {
        return Ok(());
    }
    Err(format!(
        "{} is not what the values and the configuration make: run `cargo xtask chart --update`",
        file.display()
    )
    .into())
}

fn make(values: &Value, mut config: Value) -> Value {
    for key in DECIDED {
        if let Some((section, name)) = key.split_once('.')
            && let Some(properties) = config["properties"][section]["properties"].as_object_mut()
        {
            properties.remove(name);
        }
    }
    if let Some(top) = config["properties"].as_object_mut() {
        top.remove("preset");
    }
    let mut schema = object(values, &config);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Values of the chart catalog-sync");
    // An umbrella chart hands its own down.
    schema["properties"]["global"] = json!({ "type": "object" });
    schema
}

fn object(values: &Value, config: &Value) -> Value {
    let mut properties = Map::new();
    for (key, value) in values.as_object().into_iter().flatten() {
        properties.insert(key.clone(), shape(key, value, config));
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn shape(key: &str, value: &Value, config: &Value) -> Value {
    match (key, value) {
        ("config", _) => {
            let mut config = config.clone();
            if let Some(schema) = config.as_object_mut() {
                schema.remove("$schema");
            }
            config
        }
        ("preset", _) => json!({ "enum": ["akko", "reduced"] }),
        ("store", _) => json!({ "enum": ["postgres", "sqlite"] }),
        ("pullPolicy", _) => json!({ "enum": ["Always", "IfNotPresent", "Never"] }),
        ("port", _) => json!({ "type": "integer", "minimum": 1, "maximum": 65535 }),
        ("replicas", _) => json!({ "type": "integer", "minimum": 1 }),
        _ if OPEN.contains(&key) => json!({ "type": ["object", "null"] }),
        (_, Value::Object(_)) => object(value, config),
        (_, Value::Array(_)) => json!({ "type": "array" }),
        (_, Value::Bool(_)) => json!({ "type": "boolean" }),
        (_, Value::Number(_)) => json!({ "type": "integer", "minimum": 0 }),
        _ => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_is_refused_and_a_decided_key_is_none_of_the_operators() {
        let config = json!({ "$schema": "x", "properties": { "trino": { "properties": { "url": {}, "user": {} } } } });
        let schema = make(&json!({ "config": {}, "services": { "trino": { "port": 1, "podLabels": {} } } }), config);
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["config"]["properties"]["trino"]["properties"], json!({ "user": {} }));
        let trino = &schema["properties"]["services"]["properties"]["trino"]["properties"];
        assert_eq!(trino["port"]["maximum"], 65535);
        assert_eq!(trino["podLabels"]["type"], json!(["object", "null"]));
    }

    #[test]
    fn the_template_decides_every_key_that_the_schema_takes_from_the_operator() {
        let template =
            fs::read_to_string(format!("{WORKSPACE}/deploy/helm/catalog-sync/templates/_config.tpl")).unwrap();
        for key in DECIDED {
            let (section, name) = key.split_once('.').unwrap();
            assert!(template.contains(&format!("\"{section}\" (")), "{key}");
            assert!(template.contains(&format!("\"{name}\" ")), "{key}");
        }
    }
}
