//! `POST /chat/completions`.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::HttpResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::{ChatAnswer, ChatModel, ChatRequest, ChatRole, TokenProbability};
use super::model_client::ModelClient;

const OPERATION: &str = "ask_model";
/// So many times in a row a schema may seem to be what a server fails at, before it is left out.
const SCHEMA_FAILURES_MAX: u8 = 2;
/// A token of English or French text has about four bytes; names and JSON have shorter ones.
const BYTES_PER_TOKEN: usize = 3;
/// A longer answer is not one sentence, whatever it says.
const ANSWER_CHARS_MAX: usize = 32_000;
/// The header in which LiteLLM says whom it routed the question to.
const ROUTED_TO: &str = "x-litellm-model-name";

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    model: String,
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Logprobs {
    content: Option<Vec<Logprob>>,
}

#[derive(Deserialize)]
struct Logprob {
    token: String,
    logprob: f64,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

#[async_trait]
impl ChatModel for ModelClient {
    async fn chat(&self, request: &ChatRequest) -> Result<ChatAnswer> {
        let bytes: usize = request.messages.iter().map(|message| message.text.len()).sum();
        let expected = (bytes / BYTES_PER_TOKEN) as u64 + u64::from(request.tokens_max);
        if self.schema_failures.load(Ordering::Relaxed) < SCHEMA_FAILURES_MAX {
            let refined = self.post(OPERATION, "/chat/completions", &body(request, true), expected).await;
            let first = match refined {
                Ok(response) => {
                    self.schema_failures.store(0, Ordering::Relaxed);
                    return self.read(&response, expected);
                }
                // A server that does not know schemas refuses the request or trips over it.
                Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unavailable) => error,
                Err(error) => return Err(error),
            };
            // When the plain question fails too, the schema was not the reason.
            let plain = self.post(OPERATION, "/chat/completions", &body(request, false), expected).await;
            let response = plain.map_err(|_| first)?;
            let failures = self.schema_failures.fetch_add(1, Ordering::Relaxed);
            if failures + 1 == SCHEMA_FAILURES_MAX {
                tracing::info!(llm.model = %request.model, "the model is asked without a schema from now on");
            }
            return self.read(&response, expected);
        }
        let response = self.post(OPERATION, "/chat/completions", &body(request, false), expected).await?;
        self.read(&response, expected)
    }
}

impl ModelClient {
    fn read(&self, response: &HttpResponse, expected: u64) -> Result<ChatAnswer> {
        let completion: Completion = response.json()?;
        let usage = completion.usage.unwrap_or(Usage { prompt_tokens: 0, completion_tokens: 0 });
        let used = usage.prompt_tokens + usage.completion_tokens;
        self.settle(expected, if used == 0 { expected } else { used });
        let choice = completion
            .choices
            .into_iter()
            .next()
            .ok_or_else(|| Error::new(ErrorKind::Corrupt, OPERATION, "the answer holds no choice"))?;
        let text: String = choice.message.content.unwrap_or_default().chars().take(ANSWER_CHARS_MAX).collect();
        let tokens = choice.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default();
        let routed = response.header(ROUTED_TO).filter(|name| !name.is_empty());
        Ok(ChatAnswer {
            text,
            model: bare_name(routed.unwrap_or(&completion.model)),
            prompt_tokens: usage.prompt_tokens,
            answer_tokens: usage.completion_tokens,
            truncated: choice.finish_reason.as_deref() == Some("length"),
            tokens: tokens
                .into_iter()
                .filter(|token| token.logprob.is_finite())
                .map(|token| TokenProbability { text: token.token, logprob: token.logprob.min(0.0) })
                .collect(),
        })
    }
}

/// The model's name without the provider that the gateway puts before it, short and printable.
fn bare_name(name: &str) -> String {
    let bare = name.rsplit('/').next().unwrap_or(name);
    bare.chars().filter(|c| c.is_ascii_graphic()).take(80).collect()
}

fn body(request: &ChatRequest, refined: bool) -> Value {
    let role = |role| match role {
        ChatRole::System => "system",
        ChatRole::User => "user",
        ChatRole::Assistant => "assistant",
    };
    let messages: Vec<Value> =
        request.messages.iter().map(|m| json!({"role": role(m.role), "content": m.text})).collect();
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "max_tokens": request.tokens_max,
        "temperature": request.temperature,
        "stream": false,
    });
    if refined {
        body["logprobs"] = json!(true);
        if let Some(schema) = &request.schema {
            let named = json!({"name": "answer", "strict": true, "schema": schema});
            body["response_format"] = json!({"type": "json_schema", "json_schema": named});
        }
    }
    body
}
