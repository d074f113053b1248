//! The walk's bookkeeping: what is to do, who holds it, what was done.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Draft, Fingerprint, ForeignKey, PiiVerdict, PromptSample, SourceId, Table, TableProfile, TableRef};

/// Names one run of the daemon over its sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What woke the daemon for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WakeReason {
    /// A sweep found it new or changed.
    Sweep,
    /// The catalog called.
    Webhook,
    /// Somebody asked.
    Manual,
    /// Its profile is older than allowed.
    Age,
}

/// How far the walk of a queued table has come. A crash resumes at the stage, not at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkStage {
    /// Sample, profile, mask and vote.
    Inspect,
    /// Redact, describe, plan and decide; needs the inspections of its neighbours.
    Describe,
}

impl WalkStage {
    /// The stage as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inspect => "inspect",
            Self::Describe => "describe",
        }
    }
}

/// How many tables stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkCounts {
    /// Waiting or leased.
    pub queued: u64,
    /// Parked with a reason.
    pub parked: u64,
    /// Finished: their state is current.
    pub done: u64,
}

/// A table to walk. The same table queued twice is one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    /// The table.
    pub table: TableRef,
    /// Why.
    pub reason: WakeReason,
    /// How often its source says that the table is queried, over a time of the source's own; 0 where nobody counts.
    /// Of the tables that wait the most used are walked first.
    pub uses: u64,
}

impl WorkItem {
    /// A table whose use nobody counts.
    pub fn new(table: TableRef, reason: WakeReason) -> Self {
        Self { table, reason, uses: 0 }
    }
}

/// A work item that this worker holds until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeasedItem {
    /// The item.
    pub item: WorkItem,
    /// Grows with every lease of this table; a commit with an older one is refused (promise I7).
    pub fence: u64,
    /// How often it was tried, this time included.
    pub attempt: u32,
}

/// A table that could not be walked and why. It does not hold the others up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedTable {
    /// The table.
    pub table: TableRef,
    /// The stage it failed in: `sample`, `profile`, `describe`.
    pub stage: String,
    /// The error's kind.
    pub kind: crate::ErrorKind,
    /// The error in words, with what to do; never a cell value.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// How far a source was swept. Everything up to and including it is done or parked. Ordered by time, then id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Watermark {
    /// `updated_at_ms` of the last finished table.
    pub updated_at_ms: i64,
    /// Its id, to break ties.
    pub table_id: String,
}

/// What the ledger remembers of a table between runs. The fingerprints are sealed before they are stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct TableState {
    /// The schema when it was last walked.
    pub table: Table,
    /// Decides whether to sample: hash of the catalog's content, the change token and the versions of sampler and
    /// recognisers.
    pub gate: String,
    /// Decides whether to describe: hash of profile, verdicts, neighbours, prompt version and model.
    pub evidence: String,
    /// When it was last sampled, in milliseconds since 1970.
    pub sampled_at_ms: i64,
    /// The profile; `None` when it could not be sampled.
    pub profile: Option<TableProfile>,
    /// Fingerprints a column.
    pub fingerprints: Vec<Fingerprint>,
    /// Verdicts a column.
    pub verdicts: Vec<PiiVerdict>,
    /// Public codes a column.
    pub public_codes: Vec<Vec<String>>,
    /// Redacted rows.
    pub sample: Option<PromptSample>,
    /// The last description.
    pub draft: Option<Draft>,
    /// What the rules read in its names, whoever described it; the index holds it as a view of its own.
    #[serde(default)]
    pub reading: Option<String>,
    /// Keys of which it is the child.
    pub keys: Vec<ForeignKey>,
    /// The text that the index holds for it.
    pub indexed_text: Option<String>,
}

/// Seconds spent in each stage, by the stage's name, summed over all tables.
pub type StageSeconds = BTreeMap<String, f64>;

/// A run in figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunSummary {
    /// Sources swept.
    pub sources: Vec<SourceId>,
    /// Tables discovered.
    pub tables_seen: u64,
    /// Tables left alone because nothing that feeds them changed.
    pub tables_skipped: u64,
    /// Tables that could not be walked.
    pub tables_parked: u64,
    /// Tables still in the queue when the run ended.
    #[serde(default)]
    pub tables_queued: u64,
    /// Operations published.
    pub published: u64,
    /// Operations that the catalog did not take; they stay in the outbox.
    #[serde(default)]
    pub unpublished: u64,
    /// Proposals opened.
    pub proposed: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Seconds by stage.
    pub stages: StageSeconds,
}
