//! From the ledger's states to the report.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use catalog_core::Result;
use catalog_core::model::{ForeignKey, KeyStatus, PiiDecision, PiiVerdict, TableState};

use super::document::{
    ColumnReport, DescriptionReport, KeyReport, ParkedReport, PiiReport, Report, RunReport, SCHEMA_VERSION, TableReport,
};
use crate::walk::{Walk, WalkOutcome};

/// The report of a run: every table of its sources as the ledger now knows it, by name.
///
/// # Errors
/// The ledger's.
pub async fn build(walk: &Walk, outcome: &WalkOutcome) -> Result<Report> {
    let (mut tables, mut keys) = (Vec::new(), Vec::new());
    walk.each_fact(|state| {
        tables.push(table(&state));
        keys.extend(state.keys.iter().map(key));
    })
    .await?;
    tables.sort_by(|a, b| a.fqn.cmp(&b.fqn));
    keys.sort_by(in_order);
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        tables,
        foreign_keys: keys,
        queries: outcome.queries.queries.clone(),
        queries_skipped: outcome.queries.skipped.clone(),
        parked: stuck(outcome),
        run: figures(walk, outcome),
    })
}

/// What could not be walked or published.
pub(super) fn stuck(outcome: &WalkOutcome) -> Vec<ParkedReport> {
    let mut stuck: Vec<ParkedReport> = outcome
        .failures
        .iter()
        .map(|f| ParkedReport {
            name: f.source.to_string(),
            stage: f.stage.to_owned(),
            kind: f.error.kind().as_str().to_owned(),
            reason: f.error.to_string(),
        })
        .collect();
    stuck.extend(outcome.unpublished.iter().map(|(table, error)| ParkedReport {
        name: table.to_string(),
        stage: "publish".to_owned(),
        kind: error.kind().as_str().to_owned(),
        reason: error.to_string(),
    }));
    stuck.extend(outcome.parked.iter().map(|p| ParkedReport {
        name: p.table.fqn.to_string(),
        stage: p.stage.clone(),
        kind: p.kind.as_str().to_owned(),
        reason: p.reason.clone(),
    }));
    stuck
}

/// The run in figures.
pub(super) fn figures(walk: &Walk, outcome: &WalkOutcome) -> RunReport {
    let (summary, spent) = (&outcome.summary, walk.spent());
    RunReport {
        tables_seen: summary.tables_seen,
        tables_skipped: summary.tables_skipped,
        tables_parked: summary.tables_parked,
        tables_queued: summary.tables_queued,
        sources_swept: summary.sources.len() as u64,
        sources_failed: outcome.failures.len() as u64,
        published: summary.published,
        unpublished: summary.unpublished,
        proposed: summary.proposed,
        model_calls: spent.calls,
        model_tokens: spent.tokens,
        descriptions: walk.described(),
        seconds: summary.seconds,
        stages: summary.stages.clone(),
    }
}

pub(super) fn table(state: &TableState) -> TableReport {
    let verdicts: BTreeMap<&str, &PiiVerdict> = state.verdicts.iter().map(|v| (v.column.as_str(), v)).collect();
    let profiles = state.profile.iter().flat_map(|p| &p.columns).map(Some).chain(std::iter::repeat(None));
    let columns = state.table.columns.iter().zip(profiles).map(|(column, profile)| ColumnReport {
        name: column.name.clone(),
        native_type: match column.native_type.is_empty() {
            true => column.data_type.as_str().to_owned(),
            false => column.native_type.clone(),
        },
        null_ratio: profile.and_then(|p| p.null_ratio),
        distinct_estimate: profile.and_then(|p| p.distinct).map(|d| d.value),
        pii: pii(verdicts.get(column.name.as_str()).copied()),
    });
    TableReport {
        fqn: state.table.fqn().to_string(),
        kind: state.table.kind,
        row_count_estimate: state.profile.as_ref().map(|p| p.row_count).or(state.table.row_count_estimate),
        description: state.draft.as_ref().map(|d| DescriptionReport {
            text: d.text.clone(),
            confidence: d.confidence.value(),
            source: d.source.clone(),
        }),
        reading: state.reading.clone(),
        columns: columns.collect(),
        quasi_identifiers: catalog_pii::quasi_identifiers_of(&state.table, state.profile.as_ref())
            .into_keys()
            .collect(),
    }
}

fn pii(verdict: Option<&PiiVerdict>) -> PiiReport {
    match verdict {
        None => PiiReport { decision: PiiDecision::Unknown, entity: None, votes: Vec::new() },
        Some(v) => {
            PiiReport { decision: v.decision, entity: v.entity.map(|e| e.as_str().to_owned()), votes: v.votes.clone() }
        }
    }
}

/// Keys by child table and columns.
pub(super) fn in_order(a: &KeyReport, b: &KeyReport) -> Ordering {
    (&a.child_table, &a.child_columns, a.status).cmp(&(&b.child_table, &b.child_columns, b.status))
}

pub(super) fn key(key: &ForeignKey) -> KeyReport {
    KeyReport {
        child_table: key.child.table.to_string(),
        child_columns: key.child.columns.clone(),
        parent_table: key.parent.table.to_string(),
        parent_columns: key.parent.columns.clone(),
        score: if key.status == KeyStatus::Declared { 1.0 } else { key.score },
        status: key.status,
        orphans: key.orphans,
        vacuous: key.vacuous,
        sampled: key.sampled,
        evidence: key.evidence.clone(),
    }
}
