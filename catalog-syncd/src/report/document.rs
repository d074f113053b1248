//! The report's shape: one contract for `--output json` and `report.json`. Its JSON schema stands in
//! `docs/reference/report.schema.json`, and a test holds every report to it.

use catalog_core::model::{
    DraftSource, KeyEvidence, KeyStatus, MinedQuery, PiiDecision, PiiVote, SkipReason, StageSeconds, TableKind,
};
use catalog_llm::enrich::EnrichStatistics;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the report's shape; grows when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole report. It holds no cell value.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Tables, by name.
    pub tables: Vec<TableReport>,
    /// Keys, by child table and columns.
    pub foreign_keys: Vec<KeyReport>,
    /// Queries in normal form, most valuable first.
    pub queries: Vec<MinedQuery>,
    /// Query-log entries that taught nothing, by reason.
    pub queries_skipped: BTreeMap<SkipReason, u64>,
    /// Tables and sources that could not be walked, or not be published; at most 1,000 parked tables and 100
    /// unpublished ones, of which `run` has the numbers.
    pub parked: Vec<ParkedReport>,
    /// The run in figures.
    pub run: RunReport,
}

/// One table.
#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    /// Its name.
    pub fqn: String,
    /// What kind of relation it is.
    pub kind: TableKind,
    /// Rows, counted or estimated; `None` when unknown.
    pub row_count_estimate: Option<u64>,
    /// Its description; `None` when nobody wrote one.
    pub description: Option<DescriptionReport>,
    /// What the rules read in its names, which the index holds as a view of its own; `None` when they are opaque.
    pub reading: Option<String>,
    /// Its columns in order.
    pub columns: Vec<ColumnReport>,
    /// Columns that together single a person out (date of birth, place, gender), though none is flagged for that.
    pub quasi_identifiers: Vec<String>,
}

/// A description.
#[derive(Debug, Clone, Serialize)]
pub struct DescriptionReport {
    /// The sentence.
    pub text: String,
    /// How sure its author is, 0 to 1.
    pub confidence: f64,
    /// `rules`, `model:<name>` or `human`.
    pub source: DraftSource,
}

/// One column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its type as the engine spells it; the logical type where none is declared.
    #[serde(rename = "type")]
    pub native_type: String,
    /// Share of NULLs, 0 to 1; `None` when no row was seen.
    pub null_ratio: Option<f64>,
    /// Distinct values; `None` when no row was seen.
    pub distinct_estimate: Option<u64>,
    /// Is it personal data?
    pub pii: PiiReport,
}

/// The verdict on a column.
#[derive(Debug, Clone, Serialize)]
pub struct PiiReport {
    /// The decision.
    pub decision: PiiDecision,
    /// What it is taken for.
    pub entity: Option<String>,
    /// The votes behind it.
    pub votes: Vec<PiiVote>,
}

/// One key.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// The referring table.
    pub child_table: String,
    /// Its columns.
    pub child_columns: Vec<String>,
    /// The table referred to.
    pub parent_table: String,
    /// Its columns, in matching order.
    pub parent_columns: Vec<String>,
    /// Probability, 0 to 1.
    pub score: f64,
    /// How far it can be trusted.
    pub status: KeyStatus,
    /// Distinct child values without a parent; `None` when nothing was checked.
    pub orphans: Option<u64>,
    /// Was a side empty, so that the check proved nothing?
    pub vacuous: bool,
    /// Was only a part checked?
    pub sampled: bool,
    /// The witnesses.
    pub evidence: KeyEvidence,
}

/// Something that could not be walked.
#[derive(Debug, Clone, Serialize)]
pub struct ParkedReport {
    /// The table, the source when it could not even be listed, or `keys` or `index` when that pass could not be made.
    pub name: String,
    /// The stage that failed.
    pub stage: String,
    /// The error's kind.
    pub kind: String,
    /// The error in words, with what to do.
    pub reason: String,
}

/// The run in figures.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// Tables discovered.
    pub tables_seen: u64,
    /// Tables left alone because nothing that feeds them changed.
    pub tables_skipped: u64,
    /// Tables that could not be walked.
    pub tables_parked: u64,
    /// Tables still in the queue when the run ended.
    pub tables_queued: u64,
    /// Sources that were listed.
    pub sources_swept: u64,
    /// Sources that could not be opened or listed, and passes (`keys`, `index`) that could not be made.
    pub sources_failed: u64,
    /// Operations published.
    pub published: u64,
    /// Operations that the catalog did not take; the next sync tries again.
    pub unpublished: u64,
    /// Proposals opened.
    pub proposed: u64,
    /// Calls of models that describe and vote, failed ones too.
    pub model_calls: u64,
    /// Tokens of their prompts and answers.
    pub model_tokens: u64,
    /// What became of the tables that a model was to describe: at which answer, by whom, what the guard refused and
    /// why. Absent where rules describe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descriptions: Option<EnrichStatistics>,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Seconds by stage, summed over workers.
    pub stages: StageSeconds,
}
