//! The outbox in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{Books, Claim, Fate, MemoryLedger, Outgoing};
use crate::model::{AuditRow, Operation, OperationId, Receipt, TableId};
use crate::ports::ledger::{Outbox, OutboxClaim};
use crate::{Error, ErrorKind, Result};

impl Books {
    /// Puts an operation into the outbox under its id, as the newest; one that waits there, or has its receipt, stays
    /// as it is.
    pub(super) fn send(&mut self, operation: &Operation) {
        self.outbox.retain(|o| o.operation.id != operation.id || !matches!(o.fate, Fate::Withdrawn));
        if self.fate(&operation.id).is_none() {
            self.outbox.push(Outgoing { operation: operation.clone(), fate: Fate::Pending, claim: None });
        }
    }

    /// What waits for tables that pass, grouped by table, oldest first.
    fn waiting(&self, passes: impl Fn(&TableId) -> bool, limit: usize) -> Vec<Operation> {
        let pending: Vec<&Operation> = self
            .outbox
            .iter()
            .filter(|o| matches!(o.fate, Fate::Pending))
            .map(|o| &o.operation)
            .filter(|operation| passes(&operation.table.id))
            .collect();
        let mut first = BTreeMap::new();
        for (place, operation) in pending.iter().enumerate() {
            first.entry(&operation.table.id).or_insert(place);
        }
        let mut grouped = pending.clone();
        grouped.sort_by_key(|operation| first.get(&operation.table.id));
        grouped.into_iter().take(limit).cloned().collect()
    }

    /// What waits under a claim.
    fn claimed(&mut self, fence: u64) -> impl Iterator<Item = &mut Outgoing> {
        self.outbox
            .iter_mut()
            .filter(move |o| matches!(o.fate, Fate::Pending) && o.claim.as_ref().is_some_and(|c| c.fence == fence))
    }
}

#[async_trait]
impl Outbox for MemoryLedger {
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>> {
        Ok(self.books().waiting(|_| true, limit))
    }

    async fn pending_of(&self, table: &TableId) -> Result<Vec<Operation>> {
        Ok(self.books().waiting(|id| id == table, usize::MAX))
    }

    async fn claim(&self, limit: usize, now_ms: i64, lease_ms: i64) -> Result<OutboxClaim> {
        let mut books = self.books();
        books.last_claim += 1;
        let fence = books.last_claim;
        let held = |o: &&Outgoing| {
            matches!(o.fate, Fate::Pending) && o.claim.as_ref().is_some_and(|claim| claim.until_ms > now_ms)
        };
        let held: BTreeSet<TableId> = books.outbox.iter().filter(held).map(|o| o.operation.table.id.clone()).collect();
        let operations = books.waiting(|table| !held.contains(table), limit);
        for operation in &operations {
            if let Some(outgoing) = books.outgoing(&operation.id) {
                outgoing.claim = Some(Claim { fence, until_ms: now_ms.saturating_add(lease_ms) });
            }
        }
        Ok(OutboxClaim { fence, operations })
    }

    async fn extend_claim(&self, fence: u64, table: &TableId, until_ms: i64) -> Result<()> {
        let mut books = self.books();
        if !books.claimed(fence).any(|o| o.operation.table.id == *table) {
            let why = "the claim was lost: somebody else holds the table, or all of it was recorded";
            return Err(Error::new(ErrorKind::Conflict, "extend_claim", why).with("table_id", table));
        }
        for outgoing in books.claimed(fence) {
            outgoing.claim = Some(Claim { fence, until_ms });
        }
        Ok(())
    }

    async fn release_claim(&self, fence: u64) -> Result<()> {
        self.books().claimed(fence).for_each(|outgoing| outgoing.claim = None);
        Ok(())
    }

    async fn record(&self, receipts: &[(Receipt, AuditRow)]) -> Result<()> {
        let mut books = self.books();
        for (receipt, _) in receipts {
            if books.outgoing(&receipt.operation).is_none() {
                return Err(unknown("record_receipt", &receipt.operation));
            }
        }
        for (receipt, row) in receipts {
            let Some(outgoing) = books.outgoing(&receipt.operation) else { continue };
            if !matches!(outgoing.fate, Fate::Published(_)) {
                outgoing.fate = Fate::Published(receipt.clone());
                books.audit.push(row.clone());
            }
        }
        Ok(())
    }

    async fn withdraw(&self, id: &OperationId, _reason: &str) -> Result<()> {
        let mut books = self.books();
        match books.outgoing(id) {
            Some(outgoing) if matches!(outgoing.fate, Fate::Pending) => {
                outgoing.fate = Fate::Withdrawn;
                Ok(())
            }
            _ => Err(unknown("withdraw_operation", id)),
        }
    }

    async fn receipt(&self, id: &OperationId) -> Result<Option<Receipt>> {
        Ok(self.books().outgoing(id).and_then(|o| match &o.fate {
            Fate::Published(receipt) => Some(receipt.clone()),
            Fate::Pending | Fate::Withdrawn => None,
        }))
    }
}

fn unknown(step: &'static str, id: &OperationId) -> Error {
    Error::new(ErrorKind::NotFound, step, "no such operation waits in the outbox").with("operation", id)
}
