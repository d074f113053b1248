//! One JSON document to one query event.

use catalog_core::model::{QueryEvent, QueryState, SkipReason};
use serde_json::{Map, Value};

use super::fields::Fields;

/// The name that the catalog sync gives as its client's source; its own queries are left out of the log.
pub const OWN_SOURCE: &str = "akko-catalog-sync";

/// Key of the hash of user names. It makes a name's hash differ from its plain BLAKE3 hash and stays the same from
/// run to run, so that users can be counted; it is no secret.
const USER_SALT: &str = "akko catalog sync 2026 query log user name";

/// States of a query that has not ended.
const RUNNING: [&str; 9] = [
    "QUEUED",
    "WAITING_FOR_PREREQUISITES",
    "WAITING_FOR_RESOURCES",
    "DISPATCHING",
    "PLANNING",
    "STARTING",
    "RUNNING",
    "BLOCKED",
    "FINISHING",
];

/// What a collector may put an event into.
const ENVELOPES: [&str; 4] = ["queryCompletedEvent", "queryCompleted", "event", "payload"];

/// Most tables of one event, and most columns of one table, that are kept.
const INPUTS_MAX: usize = 1_000;

/// Reads an event in any of the shapes that occur:
///
/// - Trino's and Presto's query-completed event (`metadata.query`, `context.user`, `statistics.wallTime` in seconds);
/// - the same with dotted keys in one flat object, as VictoriaLogs stores it, arrays as JSON text;
/// - either inside `{"event": …}` or the like, as collectors wrap it, with Presto's durations (`1.50s`) and sizes
///   (`1.2MB`) as text;
/// - a flat record `{"query": …}`, with `query_id`, `state`, `user`, `source`, `catalog`, `schema` if it has them.
///
/// # Errors
/// `UnknownShape` when there is no query text in any of these places, `NotCompleted` when the query still runs.
pub fn event_from_json(document: &Value) -> Result<QueryEvent, SkipReason> {
    let object = document.as_object().ok_or(SkipReason::UnknownShape)?;
    let fields = Fields(envelope(object));
    let sql = fields.text(&["metadata.query", "query", "sql", "queryText", "_msg"]).ok_or(SkipReason::UnknownShape)?;
    let state = fields.text(&["metadata.queryState", "queryState", "state", "query_state"]).unwrap_or_default();
    if !fields.has("endTime") && RUNNING.iter().any(|word| state.eq_ignore_ascii_case(word)) {
        return Err(SkipReason::NotCompleted);
    }
    let failed =
        state.eq_ignore_ascii_case("failed") || fields.has("failureInfo") || fields.has("failureInfo.errorCode.name");
    let user = fields.text(&["context.user", "user", "context.principal"]).unwrap_or_default();
    let wall_ms = fields
        .number(&["statistics.wallTimeMillis", "wall_ms", "wallTimeMs"])
        .or_else(|| fields.seconds(&["statistics.wallTime"]).map(|s| s * 1e3));
    let bytes = fields.bytes(&[
        "statistics.processedInputBytes",
        "statistics.physicalInputBytes",
        "statistics.totalBytes",
        "bytes",
    ]);
    let inputs = inputs(&fields);
    Ok(QueryEvent {
        query_id: fields.text(&["metadata.queryId", "queryId", "query_id", "id"]).unwrap_or_default(),
        sql,
        state: if failed { QueryState::Failed } else { QueryState::Finished },
        user_hash: user_hash(&user),
        source: fields.text(&["context.source", "source"]),
        catalog: fields.text(&["context.catalog", "catalog"]),
        schema: fields.text(&["context.schema", "schema"]),
        inputs,
        wall_ms: wall_ms.filter(|ms| ms.is_finite() && *ms >= 0.0).map(|ms| ms as u64),
        bytes: bytes.filter(|bytes| bytes.is_finite() && *bytes >= 0.0).map(|bytes| bytes as u64),
        ended_at_ms: fields.moment(&["endTime", "end_time", "_time"]),
    })
}

/// The event itself, where a collector wrapped it.
fn envelope(object: &Map<String, Value>) -> &Map<String, Value> {
    let wrapped = ENVELOPES.iter().find_map(|key| object.get(*key)?.as_object());
    wrapped.filter(|inner| inner.contains_key("metadata") || inner.contains_key("query")).unwrap_or(object)
}

/// What stands for a user's name in events and results: a keyed hash in hex, empty for no name. The key is the same in
/// every deployment, so that logs of several sources agree; a name that can be guessed can be found.
pub fn user_hash(user: &str) -> String {
    if user.is_empty() {
        return String::new();
    }
    let key = blake3::derive_key(USER_SALT, b"user");
    blake3::keyed_hash(&key, user.as_bytes()).to_hex()[..32].to_owned()
}

/// Tables and columns that the engine resolved. `metadata.tables` is complete; `ioMetadata.inputs` names a generated
/// table where a join was pushed down, so it comes second.
fn inputs(fields: &Fields<'_>) -> Vec<(String, String, String, Vec<String>)> {
    let rows = fields.list("metadata.tables").or_else(|| fields.list("ioMetadata.inputs")).unwrap_or_default();
    rows.iter()
        .take(INPUTS_MAX)
        .filter_map(|row| {
            let row = Fields(row.as_object()?);
            let columns = row.list("columns").unwrap_or_default();
            let columns = columns.iter().take(INPUTS_MAX).filter_map(column_name).collect();
            Some((
                row.text(&["catalog", "catalogName"]).unwrap_or_default(),
                row.text(&["schema", "schemaName"]).unwrap_or_default(),
                row.text(&["table", "tableName"])?,
                columns,
            ))
        })
        .collect()
}

/// Trino writes `{"column": …}` or `{"name": …}`, Presto the name alone.
fn column_name(column: &Value) -> Option<String> {
    match column {
        Value::String(name) => Some(name.clone()),
        Value::Object(object) => Fields(object).text(&["column", "name"]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: &Value) -> QueryEvent {
        event_from_json(document).ok().unwrap()
    }

    #[test]
    fn a_trino_event_gives_text_session_inputs_and_times() {
        let event = read(&json!({
            "metadata": {"query": "SELECT 1", "queryId": "q1", "queryState": "FINISHED",
                "tables": [{"catalog": "c", "schema": "s", "table": "t", "columns": [{"column": "a"}]}]},
            "context": {"user": "ana", "source": "cli", "catalog": "c", "schema": "s"},
            "statistics": {"wallTime": 1.5},
            "endTime": "1970-01-01T00:00:02.500Z",
        }));
        assert_eq!(
            (event.sql.as_str(), event.query_id.as_str(), event.state),
            ("SELECT 1", "q1", QueryState::Finished)
        );
        assert_eq!((event.wall_ms, event.ended_at_ms), (Some(1500), Some(2500)));
        assert_eq!(event.inputs, [("c".into(), "s".into(), "t".into(), vec!["a".into()])]);
    }

    #[test]
    fn the_flat_form_of_victorialogs_gives_the_same_event() {
        let event = read(&json!({
            "metadata.query": "SELECT 1", "metadata.queryId": "q1", "metadata.queryState": "FAILED",
            "metadata.tables": "[{\"catalog\":\"c\",\"schema\":\"s\",\"table\":\"t\",\"columns\":[{\"column\":\"a\"}]}]",
            "context.user": "ana", "statistics.wallTime": "0.25", "_time": "1970-01-01T00:00:01Z",
        }));
        assert_eq!((event.state, event.wall_ms, event.ended_at_ms), (QueryState::Failed, Some(250), Some(1000)));
        assert_eq!(event.inputs.len(), 1);
    }

    #[test]
    fn presto_names_columns_as_plain_text() {
        let event = read(&json!({
            "metadata": {"query": "SELECT 1"},
            "ioMetadata": {"inputs": [{"catalogName": "c", "schema": "s", "table": "t", "columns": ["a", "b"]}]},
        }));
        assert_eq!(event.inputs[0].3, ["a", "b"]);
    }

    #[test]
    fn prestos_durations_sizes_and_epoch_seconds_are_read_inside_an_envelope() {
        let event = read(&json!({"event": {
            "metadata": {"query": "SELECT 1", "queryId": "p1", "queryState": "FINISHED"},
            "statistics": {"wallTime": "1.50s", "totalBytes": "1.5kB"},
            "endTime": 1_767_225_600.25,
        }}));
        assert_eq!((event.wall_ms, event.bytes, event.ended_at_ms), (Some(1500), Some(1536), Some(1_767_225_600_250)));
    }

    #[test]
    fn a_query_that_still_runs_is_no_event_yet() {
        let created =
            json!({"metadata": {"query": "SELECT 1", "queryState": "QUEUED"}, "createTime": "2026-01-31T10:00:00Z"});
        assert_eq!(event_from_json(&created).err(), Some(SkipReason::NotCompleted));
        assert!(event_from_json(&json!({"query": "SELECT 1", "state": "RUNNING", "endTime": 5})).is_ok());
    }

    #[test]
    fn a_bare_query_is_an_event_without_anything_else() {
        let event = read(&json!({"query": "SELECT 1"}));
        assert!(event.query_id.is_empty() && event.user_hash.is_empty() && event.inputs.is_empty());
    }

    #[test]
    fn a_user_is_hashed_with_a_key_and_the_same_each_time() {
        let hash = |user: &str| read(&json!({"query": "x", "user": user})).user_hash;
        assert_eq!(hash("ana"), hash("ana"));
        assert_ne!(hash("ana"), hash("bob"));
        assert!(!blake3::hash(b"ana").to_hex().starts_with(&hash("ana")));
    }

    #[test]
    fn documents_without_a_query_are_an_unknown_shape() {
        for document in
            [json!(1), json!([]), json!({}), json!({"query": 7}), json!({"metadata": "x"}), json!({"query": ""})]
        {
            assert_eq!(event_from_json(&document).err(), Some(SkipReason::UnknownShape));
        }
    }
}
