//! What is remembered of every table between runs.

use async_trait::async_trait;

use crate::Result;
use crate::model::{ForeignKey, MinedQueryLog, RunId, RunSummary, SourceId, TableId, TableState};

/// The cheap part of a state, enough to decide whether to look at a table again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRow {
    /// The table.
    pub id: TableId,
    /// Its gate when it was last walked.
    pub gate: String,
    /// When it was last sampled, in milliseconds since 1970.
    pub sampled_at_ms: i64,
}

/// States by table, with the runs and the mined query log beside them.
#[async_trait]
pub trait TableStates: Send + Sync {
    /// The gates of all tables of a source.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>>;

    /// One table's state. Sealed fingerprints are opened.
    ///
    /// # Errors
    /// `Configuration` when the seal's key is not the one they were sealed with; `Unavailable`.
    async fn state(&self, id: &TableId) -> Result<Option<TableState>>;

    /// Up to `limit` states ordered by id, after the given one.
    ///
    /// # Errors
    /// As [`TableStates::state`].
    async fn states(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>>;

    /// Replaces the keys of the given child tables, all in one transaction; tables without a state are skipped.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn set_keys(&self, keys: &[(TableId, Vec<ForeignKey>)]) -> Result<()>;

    /// Notes which text the index now holds for the tables.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn set_indexed(&self, texts: &[(TableId, String)]) -> Result<()>;

    /// Forgets tables that are gone, with their queue items, park entries and open proposals. Decided proposals,
    /// outbox and audit log stay.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn forget(&self, ids: &[TableId]) -> Result<()>;

    /// Opens a run.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn begin_run(&self, run: &RunId, at_ms: i64) -> Result<()>;

    /// Closes it with its figures.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn finish_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()>;

    /// The latest closed run.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn last_run(&self) -> Result<Option<(RunId, RunSummary)>>;

    /// Stores what was mined from the query log, under the hash of its input.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn set_query_log(&self, input_hash: &str, mined: &MinedQueryLog) -> Result<()>;

    /// What was mined last, with the hash of its input.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn query_log(&self) -> Result<Option<(String, MinedQueryLog)>>;
}
