//! Automatic operations that a newer plan does without.

use catalog_core::model::{ChangeKind, FieldValue, Operation, Proposal, ProposalId, ProposalState, TableRef};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{ErrorKind, Result};

/// Withdraws what waits in the outbox for this table and is not in the new plan: evidence changed, a kind was set to
/// review or off, or the catalog holds something else by now. Call it before the plan is stored. What a steward
/// accepted, edited or undid stays, and so does what another walk may have planned for a field whose kind is not in
/// `managed`. Gives how many were withdrawn.
///
/// # Errors
/// The ledger's.
pub async fn withdraw_unwanted(
    ledger: &dyn Ledger,
    table: &TableRef,
    planned: &[Operation],
    managed: &[ChangeKind],
) -> Result<u64> {
    let mut withdrawn = 0;
    for pending in ledger.pending_of(&table.id).await? {
        let ours = managed.contains(&pending.field.kind()) && !pending.by_person();
        if !ours || planned.iter().any(|wanted| same_change(wanted, &pending)) || accepted(ledger, &pending).await? {
            continue;
        }
        match ledger.withdraw(&pending.id, "a newer plan does without it").await {
            Ok(()) => withdrawn += 1,
            // A drain was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(withdrawn)
}

/// A derived id is no other change.
fn same_change(a: &Operation, b: &Operation) -> bool {
    let same = |a: &Option<FieldValue>, b: &Option<FieldValue>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.says_the_same(b),
        _ => false,
    };
    a.field == b.field && same(&a.before, &b.before) && same(&a.after, &b.after)
}

async fn accepted(ledger: &dyn Ledger, operation: &Operation) -> Result<bool> {
    let decided = |p: &Proposal| p.state == ProposalState::Accepted && p.operation.id == operation.id;
    if ledger.proposal(&ProposalId::of(&operation.id)).await?.is_some_and(|p| decided(&p)) {
        return Ok(true);
    }
    // One that was derived when it was accepted stands under the id that it was proposed by.
    let filter = ProposalFilter {
        state: Some(ProposalState::Accepted),
        kind: Some(operation.field.kind()),
        table: Some(operation.table.fqn.clone()),
        ..ProposalFilter::default()
    };
    Ok(ledger.proposals(&filter).await?.iter().any(decided))
}
