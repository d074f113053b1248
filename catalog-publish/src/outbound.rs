//! From the outbox to the catalog, with a receipt for what was seen there.

use std::collections::BTreeSet;

use catalog_core::model::{
    AuditRow, CurrentTable, Fqn, Operation, OperationId, Receipt, RunId, TableRef, WriteOutcome,
};
use catalog_core::ports::{Clock, Ledger, Publisher};
use catalog_core::{Error, ErrorKind, Result};

/// Operations taken from the outbox at a time.
const BATCH: usize = 500;
/// Operations that may fail before the drain gives up: the catalog has a problem of its own then.
const FAILED_MAX: usize = 5_000;
/// Tables in a row that may find the catalog out of reach before the drain gives up.
const UNREACHABLE_MAX: usize = 3;
/// How often a table's write is tried when people edit it meanwhile.
const ATTEMPTS_MAX: usize = 3;
/// How many failures are kept in the report.
const FAILURES_KEPT: usize = 100;
/// Who the audit log says published.
const ACTOR: &str = "catalog-syncd";

/// What came of a drain. Counts are operations, but for `conflicts`.
#[derive(Debug, Default)]
pub struct DrainReport {
    /// Seen in the catalog and recorded with a receipt, also those that an earlier, broken drain had written.
    pub published: u64,
    /// Writes that were refused because somebody had changed the entry.
    pub conflicts: u64,
    /// Taken out: the field was changed meanwhile, or the table is gone.
    pub withdrawn: u64,
    /// Still in the outbox after an error; the next drain tries again.
    pub failed: u64,
    /// The tables whose operations failed and why, at most 100.
    pub failures: Vec<(Fqn, Error)>,
}

/// Carries operations from the outbox to the catalog.
pub struct Outbound<'a> {
    ledger: &'a dyn Ledger,
    publisher: &'a dyn Publisher,
    clock: &'a dyn Clock,
    run: Option<&'a RunId>,
    report: DrainReport,
    failed: BTreeSet<OperationId>,
    unreachable: usize,
}

impl Outbound<'_> {
    /// Publishes all that is in the outbox, one table after the other. A value that the catalog holds already gets
    /// its receipt without a write, so a crash at any point publishes nothing twice (promise I2); a field that
    /// somebody changed is withdrawn, never overwritten (promise I3); receipt and audit row are recorded together
    /// (promise I8). Cancelling it leaves the rest in the outbox.
    ///
    /// # Errors
    /// Only the ledger's: without it nothing can be proven. What the catalog refuses stays in the outbox and is
    /// counted as failed.
    pub async fn drain(
        ledger: &dyn Ledger,
        publisher: &dyn Publisher,
        clock: &dyn Clock,
        run: Option<&RunId>,
    ) -> Result<DrainReport> {
        let report = DrainReport::default();
        let mut outbound = Outbound { ledger, publisher, clock, run, report, failed: BTreeSet::new(), unreachable: 0 };
        outbound.drain_all().await?;
        Ok(outbound.report)
    }

    async fn drain_all(&mut self) -> Result<()> {
        loop {
            // What failed is still in front of the outbox: look past it, so that one table does not hold the rest.
            let pending = self.ledger.pending(BATCH + self.failed.len()).await?;
            let mut tables: Vec<(TableRef, Vec<Operation>)> = Vec::new();
            for operation in pending.into_iter().filter(|o| !self.failed.contains(&o.id)) {
                match tables.last_mut() {
                    Some((table, operations)) if table.id == operation.table.id => operations.push(operation),
                    _ => tables.push((operation.table.clone(), vec![operation])),
                }
            }
            if tables.is_empty() {
                return Ok(());
            }
            for (table, operations) in tables {
                self.table(&table, operations).await?;
                if self.unreachable >= UNREACHABLE_MAX || self.failed.len() >= FAILED_MAX {
                    tracing::warn!(outbox.failed = self.failed.len(), "publishing stopped, the rest stays queued");
                    return Ok(());
                }
            }
        }
    }

    /// Publishes one table. Errors of the catalog are noted, those of the ledger returned.
    async fn table(&mut self, table: &TableRef, mut left: Vec<Operation>) -> Result<()> {
        for _ in 0..ATTEMPTS_MAX {
            let current = match self.publisher.read(table).await {
                Ok(Some(current)) => current,
                Ok(None) => return self.withdraw(&left, "the table is gone from the catalog").await,
                Err(error) => {
                    self.fail(table, &left, error);
                    return Ok(());
                }
            };
            left = self.settle(&current, left).await?;
            if left.is_empty() {
                self.unreachable = 0;
                return Ok(());
            }
            match self.publisher.write(table, &current, &left).await {
                Ok(WriteOutcome::Applied { version }) => {
                    self.unreachable = 0;
                    return self.record(&left, &version).await;
                }
                // Somebody wrote the same values: the next read says in which version they are.
                Ok(WriteOutcome::AlreadyThere) => {}
                Ok(WriteOutcome::Conflict { current: None }) => {
                    self.report.conflicts += 1;
                    return self.withdraw(&left, "the table is gone from the catalog").await;
                }
                Ok(WriteOutcome::Conflict { current: Some(_) }) => self.report.conflicts += 1,
                Err(error) => {
                    self.fail(table, &left, error);
                    return Ok(());
                }
            }
        }
        let busy = Error::new(ErrorKind::Conflict, "publish_table", "the entry changed at every attempt")
            .with("table", &table.fqn)
            .with("attempts", ATTEMPTS_MAX)
            .hint("the next run tries again");
        self.fail(table, &left, busy);
        Ok(())
    }

    /// Records what is there already, withdraws what was overtaken, and gives back what is still to write.
    async fn settle(&mut self, current: &CurrentTable, operations: Vec<Operation>) -> Result<Vec<Operation>> {
        let (there, open): (Vec<_>, Vec<_>) = operations.into_iter().partition(|o| current.holds_after(o));
        self.record(&there, &current.version).await?;
        let mut left = Vec::with_capacity(open.len());
        for (i, operation) in open.iter().enumerate() {
            let by_human = current.get(&operation.field).is_some_and(|f| f.by_human) && !operation.by_person();
            let overtaken = if open[i + 1..].iter().any(|later| later.field == operation.field) {
                Some("a newer change of the field is queued")
            } else if by_human {
                Some("a person edited the field meanwhile")
            } else if current.holds_before(operation) {
                None
            } else {
                Some("the field changed meanwhile")
            };
            match overtaken {
                Some(reason) => self.withdraw(std::slice::from_ref(operation), reason).await?,
                None => left.push(operation.clone()),
            }
        }
        Ok(left)
    }

    async fn record(&mut self, operations: &[Operation], version: &str) -> Result<()> {
        if operations.is_empty() {
            return Ok(());
        }
        let at_ms = self.clock.now_ms();
        let rows: Vec<(Receipt, AuditRow)> = operations
            .iter()
            .map(|operation| {
                let receipt = Receipt { operation: operation.id.clone(), version: version.to_owned(), at_ms };
                let audit = AuditRow {
                    at_ms,
                    run: self.run.cloned(),
                    actor: ACTOR.to_owned(),
                    action: "published".to_owned(),
                    operation: operation.clone(),
                };
                (receipt, audit)
            })
            .collect();
        self.ledger.record(&rows).await?;
        self.report.published += rows.len() as u64;
        Ok(())
    }

    async fn withdraw(&mut self, operations: &[Operation], reason: &str) -> Result<()> {
        for operation in operations {
            tracing::info!(table.fqn = %operation.table.fqn, field = %operation.field, reason, "operation withdrawn");
            self.ledger.withdraw(&operation.id, reason).await?;
            self.report.withdrawn += 1;
        }
        Ok(())
    }

    fn fail(&mut self, table: &TableRef, operations: &[Operation], error: Error) {
        tracing::warn!(table.fqn = %table.fqn, operations = operations.len(), %error, "table not published");
        let out_of_reach = matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::RateLimited);
        self.unreachable = if out_of_reach { self.unreachable + 1 } else { 0 };
        self.failed.extend(operations.iter().map(|o| o.id.clone()));
        self.report.failed += operations.len() as u64;
        if self.report.failures.len() < FAILURES_KEPT {
            self.report.failures.push((table.fqn.clone(), error));
        }
    }
}
