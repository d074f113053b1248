//! Descriptions of the columns that have none.

use catalog_core::Result;
use catalog_core::model::{ColumnDraft, DescribeRequest, Draft, DraftSource};
use serde_json::Value;

use super::statistics::Counters;
use crate::answer::{Refusal, object_of, tidy};
use crate::client::{ChatMessage, ChatModel, ChatRequest, ChatRole};
use crate::confidence::{self, Calibration, Signals};
use crate::guard::{self, GuardEvidence};
use crate::prompt::{self, COLUMNS_PER_PROMPT, COLUMNS_VERSION, Fence};

/// Most columns described of one table.
const COLUMNS_MAX: usize = 200;
/// Tokens of the answer about one column.
const TOKENS_PER_COLUMN: u32 = 48;

/// Asks for the columns without a description, some at a time. What the guard refuses is left out: a column may stay
/// without a description.
pub(super) async fn describe(
    request: &DescribeRequest<'_>,
    chat: &dyn ChatModel,
    model: &str,
    fence: &Fence,
    calibration: &Calibration,
    counters: &Counters,
) -> Result<Vec<ColumnDraft>> {
    let bare = |at: &usize| request.table.columns[*at].description.as_ref().is_none_or(|d| d.text.trim().is_empty());
    let missing: Vec<usize> = (0..request.table.columns.len()).filter(bare).take(COLUMNS_MAX).collect();
    let evidence = GuardEvidence::of_columns(request);
    let lexicon = evidence.lexicon();
    let mut drafts: Vec<ColumnDraft> = Vec::new();
    for batch in missing.chunks(COLUMNS_PER_PROMPT) {
        let prompt = prompt::describe_columns(request, batch, fence);
        let asked = ChatRequest {
            model: model.to_owned(),
            messages: vec![
                ChatMessage { role: ChatRole::System, text: prompt.system },
                ChatMessage { role: ChatRole::User, text: prompt.user },
            ],
            schema: Some(prompt.schema),
            tokens_max: TOKENS_PER_COLUMN * batch.len() as u32,
            temperature: 0.0,
        };
        let answer = chat.chat(&asked).await?;
        counters.answered(&answer);
        let Some(said) = said(&answer.text) else {
            counters.refused(if answer.truncated { Refusal::Truncated } else { Refusal::Unreadable });
            continue;
        };
        for (name, text) in said {
            let known = batch.iter().any(|at| request.table.columns[*at].name == name);
            if !known || drafts.iter().any(|draft| draft.column == name) {
                continue;
            }
            let text = tidy(&text);
            if let Err(rejection) = guard::check(&text, &evidence) {
                counters.refused(Refusal::Guard(rejection));
                continue;
            }
            let signals = Signals {
                certainty: confidence::certainty(&answer, &text),
                agreement: None,
                groundedness: confidence::groundedness(&text, &lexicon),
                guard: 1.0,
            };
            drafts.push(ColumnDraft {
                column: name,
                draft: Draft {
                    text,
                    confidence: calibration.apply(confidence::score(&signals)),
                    source: DraftSource::Model(answer.model.clone()),
                    prompt_version: COLUMNS_VERSION.to_owned(),
                },
            });
        }
    }
    counters.now().columns += drafts.len() as u64;
    Ok(drafts)
}

/// The pairs of name and description in an answer, in either of the forms that models use.
fn said(text: &str) -> Option<Vec<(String, String)>> {
    let object = object_of(text)?;
    match object.get("columns") {
        Some(Value::Array(items)) => {
            let pair =
                |item: &Value| Some((item["name"].as_str()?.to_owned(), item["description"].as_str()?.to_owned()));
            Some(items.iter().filter_map(pair).collect())
        }
        Some(Value::Object(map)) => {
            Some(map.iter().filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect())
        }
        _ => None,
    }
}
