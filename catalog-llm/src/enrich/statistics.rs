//! What became of the tables, counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::answer::Refusal;
use crate::client::ChatAnswer;

/// Counts since the describer was made. Each table ends in one of `first_try`, `after_retry`, `after_fallback`,
/// `by_rules`, `questions` and `nothing`, or was `cached`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EnrichStatistics {
    /// Tables that were to be described.
    pub tables: u64,
    /// Answered from the cache.
    pub cached: u64,
    /// Described by the first answer of the first model.
    pub first_try: u64,
    /// Described by its second answer, which it gave knowing why the first was refused.
    pub after_retry: u64,
    /// Described by the fallback model.
    pub after_fallback: u64,
    /// Of those described by a model, how many were cut at the end of a clause first.
    pub shortened: u64,
    /// Described by the rules, since no model's text was accepted or none could be asked.
    pub by_rules: u64,
    /// Made a question to the steward.
    pub questions: u64,
    /// Left without a description.
    pub nothing: u64,
    /// Tables for which no model could be asked.
    pub outages: u64,
    /// Column descriptions accepted.
    pub columns: u64,
    /// Questions to models.
    pub calls: u64,
    /// Tokens of the questions.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub answer_tokens: u64,
    /// Refused answers by reason.
    pub refusals: BTreeMap<&'static str, u64>,
}

/// Counts that many tasks share.
#[derive(Default)]
pub(super) struct Counters(Mutex<EnrichStatistics>);

impl Counters {
    pub(super) fn now(&self) -> MutexGuard<'_, EnrichStatistics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answered(&self, answer: &ChatAnswer) {
        let mut counts = self.now();
        counts.calls += 1;
        counts.prompt_tokens += answer.prompt_tokens;
        counts.answer_tokens += answer.answer_tokens;
    }

    pub(super) fn refused(&self, refusal: Refusal) {
        *self.now().refusals.entry(refusal.as_str()).or_default() += 1;
    }
}
