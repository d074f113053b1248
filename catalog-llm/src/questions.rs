//! The question that a mined query answers, written by a model.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Confidence, DraftSource, QuestionRequest, WrittenQuestion};
use catalog_core::ports::QuestionWriter;
use serde_json::Value;

use crate::answer::object_of;
use crate::client::{ChatMessage, ChatModel, ChatRequest, ChatRole};
use crate::confidence::certainty;
use crate::guard::check_question;
use crate::prompt::{self, Fence};

/// Tokens of an answer.
const TOKENS_MAX: u32 = 120;
/// What a question is worth where the endpoint does not tell how likely the model found it.
const CONFIDENCE: f64 = 0.6;

/// Asks a model for the question of a query in normal form. What the guard refuses is no question: whoever asks falls
/// back on a rule.
pub struct ModelQuestions {
    chat: Arc<dyn ChatModel>,
    model: String,
    fence: Fence,
}

impl ModelQuestions {
    /// A writer that asks this model.
    pub fn new(chat: Arc<dyn ChatModel>, model: impl Into<String>) -> Self {
        Self { chat, model: model.into(), fence: Fence::random() }
    }
}

#[async_trait]
impl QuestionWriter for ModelQuestions {
    async fn write(&self, request: &QuestionRequest<'_>) -> Result<Option<WrittenQuestion>> {
        let prompt = prompt::ask_question(request, &self.fence);
        let asked = ChatRequest {
            model: self.model.clone(),
            messages: vec![
                ChatMessage { role: ChatRole::System, text: prompt.system },
                ChatMessage { role: ChatRole::User, text: prompt.user },
            ],
            schema: Some(prompt.schema),
            tokens_max: TOKENS_MAX,
            temperature: 0.0,
        };
        let answer = self.chat.chat(&asked).await?;
        let object = object_of(&answer.text).unwrap_or_default();
        let text = object.get("question").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        if let Err(rejection) = check_question(&text, request) {
            tracing::info!(query.fingerprint = %request.query.fingerprint, why = %rejection, "question refused by the guard");
            return Ok(None);
        }
        let confidence = Confidence::new(certainty(&answer, &text).unwrap_or(CONFIDENCE));
        let source = DraftSource::Model(answer.model);
        Ok(Some(WrittenQuestion { text, confidence, source }))
    }
}
