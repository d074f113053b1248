//! The columns of a table: completed on the way in, found by name, and merged when a table is put again.

use catalog_core::model::Fqn;
use serde_json::{Value, json};

use super::exchange::Answer;
use super::kind::{column_has_member, text};
use super::labels::{self, KnownTags};

/// Structs deeper than this are refused.
const DEPTH_MAX: usize = 16;

/// Completes columns: full names, display of types, labels; recursively for structs.
///
/// # Errors
/// 400 for a column that the server would refuse, 404 for an unknown tag.
pub(super) fn complete(columns: &Value, table: &Fqn, known: &KnownTags) -> Result<Value, Answer> {
    complete_below(columns, table, known, 0)
}

fn complete_below(columns: &Value, parent: &Fqn, known: &KnownTags, depth: usize) -> Result<Value, Answer> {
    if depth > DEPTH_MAX {
        return Err(Answer::error(400, "columns are nested too deep"));
    }
    let columns = columns.as_array().ok_or_else(|| Answer::error(400, "[columns must not be null]"))?;
    let mut names: Vec<String> = Vec::new();
    let mut complete = Vec::with_capacity(columns.len());
    for column in columns {
        let name = text(column, "name");
        check(column)?;
        if names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(Answer::error(400, format!("Column name {name} is repeated")));
        }
        names.push(name.to_owned());
        complete.push(complete_one(column, &parent.child(name), known, depth)?);
    }
    Ok(Value::Array(complete))
}

fn complete_one(column: &Value, fqn: &Fqn, known: &KnownTags, depth: usize) -> Result<Value, Answer> {
    let mut column = column.clone();
    column["fullyQualifiedName"] = json!(fqn.to_string());
    if column.get("dataTypeDisplay").is_none_or(Value::is_null) {
        column["dataTypeDisplay"] = json!(text(&column, "dataType").to_lowercase());
    }
    column["tags"] = labels::complete(&column["tags"], known)?;
    if let Some(children) = column.get("children").filter(|children| !children.is_null()) {
        column["children"] = complete_below(children, fqn, known, depth + 1)?;
    }
    Ok(column)
}

fn check(column: &Value) -> Result<(), Answer> {
    let members = column.as_object().ok_or_else(|| Answer::error(400, "Unable to process JSON"))?;
    if let Some(unknown) = members.keys().find(|member| !column_has_member(member)) {
        return Err(Answer::error(400, format!("Unrecognized field \"{unknown}\"")));
    }
    for required in ["name", "dataType"] {
        if text(column, required).is_empty() {
            return Err(Answer::error(400, format!("[columns.{required} must not be null]")));
        }
    }
    let needs_length = ["CHAR", "VARCHAR", "BINARY", "VARBINARY"].contains(&text(column, "dataType"));
    if needs_length && column["dataLength"].as_u64().is_none() {
        let message = "For column data types char, varchar, binary, varbinary dataLength must not be null";
        return Err(Answer::error(400, message));
    }
    Ok(())
}

/// The column at a path below the table, names compared without case.
pub(super) fn find_mut<'a>(columns: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    let found = columns.as_array_mut()?.iter_mut().find(|c| text(c, "name").eq_ignore_ascii_case(first))?;
    if rest.is_empty() { Some(found) } else { find_mut(&mut found["children"], rest) }
}

/// As [`find_mut`], to look at.
pub(super) fn find<'a>(columns: &'a Value, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let found = columns.as_array()?.iter().find(|c| text(c, "name").eq_ignore_ascii_case(first))?;
    if rest.is_empty() { Some(found) } else { find(&found["children"], rest) }
}

/// What a PUT makes of columns: those that it leaves out are gone, labels are added to those that were there, and a
/// bot's text does not replace one that was there.
pub(super) fn merge(original: &Value, put: &Value, by_bot: bool) -> Value {
    let mut merged = put.as_array().cloned().unwrap_or_default();
    let originals = original.as_array().map(Vec::as_slice).unwrap_or_default();
    for column in &mut merged {
        let Some(old) = originals.iter().find(|c| text(c, "name").eq_ignore_ascii_case(text(column, "name"))) else {
            continue;
        };
        if by_bot && !text(old, "description").is_empty() {
            column["description"] = old["description"].clone();
        }
        column["tags"] = labels::merged(&old["tags"], &column["tags"]);
        if column["children"].is_array() {
            column["children"] = merge(&old["children"], &column["children"], by_bot);
        }
    }
    Value::Array(merged)
}
