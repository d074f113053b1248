//! What the query log holds and what is mined from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fqn, MinedJoin, UsageFacts};

/// How a query ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryState {
    /// It finished.
    Finished,
    /// It failed.
    Failed,
}

/// One completed query as a source delivers it. The text may quote personal data, so it cannot be printed; it is
/// masked before anything is stored.
///
/// ```compile_fail
/// fn print(e: &catalog_core::model::QueryEvent) { println!("{e:?}"); }
/// ```
#[derive(Clone)]
pub struct QueryEvent {
    /// The engine's query id, for deduplication.
    pub query_id: String,
    /// The SQL text.
    pub sql: String,
    /// How it ended.
    pub state: QueryState,
    /// Hash of the user's name; the name itself is never kept.
    pub user_hash: String,
    /// The client's self-description, if any.
    pub source: Option<String>,
    /// Default catalog of the session.
    pub catalog: Option<String>,
    /// Default schema of the session.
    pub schema: Option<String>,
    /// Tables and columns that the engine itself resolved: `(catalog, schema, table, columns)`.
    pub inputs: Vec<(String, String, String, Vec<String>)>,
    /// Wall time in milliseconds, if known.
    pub wall_ms: Option<u64>,
    /// Bytes that the engine read for it, if known.
    pub bytes: Option<u64>,
    /// When it ended, in milliseconds since 1970, if known.
    pub ended_at_ms: Option<i64>,
}

/// Why an event taught us nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The line is no JSON, or cut off.
    MalformedLine,
    /// JSON without a query in a place that we know.
    UnknownShape,
    /// An event of a query that had not ended yet.
    NotCompleted,
    /// The same query id was delivered before.
    Duplicate,
    /// Our own query.
    Own,
    /// Longer than the configured limit.
    TooLong,
    /// Nested deeper than the parser's limit.
    TooDeep,
    /// The text ends in the middle of a statement, as a log that cuts long texts leaves it.
    CutOff,
    /// The parser does not know the syntax.
    Unparseable,
    /// It names no table that the catalog knows.
    UnknownTables,
    /// Not a statement that reads tables.
    NotARead,
}

/// A query in normal form: literals compared with columns became parameters, so it holds no cell value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinedQuery {
    /// Hash of the normal form, in hex.
    pub fingerprint: String,
    /// The normal form.
    pub sql: String,
    /// The parameters' names and types, in order of appearance.
    pub parameters: Vec<(String, String)>,
    /// The tables it reads.
    pub tables: Vec<Fqn>,
    /// How many joins it makes.
    pub joins: usize,
    /// Runs seen.
    pub runs: u64,
    /// Different users.
    pub users: u64,
    /// Share of runs that finished, 0 to 1.
    pub success_rate: f64,
    /// Median wall time in milliseconds, if known.
    pub median_ms: Option<u64>,
    /// 95th percentile of the wall time in milliseconds, if known.
    #[serde(default)]
    pub p95_ms: Option<u64>,
    /// Median bytes that the engine read, if known.
    #[serde(default)]
    pub median_bytes: Option<u64>,
    /// When it last ran, in milliseconds since 1970, if known.
    pub last_seen_ms: Option<i64>,
    /// Its joins in words: `account.customer_id = customer.customer_id`.
    #[serde(default)]
    pub join_conditions: Vec<String>,
    /// What orders the queries: greater is more worth a steward's minute.
    #[serde(default)]
    pub rank: f64,
    /// What runs it, when that is no person with a question.
    #[serde(default)]
    pub noise: Option<QueryNoise>,
    /// The fingerprint of the better ranked query that this one is nearly the same as.
    #[serde(default)]
    pub near: Option<String>,
}

/// What runs a query when no person asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryNoise {
    /// A dashboard: a known tool, or runs at a regular beat.
    Dashboard,
    /// A pipeline, profiler or catalog that reads for itself.
    Tool,
    /// A look at a few rows of one table.
    Preview,
}

/// How often a column was filtered on or selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageCount {
    /// The table.
    pub table: Fqn,
    /// The column.
    pub column: String,
    /// Runs that filtered on it.
    pub filters: u64,
    /// Runs that returned it.
    pub projections: u64,
}

/// All that mining a log gave. Free of cell values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MinedQueryLog {
    /// Events read, also those that taught nothing.
    pub events: u64,
    /// Events that taught nothing, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Joins with counts.
    pub joins: Vec<MinedJoin>,
    /// Columns with counts.
    pub columns: Vec<UsageCount>,
    /// Queries in normal form, most valuable first.
    pub queries: Vec<MinedQuery>,
    /// Events whose time lay in the future; they count, their time does not.
    #[serde(default)]
    pub skewed: u64,
    /// What the catalog takes as usage.
    #[serde(default)]
    pub usage: UsageFacts,
    /// What mining needs to go on where this log ends.
    #[serde(default)]
    pub checkpoint: MinerCheckpoint,
}

/// What mining needs to go on, stored with the result so that neither is ahead of the other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MinerCheckpoint {
    /// Where each source goes on, by the source's name.
    pub cursors: BTreeMap<String, String>,
    /// 64 bits of the BLAKE3 hash of the latest query ids, for deduplication across an overlap.
    pub recent_ids: Vec<u64>,
    /// Hashes of the users that the numbers below stand for.
    pub users: Vec<String>,
    /// The users behind each join, in the order of the joins.
    pub join_users: Vec<Vec<u32>>,
    /// The rest of each query's counts, in the order of the queries.
    pub queries: Vec<QueryCheckpoint>,
}

/// What a query's counts rest on beside its figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryCheckpoint {
    /// Its users.
    pub users: Vec<u32>,
    /// The latest wall times in milliseconds.
    pub wall_ms: Vec<u64>,
    /// The latest byte counts.
    pub bytes: Vec<u64>,
    /// The latest times at which it ended, in milliseconds since 1970.
    pub ended_at_ms: Vec<i64>,
    /// Runs from a dashboard tool.
    pub dashboard_runs: u64,
    /// Runs from a pipeline, profiler or catalog.
    pub tool_runs: u64,
    /// Subqueries and common table expressions in it.
    pub subqueries: usize,
    /// Is it a look at a few rows of one table?
    pub preview: bool,
}
