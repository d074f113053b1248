//! Models that answer as they were told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use catalog_core::memory::ScriptedEnricher;
use catalog_core::model::{Confidence, Draft, DraftSource};
use catalog_core::ports::Enricher;
use catalog_core::{Error, ErrorKind, Result};
use catalog_llm::client::{ChatAnswer, ChatModel, ChatRequest};

use super::loans;

/// Gives its answers one after the other, then the last one for ever; keeps what it was asked.
pub(crate) struct ScriptedChat {
    answers: Mutex<Vec<std::result::Result<String, ErrorKind>>>,
    pub(crate) asked: Mutex<Vec<ChatRequest>>,
}

impl ScriptedChat {
    pub(crate) fn new<T: Into<String>>(answers: impl IntoIterator<Item = T>) -> Arc<Self> {
        Self::with(answers.into_iter().map(|text| Ok(text.into())).collect())
    }

    pub(crate) fn with(mut answers: Vec<std::result::Result<String, ErrorKind>>) -> Arc<Self> {
        answers.reverse();
        Arc::new(Self { answers: Mutex::new(answers), asked: Mutex::default() })
    }

    /// The models that were asked, in order.
    pub(crate) fn models(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.model.clone()).collect()
    }
}

#[async_trait]
impl ChatModel for ScriptedChat {
    async fn chat(&self, request: &ChatRequest) -> Result<ChatAnswer> {
        self.asked.lock().unwrap().push(request.clone());
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        match answer.unwrap_or(Ok(String::new())) {
            Ok(text) => Ok(ChatAnswer {
                text,
                model: request.model.clone(),
                prompt_tokens: 100,
                answer_tokens: 20,
                truncated: false,
                tokens: Vec::new(),
            }),
            Err(kind) => Err(Error::new(kind, "ask_model", "the model was told to fail")),
        }
    }
}

/// The sentence as a model gives it.
pub(crate) fn said(sentence: &str) -> String {
    serde_json::json!({"description": sentence}).to_string()
}

/// Rules that know the loans, and are that sure of them.
pub(crate) fn rules(confidence: f64) -> Arc<dyn Enricher> {
    let draft = Draft {
        text: "Loans; amount, status.".to_owned(),
        confidence: Confidence::new(confidence),
        source: DraftSource::Rules,
        prompt_version: "rules/1".to_owned(),
    };
    Arc::new(ScriptedEnricher { drafts: [(loans().table.fqn().clone(), draft)].into() })
}

/// Rules that know nothing.
pub(crate) fn no_rules() -> Arc<dyn Enricher> {
    Arc::new(ScriptedEnricher::default())
}
