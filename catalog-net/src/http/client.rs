//! The client: one origin, every limit.

use std::sync::Arc;
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use super::request::{HttpRequest, Method};
use super::resolver::ApprovedResolver;
use super::response::HttpResponse;
use super::retry::{asks_to_retry, backoff, random, retry_after};
use super::{HttpOptions, tls};
use crate::{EgressPolicy, redact_url};

/// Idle connections kept.
const IDLE_MAX: usize = 8;

/// Calls one origin. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct HttpClient {
    inner: reqwest::Client,
    base: Arc<Url>,
    options: Arc<HttpOptions>,
}

/// Why an attempt gave no response, and whether the server cannot have acted on it.
struct Failure {
    error: Error,
    never_sent: bool,
}

impl HttpClient {
    /// A client of the origin of `base` (`http://trino:8080`, `https://om/api`), if the policy approves it.
    ///
    /// # Errors
    /// `InvalidInput` when `base` is no http or https address or carries a user or password; `Forbidden` when the
    /// policy does not list it; `Configuration` when the file of authorities cannot be used.
    pub fn new(base: &str, policy: &EgressPolicy, options: HttpOptions) -> Result<Self> {
        let bad = |why: &str| {
            Error::new(ErrorKind::InvalidInput, "set_up_http_client", why)
                .with("url", redact_url(base))
                .hint("write http://host:port or https://host:port, and give the credential separately")
        };
        let mut url = Url::parse(base).map_err(|_| bad("the address is no url"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("the address is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("the address carries a user or password"));
        }
        url.set_query(None);
        url.set_fragment(None);
        let target = policy.approve_url(&url)?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(options.ca_file.as_deref())?)
            .dns_resolver(Arc::new(ApprovedResolver(target)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout)
            .pool_max_idle_per_host(IDLE_MAX)
            .user_agent(&options.user_agent)
            .build()
            .map_err(|e| bad("the client cannot be set up").caused_by(e.without_url()))?;
        Ok(Self { inner, base: Arc::new(url), options: Arc::new(options) })
    }

    /// The base address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends a request, again where that is safe and can help, and reads the whole response. Any status is a
    /// response: see [`HttpResponse::require_success`]. Dropping the future closes the connection.
    ///
    /// # Errors
    /// `Forbidden` when the target has another origin or resolves to an address that is never dialled, `InvalidInput`
    /// for a target or header that cannot be written, `LimitExceeded` when the body exceeds its cap, `Timeout`,
    /// `Unavailable`, and `Configuration` when the credential cannot be read.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let url = self.target(&request)?;
        let ends = Instant::now() + request.deadline.unwrap_or(self.options.deadline);
        let mut attempt = 1;
        loop {
            let outcome = match tokio::time::timeout_at(ends, self.attempt(&request, &url)).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(self.error(&request, &url, ErrorKind::Timeout, "the deadline passed")),
            };
            let asked = match &outcome {
                Ok(response) if asks_to_retry(response.status, request.repeatable) => response.retry_after,
                Err(failure) if failure.may_repeat(request.repeatable) => None,
                _ => return outcome.map_err(|failure| failure.error),
            };
            let options = &self.options;
            let wait = asked.unwrap_or_else(|| backoff(options.backoff, options.backoff_max, attempt, random()));
            let too_long = wait > options.backoff_max || Instant::now() + wait >= ends;
            if attempt >= options.attempts_max || too_long {
                return outcome.map_err(|failure| failure.error);
            }
            tracing::debug!(http.operation = request.operation, http.attempt = attempt, "tries again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// The address of a request: a path below the base, or an address of the same origin.
    fn target(&self, request: &HttpRequest) -> Result<Url> {
        let text = &request.target;
        let mut url = if let Some(path) = text.strip_prefix('/') {
            let mut url = (*self.base).clone();
            let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
            url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
            url.set_query(query);
            url
        } else {
            Url::parse(text).map_err(|_| {
                Error::new(ErrorKind::InvalidInput, request.operation, "the target is no path and no url")
            })?
        };
        let same = url.scheme() == self.base.scheme()
            && url.host() == self.base.host()
            && url.port_or_known_default() == self.base.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        if !same {
            return Err(Error::new(ErrorKind::Forbidden, request.operation, "the response leads to another origin")
                .with("url", redact_url(url.as_str()))
                .with("origin", redact_url(self.base.as_str())));
        }
        for (name, value) in &request.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.set_fragment(None);
        Ok(url)
    }

    async fn attempt(&self, request: &HttpRequest, url: &Url) -> std::result::Result<HttpResponse, Failure> {
        let local = |error| Failure { error, never_sent: false };
        let headers = self.headers(request).map_err(local)?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut call = self.inner.request(method, url.clone()).headers(headers);
        if let Some(body) = &request.body {
            call = call.body(body.clone());
        }
        let mut answer = call.send().await.map_err(|e| self.failure(request, url, e))?;
        let status = answer.status().as_u16();
        let headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let cap = request.body_bytes_max.unwrap_or(self.options.body_bytes_max);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.failure(request, url, e))? {
            if body.len() + chunk.len() > cap {
                let error = self.error(request, url, ErrorKind::LimitExceeded, "the response exceeds its byte cap");
                return Err(local(error.with("bytes", cap)));
            }
            body.extend_from_slice(&chunk);
        }
        let asked = headers.iter().find(|(name, _)| name == "retry-after").map(|(_, v)| v.as_str());
        let retry_after: Option<Duration> = retry_after(asked);
        let address = redact_url(url.as_str());
        Ok(HttpResponse { operation: request.operation, address, status, headers, body, retry_after })
    }

    fn headers(&self, request: &HttpRequest) -> Result<HeaderMap> {
        let bad = |name: &str| {
            Error::new(ErrorKind::InvalidInput, request.operation, "a header cannot be written").with("header", name)
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad(name))?;
            headers.append(key, HeaderValue::from_str(value).map_err(|_| bad(name))?);
        }
        if let Some(secret) = self.options.credential.header()? {
            let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| bad("authorization"))?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        Ok(headers)
    }

    fn failure(&self, request: &HttpRequest, url: &Url, error: reqwest::Error) -> Failure {
        let never_sent = error.is_connect();
        let refused = refusal_behind(&error);
        let (kind, why) = match refused {
            Some(kind @ ErrorKind::Forbidden) => (kind, "the name leads to an address that is never dialled"),
            Some(ErrorKind::Timeout) => (ErrorKind::Timeout, "the name server did not answer in time"),
            Some(_) => (ErrorKind::Unavailable, "the name does not resolve"),
            None if error.is_timeout() => (ErrorKind::Timeout, "the server did not answer in time"),
            None if never_sent => (ErrorKind::Unavailable, "the server cannot be reached"),
            None => (ErrorKind::Unavailable, "the connection broke"),
        };
        let error = self.error(request, url, kind, why).caused_by(error.without_url());
        Failure { error, never_sent }
    }

    fn error(&self, request: &HttpRequest, url: &Url, kind: ErrorKind, why: &str) -> Error {
        Error::new(kind, request.operation, why).with("url", redact_url(url.as_str()))
    }
}

impl Failure {
    fn may_repeat(&self, repeatable: bool) -> bool {
        let passing = matches!(self.error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout);
        passing && (repeatable || self.never_sent)
    }
}

/// The kind of our own resolver's error, when that is what lies at the bottom.
fn refusal_behind(error: &reqwest::Error) -> Option<ErrorKind> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.kind());
        }
        next = error.source();
    }
    None
}
