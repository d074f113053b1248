//! Taking back what was published.

use catalog_core::model::{
    AuditRow, Confidence, FieldPath, Fqn, Operation, OperationId, Proposal, ProposalId, ProposalState, RunId,
    WakeReason, WalkStage, WorkItem,
};
use catalog_core::ports::ledger::{AuditFilter, Decision};
use catalog_core::{Error, ErrorKind, Result};

use super::Desk;
use crate::walk::index_is_stale;

/// Audit rows looked through, the latest first.
const ROWS_MAX: usize = 100_000;

/// What is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoScope {
    /// One operation, by its id or the beginning of it (a proposal's id).
    Operation(String),
    /// Everything of one table.
    Table(Fqn),
    /// Everything of one run.
    Run(RunId),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Undone {
    /// Fields that go back to what they held before; publishing does it, unless somebody changed them since.
    pub planned: Vec<String>,
    /// Fields that somebody changed since: left alone.
    pub overtaken: Vec<String>,
}

impl Desk {
    /// Plans the way back and puts it into the outbox with the steward's name; call [`Desk::publish`] afterwards. A
    /// field that somebody changed since is left alone (promise I14).
    ///
    /// # Errors
    /// `NotFound` when nothing of the kind was published; the ledger's and the catalog's.
    pub async fn undo(&self, scope: &UndoScope, by: &str) -> Result<Undone> {
        let filter = AuditFilter {
            table: match scope {
                UndoScope::Table(table) => Some(table.clone()),
                _ => None,
            },
            limit: ROWS_MAX,
            ..AuditFilter::default()
        };
        let rows = self.ledger.audit(&filter).await?;
        let chosen = latest_by_field(&rows, scope);
        if chosen.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "undo_change", "nothing of that was published")
                .hint("`catalog-syncd audit` lists what was published, with ids"));
        }
        let mut undone = Undone { planned: Vec::new(), overtaken: Vec::new() };
        for operation in chosen {
            let name = format!("{} of {}", operation.field, operation.table.fqn);
            let current = self.publisher.read(&operation.table).await?;
            if !current.is_some_and(|c| c.holds_after(operation)) {
                undone.overtaken.push(name);
                continue;
            }
            self.put_back(operation, by).await?;
            undone.planned.push(name);
        }
        Ok(undone)
    }

    async fn put_back(&self, operation: &Operation, by: &str) -> Result<()> {
        let back = reverse(operation, by);
        let id = ProposalId::of(&back.id);
        let proposal = Proposal {
            id: id.clone(),
            why: format!("undo of {}", operation.id),
            state: ProposalState::Open,
            decided_by: None,
            reason: None,
            created_at_ms: self.clock.now_ms(),
            operation: back,
        };
        self.ledger.propose(std::slice::from_ref(&proposal)).await?;
        self.ledger.decide(&id, by, &Decision::Accept { edited: None }, self.clock.now_ms()).await?;
        index_is_stale(&*self.ledger).await?;
        let item = WorkItem { table: operation.table.clone(), reason: WakeReason::Manual };
        self.ledger.enqueue(&[item], WalkStage::Describe).await?;
        Ok(())
    }
}

/// The published operations in scope, of each field only the latest.
fn latest_by_field<'a>(rows: &'a [AuditRow], scope: &UndoScope) -> Vec<&'a Operation> {
    let in_scope = |row: &&AuditRow| match scope {
        UndoScope::Operation(id) => !id.is_empty() && row.operation.id.0.starts_with(id.as_str()),
        UndoScope::Table(table) => row.operation.table.fqn == *table,
        UndoScope::Run(run) => row.run.as_ref() == Some(run),
    };
    let mut chosen: Vec<&Operation> = Vec::new();
    for row in rows.iter().filter(|row| row.action == "published").filter(in_scope) {
        let same = |o: &&Operation| o.table.id == row.operation.table.id && o.field == row.operation.field;
        chosen.retain(|o| !same(o));
        if !matches!(row.operation.field, FieldPath::VerifiedQuery { .. }) {
            chosen.push(&row.operation);
        }
    }
    chosen
}

/// The operation that takes another back, in the name of who wants it so: it counts as a person's text.
fn reverse(operation: &Operation, by: &str) -> Operation {
    let mut hasher = blake3::Hasher::new();
    for part in ["undo", operation.id.0.as_str()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Operation {
        id: OperationId(hasher.finalize().to_hex().to_string()),
        before: operation.after.clone(),
        after: operation.before.clone(),
        confidence: Confidence::new(1.0),
        author: by.to_owned(),
        ..operation.clone()
    }
}
