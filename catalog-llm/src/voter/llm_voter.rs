//! Votes on columns from masked evidence.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{ColumnEvidence, PiiEntity, PiiEvidence, PiiVote, Verdict};
use catalog_core::ports::PiiVoter;
use serde_json::Value;

use super::KINDS;
use crate::answer::object_of;
use crate::client::{ChatMessage, ChatModel, ChatRequest, ChatRole};
use crate::confidence::certainty;
use crate::prompt::{self, Fence};

const NAME: &str = "llm";
/// Columns asked about at once.
const COLUMNS_PER_PROMPT: usize = 25;
/// Most columns asked about of one table; on the others it abstains.
const COLUMNS_MAX: usize = 200;
/// Tokens of the answer about one column.
const TOKENS_PER_COLUMN: u32 = 40;
/// A column of which recognisers matched this share is not cleared by a model's word.
const HIT_SHARE_SUSPECT: f64 = 0.05;
/// What a vote weighs where the endpoint does not tell how likely the model found it.
const SCORE: f64 = 0.6;

/// Asks a model about names, types, shapes, hit shares and masked cells. It abstains where the answer cannot be read
/// or the model is unsure, and where a "no" would contradict what recognisers saw: the cells may have talked the model
/// into it.
///
/// A small model misses plain cases, so that it should not vote alone. [`LlmVoter::beside`] joins it with another
/// voter: a yes of either counts, and only both together say no.
pub struct LlmVoter {
    chat: Arc<dyn ChatModel>,
    model: String,
    fence: Fence,
    partner: Option<Arc<dyn PiiVoter>>,
}

impl LlmVoter {
    /// A voter that asks this model alone.
    pub fn new(chat: Arc<dyn ChatModel>, model: impl Into<String>) -> Self {
        Self { chat, model: model.into(), fence: Fence::random(), partner: None }
    }

    /// Joins it with another voter, which must look at other things than the opposite side does.
    #[must_use]
    pub fn beside(mut self, partner: Arc<dyn PiiVoter>) -> Self {
        self.partner = Some(partner);
        self
    }

    async fn ask(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        let mut votes = vec![abstention(); evidence.columns.len()];
        let places: Vec<usize> = (0..evidence.columns.len().min(COLUMNS_MAX)).collect();
        for batch in places.chunks(COLUMNS_PER_PROMPT) {
            let prompt = prompt::judge_columns(evidence, batch, &self.fence);
            let request = ChatRequest {
                model: self.model.clone(),
                messages: vec![
                    ChatMessage { role: ChatRole::System, text: prompt.system },
                    ChatMessage { role: ChatRole::User, text: prompt.user },
                ],
                schema: Some(prompt.schema),
                tokens_max: TOKENS_PER_COLUMN * batch.len() as u32 + 20,
                temperature: 0.0,
            };
            let answer = self.chat.chat(&request).await?;
            let score = certainty(&answer, &answer.text).unwrap_or(SCORE);
            let said = said(&answer.text);
            for &at in batch {
                let column = &evidence.columns[at];
                if let Some((word, kind)) = said.get(&column.name) {
                    votes[at] = vote(column, word, kind, score, evidence, at);
                }
            }
        }
        Ok(votes)
    }
}

#[async_trait]
impl PiiVoter for LlmVoter {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        let own = self.ask(evidence).await;
        let Some(partner) = &self.partner else { return own };
        let others = partner.vote(evidence).await?;
        // A model that is down abstains; what its partner says of personal data stays, but nothing is cleared.
        let own = own.unwrap_or_else(|error| {
            tracing::warn!(voter = NAME, error = %error, "voter abstains");
            vec![abstention(); others.len()]
        });
        Ok(own.into_iter().zip(&others).map(|(own, other)| joined(own, other)).collect())
    }
}

/// A yes of either, a no of both, else an abstention.
fn joined(own: PiiVote, other: &PiiVote) -> PiiVote {
    match (own.verdict, other.verdict) {
        (Verdict::Yes, Verdict::Yes) if own.score < other.score => renamed(other),
        (Verdict::Yes, _) => own,
        (_, Verdict::Yes) => renamed(other),
        (Verdict::No, Verdict::No) => PiiVote { score: own.score.min(other.score), ..own },
        _ => abstention(),
    }
}

fn renamed(vote: &PiiVote) -> PiiVote {
    PiiVote { voter: NAME.to_owned(), ..vote.clone() }
}

fn abstention() -> PiiVote {
    PiiVote { voter: NAME.to_owned(), verdict: Verdict::Abstain, score: 0.0, entity: None }
}

fn vote(column: &ColumnEvidence, word: &str, kind: &str, score: f64, evidence: &PiiEvidence, at: usize) -> PiiVote {
    match word {
        "yes" => {
            let entity = KINDS.iter().copied().find(|entity| entity.as_str() == kind).or_else(|| best_hit(column));
            // A yes that cannot say of what is a doubt.
            entity.map_or_else(abstention, |entity| PiiVote {
                voter: NAME.to_owned(),
                verdict: Verdict::Yes,
                score,
                entity: Some(entity),
            })
        }
        "no" if best_hit(column).is_none() && !has_masked_cell(evidence, at) => {
            PiiVote { voter: NAME.to_owned(), verdict: Verdict::No, score, entity: None }
        }
        _ => abstention(),
    }
}

fn best_hit(column: &ColumnEvidence) -> Option<PiiEntity> {
    let share = |hit: &catalog_core::model::EntityHits| hit.whole_cell_share.max(hit.inside_share);
    let best = column.hits.iter().max_by(|a, b| share(a).total_cmp(&share(b)))?;
    (share(best) >= HIT_SHARE_SUSPECT).then_some(best.entity)
}

fn has_masked_cell(evidence: &PiiEvidence, at: usize) -> bool {
    let mut cells = evidence.masked.rows().iter().filter_map(|row| row.get(at));
    cells.any(|cell| KINDS.iter().any(|entity| cell.contains(&entity.placeholder())))
}

/// What the answer says of each column: word and kind by name.
fn said(text: &str) -> HashMap<String, (String, String)> {
    let object = object_of(text).unwrap_or_default();
    let items = object.get("columns").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let word = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| (word(item, "name"), (word(item, "personal"), word(item, "kind")))).collect()
}
