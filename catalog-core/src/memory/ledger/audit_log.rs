//! The audit log in memory.

use async_trait::async_trait;

use super::{MemoryLedger, limit_or_default};
use crate::Result;
use crate::model::AuditRow;
use crate::ports::ledger::{AuditFilter, AuditLog};

#[async_trait]
impl AuditLog for MemoryLedger {
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
        let mut rows: Vec<AuditRow> = self
            .books()
            .audit
            .iter()
            .filter(|row| filter.table.as_ref().is_none_or(|fqn| row.operation.table.fqn == *fqn))
            .filter(|row| filter.run.as_ref().is_none_or(|run| row.run.as_ref() == Some(run)))
            .filter(|row| filter.operation.as_ref().is_none_or(|id| row.operation.id.0.starts_with(id.as_str())))
            .filter(|row| filter.from_ms.is_none_or(|from| row.at_ms >= from))
            .cloned()
            .collect();
        rows.sort_by_key(|row| row.at_ms);
        rows.truncate(rows.len().saturating_sub(filter.skip));
        let surplus = rows.len().saturating_sub(limit_or_default(filter.limit));
        Ok(rows.split_off(surplus))
    }
}
