//! The ledger: everything that must survive a crash, behind one port made of five.
//!
//! Every method is one transaction: it happens whole or not at all, and is durable when it returns.

mod audit_log;
mod decide;
mod outbox;
mod precedent;
mod proposals;
mod table_states;
mod work_queue;

pub use audit_log::{AuditFilter, AuditLog};
pub use decide::Decided;
pub use outbox::Outbox;
pub use precedent::{Precedent, id_to_use};
pub use proposals::{Decision, ProposalFilter, Proposals};
pub use table_states::{GateRow, NOTE_BYTES_MAX, NOTE_KEY_BYTES_MAX, TableStates, check_note};
pub use work_queue::{WorkPlan, WorkQueue};

/// All five parts in one store, which is what the daemon holds.
pub trait Ledger: WorkQueue + TableStates + Proposals + Outbox + AuditLog {}

impl<T: WorkQueue + TableStates + Proposals + Outbox + AuditLog + ?Sized> Ledger for T {}
