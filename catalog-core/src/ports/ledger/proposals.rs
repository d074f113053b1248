//! Changes that wait for a steward.

use async_trait::async_trait;

use crate::Result;
use crate::model::{ChangeKind, Fqn, Proposal, ProposalId, ProposalState};

/// Which proposals to list. An empty filter lists all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProposalFilter {
    /// Only in this state.
    pub state: Option<ProposalState>,
    /// Only of this kind.
    pub kind: Option<ChangeKind>,
    /// Only of this table.
    pub table: Option<Fqn>,
    /// Only those whose confidence is at least this, 0 to 1.
    pub confidence_min: Option<f64>,
    /// Only those made at this time or later, in milliseconds since 1970.
    pub created_from_ms: Option<i64>,
    /// Only of tables whose name holds this text; ASCII letters meet in either case.
    pub name_holds: Option<String>,
    /// Only of this group, see [`ProposalGroup`](super::ProposalGroup).
    pub group: Option<String>,
    /// In which order.
    pub order: ProposalOrder,
    /// Only after this proposal in that order, for paging. It need not be open any more.
    pub after: Option<ProposalId>,
    /// At most this many (0: 1,000).
    pub limit: usize,
}

/// In which order proposals are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProposalOrder {
    /// By id. Ids are hashes, so this is no order of time.
    #[default]
    Id,
    /// By confidence, least first, then by id.
    LeastSure,
    /// By the time they were made, latest first, then by descending id.
    Newest,
}

/// A steward's decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Publish it, with another value if one is given.
    Accept {
        /// A text that replaces the proposed one; for a tag of personal data the name of another entity.
        edited: Option<String>,
    },
    /// Accept a verified query without publishing it: it is for the semantic model alone.
    Keep,
    /// Do not, and do not ask again.
    Reject {
        /// Why.
        reason: String,
    },
    /// The field changed meanwhile.
    Supersede,
    /// A decision that published nothing was a mistake: a rejection, or a query that was kept. The proposal is open again.
    Reopen,
}

/// The steward's queue.
#[async_trait]
pub trait Proposals: Send + Sync {
    /// Adds proposals outside a walk (mined queries). One that is known (open, rejected, or accepted and on its way)
    /// is left as it is. One that was superseded, or whose accepted operation was withdrawn, opens again. One that
    /// was accepted and published is opened anew under a derived id (see [`id_to_use`](super::id_to_use)). Any other
    /// open proposal on the field becomes superseded. Gives how many were opened.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn propose(&self, proposals: &[Proposal]) -> Result<u64>;

    /// Proposals in the filter's order.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>>;

    /// How many proposals the filter lets through, whatever its `after` and `limit`.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn count_proposals(&self, filter: &ProposalFilter) -> Result<u64>;

    /// One proposal.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn proposal(&self, id: &ProposalId) -> Result<Option<Proposal>>;

    /// Decides an open proposal and writes its audit row. An accepted one goes to the outbox, in the same transaction. An edited text gets an operation id of
    /// its own and the steward as its author. A rejected one that waits in the outbox is withdrawn. One that is reopened
    /// supersedes what is open on its field meanwhile.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it was decided already, or is to be opened again and its operation waits in the
    /// outbox or was published; `InvalidInput` when a field that is no text and no tag is edited, or what is no query is
    /// kept.
    async fn decide(&self, id: &ProposalId, by: &str, decision: &Decision, at_ms: i64) -> Result<Proposal>;
}
