//! Does the engine accept a query in normal form? Asked with `EXPLAIN (TYPE VALIDATE)`, which reads no row.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::QueryVerdict;
use catalog_core::ports::QueryCheck;
use catalog_core::{Error, ErrorKind, Result};

use super::client::{Statement, TrinoClient};

/// A query is validated within this time.
const DEADLINE: Duration = Duration::from_secs(30);

/// Kinds of error that say something of the query; the others say something of the engine.
const REFUSALS: [ErrorKind; 2] = [ErrorKind::NotFound, ErrorKind::Unsupported];

/// Checks queries in Trino.
pub struct TrinoQueryCheck {
    client: Arc<TrinoClient>,
}

impl TrinoQueryCheck {
    /// A check over a client that others share.
    pub fn new(client: Arc<TrinoClient>) -> Self {
        Self { client }
    }

    async fn validate(&self, sql: &str) -> Result<()> {
        let mut statement = Statement::new("querylog", "check_query", format!("EXPLAIN (TYPE VALIDATE) {sql}"));
        statement.deadline = DEADLINE;
        self.client.query(&statement).await.map(drop)
    }
}

#[async_trait]
impl QueryCheck for TrinoQueryCheck {
    /// Typed NULLs first. A literal may have been a number of another type than its NULL, and then the engine finds no
    /// such function: the query gets a second try with NULLs that take any type.
    async fn check(&self, sql: &str, parameters: &[(String, String)]) -> Result<QueryVerdict> {
        let mut refused = String::new();
        for null in [typed_null as fn(&str) -> &'static str, any_null] {
            match self.validate(&with_nulls(sql, parameters, null)).await {
                Ok(()) => return Ok(QueryVerdict::Runs),
                Err(error) if REFUSALS.contains(&error.kind()) => refused = name_of(&error),
                Err(error) => return Err(error),
            }
            if parameters.is_empty() {
                break;
            }
        }
        Ok(QueryVerdict::Refused { error: refused })
    }
}

/// The engine's name of the error.
fn name_of(error: &Error) -> String {
    let name = error.context().iter().find(|(key, _)| *key == "trino").map(|(_, name)| name.clone());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| error.kind().as_str().to_owned())
}

/// A NULL of the type that a parameter's literal had.
fn typed_null(kind: &str) -> &'static str {
    match kind.strip_suffix(" list").unwrap_or(kind) {
        "number" => "CAST(NULL AS bigint)",
        "text" => "CAST(NULL AS varchar)",
        "date" => "CAST(NULL AS date)",
        "time" => "CAST(NULL AS time)",
        "timestamp" => "CAST(NULL AS timestamp)",
        "binary" => "CAST(NULL AS varbinary)",
        "boolean" => "CAST(NULL AS boolean)",
        "json" => "CAST(NULL AS json)",
        "uuid" => "CAST(NULL AS uuid)",
        "ipaddress" => "CAST(NULL AS ipaddress)",
        _ => "NULL",
    }
}

fn any_null(_: &str) -> &'static str {
    "NULL"
}

/// The text with its parameters (`:p1`, outside of quotes) replaced. Behind INTERVAL the grammar wants a literal.
fn with_nulls(sql: &str, parameters: &[(String, String)], null: fn(&str) -> &'static str) -> String {
    let mut out = String::with_capacity(sql.len() + parameters.len() * 24);
    let (mut rest, mut quote) = (sql, None);
    while let Some(c) = rest.chars().next() {
        let found = rest.strip_prefix(':').filter(|_| quote.is_none()).and_then(|behind| parameter(behind, parameters));
        if let Some((name, kind)) = found {
            let interval = out.trim_end().to_ascii_uppercase().ends_with("INTERVAL");
            out.push_str(if interval { "\'1\'" } else { null(kind) });
            rest = &rest[name.len() + 1..];
            continue;
        }
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The parameter that the text begins with.
fn parameter<'p>(text: &str, parameters: &'p [(String, String)]) -> Option<&'p (String, String)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    parameters.iter().find(|(name, _)| *name == text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(kinds: &[&str]) -> Vec<(String, String)> {
        kinds.iter().enumerate().map(|(i, kind)| (format!("p{}", i + 1), (*kind).to_owned())).collect()
    }

    #[test]
    fn parameters_become_typed_nulls_and_texts_stay() {
        let sql = "SELECT a FROM t WHERE b = :p1 AND c IN (:p2) AND d = ':p1' AND e > INTERVAL :p3 day AND f = :p10";
        assert_eq!(
            with_nulls(sql, &parameters(&["text", "number list", "text"]), typed_null),
            "SELECT a FROM t WHERE b = CAST(NULL AS varchar) AND c IN (CAST(NULL AS bigint)) AND d = ':p1' \
             AND e > INTERVAL '1' day AND f = :p10"
        );
        assert_eq!(with_nulls("SELECT 'é' || :p1", &parameters(&["text"]), any_null), "SELECT 'é' || NULL");
    }
}
