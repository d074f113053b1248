//! One proposal as a card.

use catalog_core::model::{ChangeKind, CurrentTable, FieldPath, FieldValue, PiiEntity, PiiVerdict, Proposal, Verdict};

use super::diff::{self, Piece};
use super::shell::{Shell, age, band, percent};
use super::words::Words;

/// What the catalog holds now, compared with what the proposal was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// The same.
    Fresh,
    /// Another value, which a person wrote.
    Human,
    /// Another value.
    Other,
    /// The proposed value.
    There,
    /// The table is gone.
    Gone,
    /// The catalog did not answer.
    Unknown,
}

/// One voter's opinion.
pub(super) struct VoteView {
    pub(super) voter: String,
    /// `yes`, `no` or `abstain`.
    pub(super) verdict: &'static str,
    pub(super) entity: &'static str,
    pub(super) percent: u8,
}

/// Everything that a steward sees of a proposal.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) kind: &'static str,
    /// What it changes: the column, the key's columns, or nothing for the table itself.
    pub(super) what: String,
    pub(super) after: String,
    pub(super) diff: Vec<Piece>,
    pub(super) standing: Standing,
    pub(super) percent: u8,
    /// `low`, `middle` or `high`.
    pub(super) band: &'static str,
    pub(super) like_this: Option<(u64, u64)>,
    pub(super) why: String,
    /// What the model would like to know.
    pub(super) question: Option<String>,
    pub(super) author: String,
    pub(super) prompt_version: String,
    pub(super) age: String,
    /// May its text be edited?
    pub(super) text: bool,
    /// The entities to choose from, for a tag; the proposed one first.
    pub(super) entities: Vec<&'static str>,
    pub(super) votes: Vec<VoteView>,
    /// `flagged` or `disputed`, where voters judged the column.
    pub(super) decision: Option<&'static str>,
}

impl Card {
    /// The card of a proposal. `current`: the catalog's entry; `Err` when it did not answer.
    pub(super) fn of(
        proposal: &Proposal,
        current: Result<Option<&CurrentTable>, ()>,
        verdicts: &[PiiVerdict],
        shell: &Shell,
        now_ms: i64,
    ) -> Self {
        let operation = &proposal.operation;
        let now = current.ok().flatten().and_then(|table| table.get(&operation.field));
        let before = match current {
            Ok(_) => now.map(|field| &field.value),
            Err(()) => operation.before.as_ref(),
        };
        let shown = |value: Option<&FieldValue>| value.map(|v| value_text(v, shell.words())).unwrap_or_default();
        let after = shown(operation.after.as_ref());
        let kind = operation.field.kind();
        let verdict = match &operation.field {
            FieldPath::ColumnPii { column } => verdicts.iter().find(|v| v.column == *column),
            _ => None,
        };
        let question = proposal.why.strip_prefix("the model asks: ").map(str::to_owned);
        let value = operation.confidence.value();
        Self {
            id: proposal.id.0.clone(),
            kind: kind.as_str(),
            what: what(&operation.field),
            diff: diff::words(&shown(before), &after),
            standing: match current {
                Err(()) => Standing::Unknown,
                Ok(None) => Standing::Gone,
                Ok(Some(table)) if table.holds_before(operation) => Standing::Fresh,
                Ok(Some(table)) if table.holds_after(operation) => Standing::There,
                Ok(Some(_)) if now.is_some_and(|field| field.by_human) => Standing::Human,
                Ok(Some(_)) => Standing::Other,
            },
            after,
            percent: percent(value),
            band: band(value),
            like_this: shell.like_this(kind, value),
            why: why(&proposal.why, shell.words()),
            question,
            author: operation.author.clone(),
            prompt_version: operation.prompt_version.clone(),
            age: age(shell.words(), proposal.created_at_ms, now_ms),
            text: matches!(operation.after, Some(FieldValue::Text(_))),
            entities: entities(operation.after.as_ref()),
            votes: verdict.iter().flat_map(|v| &v.votes).map(vote).collect(),
            decision: verdict.map(|v| v.decision.as_str()),
        }
    }

    /// Is it the description of the table, which can be written again?
    pub(super) fn redrafts(&self) -> bool {
        self.kind == ChangeKind::Description.as_str()
    }

    /// The view that tells more of a proposal of its kind.
    pub(super) fn page(&self) -> Option<&'static str> {
        match self.kind {
            "key" => Some("keys"),
            "query" => Some("queries"),
            _ => None,
        }
    }

    pub(super) fn words(&self) -> usize {
        self.after.split_whitespace().count()
    }

    pub(super) fn in_conflict(&self) -> bool {
        matches!(self.standing, Standing::Human | Standing::Other | Standing::Gone)
    }

    /// Which text tells of the standing; none when all is as it was.
    pub(super) fn standing_key(&self) -> Option<&'static str> {
        match self.standing {
            Standing::Fresh => None,
            Standing::Human => Some("standing.human"),
            Standing::Other => Some("standing.other"),
            Standing::There => Some("standing.there"),
            Standing::Gone => Some("standing.gone"),
            Standing::Unknown => Some("standing.unknown"),
        }
    }
}

fn vote(vote: &catalog_core::model::PiiVote) -> VoteView {
    VoteView {
        voter: vote.voter.clone(),
        verdict: match vote.verdict {
            Verdict::Yes => "yes",
            Verdict::No => "no",
            Verdict::Abstain => "abstain",
        },
        entity: vote.entity.map_or("", PiiEntity::as_str),
        percent: percent(vote.score),
    }
}

fn entities(after: Option<&FieldValue>) -> Vec<&'static str> {
    let Some(FieldValue::Pii { entity, .. }) = after else { return Vec::new() };
    let others = PiiEntity::ALL.into_iter().filter(|other| other != entity);
    std::iter::once(*entity).chain(others).map(PiiEntity::as_str).collect()
}

fn what(field: &FieldPath) -> String {
    match field {
        FieldPath::ColumnDescription { column } | FieldPath::ColumnPii { column } => column.clone(),
        FieldPath::ForeignKey { columns } => columns.join(", "),
        FieldPath::Usage { date } => date.clone(),
        FieldPath::Description | FieldPath::Domain | FieldPath::Tier | FieldPath::VerifiedQuery { .. } => String::new(),
    }
}

/// A value for people; a tag with its level in the page's language.
fn value_text(value: &FieldValue, words: &Words) -> String {
    match value {
        FieldValue::Pii { entity, sensitivity } => {
            let level = match sensitivity {
                catalog_core::model::Sensitivity::Sensitive => words.get("level.sensitive"),
                catalog_core::model::Sensitivity::NonSensitive => words.get("level.nonsensitive"),
            };
            format!("{} · {level}", entity.as_str())
        }
        FieldValue::Query { question, .. } => question.clone(),
        other => other.to_string(),
    }
}

/// Why a steward is asked, in the page's language where the reason is one that we know.
pub(super) fn why(reason: &str, words: &Words) -> String {
    let known = [
        ("queries are always reviewed", "why.query"),
        ("the catalog does not protect edits made meanwhile", "why.unguarded"),
        ("the field holds a text already", "why.replaces"),
        ("only one of two voters said yes", "why.disputed"),
        ("the key is not confirmed", "why.unconfirmed"),
        ("no longer in the data", "why.vanished"),
        ("no voter says so any more", "why.unvoted"),
    ];
    if let Some((_, key)) = known.iter().find(|(text, _)| *text == reason) {
        return words.get(key).to_owned();
    }
    if let Some((is, below)) = reason.strip_prefix("confidence ").and_then(|rest| rest.split_once(" is below ")) {
        return words.put("why.unsure", &[&is, &below]);
    }
    if reason.ends_with("are set to review") {
        return words.get("why.review").to_owned();
    }
    reason.to_owned()
}
