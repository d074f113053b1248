//! The engine's errors to kinds. Its messages stay behind: `Cannot cast 'alice@example.org' to integer`.

use catalog_core::{Error, ErrorKind, Retry};

use super::wire::WireError;

/// The error of a failed query, by its name and type (`StandardErrorCode` of Trino's SPI).
pub(super) fn query_error(operation: &'static str, failure: &WireError) -> Error {
    let (kind, why) = classify(&failure.error_name, &failure.error_type);
    let name: String = failure
        .error_name
        .chars()
        .filter(|c| c.is_ascii_uppercase() || matches!(c, '_' | '0'..='9'))
        .take(64)
        .collect();
    let error = Error::new(kind, operation, why).with("trino", name).with("code", failure.error_code);
    match failure.error_name.as_str() {
        name if name.starts_with("ADMINISTRATIVELY") => error.retry_as(Retry::Persistent),
        "QUERY_REJECTED" => error.hint(
            "when it wants a filter on partitions, give the table a `where` in sample.tables; else look for a resource \
             group that takes our source",
        ),
        _ if failure.error_type == "EXTERNAL" => {
            error.hint("the query's page in Trino has the source's own words: a right that lacks, a view that fails")
        }
        _ => error,
    }
}

fn classify(name: &str, kind: &str) -> (ErrorKind, &'static str) {
    match (name, kind) {
        ("TABLE_NOT_FOUND" | "NOT_FOUND" | "TABLE_HAS_NO_COLUMNS", _) => {
            (ErrorKind::NotFound, "the engine has no such table")
        }
        ("COLUMN_NOT_FOUND" | "MISSING_COLUMN_NAME", _) => (ErrorKind::NotFound, "the table has no such column"),
        ("SCHEMA_NOT_FOUND" | "CATALOG_NOT_FOUND" | "MISSING_SCHEMA_NAME" | "MISSING_CATALOG_NAME", _) => {
            (ErrorKind::NotFound, "the engine has no such catalog or schema")
        }
        ("PERMISSION_DENIED", _) => (ErrorKind::Forbidden, "the engine refuses this table to us"),
        ("ADMINISTRATIVELY_KILLED" | "ADMINISTRATIVELY_PREEMPTED" | "USER_CANCELED", _) => {
            (ErrorKind::Unavailable, "the query was ended by somebody")
        }
        ("EXCEEDED_TIME_LIMIT" | "ABANDONED_QUERY", _) => (ErrorKind::Timeout, "the engine's time limit passed"),
        ("QUERY_QUEUE_FULL", _) => (ErrorKind::RateLimited, "the engine's queue is full"),
        ("QUERY_REJECTED", _) => (ErrorKind::Unsupported, "the engine accepts no such query of this table"),
        ("CLUSTER_OUT_OF_MEMORY", _) => (ErrorKind::Unavailable, "the cluster is out of memory"),
        (_, "INSUFFICIENT_RESOURCES") => (ErrorKind::LimitExceeded, "the query exceeds what the engine allows"),
        ("INVALID_VIEW" | "VIEW_IS_STALE" | "VIEW_IS_RECURSIVE", _) => (ErrorKind::Unsupported, "the view is broken"),
        (
            "NOT_SUPPORTED"
            | "FUNCTION_NOT_FOUND"
            | "OPERATOR_NOT_FOUND"
            | "TYPE_MISMATCH"
            | "TYPE_NOT_FOUND"
            | "COMPILER_ERROR"
            | "INVALID_SESSION_PROPERTY"
            | "SYNTAX_ERROR"
            | "QUERY_HAS_TOO_MANY_STAGES",
            _,
        ) => (ErrorKind::Unsupported, "the engine or its connector cannot do this"),
        (_, "USER_ERROR") => (ErrorKind::Unsupported, "the query fails on this table's data or view"),
        (_, "EXTERNAL") => (ErrorKind::Unavailable, "the source behind the catalog failed"),
        _ => (ErrorKind::Unavailable, "the engine failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, of: &str) -> ErrorKind {
        let failure = WireError { error_code: 1, error_name: name.into(), error_type: of.into() };
        query_error("run_query", &failure).kind()
    }

    #[test]
    fn errors_are_told_apart_by_what_can_be_done() {
        assert_eq!(kind("TABLE_NOT_FOUND", "USER_ERROR"), ErrorKind::NotFound);
        assert_eq!(kind("PERMISSION_DENIED", "USER_ERROR"), ErrorKind::Forbidden);
        assert_eq!(kind("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES"), ErrorKind::Timeout);
        assert_eq!(kind("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES"), ErrorKind::LimitExceeded);
        assert_eq!(kind("JDBC_ERROR", "EXTERNAL"), ErrorKind::Unavailable);
        assert_eq!(kind("QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES"), ErrorKind::RateLimited);
        assert_eq!(kind("QUERY_REJECTED", "USER_ERROR"), ErrorKind::Unsupported, "the next rung may be accepted");
        assert_eq!(kind("NO_NODES_AVAILABLE", "INTERNAL_ERROR"), ErrorKind::Unavailable);
        assert_eq!(kind("INVALID_CAST_ARGUMENT", "USER_ERROR"), ErrorKind::Unsupported);
    }

    #[test]
    fn a_query_that_an_administrator_killed_is_not_run_again_by_itself() {
        let failure =
            WireError { error_code: 1, error_name: "ADMINISTRATIVELY_KILLED".into(), error_type: String::new() };
        assert_eq!(query_error("run_query", &failure).retry(), Retry::Persistent);
    }

    #[test]
    fn a_hostile_name_shows_nothing_but_capitals() {
        let failure = WireError { error_code: 1, error_name: "alice@example.org X".into(), error_type: String::new() };
        assert!(query_error("run_query", &failure).to_string().contains("(trino: X, code: 1)"));
    }
}
