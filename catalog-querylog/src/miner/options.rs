//! The miner's limits.

/// Limits of a [`crate::QueryMiner`]. With the defaults a log of any length is mined in less than 256 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinerOptions {
    /// Longest text that is parsed, in bytes; a longer one counts as `TooLong`.
    pub sql_bytes_max: usize,
    /// Most queries in the result.
    pub queries_max: usize,
    /// Most different queries that are counted at a time; the rarest half is forgotten beyond.
    pub queries_tracked_max: usize,
    /// Most bytes of the normal forms that are kept at a time; the rarest half is forgotten beyond.
    pub query_bytes_max: usize,
    /// Longest normal form that becomes a query of the result, in bytes; the joins of a longer one still count.
    pub normal_form_bytes_max: usize,
    /// Most different texts, literals aside, whose analysis is remembered.
    pub analyses_max: usize,
    /// Most query ids that are remembered for deduplication, the latest ones.
    pub recent_ids_max: usize,
    /// Most different joins that are counted.
    pub joins_max: usize,
    /// Most different users that are told apart.
    pub users_max: usize,
    /// Most counts of one table or join on one day.
    pub daily_counts_max: usize,
    /// The time now, in milliseconds since 1970: an event that claims to be later than ten minutes from now counts
    /// without its time. `None`: every time is believed.
    pub now_ms: Option<i64>,
    /// Hashes of users (see [`crate::user_hash`]) whose queries count as our own.
    pub own_users: Vec<String>,
}

impl Default for MinerOptions {
    fn default() -> Self {
        Self {
            sql_bytes_max: 1024 * 1024,
            queries_max: 1_000,
            queries_tracked_max: 20_000,
            query_bytes_max: 32 * 1024 * 1024,
            normal_form_bytes_max: 16 * 1024,
            analyses_max: 5_000,
            recent_ids_max: 1_000_000,
            joins_max: 50_000,
            users_max: 100_000,
            daily_counts_max: 400_000,
            now_ms: None,
            own_users: Vec::new(),
        }
    }
}
