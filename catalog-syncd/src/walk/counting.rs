//! Stage 7, the counts: which counter can reach both sides of a check.

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::model::{ConfirmCheck, ConfirmCount, Fqn, Table};
use catalog_core::ports::KeyCounter;
use catalog_core::{Error, ErrorKind, Result};
use catalog_profile::ScanKeyCounter;

use super::run::Walk;

impl Walk {
    /// Runs one check: inside the engine when both tables are in one that counts, else by streaming both sides.
    pub(super) async fn count(&self, check: &ConfirmCheck, tables: &HashMap<Fqn, Table>) -> Result<ConfirmCount> {
        let find = |fqn: &Fqn| {
            let table = tables.get(fqn)?;
            Some((table, self.parts.connection_of(table)?))
        };
        let missing = |fqn: &Fqn| {
            Error::new(ErrorKind::NotFound, "confirm_key", "a side of the key is not in any source").with("table", fqn)
        };
        let (child, child_side) = find(&check.child.table).ok_or_else(|| missing(&check.child.table))?;
        let (parent, parent_side) = find(&check.parent.table).ok_or_else(|| missing(&check.parent.table))?;
        match &child_side.counter {
            Some(counter) if child.table_ref.source == parent.table_ref.source => {
                counter.count(check, child, parent).await
            }
            _ => {
                ScanKeyCounter::new(Arc::clone(&child_side.scanner), Arc::clone(&parent_side.scanner))
                    .count(check, child, parent)
                    .await
            }
        }
    }
}
