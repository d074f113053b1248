//! One endpoint: who is asked, how many at a time, how long, for how much.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

use catalog_core::ports::Clock;
use catalog_core::{Error, ErrorKind, Result, Retry};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, HttpResponse, Method};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::breaker::Breaker;
use super::budget::{Budget, BudgetLimits};

/// An answer longer than this has no end.
const BODY_BYTES_MAX: usize = 4 << 20;
/// Times that a question is asked when the server says that it ran out of time or failed.
const ATTEMPTS_MAX: u32 = 2;
/// The wait before the second attempt.
const PAUSE: Duration = Duration::from_millis(500);

/// Where a model answers, and the limits of asking it.
#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    /// The endpoint up to and with its version: `http://litellm:4000/v1`.
    pub url: String,
    /// A file that holds the key alone; `None` for an endpoint without keys. Read again when it changes.
    pub key_file: Option<PathBuf>,
    /// A PEM file of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// A call takes no longer, its retries included.
    pub deadline: Duration,
    /// Most calls at the same time; at least 1.
    pub concurrency: usize,
    /// What a run and a day may cost.
    pub budget: BudgetLimits,
}

impl Default for ConnectionSettings {
    /// LiteLLM's own port on this machine, 120 s a call, two at a time, no limit of cost.
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:4000/v1".to_owned(),
            key_file: None,
            ca_file: None,
            deadline: Duration::from_secs(120),
            concurrency: 2,
            budget: BudgetLimits::default(),
        }
    }
}

/// A client of one endpoint. Shared behind an `Arc`, so that its limits hold for all who ask.
pub struct ModelClient {
    http: HttpClient,
    slots: Semaphore,
    budget: Budget,
    breaker: Breaker,
    deadline: Duration,
    /// How often in a row a question with a JSON schema failed and the same one without was answered.
    pub(super) schema_failures: AtomicU8,
}

impl ModelClient {
    /// A client of the endpoint, if the policy approves it. Nothing is dialled yet.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is none, `Forbidden` when it is not on the allow-list, `Configuration` when
    /// the file of authorities cannot be used.
    pub fn new(settings: &ConnectionSettings, policy: &EgressPolicy, clock: Arc<dyn Clock>) -> Result<Self> {
        let credential = settings.key_file.as_ref().map_or(Credential::None, Credential::bearer_file);
        let options = HttpOptions {
            credential,
            deadline: settings.deadline,
            body_bytes_max: BODY_BYTES_MAX,
            attempts_max: ATTEMPTS_MAX,
            ca_file: settings.ca_file.clone(),
            ..HttpOptions::default()
        };
        Ok(Self {
            http: HttpClient::new(&settings.url, policy, options)?,
            slots: Semaphore::new(settings.concurrency.max(1)),
            budget: Budget::new(settings.budget, Arc::clone(&clock)),
            breaker: Breaker::new(clock),
            deadline: settings.deadline,
            schema_failures: AtomicU8::new(0),
        })
    }

    /// The calls and tokens spent here.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Posts a question within all limits. `tokens` is what it is expected to cost at most.
    pub(super) async fn post(
        &self,
        operation: &'static str,
        path: &str,
        body: &(impl Serialize + Sync),
        tokens: u64,
    ) -> Result<HttpResponse> {
        let closed = |_| Error::new(ErrorKind::Internal, operation, "the client was closed");
        let _slot = self.slots.acquire().await.map_err(closed)?;
        self.breaker.admit()?;
        self.budget.reserve(tokens)?;
        let outcome = match tokio::time::timeout(self.deadline, self.attempts(operation, path, body)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::new(ErrorKind::Timeout, operation, "the deadline passed")),
        };
        self.breaker.note(outcome.as_ref().err().map(Error::kind));
        if outcome.is_err() {
            self.budget.settle(tokens, 0);
        }
        outcome
    }

    /// What a call really used, in place of what was expected.
    pub(super) fn settle(&self, reserved: u64, used: u64) {
        self.budget.settle(reserved, used);
    }

    async fn attempts(
        &self,
        operation: &'static str,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<HttpResponse> {
        let mut attempt = 1;
        loop {
            // Asking twice changes nothing at the other end.
            let request = HttpRequest::new(operation, Method::Post, path)
                .json("application/json", body)?
                .deadline(self.deadline)
                .repeatable();
            let response = self.http.send(request).await?;
            // The gateway passes its model's failure on as 500 and a model's timeout as 408; the transport leaves both.
            if !matches!(response.status(), 408 | 500) || attempt >= ATTEMPTS_MAX {
                return judge(operation, response);
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The response when it is a success. LiteLLM has ways of its own to say no.
fn judge(operation: &'static str, response: HttpResponse) -> Result<HttpResponse> {
    if response.status() == 400 && mentions(response.body(), b"no_db_connection") {
        return Err(Error::new(ErrorKind::Forbidden, operation, "the gateway does not accept the key")
            .hint("check the key in the file that llm.key_file names"));
    }
    let asked: Option<u32> = response.header("llm_provider-retry-after").and_then(|secs| secs.trim().parse().ok());
    response.require_success().map_err(|error| match (asked, error.retry()) {
        (Some(secs), Retry::Temporary(_)) => {
            error.retry_as(Retry::Temporary(Some(Duration::from_secs(u64::from(secs)))))
        }
        _ => error,
    })
}

fn mentions(body: &[u8], word: &[u8]) -> bool {
    body.windows(word.len()).any(|window| window == word)
}
