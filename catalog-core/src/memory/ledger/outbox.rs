//! The outbox in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Books, Fate, MemoryLedger, Outgoing};
use crate::model::{AuditRow, Operation, OperationId, Receipt};
use crate::ports::ledger::Outbox;
use crate::{Error, ErrorKind, Result};

impl Books {
    /// Puts an operation into the outbox under its id, as the newest; one that waits there, or has its receipt, stays
    /// as it is.
    pub(super) fn send(&mut self, operation: &Operation) {
        self.outbox.retain(|o| o.operation.id != operation.id || !matches!(o.fate, Fate::Withdrawn));
        if self.fate(&operation.id).is_none() {
            self.outbox.push(Outgoing { operation: operation.clone(), fate: Fate::Pending });
        }
    }
}

#[async_trait]
impl Outbox for MemoryLedger {
    async fn pending(&self, limit: usize) -> Result<Vec<Operation>> {
        let books = self.books();
        let pending: Vec<&Operation> =
            books.outbox.iter().filter(|o| matches!(o.fate, Fate::Pending)).map(|o| &o.operation).collect();
        let mut first = BTreeMap::new();
        for (place, operation) in pending.iter().enumerate() {
            first.entry(&operation.table.id).or_insert(place);
        }
        let mut grouped = pending.clone();
        grouped.sort_by_key(|operation| first.get(&operation.table.id));
        Ok(grouped.into_iter().take(limit).cloned().collect())
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
