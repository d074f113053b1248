//! What the catalog should hold of a table, field by field, with who says so and how sure.

use catalog_core::model::{
    ColumnDraft, Confidence, DraftSource, Enrichment, FieldPath, FieldValue, KeyStatus, PiiDecision, TableState,
};
use catalog_publish::DesiredField;

use super::describe::KEYS_VERSION;

/// What the catalog should hold of this table.
pub(super) fn desired_fields(state: &TableState, enrichment: &Enrichment) -> Vec<DesiredField> {
    let mut desired = Vec::new();
    let field = |field, value, confidence, author: &str, version: &str, auto| DesiredField {
        field,
        value,
        confidence,
        author: author.to_owned(),
        prompt_version: version.to_owned(),
        evidence_hash: state.evidence.clone(),
        auto,
    };
    if let Some(draft) = state.draft.as_ref().filter(|d| d.source != DraftSource::Human) {
        let value = FieldValue::Text(draft.text.clone());
        let author = draft.source.to_string();
        desired.push(field(FieldPath::Description, value, draft.confidence, &author, &draft.prompt_version, true));
    }
    for ColumnDraft { column, draft } in &enrichment.columns {
        let path = FieldPath::ColumnDescription { column: column.clone() };
        let (value, author) = (FieldValue::Text(draft.text.clone()), draft.source.to_string());
        desired.push(field(path, value, draft.confidence, &author, &draft.prompt_version, true));
    }
    if let Some(domain) = &enrichment.domain {
        let value = FieldValue::Tag(domain.name.clone());
        desired.push(field(FieldPath::Domain, value, domain.confidence, "domain", "", true));
    }
    for verdict in &state.verdicts {
        let flagged = match verdict.decision {
            PiiDecision::Flagged => true,
            PiiDecision::Disputed => false,
            PiiDecision::Clear | PiiDecision::Unknown => continue,
        };
        let Some(entity) = verdict.entity else { continue };
        let yes = verdict.votes.iter().filter(|v| v.entity.is_some());
        // Where one of two sides disagrees, its yes is at best even odds: disputes come first in the steward's queue.
        let score = yes.map(|v| v.score).fold(0.0, f64::max) * if flagged { 1.0 } else { 0.5 };
        let path = FieldPath::ColumnPii { column: verdict.column.clone() };
        let value = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
        desired.push(field(path, value, Confidence::new(score), "vote", catalog_pii::RECOGNISER_VERSION, flagged));
    }
    for key in state.keys.iter().filter(|k| k.status != KeyStatus::Declared) {
        let path = FieldPath::ForeignKey { columns: key.child.columns.clone() };
        let confirmed = key.status == KeyStatus::Confirmed;
        let value = FieldValue::Key(Box::new(key.clone()));
        desired.push(field(path, value, Confidence::new(key.score), "keys", KEYS_VERSION, confirmed));
    }
    desired
}
