//! Taking back what was published.

use catalog_core::model::OperationId;
use catalog_core::ports::ledger::AuditFilter;
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::undo::{self, UndoScope};

use super::Desk;
use crate::walk::index_is_stale;

/// Rows of operations whose ids begin alike that are read to see that only one does.
const ROWS_MAX: usize = 1_000;

/// What came of an undo.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// Fields that go back to what they held before; publishing does it, unless somebody changes them first.
    pub sent: Vec<String>,
    /// Fields that stay, because somebody changed or took them over since, or their table is gone.
    pub refused: Vec<String>,
}

impl Desk {
    /// Plans the way back and puts it into the outbox; call [`Desk::publish`] afterwards. A field that somebody
    /// changed since is left alone (promise I14).
    ///
    /// # Errors
    /// `NotFound` when nothing of the kind was published; the ledger's and the catalog's.
    pub async fn undo(&self, scope: &UndoScope, by: &str) -> Result<Undone> {
        let plan = undo::load(&*self.ledger, &*self.publisher, scope, by).await?;
        if !plan.steps.is_empty() {
            index_is_stale(&*self.ledger).await?;
        }
        undo::apply(&*self.ledger, &plan, by, self.clock.now_ms()).await?;
        let name = |field: &dyn std::fmt::Display, table: &dyn std::fmt::Display| format!("{field} of {table}");
        Ok(Undone {
            sent: plan.steps.iter().map(|s| name(&s.operation.field, &s.operation.table.fqn)).collect(),
            refused: plan.refused.iter().map(|r| name(&r.field, &r.table.fqn)).collect(),
        })
    }

    /// The published operation whose id begins so; people copy the short form that lists show.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` when several do.
    pub async fn published(&self, beginning: &str) -> Result<OperationId> {
        let refuse = |kind, why: &str| Error::new(kind, "find_operation", why).with("id", beginning);
        if beginning.len() < 6 {
            return Err(refuse(ErrorKind::InvalidInput, "the id is too short: give at least six characters"));
        }
        let filter = AuditFilter { operation: Some(beginning.to_owned()), limit: ROWS_MAX, ..AuditFilter::default() };
        let rows = self.ledger.audit(&filter).await?;
        let mut found: Vec<OperationId> = rows
            .into_iter()
            .filter(|row| matches!(row.action.as_str(), "published" | "undone"))
            .map(|row| row.operation.id)
            .collect();
        found.sort();
        found.dedup();
        match found.len() {
            1 => found.pop().ok_or_else(|| refuse(ErrorKind::NotFound, "no published change has such an id")),
            0 => Err(refuse(ErrorKind::NotFound, "no published change has such an id")
                .hint("`catalog-syncd audit` lists what was published, with ids")),
            _ => Err(refuse(ErrorKind::InvalidInput, "several published changes have ids that begin so")),
        }
    }
}
