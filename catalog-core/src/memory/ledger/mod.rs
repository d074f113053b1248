//! A ledger that lives in memory: the twin of catalog-store's, held to the same contract suite.
//!
//! One lock over all of it makes every method one transaction: each checks first and changes after.

mod audit_log;
mod inbox;
mod outbox;
mod proposals;
mod table_names;
mod table_states;
mod upkeep;
mod vector_queue;
mod work_queue;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{
    AuditRow, MinedQueryLog, Operation, OperationId, ParkedTable, Proposal, ProposalId, Receipt, SourceId, TableId,
    TableState, VectorTask, Watermark,
};

use self::table_states::Run;
use self::work_queue::Queued;

/// How many rows a listing gives when its filter sets no limit.
const DEFAULT_LIMIT: usize = 1_000;

/// Keeps everything until it is dropped. Nothing is sealed, since nothing is stored.
#[derive(Default)]
pub struct MemoryLedger(Mutex<Books>);

impl MemoryLedger {
    fn books(&self) -> MutexGuard<'_, Books> {
        // Nothing panics while holding the lock half-way through a change, so a poisoned one is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Books {
    queue: BTreeMap<TableId, Queued>,
    enqueued: u64,
    last_fence: u64,
    last_claim: u64,
    parked: BTreeMap<TableId, ParkedTable>,
    watermarks: BTreeMap<SourceId, Watermark>,
    states: BTreeMap<TableId, TableState>,
    runs: Vec<Run>,
    query_log: Option<(String, MinedQueryLog)>,
    notes: BTreeMap<String, String>,
    proposals: BTreeMap<ProposalId, Proposal>,
    outbox: Vec<Outgoing>,
    audit: Vec<AuditRow>,
    /// By place.
    vectors: BTreeMap<u64, WaitingVector>,
    last_vector: u64,
}

/// An operation in the outbox and what came of it.
struct Outgoing {
    operation: Operation,
    fate: Fate,
    claim: Option<Claim>,
}

/// A task for the index and who holds it.
struct WaitingVector {
    task: VectorTask,
    claim: Option<Claim>,
}

struct Claim {
    fence: u64,
    until_ms: i64,
}

enum Fate {
    Pending,
    Published(Receipt),
    Withdrawn,
}

impl Books {
    fn fate(&self, id: &OperationId) -> Option<&Fate> {
        self.outbox.iter().find(|o| o.operation.id == *id).map(|o| &o.fate)
    }

    fn outgoing(&mut self, id: &OperationId) -> Option<&mut Outgoing> {
        self.outbox.iter_mut().find(|o| o.operation.id == *id)
    }
}

fn limit_or_default(limit: usize) -> usize {
    if limit == 0 { DEFAULT_LIMIT } else { limit }
}
