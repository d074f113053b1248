//! The ledger: everything that must survive a crash, behind one port made of nine.
//!
//! Every method is one transaction: it happens whole or not at all, and is durable when it returns.

mod audit_log;
mod decide;
mod inbox;
mod outbox;
mod precedent;
mod proposals;
mod table_names;
mod table_states;
mod upkeep;
mod vector_queue;
mod work_queue;

pub use audit_log::{AuditFilter, AuditLog};
pub use decide::{Decided, on_its_way};
pub use inbox::{CoverageRow, Inbox, InboxFilter, InboxPlace, InboxRow, ProposalGroup, TallyRow, group_of};
pub use outbox::{Outbox, OutboxClaim};
pub use precedent::{Precedent, id_to_use};
pub use proposals::{Decision, ProposalFilter, ProposalOrder, Proposals};
pub use table_names::TableNames;
pub use table_states::{
    CoverageFacts, GateRow, KeyLink, NOTE_BYTES_MAX, NOTE_KEY_BYTES_MAX, TableLinks, TableStates, check_note,
};
pub use upkeep::{Retained, Retention, Upkeep};
pub use vector_queue::{VectorClaim, VectorQueue};
pub use work_queue::{Backoff, WorkPlan, WorkQueue};

/// All nine parts in one store, which is what the daemon holds.
pub trait Ledger:
    WorkQueue + TableStates + TableNames + Proposals + Inbox + Outbox + VectorQueue + AuditLog + Upkeep
{
}

impl<T> Ledger for T where
    T: WorkQueue + TableStates + TableNames + Proposals + Inbox + Outbox + VectorQueue + AuditLog + Upkeep + ?Sized
{
}
