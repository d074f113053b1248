//! A request before it is sent.

use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// What to do with the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Send something to it.
    Post,
    /// Store it whole.
    Put,
    /// Change a part of it.
    Patch,
    /// Remove it.
    Delete,
}

/// A request to the client's origin. `operation` names the step in errors, in snake case.
pub struct HttpRequest {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) repeatable: bool,
    pub(super) deadline: Option<Duration>,
    pub(super) body_bytes_max: Option<usize>,
}

impl HttpRequest {
    /// A request. `target` is a path below the base address (`/v1/tables`), or an absolute address that a response
    /// named, which must have the base's scheme, host and port. GET, PUT and DELETE may be repeated after a
    /// connection broke; POST and PATCH only when told so.
    pub fn new(operation: &'static str, method: Method, target: impl Into<String>) -> Self {
        Self {
            operation,
            method,
            target: target.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            repeatable: matches!(method, Method::Get | Method::Put | Method::Delete),
            deadline: None,
            body_bytes_max: None,
        }
    }

    /// Adds a parameter to the address; it is encoded here.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header. A value with a line break or another control character fails the call.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends this body under this `Content-Type`.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.push(("content-type", content_type.to_owned()));
        self.body = Some(body.into());
        self
    }

    /// Sends `value` as JSON under `content_type` (`application/json`, `application/json-patch+json`).
    ///
    /// # Errors
    /// `Internal` when the value has no JSON form.
    pub fn json<T: Serialize + ?Sized>(self, content_type: &str, value: &T) -> Result<Self> {
        let operation = self.operation;
        let bytes = serde_json::to_vec(value)
            .map_err(|_| Error::new(ErrorKind::Internal, operation, "the request's body has no json form"))?;
        Ok(self.body(content_type, bytes))
    }

    /// Says that doing it twice is the same as once, so that it may be sent again when nobody knows whether the
    /// first attempt arrived.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Gives up after this long, retries included.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Abandons a response whose body exceeds this many bytes.
    #[must_use]
    pub fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = Some(bytes);
        self
    }
}
