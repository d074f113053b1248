//! Requests to the server, with errors that say what to do.

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, HttpResponse, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::OmSettings;

/// OpenMetadata's REST API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct OmClient {
    http: HttpClient,
}

/// One request below `/v1`.
pub(crate) struct Call<'a> {
    operation: &'static str,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    if_match: Option<String>,
    body: Option<&'a Value>,
}

impl<'a> Call<'a> {
    /// A request; `path` starts with a slash and is percent-encoded, `operation` names the step in errors.
    pub(crate) fn new(operation: &'static str, method: Method, path: impl Into<String>) -> Self {
        Self { operation, method, path: path.into(), query: Vec::new(), if_match: None, body: None }
    }

    /// The same as a GET.
    pub(crate) fn get(operation: &'static str, path: impl Into<String>) -> Self {
        Self::new(operation, Method::Get, path)
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn if_match(mut self, tag: Option<String>) -> Self {
        self.if_match = tag;
        self
    }

    pub(crate) fn json(mut self, body: &'a Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl OmClient {
    /// A client of the settings' server, if the policy lists it. Nothing is sent yet.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is none, `Forbidden` when the policy does not list it, `Configuration` when
    /// the file of authorities cannot be used.
    pub fn new(settings: &OmSettings, policy: &EgressPolicy) -> Result<Self> {
        let options = HttpOptions {
            credential: settings.credential.clone(),
            deadline: settings.deadline,
            body_bytes_max: settings.body_bytes_max,
            attempts_max: settings.attempts_max.max(1),
            ca_file: settings.ca_file.clone(),
            ..HttpOptions::default()
        };
        Ok(Self { http: HttpClient::new(&api_url(&settings.url), policy, options)? })
    }

    /// The API's address, without a secret.
    pub fn url(&self) -> &str {
        self.http.base().as_str()
    }

    /// Sends a request; any status is an answer.
    ///
    /// # Errors
    /// Those of the connection.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<HttpResponse> {
        let mut request = HttpRequest::new(call.operation, call.method, format!("/v1{}", call.path));
        for (name, value) in call.query {
            request = request.query(name, value);
        }
        if let Some(tag) = call.if_match {
            request = request.header("if-match", tag);
        }
        if let Some(body) = call.body {
            let patch = call.method == Method::Patch;
            request = request.json(if patch { "application/json-patch+json" } else { "application/json" }, body)?;
        }
        self.http.send(request).await
    }

    /// Sends a request that must succeed.
    ///
    /// # Errors
    /// As [`HttpResponse::require_success`], with what to do about a refused token.
    pub(crate) async fn done(&self, call: Call<'_>) -> Result<HttpResponse> {
        succeeded(self.send(call).await?)
    }

    /// Reads something that must be there.
    ///
    /// # Errors
    /// As [`OmClient::done`]; `Corrupt` for an answer of another form.
    pub(crate) async fn read<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T> {
        json(&self.done(call).await?)
    }

    /// Reads something; `None` when the server does not have it.
    ///
    /// # Errors
    /// As [`OmClient::read`].
    pub(crate) async fn find<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<Option<T>> {
        let response = self.send(call).await?;
        if response.status() == 404 {
            return Ok(None);
        }
        json(&succeeded(response)?).map(Some)
    }
}

/// The answer when it is a success.
///
/// # Errors
/// As [`OmClient::done`].
pub(crate) fn succeeded(response: HttpResponse) -> Result<HttpResponse> {
    let status = response.status();
    response.require_success().map_err(|error| match status {
        401 => error.hint("the bot's token is missing, wrong or expired: put a valid one into its file"),
        403 => error.hint("give the bot's role the right; `doctor` lists what is missing"),
        _ => error,
    })
}

/// The answer's JSON.
///
/// # Errors
/// `Corrupt`, with a hint for servers that answer with a page for people.
pub(crate) fn json<T: DeserializeOwned>(response: &HttpResponse) -> Result<T> {
    let page = response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    response.json().map_err(|error| match page {
        true => error.hint("the address leads to a page for people: give the API's, http://host:8585/api"),
        false => error,
    })
}

/// An answer whose JSON does not hold what the step needs.
pub(crate) fn malformed(operation: &'static str, why: &str) -> Error {
    Error::new(ErrorKind::Corrupt, operation, why)
}

/// The address of the API for that of a server, of its API or of a version of it.
fn api_url(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix("/v1").unwrap_or(url);
    if url.ends_with("/api") { url.to_owned() } else { format!("{url}/api") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_its_api_and_a_version_of_it_mean_the_same() {
        for url in ["http://om:8585", "http://om:8585/", "http://om:8585/api", "http://om:8585/api/v1/"] {
            assert_eq!(api_url(url), "http://om:8585/api");
        }
        assert_eq!(api_url("https://host/catalog/api"), "https://host/catalog/api");
    }
}
