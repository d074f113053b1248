//! Who asks, and the limits of every query.

/// How the client presents itself and what it allows a query.
#[derive(Debug, Clone, PartialEq)]
pub struct TrinoOptions {
    /// The user that queries run as; with a credential, its user.
    pub user: String,
    /// The source that resource groups and query lists show.
    pub source: String,
    /// Client tags beside the pass's own.
    pub tags: Vec<String>,
    /// A token that ties the queries of a run together in logs.
    pub trace_token: Option<String>,
    /// The engine stops a query that reads more than this from storage; `None` leaves the engine's own limit.
    pub scan_bytes_max: Option<u64>,
    /// Further session properties.
    pub session: Vec<(String, String)>,
    /// A page of a result is refused when it exceeds this many bytes.
    pub page_bytes_max: usize,
    /// Pages asked for, empty ones included, before a query is given up.
    pub polls_max: u32,
}

impl Default for TrinoOptions {
    /// User and source `akko-catalog-sync`, pages of 16 MiB, 20,000 polls.
    fn default() -> Self {
        Self {
            user: "akko-catalog-sync".to_owned(),
            source: "akko-catalog-sync".to_owned(),
            tags: Vec::new(),
            trace_token: None,
            scan_bytes_max: None,
            session: Vec::new(),
            page_bytes_max: 16 << 20,
            polls_max: 20_000,
        }
    }
}
