//! What stewards decided stays decided, until something changes that they have not seen.

use catalog_core::model::{
    CatalogTag, Column, DataType, FieldPath, FieldValue, PiiDecision, PiiEntity, PiiVerdict, PiiVote, Proposal,
    ProposalState, TagOrigin, Verdict,
};

use crate::voters::is_personal;

/// A steward's word on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct StewardDecision {
    /// The column, as it was called then.
    pub column: String,
    /// Its type then, where that is known.
    pub data_type: Option<DataType>,
    /// Is it personal?
    pub personal: bool,
    /// What it was taken for when the steward decided; `None` when the steward's word does not depend on it.
    pub entity: Option<PiiEntity>,
    /// Who decided.
    pub by: String,
    /// When, in milliseconds since 1970; of two decisions on one column the later counts.
    pub at_ms: i64,
}

impl StewardDecision {
    /// The decision that a proposal on a column's tag holds, if a steward took one: an accepted tag or a rejected
    /// removal says that the column is personal, the other two that it is not.
    pub fn of_proposal(proposal: &Proposal) -> Option<Self> {
        let operation = &proposal.operation;
        let FieldPath::ColumnPii { column } = &operation.field else { return None };
        let accepted = match proposal.state {
            ProposalState::Accepted => true,
            ProposalState::Rejected => false,
            ProposalState::Open | ProposalState::Superseded => return None,
        };
        let entity = [&operation.after, &operation.before].into_iter().flatten().find_map(|value| match value {
            FieldValue::Pii { entity, .. } => Some(*entity),
            _ => None,
        });
        Some(Self {
            column: column.clone(),
            data_type: None,
            personal: accepted == operation.after.is_some(),
            entity,
            by: proposal.decided_by.clone()?,
            at_ms: proposal.created_at_ms,
        })
    }

    /// The decision that a person's tag in the catalog is, if it says anything of personal data.
    pub fn of_tag(column: &Column, tag: &CatalogTag) -> Option<Self> {
        let personal = is_personal(&tag.fqn).filter(|_| tag.origin == TagOrigin::Person)?;
        Some(Self {
            column: column.name.clone(),
            data_type: Some(column.data_type),
            personal,
            entity: None,
            by: "catalog".to_owned(),
            at_ms: 0,
        })
    }
}

/// Why a decided column is open again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reopened {
    /// A voter takes it for something that nobody took it for when it was decided: new data, or a new recogniser.
    NewFinding(PiiEntity),
    /// It has another type.
    Retyped,
    /// It seems to be the decided column of this name, which is gone.
    RenamedFrom(String),
}

/// Puts decisions in force, column by column, and says which of them no longer settle theirs, and why.
///
/// A decided column is flagged or clear, whatever the voters say, and a vote of `steward` says who decided. A column
/// that opens again keeps the voters' verdict; where the steward had said that it is personal it stays flagged (or
/// disputed, when it was renamed) until somebody decides anew. All other columns are left alone, and so is a decision
/// that nothing touches when only the version of the recognisers changed.
///
/// `verdicts` go by `columns`, the table's own.
pub fn recall_decisions(
    columns: &[Column],
    decisions: &[StewardDecision],
    verdicts: &mut [PiiVerdict],
) -> Vec<(String, Reopened)> {
    let mut reopened = Vec::new();
    for (column, verdict) in columns.iter().zip(verdicts) {
        if let Some(decision) = latest(decisions, &column.name) {
            match touched(decision, decisions, column, verdict) {
                None => pin(decision, verdict),
                Some(why) => {
                    if decision.personal {
                        keep_protected(decision, verdict, PiiDecision::Flagged);
                    }
                    reopened.push((column.name.clone(), why));
                }
            }
        } else if let Some(decision) = renamed_from(column, columns, decisions) {
            if decision.personal {
                keep_protected(decision, verdict, PiiDecision::Disputed);
            }
            reopened.push((column.name.clone(), Reopened::RenamedFrom(decision.column.clone())));
        }
    }
    reopened
}

fn latest<'a>(decisions: &'a [StewardDecision], column: &str) -> Option<&'a StewardDecision> {
    decisions.iter().filter(|d| d.column == column).max_by_key(|d| d.at_ms)
}

/// What of the column no steward has seen.
fn touched(
    decision: &StewardDecision,
    decisions: &[StewardDecision],
    column: &Column,
    verdict: &PiiVerdict,
) -> Option<Reopened> {
    if decision.data_type.is_some_and(|t| t != column.data_type) {
        return Some(Reopened::Retyped);
    }
    // Who knows that a column is personal has nothing new to hear from one more voter who says so, and who denied it
    // whatever it is taken for has denied this too.
    if decision.personal || decision.entity.is_none() {
        return None;
    }
    let denied = |entity: PiiEntity| {
        decisions.iter().any(|d| d.column == column.name && !d.personal && d.entity == Some(entity))
    };
    let said = verdict.votes.iter().filter(|v| v.verdict == Verdict::Yes).filter_map(|v| v.entity);
    said.filter(|e| !denied(*e)).map(Reopened::NewFinding).next()
}

/// The one decided column that is gone and may have become this one: of the same type where that is known, or one of
/// a kind.
fn renamed_from<'a>(
    column: &Column,
    columns: &[Column],
    decisions: &'a [StewardDecision],
) -> Option<&'a StewardDecision> {
    let is_there = |name: &str| columns.iter().any(|c| c.name == name);
    let mut gone: Vec<&StewardDecision> =
        decisions.iter().filter(|d| !is_there(&d.column) && d.data_type == Some(column.data_type)).collect();
    gone.sort_by(|a, b| a.column.cmp(&b.column).then(b.at_ms.cmp(&a.at_ms)));
    gone.dedup_by(|a, b| a.column == b.column);
    let undecided = columns.iter().filter(|c| c.data_type == column.data_type && latest(decisions, &c.name).is_none());
    let alike = gone.iter().find(|d| share_a_word(&d.column, &column.name));
    alike.copied().or_else(|| match gone[..] {
        [only] if undecided.count() == 1 => Some(only),
        _ => None,
    })
}

fn share_a_word(a: &str, b: &str) -> bool {
    let (a, b) = (crate::naming::words(a), crate::naming::words(b));
    a.iter().any(|word| word.len() >= 3 && b.contains(word))
}

fn pin(decision: &StewardDecision, verdict: &mut PiiVerdict) {
    verdict.decision = if decision.personal { PiiDecision::Flagged } else { PiiDecision::Clear };
    verdict.entity = if decision.personal { decision.entity.or(verdict.entity) } else { None };
    verdict.checksum_alone = false;
    verdict.votes.push(word(decision));
}

/// Raises a verdict to what the steward's word asks for at least.
fn keep_protected(decision: &StewardDecision, verdict: &mut PiiVerdict, least: PiiDecision) {
    if verdict.decision != PiiDecision::Flagged {
        verdict.decision = least;
    }
    verdict.entity = verdict.entity.or(decision.entity);
    verdict.votes.push(word(decision));
}

fn word(decision: &StewardDecision) -> PiiVote {
    let verdict = if decision.personal { Verdict::Yes } else { Verdict::No };
    PiiVote { voter: "steward".to_owned(), verdict, score: 1.0, entity: decision.entity.filter(|_| decision.personal) }
}
