//! What a walk does and how much it may cost.

use catalog_core::model::{Language, SampleRequest};
use catalog_core::ports::ConfirmBudget;
use catalog_core::ports::ledger::Backoff;
use catalog_publish::Policy;

/// Options of a walk, taken from the configuration and the flags.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// Is this the only process on the ledger? Then leases that it finds are a dead one's.
    pub alone: bool,
    /// Tables walked at the same time.
    pub workers: usize,
    /// Tables in one page of a listing.
    pub page_size: usize,
    /// How long a worker owns a table, in milliseconds.
    pub lease_ms: i64,
    /// How long a table waits that failed for a while; `None`: it is parked at once, and the next sweep tries again.
    pub backoff: Option<Backoff>,
    /// What is sampled from every table.
    pub sample: SampleRequest,
    /// How an engine picks rows, in words: tables are sampled again when it changes.
    pub sampling: String,
    /// A table is sampled again after this long, in milliseconds.
    pub max_age_ms: i64,
    /// Redacted rows kept as evidence.
    pub prompt_rows: usize,
    /// Language of descriptions.
    pub language: Language,
    /// May one checksum family flag alone?
    pub checksum_alone: bool,
    /// Hide declared keys from inference and report, for evaluation.
    pub ignore_declared_keys: bool,
    /// Version and thresholds of key inference, in words: keys are inferred again when they change.
    pub key_options: String,
    /// What confirming keys may cost.
    pub confirm: ConfirmBudget,
    /// What is published and what is reviewed.
    pub policy: Policy,
    /// Proposals of verified queries in one run.
    pub query_proposals_max: usize,
    /// Hashes of the users whose queries are left out.
    pub own_users: Vec<String>,
    /// The describe pass is on.
    pub describe: bool,
    /// Describe the columns too that have no description.
    pub describe_columns: bool,
    /// The PII pass is on. When it is off every column counts as personal in evidence for descriptions.
    pub pii: bool,
    /// The keys pass is on.
    pub keys: bool,
    /// The query-log pass is on.
    pub query_log: bool,
    /// The index pass is on.
    pub index: bool,
}
