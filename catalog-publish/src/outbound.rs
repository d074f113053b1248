//! From the outbox to the catalog, with a receipt for what was seen there.

use std::convert::Infallible;

use catalog_core::model::{
    AuditRow, CurrentTable, FieldPath, Fqn, Operation, OperationId, Receipt, RunId, TableRef, WriteOutcome,
};
use catalog_core::ports::ledger::{Precedent, id_to_use};
use catalog_core::ports::{Clock, Ledger, Publisher};
use catalog_core::{Error, ErrorKind, Result};

use crate::undo::UNDO_VERSION;
use crate::{fail_point, operation_id};

/// Operations taken from the outbox at a time.
const BATCH: usize = 500;
/// Operations that may fail before the drain gives up: the catalog has a problem of its own then.
const FAILED_MAX: u64 = 5_000;
/// Tables in a row that may find the catalog out of reach before the drain gives up.
const UNREACHABLE_MAX: usize = 3;
/// How often a table's write is tried when people edit it meanwhile.
const ATTEMPTS_MAX: usize = 3;
/// How many failures are kept in the report.
const FAILURES_KEPT: usize = 100;
/// How many tables are named for planning again.
const REPLAN_KEPT: usize = 1_000;
/// A claim on the outbox ends so long after the last table that was begun under it, in milliseconds. A table's reads
/// and writes end within it.
const CLAIM_MS: i64 = 10 * 60 * 1_000;
/// Receipts that an operation's derived id is followed through.
const PRECEDENTS_MAX: usize = 1_000;
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
    /// Tables of which something was withdrawn because a field holds another value than the plan saw, at most 1,000.
    /// Describe them again: each is named at most once a drain, so a storm of edits makes no loop.
    pub replan: Vec<TableRef>,
}

/// Carries operations from the outbox to the catalog.
pub struct Outbound<'a> {
    ledger: &'a dyn Ledger,
    publisher: &'a dyn Publisher,
    clock: &'a dyn Clock,
    run: Option<&'a RunId>,
    report: DrainReport,
    unreachable: usize,
}

impl Outbound<'_> {
    /// Publishes all that is in the outbox, one table after the other. A value that the catalog holds already gets
    /// its receipt without a write, so a crash at any point publishes nothing twice (promise I2); a field that
    /// somebody changed is withdrawn, never overwritten (promise I3); receipt and audit row are recorded together
    /// (promise I8). Operations are claimed first, so two drainers never write to one table at once (promise I7).
    /// Cancelling it leaves the rest in the outbox, claimed for ten minutes at most.
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
        let mut outbound = Outbound { ledger, publisher, clock, run, report, unreachable: 0 };
        let mut fences = Vec::new();
        let drained = outbound.drain_all(&mut fences).await;
        for fence in fences {
            ledger.release_claim(fence).await?;
        }
        drained.map(|()| outbound.report)
    }

    /// What failed stays claimed until the end, so each claim gives what no earlier one gave.
    async fn drain_all(&mut self, fences: &mut Vec<u64>) -> Result<()> {
        loop {
            let claim = self.ledger.claim(BATCH, self.clock.now_ms(), CLAIM_MS).await?;
            fences.push(claim.fence);
            let mut tables: Vec<(TableRef, Vec<Operation>)> = Vec::new();
            for operation in claim.operations {
                match tables.last_mut() {
                    Some((table, operations)) if table.id == operation.table.id => operations.push(operation),
                    _ => tables.push((operation.table.clone(), vec![operation])),
                }
            }
            if tables.is_empty() {
                return Ok(());
            }
            for (table, operations) in tables {
                let until_ms = self.clock.now_ms().saturating_add(CLAIM_MS);
                match self.ledger.extend_claim(claim.fence, &table.id, until_ms).await {
                    Ok(()) => self.table(&table, operations).await?,
                    // Somebody else took the table while this drainer slept.
                    Err(error) if error.kind() == ErrorKind::Conflict => continue,
                    Err(error) => return Err(error),
                }
                if self.unreachable >= UNREACHABLE_MAX || self.report.failed >= FAILED_MAX {
                    tracing::warn!(outbox.failed = self.report.failed, "publishing stopped, the rest stays queued");
                    return Ok(());
                }
            }
        }
    }

    /// Publishes one table. Errors of the catalog are noted, those of the ledger returned.
    async fn table(&mut self, table: &TableRef, mut left: Vec<Operation>) -> Result<()> {
        fail_point!("publish::before_read");
        for _ in 0..ATTEMPTS_MAX {
            let fields: Vec<FieldPath> = left.iter().map(|operation| operation.field.clone()).collect();
            let current = match self.publisher.read_with(table, &fields).await {
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
            fail_point!("publish::before_write");
            let written = self.publisher.write(table, &current, &left).await;
            fail_point!("publish::after_write");
            match written {
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
        let mut seen = Vec::with_capacity(there.len());
        for operation in there {
            if self.seen_before(&operation, &current.version).await? {
                self.withdraw(std::slice::from_ref(&operation), "the catalog holds it since its last receipt").await?;
            } else {
                seen.push(operation);
            }
        }
        self.record(&seen, &current.version).await?;
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
                self.plan_again(&operation.table);
                Some("the field changed meanwhile")
            };
            match overtaken {
                Some(reason) => self.withdraw(std::slice::from_ref(operation), reason).await?,
                None => left.push(operation.clone()),
            }
        }
        Ok(left)
    }

    /// Was this very change seen in this very version of the entry, under an earlier id? It was planned from a
    /// reading of the catalog that is older than that receipt, and needs no second one.
    async fn seen_before(&self, operation: &Operation, version: &str) -> Result<bool> {
        let planned =
            operation_id(&operation.table.id, &operation.field, operation.before.as_ref(), operation.after.as_ref());
        let mut receipts: Vec<Receipt> = Vec::new();
        while receipts.len() < PRECEDENTS_MAX {
            let precedent = |id: &OperationId| {
                let known = receipts.iter().any(|r| r.operation == *id);
                Ok::<_, Infallible>(if known { Precedent::Published } else { Precedent::Unspent })
            };
            let Ok(Some(next)) = id_to_use(&planned, precedent) else { return Ok(false) };
            if next == operation.id {
                break;
            }
            match self.ledger.receipt(&next).await? {
                Some(receipt) => receipts.push(receipt),
                None => return Ok(false),
            }
        }
        Ok(receipts.last().is_some_and(|r| r.version == version))
    }

    fn plan_again(&mut self, table: &TableRef) {
        if self.report.replan.len() < REPLAN_KEPT && !self.report.replan.iter().any(|t| t.id == table.id) {
            self.report.replan.push(table.clone());
        }
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
                let undoes = operation.prompt_version == UNDO_VERSION;
                let (actor, action) = if undoes { (operation.author.as_str(), "undone") } else { (ACTOR, "published") };
                let audit = AuditRow {
                    at_ms,
                    run: self.run.cloned(),
                    actor: actor.to_owned(),
                    action: action.to_owned(),
                    operation: operation.clone(),
                };
                (receipt, audit)
            })
            .collect();
        fail_point!("publish::before_receipt");
        self.ledger.record(&rows).await?;
        fail_point!("publish::after_receipt");
        self.report.published += rows.len() as u64;
        Ok(())
    }

    async fn withdraw(&mut self, operations: &[Operation], reason: &str) -> Result<()> {
        for operation in operations {
            tracing::info!(table.fqn = %operation.table.fqn, field = %operation.field, reason, "operation withdrawn");
            match self.ledger.withdraw(&operation.id, reason).await {
                Ok(()) => self.report.withdrawn += 1,
                // A steward rejected it, or a newer plan did without it, since it was claimed.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            fail_point!("publish::after_withdraw");
        }
        Ok(())
    }

    fn fail(&mut self, table: &TableRef, operations: &[Operation], error: Error) {
        tracing::warn!(table.fqn = %table.fqn, operations = operations.len(), %error, "table not published");
        let out_of_reach = matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::RateLimited);
        self.unreachable = if out_of_reach { self.unreachable + 1 } else { 0 };
        self.report.failed += operations.len() as u64;
        if self.report.failures.len() < FAILURES_KEPT {
            self.report.failures.push((table.fqn.clone(), error));
        }
    }
}
