//! From a plan to the outbox.

use std::collections::BTreeMap;

use catalog_core::model::{AuditRow, FieldPath, Operation, Proposal, ProposalId, ProposalState, TableId, TableRef};
use catalog_core::ports::ledger::{AuditFilter, Decision, ProposalFilter};
use catalog_core::ports::{Ledger, Publisher};
use catalog_core::{Error, ErrorKind, Result};

use super::plan::{UndoPlan, UndoScope, plan};
use crate::fail_point;

/// Audit rows read at a time.
const PAGE: usize = 5_000;
/// Rows of one undo at most; more are undone in parts.
const ROWS_MAX: usize = 1_000_000;

/// What came of an undo. Counts are fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoReport {
    /// In the outbox now.
    pub sent: u64,
    /// Sent by somebody before.
    pub already: u64,
}

/// Reads audit log and catalog and plans to undo `scope`; `by` is who undoes.
///
/// # Errors
/// `NotFound` when the audit log tells of nothing in this scope; `LimitExceeded` when it tells of more than a million
/// changes; what ledger and catalog give.
pub async fn load(ledger: &dyn Ledger, publisher: &dyn Publisher, scope: &UndoScope, by: &str) -> Result<UndoPlan> {
    let rows = rows_of(ledger, scope).await?;
    if rows.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "undo", "the audit log tells of nothing published there")
            .hint("list what was published with `catalog-syncd audit`"));
    }
    let mut current = BTreeMap::new();
    let mut fields: BTreeMap<&TableId, (&TableRef, Vec<FieldPath>)> = BTreeMap::new();
    for Operation { table, field, .. } in rows.iter().map(|row| &row.operation) {
        fields.entry(&table.id).or_insert_with(|| (table, Vec::new())).1.push(field.clone());
    }
    for (id, (table, fields)) in fields {
        if let Some(entry) = publisher.read_with(table, &fields).await? {
            current.insert(id.clone(), entry);
        }
    }
    Ok(plan(&rows, scope, &current, by))
}

/// The rows of the scope in order of time, read page by page from the latest back.
async fn rows_of(ledger: &dyn Ledger, scope: &UndoScope) -> Result<Vec<AuditRow>> {
    let mut filter = AuditFilter { limit: PAGE, ..AuditFilter::default() };
    match scope {
        UndoScope::Table(fqn) => filter.table = Some(fqn.clone()),
        UndoScope::Operation(id) => filter.operation = Some(id.0.clone()),
        UndoScope::Run(run) => filter.run = Some(run.clone()),
        UndoScope::Operations { from_ms, .. } => filter.from_ms = Some(*from_ms),
    }
    let mut latest_first = Vec::new();
    loop {
        let page = ledger.audit(&filter).await?;
        let whole = page.len() == PAGE;
        latest_first.extend(page.into_iter().rev().filter(|row| scope.holds(row)));
        if !whole {
            break;
        }
        if latest_first.len() >= ROWS_MAX {
            return Err(Error::new(ErrorKind::LimitExceeded, "undo", "it is more than one undo takes back")
                .with("changes_max", ROWS_MAX)
                .hint("undo table by table"));
        }
        filter.skip += PAGE;
    }
    latest_first.reverse();
    Ok(latest_first)
}

/// Sends the plan's operations to the outbox; the next drain writes them, guarded as any other, and the audit log
/// says `undone`. The changes that are undone are rejected in the name of who undoes, so that the next walk does not
/// publish them again; another value may still come. Doing it again sends nothing twice.
///
/// # Errors
/// The ledger's. What was sent before the error stays sent.
pub async fn apply(ledger: &dyn Ledger, plan: &UndoPlan, by: &str, at_ms: i64) -> Result<UndoReport> {
    let mut report = UndoReport::default();
    for step in &plan.steps {
        let reason = Decision::Reject { reason: format!("undone by {by}") };
        if let Some(open) = open(ledger, &step.undone, "the change that was undone", at_ms).await? {
            ledger.decide(&open, by, &reason, at_ms).await?;
        }
        fail_point!("undo::before_decision");
        match open(ledger, &step.operation, "undo", at_ms).await? {
            Some(open) => {
                ledger.decide(&open, by, &Decision::Accept { edited: None }, at_ms).await?;
                report.sent += 1;
            }
            None => report.already += 1,
        }
        fail_point!("undo::after_decision");
    }
    Ok(report)
}

/// Opens a proposal for the operation and gives the id that it got; `None` when it was decided already.
async fn open(ledger: &dyn Ledger, operation: &Operation, why: &str, at_ms: i64) -> Result<Option<ProposalId>> {
    let proposal = Proposal {
        id: ProposalId::of(&operation.id),
        operation: operation.clone(),
        why: why.to_owned(),
        state: ProposalState::Open,
        decided_by: None,
        reason: None,
        created_at_ms: at_ms,
    };
    ledger.propose(&[proposal]).await?;
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: Some(operation.field.kind()),
        table: Some(operation.table.fqn.clone()),
        ..ProposalFilter::default()
    };
    let found = ledger.proposals(&filter).await?.into_iter().find(|p| {
        let Operation { table, field, before, after, .. } = &p.operation;
        table.id == operation.table.id
            && (field, before, after) == (&operation.field, &operation.before, &operation.after)
    });
    Ok(found.map(|p| p.id))
}
