//! One model, one table: asked, judged, asked once more knowing why, judged again.

use catalog_core::Result;
use catalog_core::model::{DescribeRequest, DomainPlacement, Language};

use super::domain;
use super::statistics::Counters;
use crate::answer::{Refusal, object_of, shortened, spoken, tidy};
use crate::client::{ChatAnswer, ChatMessage, ChatModel, ChatRequest, ChatRole};
use crate::confidence::{self, Signals};
use crate::guard::{self, GuardEvidence, Rejection};
use crate::prompt::{EXAMPLE_SENTENCES, Prompt};
use crate::words::{Lexicon, fold, words_of};

/// What the guard's word is worth when the sentence came at the second asking, and when it was cut.
const ASKED_TWICE: f64 = 0.9;
const CUT: f64 = 0.85;
/// How freely the second sample is drawn.
const FREE_TEMPERATURE: f64 = 0.7;
/// How much of a refused answer the model is reminded of, in characters.
const REMINDER_CHARS_MAX: usize = 600;
/// Words about the table instead of what it holds. Rules may use them; models fill sentences with them.
const STRUCTURE: &[&str] = &["table", "tables", "column", "columns", "colonne", "colonnes", "database", "schema"];
/// Answers that say that the model cannot tell.
const CANNOT_TELL: &[&str] = &["", "unknown", "n/a", "none", "null", "inconnu", "inconnue", "cannot tell"];

/// One table as its models are asked about it.
pub(super) struct Question<'a> {
    pub(super) request: &'a DescribeRequest<'a>,
    pub(super) prompt: &'a Prompt,
    pub(super) evidence: GuardEvidence<'a>,
    pub(super) lexicon: Lexicon,
    pub(super) tokens_max: u32,
    pub(super) second_sample: bool,
}

/// A sentence that the guard let through.
pub(super) struct Candidate {
    pub(super) text: String,
    pub(super) score: f64,
    pub(super) model: String,
    pub(super) domain: Option<DomainPlacement>,
    pub(super) retried: bool,
    pub(super) shortened: bool,
}

/// What came of asking one model.
pub(super) enum Outcome {
    Accepted(Candidate),
    /// The model says that it cannot tell.
    CannotTell,
    /// No answer got through the guard.
    Refused,
}

/// An answer as far as it could be read.
struct Reply {
    sentence: String,
    domain: Option<String>,
}

impl Question<'_> {
    /// Asks a model, twice at most. `again`: once more when the first answer is refused.
    pub(super) async fn ask(
        &self,
        chat: &dyn ChatModel,
        model: &str,
        again: bool,
        counters: &Counters,
    ) -> Result<Outcome> {
        let mut messages = vec![
            ChatMessage { role: ChatRole::System, text: self.prompt.system.clone() },
            ChatMessage { role: ChatRole::User, text: self.prompt.user.clone() },
        ];
        let answer = self.send(chat, model, &messages, 0.0, counters).await?;
        let refusal = match self.judge(&answer) {
            Ok(None) => return Ok(Outcome::CannotTell),
            Ok(Some(reply)) => {
                let agreement = self.agreement(chat, model, &messages, &reply, counters).await?;
                return Ok(Outcome::Accepted(self.candidate(&answer, reply, agreement, 1.0, false)));
            }
            Err(refusal) => refusal,
        };
        counters.refused(refusal);
        if !again {
            return Ok(self.cut(&answer, false).map_or(Outcome::Refused, Outcome::Accepted));
        }
        let reminder: String = answer.text.chars().take(REMINDER_CHARS_MAX).collect();
        messages.push(ChatMessage { role: ChatRole::Assistant, text: reminder });
        messages.push(ChatMessage { role: ChatRole::User, text: self.why(refusal) });
        let second = self.send(chat, model, &messages, 0.0, counters).await?;
        match self.judge(&second) {
            Ok(None) => Ok(Outcome::CannotTell),
            Ok(Some(reply)) => {
                let agreement = self.agreement(chat, model, &messages, &reply, counters).await?;
                Ok(Outcome::Accepted(self.candidate(&second, reply, agreement, ASKED_TWICE, true)))
            }
            Err(refusal) => {
                counters.refused(refusal);
                let cut = self.cut(&second, true).or_else(|| self.cut(&answer, true));
                Ok(cut.map_or(Outcome::Refused, Outcome::Accepted))
            }
        }
    }

    async fn send(
        &self,
        chat: &dyn ChatModel,
        model: &str,
        messages: &[ChatMessage],
        temperature: f64,
        counters: &Counters,
    ) -> Result<ChatAnswer> {
        let request = ChatRequest {
            model: model.to_owned(),
            messages: messages.to_vec(),
            schema: Some(self.prompt.schema.clone()),
            tokens_max: self.tokens_max,
            temperature,
        };
        let answer = chat.chat(&request).await?;
        counters.answered(&answer);
        Ok(answer)
    }

    /// The reply when its sentence passes the guard; `None` when the model cannot tell.
    fn judge(&self, answer: &ChatAnswer) -> std::result::Result<Option<Reply>, Refusal> {
        let reply = read(answer)?;
        let plain = fold(reply.sentence.trim_matches(|c: char| !c.is_alphanumeric() && c != '/'));
        if CANNOT_TELL.contains(&plain.as_str()) {
            return Ok(None);
        }
        let sentence = tidy(&reply.sentence);
        self.guard(&sentence).map_err(Refusal::Guard)?;
        // Only now, when each identifier is known to be one of the table's.
        let sentence = spoken(&sentence);
        self.guard(&sentence).map_err(Refusal::Guard)?;
        Ok(Some(Reply { sentence, ..reply }))
    }

    fn guard(&self, sentence: &str) -> std::result::Result<(), Rejection> {
        guard::check(sentence, &self.evidence)?;
        if words_of(sentence).iter().any(|word| STRUCTURE.contains(&word.as_str()) && !self.lexicon.has(word)) {
            return Err(Rejection::Structure);
        }
        let context = &self.request.context;
        let told = self.request.neighbours.iter().chain(context.siblings).filter_map(|n| n.description.as_deref());
        let shown = context.examples.iter().map(|example| example.text.as_str());
        let refused = context.refused.iter().map(|refused| refused.text.as_str());
        let form = |text: &str| fold(text.trim().trim_end_matches('.'));
        let own = form(sentence);
        let copied =
            told.chain(shown).chain(refused).chain(EXAMPLE_SENTENCES.iter().copied()).any(|text| form(text) == own);
        if copied { Err(Rejection::Duplicate) } else { Ok(()) }
    }

    /// How far a second, freer answer says the same, where one is wanted.
    async fn agreement(
        &self,
        chat: &dyn ChatModel,
        model: &str,
        messages: &[ChatMessage],
        reply: &Reply,
        counters: &Counters,
    ) -> Result<Option<f64>> {
        if !self.second_sample {
            return Ok(None);
        }
        let second = self.send(chat, model, messages, FREE_TEMPERATURE, counters).await?;
        Ok(read(&second).ok().map(|other| confidence::agreement(&reply.sentence, &other.sentence)))
    }

    /// A refused sentence cut where a clause ends, when that is all that was wrong with it.
    fn cut(&self, answer: &ChatAnswer, retried: bool) -> Option<Candidate> {
        let reply = read(answer).ok()?;
        let tidied = tidy(&reply.sentence);
        // A long sentence is cut first, so that what is cut off is not judged; then its identifiers become words.
        let first = shortened(&tidied).unwrap_or(tidied);
        self.guard(&first).ok()?;
        let words = spoken(&first);
        let sentence = shortened(&words).unwrap_or(words);
        self.guard(&sentence).ok()?;
        let candidate = self.candidate(answer, Reply { sentence, ..reply }, None, CUT, retried);
        Some(Candidate { shortened: true, ..candidate })
    }

    fn candidate(
        &self,
        answer: &ChatAnswer,
        reply: Reply,
        agreement: Option<f64>,
        guard: f64,
        retried: bool,
    ) -> Candidate {
        let said = reply.domain.as_deref().map(|name| (name, confidence::certainty(answer, name)));
        let signals = Signals {
            certainty: confidence::certainty(answer, &reply.sentence),
            agreement,
            groundedness: confidence::groundedness(&reply.sentence, &self.lexicon),
            guard,
        };
        Candidate {
            score: confidence::score(&signals),
            domain: domain::place(said, self.request),
            text: reply.sentence,
            model: answer.model.clone(),
            retried,
            shortened: false,
        }
    }

    fn why(&self, refusal: Refusal) -> String {
        match self.request.language {
            Language::En => format!(
                "That answer cannot be used: {refusal}. Write the sentence again in English, at most 20 words, as \
                 the same JSON."
            ),
            Language::Fr => format!(
                "Cette réponse est inutilisable ({refusal}). Récris la phrase en français, 20 mots au plus, dans le \
                 même JSON."
            ),
        }
    }
}

/// The sentence and the domain in an answer. A server without schemas may answer with the bare sentence.
fn read(answer: &ChatAnswer) -> std::result::Result<Reply, Refusal> {
    if let Some(object) = object_of(&answer.text) {
        let text = |name: &str| object.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let sentence = text("description").ok_or(Refusal::Unreadable)?;
        return Ok(Reply { sentence, domain: text("domain") });
    }
    if answer.truncated {
        return Err(Refusal::Truncated);
    }
    if answer.text.trim().is_empty() || answer.text.contains(['{', '<']) {
        return Err(Refusal::Unreadable);
    }
    Ok(Reply { sentence: answer.text.trim().to_owned(), domain: None })
}
