//! What a table's proposals rest on, in forms that hold no raw value: profile, lineage, keys, redacted rows.

use catalog_core::model::{DraftSource, Language, SampleMethod, TableState};
use catalog_llm::guard;
use catalog_llm::prompt::{PromptOptions, chosen_columns};

use super::check::asked_about;
use super::shell::percent;

/// Columns that are shown.
const COLUMNS_MAX: usize = 40;
/// Redacted rows that are shown.
const ROWS_MAX: usize = 4;
/// Columns of those rows.
const ROW_CELLS_MAX: usize = 12;

/// One column in figures.
pub(super) struct ColumnFact {
    pub(super) name: String,
    pub(super) native_type: String,
    /// Does a word of the proposed description come from it?
    pub(super) used: bool,
    /// Was it among the columns that the describer was told of?
    pub(super) told: bool,
    pub(super) null_percent: Option<u8>,
    pub(super) distinct: Option<u64>,
    pub(super) unique: bool,
    pub(super) shape: String,
    pub(super) range: Option<(String, String)>,
    /// `flagged`, `disputed`, `unknown`; nothing when it is clear.
    pub(super) pii: Option<(&'static str, &'static str)>,
    /// Public codes.
    pub(super) codes: String,
}

/// The evidence of a table.
pub(super) struct Evidence {
    pub(super) rows: Option<u64>,
    pub(super) exact: bool,
    pub(super) rows_seen: u64,
    /// How the rows were chosen, as a key of the texts.
    pub(super) method: &'static str,
    pub(super) columns: Vec<ColumnFact>,
    pub(super) more_columns: usize,
    /// Columns that the describer was told of, where it was not told of all.
    pub(super) told: Option<usize>,
    pub(super) upstream: Vec<String>,
    pub(super) keys: Vec<(String, String, &'static str)>,
    pub(super) sample_columns: Vec<String>,
    pub(super) sample_rows: Vec<Vec<String>>,
    /// Names the evidence in the audit log.
    pub(super) hash: String,
}

impl Evidence {
    /// The evidence in a table's state; `text` is the description that is proposed, in this language.
    pub(super) fn of(state: &TableState, text: Option<&str>, language: Language) -> Self {
        let profile = state.profile.as_ref();
        let method = match profile.map(|p| p.method) {
            Some(SampleMethod::FullScan) => "method.full",
            Some(SampleMethod::Bernoulli) => "method.bernoulli",
            Some(SampleMethod::RowIdStride) => "method.stride",
            Some(SampleMethod::Reservoir) => "method.reservoir",
            Some(SampleMethod::Limit) => "method.limit",
            Some(SampleMethod::Partitions) => "method.partitions",
            Some(SampleMethod::PartitionSample) => "method.partition_sample",
            None => "method.none",
        };
        let all = state.table.columns.len();
        let (used, told) = asked_about(state, language, |request| {
            let used = text.map(|text| guard::columns_behind(text, request)).unwrap_or_default();
            // The rules read every column; a model's prompt has room for some.
            let by_model = matches!(state.draft.as_ref().map(|draft| &draft.source), Some(DraftSource::Model(_)));
            let most = if by_model { PromptOptions::default().columns_max } else { all };
            (used, chosen_columns(request, most))
        });
        let mut columns: Vec<ColumnFact> =
            (0..all).map(|at| column(state, at, used.contains(&at), told.contains(&at))).collect();
        // What the text rests on comes first, then what its author was told of; else the table's order.
        columns.sort_by_key(|c| (!c.used, !c.told));
        let more_columns = columns.len().saturating_sub(COLUMNS_MAX);
        columns.truncate(COLUMNS_MAX);
        let sample = state.sample.as_ref();
        let shorten = |cell: &String| cell.chars().take(40).collect::<String>();
        Self {
            rows: profile.map(|p| p.row_count).or(state.table.row_count_estimate),
            exact: profile.is_some_and(|p| p.row_count_exact),
            rows_seen: profile.map_or(0, |p| p.rows_seen),
            method,
            columns,
            more_columns,
            told: (told.len() < all).then_some(told.len()),
            upstream: state.table.upstream.iter().take(8).map(ToString::to_string).collect(),
            keys: state
                .keys
                .iter()
                .take(12)
                .map(|k| {
                    let parent = format!("{}({})", k.parent.table, k.parent.columns.join(", "));
                    (k.child.columns.join(", "), parent, k.status.as_str())
                })
                .collect(),
            sample_columns: sample.iter().flat_map(|s| s.columns().iter().take(ROW_CELLS_MAX).cloned()).collect(),
            sample_rows: sample
                .iter()
                .flat_map(|s| s.rows().iter().take(ROWS_MAX))
                .map(|row| row.iter().take(ROW_CELLS_MAX).map(shorten).collect())
                .collect(),
            hash: state.evidence.chars().take(12).collect(),
        }
    }
}

fn column(state: &TableState, at: usize, used: bool, told: bool) -> ColumnFact {
    let column = &state.table.columns[at];
    let profile = state.profile.as_ref().and_then(|p| p.columns.get(at)).filter(|p| p.name == column.name);
    let verdict = state.verdicts.iter().find(|v| v.column == column.name);
    let pii = verdict.map(|v| (v.decision.as_str(), v.entity.map_or("", |e| e.as_str())));
    let range = profile.and_then(|p| p.range.as_ref());
    ColumnFact {
        name: column.name.clone(),
        native_type: column.native_type.chars().take(24).collect(),
        used,
        told,
        null_percent: profile.and_then(|p| p.null_ratio).map(percent),
        distinct: profile.and_then(|p| p.distinct).map(|d| d.value),
        unique: profile.is_some_and(|p| p.unique),
        shape: profile.and_then(|p| p.shapes.first()).map(|s| s.shape.chars().take(24).collect()).unwrap_or_default(),
        range: range.map(|r| (r.p5.clone(), r.p95.clone())),
        pii: pii.filter(|(decision, _)| *decision != "clear"),
        codes: state
            .public_codes
            .get(at)
            .map(|c| c.iter().take(6).cloned().collect::<Vec<_>>().join(", "))
            .unwrap_or_default(),
    }
}
