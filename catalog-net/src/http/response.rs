//! A response, read whole within its byte cap.

use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result, Retry};
use serde::de::DeserializeOwned;

/// Status, headers and body. No `Debug`: the body may hold cells.
pub struct HttpResponse {
    pub(super) operation: &'static str,
    pub(super) address: String,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) retry_after: Option<Duration>,
}

impl HttpResponse {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of a header, whatever its case; the first one when it is repeated.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body's bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// `Corrupt` when it is not the JSON that was expected; the message quotes nothing of it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|e| {
            let why = match e.classify() {
                serde_json::error::Category::Eof => "the response ends in the middle",
                serde_json::error::Category::Data => "the response's json has another form than expected",
                _ => "the response is no json",
            };
            self.error(ErrorKind::Corrupt, why)
        })
    }

    /// This response when its status is 2xx.
    ///
    /// # Errors
    /// `Forbidden` for 401 and 403, `NotFound` for 404 and 410, `Conflict` for 409 and 412, `RateLimited` for 429,
    /// `Timeout` for 408 and 504, `LimitExceeded` for 413, `Unsupported` for 405, 415 and 501, `InvalidInput` for
    /// every other 4xx, `Unavailable` for the rest. Nothing of the body is quoted.
    pub fn require_success(self) -> Result<Self> {
        let (kind, why) = match self.status {
            200..=299 => return Ok(self),
            300..=399 => (ErrorKind::Forbidden, "the server answered with a redirect, which is never followed"),
            401 => (ErrorKind::Forbidden, "the server does not accept the credential"),
            403 => (ErrorKind::Forbidden, "the server refuses this to us"),
            404 | 410 => (ErrorKind::NotFound, "the server has no such thing"),
            408 | 504 => (ErrorKind::Timeout, "the server ran out of time"),
            409 | 412 => (ErrorKind::Conflict, "somebody else changed it first"),
            413 => (ErrorKind::LimitExceeded, "the request is too large for the server"),
            405 | 415 | 501 => (ErrorKind::Unsupported, "the server cannot do this"),
            429 => (ErrorKind::RateLimited, "the server asks to slow down"),
            400..=499 => (ErrorKind::InvalidInput, "the server does not accept the request"),
            _ => (ErrorKind::Unavailable, "the server failed"),
        };
        let error = self.error(kind, why);
        Err(match (self.retry_after, error.retry()) {
            (Some(wait), Retry::Temporary(_)) => error.retry_as(Retry::Temporary(Some(wait))),
            _ => error,
        })
    }

    fn error(&self, kind: ErrorKind, why: &str) -> Error {
        Error::new(kind, self.operation, why).with("url", &self.address).with("status", self.status)
    }
}
