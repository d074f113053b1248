//! A client of an OpenAI-compatible endpoint: LiteLLM, and by the same code Ollama, llama.cpp and vLLM.
//!
//! [`ModelClient`] asks for chats and embeddings over one approved origin, a few at a time, within a deadline and a
//! [`Budget`], and stops asking for a while when nobody answers.

mod breaker;
mod budget;
mod chat;
mod completions;
mod embeddings;
mod model_client;

pub use budget::{Budget, BudgetLimits, Spent};
pub use chat::{ChatAnswer, ChatMessage, ChatModel, ChatRequest, ChatRole, TokenProbability};
pub use model_client::{ConnectionSettings, ModelClient};
