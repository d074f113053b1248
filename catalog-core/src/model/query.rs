//! What the query log holds and what is mined from it.

use serde::{Deserialize, Serialize};

use super::{Fqn, MinedJoin};

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
    /// The same query id was delivered before.
    Duplicate,
    /// Our own query.
    Own,
    /// Longer than the configured limit.
    TooLong,
    /// Nested deeper than the parser's limit.
    TooDeep,
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
    /// When it last ran, in milliseconds since 1970, if known.
    pub last_seen_ms: Option<i64>,
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
    pub skipped: std::collections::BTreeMap<SkipReason, u64>,
    /// Joins with counts.
    pub joins: Vec<MinedJoin>,
    /// Columns with counts.
    pub columns: Vec<UsageCount>,
    /// Queries in normal form, most valuable first.
    pub queries: Vec<MinedQuery>,
}
