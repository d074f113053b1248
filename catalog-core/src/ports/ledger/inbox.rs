//! The steward's queue as a page shows it: by table, by repeated change, in figures.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::Result;
use crate::model::{ChangeKind, FieldPath, Fqn, Operation, Proposal, ProposalState, TableId};

/// Which tables of the inbox to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InboxFilter {
    /// Only proposals of this kind.
    pub kind: Option<ChangeKind>,
    /// Only tables whose name holds this text; ASCII letters meet in either case.
    pub name_holds: Option<String>,
    /// Only proposals whose confidence is at least this, 0 to 1.
    pub confidence_min: Option<f64>,
    /// Only after this place, for paging.
    pub after: Option<InboxPlace>,
    /// At most this many tables (0: 1,000).
    pub limit: usize,
}

/// A table's place in the inbox: by descending priority, then by id.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxPlace {
    /// Its priority.
    pub priority: f64,
    /// The table.
    pub table: TableId,
}

/// A table with open proposals.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxRow {
    /// The table.
    pub table: TableId,
    /// Its name.
    pub fqn: Fqn,
    /// Open proposals by kind; a kind without any is not there.
    pub kinds: BTreeMap<ChangeKind, u64>,
    /// The confidence of the least sure one, 0 to 1.
    pub confidence_min: f64,
    /// Queries that read the table, as the mined query log last counted them.
    pub queries: u64,
    /// When the oldest one was made, in milliseconds since 1970.
    pub oldest_ms: i64,
}

impl InboxRow {
    /// Usage × uncertainty: one more than the queries, times how far the least sure proposal is from certain.
    pub fn priority(&self) -> f64 {
        (1.0 + self.queries as f64) * (1.0 - self.confidence_min)
    }

    /// Where it stands.
    pub fn place(&self) -> InboxPlace {
        InboxPlace { priority: self.priority(), table: self.table.clone() }
    }
}

/// The same open change of equally named columns in several tables.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalGroup {
    /// Names the group in [`ProposalFilter::group`](super::ProposalFilter::group).
    pub key: String,
    /// The member with the least id.
    pub first: Proposal,
    /// How many tables have it.
    pub tables: u64,
    /// The confidence of the least sure member, 0 to 1.
    pub confidence_min: f64,
}

/// How many proposals of a kind stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TallyRow {
    /// The kind.
    pub kind: ChangeKind,
    /// Where they stand.
    pub state: ProposalState,
    /// Tenths of confidence, rounded down. 10 is certainty, which a text has that a steward wrote.
    pub tenths: u8,
    /// How many.
    pub proposals: u64,
    /// When the oldest was made, in milliseconds since 1970.
    pub oldest_ms: i64,
}

/// How far the tables of one domain are described. Every walked table counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The domain that a steward accepted for the tables, the latest where there are several; the schema's name for
    /// tables without one.
    pub name: String,
    /// Tables without an open proposal that the catalog described when they were last walked, or that got a draft
    /// which no steward rejected.
    pub described: u64,
    /// Tables whose description waits for a steward.
    pub proposed: u64,
    /// All others.
    pub cold: u64,
}

impl CoverageRow {
    /// All its tables.
    pub fn tables(&self) -> u64 {
        self.described + self.proposed + self.cold
    }
}

/// The group of a change: BLAKE3 over field and both values, 32 hex digits. Only changes of columns have one.
pub fn group_of(operation: &Operation) -> Option<String> {
    let column = matches!(operation.field, FieldPath::ColumnDescription { .. } | FieldPath::ColumnPii { .. });
    let said = serde_json::to_vec(&(&operation.field, &operation.before, &operation.after)).ok()?;
    column.then(|| blake3::hash(&said).to_hex()[..32].to_owned())
}

/// Looks at the open proposals that a page needs.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Tables with open proposals, highest priority first.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>>;

    /// Groups of at least two, largest first, at most `limit`.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn groups(&self, limit: usize) -> Result<Vec<ProposalGroup>>;

    /// All proposals, counted by kind, state and tenths of confidence, in that order.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn tally(&self) -> Result<Vec<TallyRow>>;

    /// Descriptions by domain, the largest domains first, then by name; at most `limit`. Reads no state's documents.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn coverage(&self, limit: usize) -> Result<Vec<CoverageRow>>;
}
