//! A chat as its caller sees it, whatever the server.

use async_trait::async_trait;
use catalog_core::Result;
use serde_json::Value;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    /// The instructions.
    System,
    /// The question.
    User,
    /// The model's own earlier answer.
    Assistant,
}

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: ChatRole,
    /// What is said.
    pub text: String,
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The model, by the name that the endpoint knows.
    pub model: String,
    /// The chat so far.
    pub messages: Vec<ChatMessage>,
    /// The JSON schema that the answer should keep; a server that knows none of it is asked without.
    pub schema: Option<Value>,
    /// Most tokens of the answer.
    pub tokens_max: u32,
    /// 0 for the likeliest answer, more for variety.
    pub temperature: f64,
}

/// A token of an answer and how likely the model found it.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenProbability {
    /// The token as text.
    pub text: String,
    /// Natural logarithm of its probability, at most 0.
    pub logprob: f64,
}

/// What a model answered. It is data of unknown worth: only the guard makes a description of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatAnswer {
    /// The answer's text; empty when the model gave none.
    pub text: String,
    /// Who really answered, as far as the endpoint tells.
    pub model: String,
    /// Tokens of the question.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub answer_tokens: u64,
    /// Did it end at the limit of tokens?
    pub truncated: bool,
    /// Each token's probability; empty where the endpoint does not tell.
    pub tokens: Vec<TokenProbability>,
}

/// Something that can be asked in words.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Asks once. Dropping the future abandons the question.
    ///
    /// # Errors
    /// `LimitExceeded` when the budget is used up or the answer has no end, `Timeout`, `Unavailable`, `RateLimited`,
    /// `Forbidden` when the key is refused, `InvalidInput` when the model is unknown or the question too long,
    /// `Corrupt` when the answer is none of the protocol.
    async fn chat(&self, request: &ChatRequest) -> Result<ChatAnswer>;
}
