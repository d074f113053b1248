//! Twins of the ports behind a verified-query proposal.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::model::{Confidence, DraftSource, QueryVerdict, QuestionRequest, WrittenQuestion};
use crate::ports::{QueryCheck, QuestionWriter};
use crate::{Error, ErrorKind, Result};

/// Answers with the question that it was given for a fingerprint.
#[derive(Debug, Clone, Default)]
pub struct ScriptedQuestions {
    /// Questions by the query's fingerprint.
    pub questions: BTreeMap<String, String>,
}

#[async_trait]
impl QuestionWriter for ScriptedQuestions {
    async fn write(&self, request: &QuestionRequest<'_>) -> Result<Option<WrittenQuestion>> {
        let text = self.questions.get(&request.query.fingerprint);
        Ok(text.map(|text| WrittenQuestion {
            text: text.clone(),
            confidence: Confidence::new(0.9),
            source: DraftSource::Rules,
        }))
    }
}

/// Refuses the texts that it was told to refuse, and accepts every other.
#[derive(Debug, Clone, Default)]
pub struct ScriptedQueryCheck {
    /// The error's name by text.
    pub refused: BTreeMap<String, String>,
    /// Fails with this kind instead, as an engine that is down.
    pub down: Option<ErrorKind>,
}

#[async_trait]
impl QueryCheck for ScriptedQueryCheck {
    async fn check(&self, sql: &str, _: &[(String, String)]) -> Result<QueryVerdict> {
        if let Some(kind) = self.down {
            return Err(Error::new(kind, "check_query", "the engine was told to fail"));
        }
        Ok(match self.refused.get(sql) {
            Some(error) => QueryVerdict::Refused { error: error.clone() },
            None => QueryVerdict::Runs,
        })
    }
}
