//! What is remembered of every table between runs.

use async_trait::async_trait;

use crate::model::{
    ColumnSet, Fingerprint, ForeignKey, KeyStatus, MinedQueryLog, RunId, RunSummary, SourceId, TableId, TableRef,
    TableState,
};
use crate::{Error, ErrorKind, Result};

/// The longest key of a note, in bytes.
pub const NOTE_KEY_BYTES_MAX: usize = 200;
/// The longest note, in bytes.
pub const NOTE_BYTES_MAX: usize = 64 << 10;

/// Checks a note's limits; every ledger asks this before it stores one.
///
/// # Errors
/// `LimitExceeded`.
pub fn check_note(key: &str, value: &str) -> Result<()> {
    if key.len() <= NOTE_KEY_BYTES_MAX && value.len() <= NOTE_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(ErrorKind::LimitExceeded, "store_note", "the note or its key is too long")
        .with("key_bytes", key.len())
        .with("key_bytes_max", NOTE_KEY_BYTES_MAX)
        .with("bytes", value.len())
        .with("bytes_max", NOTE_BYTES_MAX))
}

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

/// What of a state decides whether its table is described; stores that count keep it in columns of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageFacts {
    /// The schema's name.
    pub place: String,
    /// Did the catalog hold a description when the table was last walked?
    pub described: bool,
    /// The last draft.
    pub draft: Option<String>,
}

impl CoverageFacts {
    /// The facts in a state.
    pub fn of(state: &TableState) -> Self {
        let description = state.table.description.as_ref();
        Self {
            place: state.table.fqn().parent().to_string(),
            described: description.is_some_and(|description| !description.text.trim().is_empty()),
            draft: state.draft.as_ref().map(|draft| draft.text.clone()),
        }
    }
}

/// A key as its neighbours need it: no score, no witnesses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyLink {
    /// The referring columns.
    pub columns: Vec<String>,
    /// What they refer to.
    pub parent: ColumnSet,
    /// How much it can be trusted.
    pub status: KeyStatus,
}

impl KeyLink {
    /// The link that a key makes.
    pub fn of(key: &ForeignKey) -> Self {
        Self { columns: key.child.columns.clone(), parent: key.parent.clone(), status: key.status }
    }
}

/// What other tables need to know of one: its names and its keys, some hundred bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLinks {
    /// The table.
    pub table: TableRef,
    /// Keys of which it is the child, in the state's order.
    pub keys: Vec<KeyLink>,
}

/// States by table, with the runs and the mined query log beside them.
#[async_trait]
pub trait TableStates: Send + Sync {
    /// The gates of all tables of a source.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>>;

    /// The gates of those of the given tables that have a state, in any order: for a sweep that looks at one page of
    /// a listing at a time.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn gates_of(&self, ids: &[TableId]) -> Result<Vec<GateRow>>;

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

    /// As [`TableStates::states`], with empty `fingerprints` and no `sample`: the smaller half of a state, and nothing
    /// is unsealed.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn facts(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>>;

    /// Names and keys of up to `limit` tables ordered by id, after the given one. Reads nothing else of their states.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn links(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableLinks>>;

    /// Fingerprints of up to `limit` tables ordered by id, after the given one; about a kibibyte a column.
    ///
    /// # Errors
    /// As [`TableStates::state`].
    async fn fingerprints(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<(TableId, Vec<Fingerprint>)>>;

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

    /// Every table of the source that the ledger holds anywhere, walked, queued or parked; each once, by id.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn known(&self, source: &SourceId) -> Result<Vec<TableId>>;

    /// The same in pages of up to `limit` ids, after the given one.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn known_page(&self, source: &SourceId, after: Option<&TableId>, limit: usize) -> Result<Vec<TableId>>;

    /// Forgets tables that are gone, with their queue items and park entries. Their open proposals become superseded
    /// and their pending operations are withdrawn; what was decided or published stays, and so does the audit log.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn forget(&self, ids: &[TableId]) -> Result<()>;

    /// A small fact of the walk, noted under the key by [`TableStates::set_note`].
    ///
    /// # Errors
    /// `Unavailable`.
    async fn note(&self, key: &str) -> Result<Option<String>>;

    /// Notes a small fact that must survive a crash, in place of an earlier one. Never a cell value: notes are not
    /// sealed.
    ///
    /// # Errors
    /// `LimitExceeded` when the key is longer than 200 bytes or the value than 64 KiB; `Unavailable`.
    async fn set_note(&self, key: &str, value: &str) -> Result<()>;

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
