//! Stage 7, the counts: which counter can reach both sides of a check.

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::model::{ConfirmCheck, ConfirmCount, Fqn, Table, TableId};
use catalog_core::ports::KeyCounter;
use catalog_core::{Error, ErrorKind, Result};
use catalog_profile::ScanKeyCounter;

use super::parts::Connection;
use super::run::Walk;

impl Walk {
    /// Runs one check: inside the engine when both tables are in one that counts, else by streaming both sides.
    pub(super) async fn count(&self, check: &ConfirmCheck, tables: &HashMap<Fqn, TableId>) -> Result<ConfirmCount> {
        let (child, child_side) = self.side(&check.child.table, tables).await?;
        let (parent, parent_side) = self.side(&check.parent.table, tables).await?;
        let one_engine = child.table_ref.source == parent.table_ref.source;
        if let Some(counter) = child_side.counter.as_ref().filter(|_| one_engine) {
            return counter.count(check, &child, &parent).await;
        }
        let (Some(child_rows), Some(parent_rows)) = (&child_side.scanner, &parent_side.scanner) else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "confirm_key",
                "one side is in an engine, the other is not",
            )
            .with("child", &check.child.table)
            .with("parent", &check.parent.table));
        };
        ScanKeyCounter::new(Arc::clone(child_rows), Arc::clone(parent_rows)).count(check, &child, &parent).await
    }

    /// The table as the ledger knows it, and what reads it. Read for each check: checks are few, tables are many.
    async fn side(&self, fqn: &Fqn, tables: &HashMap<Fqn, TableId>) -> Result<(Table, &Connection)> {
        let missing = || {
            Error::new(ErrorKind::NotFound, "confirm_key", "a side of the key is not in any source").with("table", fqn)
        };
        let id = tables.get(fqn).ok_or_else(missing)?;
        let state = self.parts.ledger.state(id).await?.ok_or_else(missing)?;
        let connection = self.parts.connection_of(&state.table).ok_or_else(missing)?;
        Ok((state.table, connection))
    }
}
