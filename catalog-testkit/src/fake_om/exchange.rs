//! Requests and answers, free of any socket.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a client sends. Paths and parameters are given decoded; names of headers in lower case.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// The segments of the path below the root, each percent-decoded.
    pub path: Vec<String>,
    /// The query's parameters, decoded; the first of a name counts.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// A request to `target`: a path with an optional query, both percent-encoded as in a URL.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self {
            method: method.to_owned(),
            path: path.split('/').filter(|s| !s.is_empty()).map(|s| decode(s, false)).collect(),
            query: pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name, true), decode(value, true)))
                .collect(),
            ..Self::default()
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_lowercase(), value.to_owned());
        self
    }

    /// The same with a JSON body and its content type; PATCH gets JSON Patch's.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        let kind = if self.method == "PATCH" { "application/json-patch+json" } else { "application/json" };
        self.header("content-type", kind)
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(super) fn body_json(&self) -> Result<Value, Answer> {
        serde_json::from_slice(&self.body).map_err(|_| Answer::error(400, "Unable to process JSON"))
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides the content type.
    pub headers: Vec<(String, String)>,
    /// The JSON body; some successes have none.
    pub body: Option<Value>,
}

impl Answer {
    /// A body with its status.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// Success without a body, as lineage and the decisions on suggestions answer.
    pub(super) fn empty() -> Self {
        Self { status: 200, headers: Vec::new(), body: None }
    }

    /// The ordinary form of an error.
    pub(super) fn error(status: u16, message: impl Into<String>) -> Self {
        Self::json(status, json!({ "code": status, "message": message.into() }))
    }

    /// The form of an exception that the server did not expect: always 500.
    pub(super) fn unhandled(cause: &str) -> Self {
        let message = format!("An exception with message [{cause}] was thrown while processing request.");
        Self::json(500, json!({ "responseMessage": message, "errorType": "UNHANDLED_SERVER_EXCEPTION" }))
    }

    /// What the server says when an entity is not there.
    pub(super) fn not_found(entity_type: &str, name: &str) -> Self {
        Self::error(404, format!("{entity_type} instance for {name} not found"))
    }

    pub(super) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// A member of the body, `Null` where there is none.
    pub fn get(&self, pointer: &str) -> &Value {
        self.body.as_ref().and_then(|body| body.pointer(pointer)).unwrap_or(&Value::Null)
    }
}

/// Percent-decoding (RFC 3986), in queries with `+` for a space. What is no valid escape stays as it is.
fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], escape.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_parameters_are_decoded_once() {
        let request = Request::new("GET", "/api/v1/tables/name/a.%22b%2Fc%20d%22?fields=tags%2Ccolumns&q=a+b&bad=%zz");
        assert_eq!(request.path, ["api", "v1", "tables", "name", "a.\"b/c d\""]);
        assert_eq!(request.param("fields"), Some("tags,columns"));
        assert_eq!((request.param("q"), request.param("bad")), (Some("a b"), Some("%zz")));
    }
}
