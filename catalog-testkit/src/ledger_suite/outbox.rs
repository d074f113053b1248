//! Operations on their way, and the receipts that prove them.

use std::collections::BTreeSet;

use catalog_core::ErrorKind;
use catalog_core::model::Operation;
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, OutboxClaim};

use super::{MINUTE, NOW, kind_of, walk};
use crate::samples::{describe, receipt, tag};

async fn send(ledger: &dyn Ledger, operations: &[Operation]) {
    for operation in operations {
        walk(ledger, operation.table.fqn.name(), std::slice::from_ref(operation), &[]).await;
    }
}

pub async fn pending_operations_are_grouped_by_table_oldest_first(ledger: &dyn Ledger) {
    let (loan, card) = (describe("loan", "Loans."), describe("card", "Cards."));
    let (loan_id, loan_email) = (tag("loan", "id"), tag("loan", "email"));
    send(ledger, &[loan.clone(), card.clone(), loan_id.clone(), loan_email.clone()]).await;
    let grouped = [loan.clone(), loan_id, loan_email, card.clone()];
    assert_eq!(ledger.pending(10).await.unwrap(), grouped);
    assert_eq!(ledger.pending(2).await.unwrap(), grouped[..2]);
    assert!(ledger.pending(0).await.unwrap().is_empty());

    ledger.record(&[receipt(&loan, NOW)]).await.unwrap();
    assert_eq!(ledger.pending(1).await.unwrap(), [card], "a table's age is that of its oldest pending operation");
}

pub async fn the_same_operation_waits_once(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, &[operation.clone(), operation.clone()]).await;
    assert_eq!(ledger.pending(10).await.unwrap(), [operation]);
}

pub async fn a_receipt_and_its_audit_row_come_together(ledger: &dyn Ledger) {
    let (operation, other) = (describe("loan", "Loans."), tag("loan", "email"));
    send(ledger, &[operation.clone(), other.clone()]).await;
    assert_eq!(ledger.receipt(&operation.id).await.unwrap(), None);
    let (proof, row) = receipt(&operation, NOW);
    ledger.record(&[(proof.clone(), row.clone())]).await.unwrap();
    assert_eq!(ledger.receipt(&operation.id).await.unwrap(), Some(proof));
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap(), [row]);
    assert_eq!(ledger.pending(10).await.unwrap(), [other]);
}

pub async fn a_receipt_is_recorded_once(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&operation)).await;
    let first = receipt(&operation, NOW);
    ledger.record(&[first.clone(), receipt(&operation, NOW + 1)]).await.unwrap();
    ledger.record(&[receipt(&operation, NOW + 2)]).await.unwrap();
    assert_eq!(ledger.receipt(&operation.id).await.unwrap(), Some(first.0));
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap(), [first.1]);
}

pub async fn one_unknown_operation_refuses_all_receipts(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&operation)).await;
    let unknown = receipt(&describe("loan", "Never sent."), NOW);
    let refused = ledger.record(&[receipt(&operation, NOW), unknown]).await;
    assert_eq!(kind_of(refused), Some(ErrorKind::NotFound));
    assert_eq!(ledger.receipt(&operation.id).await.unwrap(), None);
    assert!(ledger.audit(&AuditFilter::default()).await.unwrap().is_empty());
    assert_eq!(ledger.pending(10).await.unwrap(), [operation]);
}

pub async fn a_change_planned_after_its_receipt_goes_out_again_under_an_id_of_its_own(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&operation)).await;
    ledger.record(&[receipt(&operation, NOW)]).await.unwrap();
    // The plan read the catalog and did not find the text there.
    send(ledger, &[operation.clone(), operation.clone()]).await;
    let again = ledger.pending(10).await.unwrap();
    let [again] = again.as_slice() else { panic!("it waits once more: {again:?}") };
    assert_ne!(again.id, operation.id);
    assert_eq!(Operation { id: operation.id.clone(), ..again.clone() }, operation);
    ledger.record(&[receipt(again, NOW + 1)]).await.unwrap();
    assert_eq!(ledger.receipt(&operation.id).await.unwrap().unwrap().at_ms, NOW);
    assert_eq!(ledger.receipt(&again.id).await.unwrap().unwrap().at_ms, NOW + 1);
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap().len(), 2);
}

pub async fn values_may_alternate_for_ever(ledger: &dyn Ledger) {
    let mut ids = BTreeSet::new();
    for text in ["One.", "Two.", "One.", "Two.", "One."] {
        send(ledger, &[describe("loan", text)]).await;
        let waiting = ledger.pending(10).await.unwrap().remove(0);
        assert_eq!(waiting.after, describe("loan", text).after);
        ledger.record(&[receipt(&waiting, NOW)]).await.unwrap();
        assert!(ids.insert(waiting.id), "no id changes the catalog twice");
    }
}

pub async fn a_withdrawn_operation_waits_no_longer_and_may_come_again(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&operation)).await;
    ledger.withdraw(&operation.id, "somebody wrote the description").await.unwrap();
    assert!(ledger.pending(10).await.unwrap().is_empty());
    assert_eq!(ledger.receipt(&operation.id).await.unwrap(), None);
    let other = describe("loan", "Bank loans.");
    send(ledger, &[other.clone(), operation.clone()]).await;
    assert_eq!(ledger.pending(10).await.unwrap(), [other, operation], "of two changes of a field the last one counts");
}

pub async fn what_does_not_wait_cannot_be_withdrawn(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    assert_eq!(kind_of(ledger.withdraw(&operation.id, "unknown").await), Some(ErrorKind::NotFound));
    send(ledger, std::slice::from_ref(&operation)).await;
    ledger.record(&[receipt(&operation, NOW)]).await.unwrap();
    assert_eq!(kind_of(ledger.withdraw(&operation.id, "too late").await), Some(ErrorKind::NotFound));
    assert!(ledger.receipt(&operation.id).await.unwrap().is_some());
}

async fn claim(ledger: &dyn Ledger, limit: usize, now_ms: i64) -> OutboxClaim {
    ledger.claim(limit, now_ms, MINUTE).await.unwrap()
}

pub async fn a_claimed_table_goes_to_nobody_else_until_the_claim_ends(ledger: &dyn Ledger) {
    let (loan, card, email) = (describe("loan", "Loans."), describe("card", "Cards."), tag("loan", "email"));
    send(ledger, &[loan.clone(), card.clone(), email.clone()]).await;
    let first = claim(ledger, 1, NOW).await;
    assert_eq!(first.operations, std::slice::from_ref(&loan));
    let second = claim(ledger, 10, NOW).await;
    assert_eq!(second.operations, std::slice::from_ref(&card), "of a held table nothing is given, the rest neither");
    assert!(claim(ledger, 10, NOW).await.operations.is_empty());
    ledger.extend_claim(second.fence, &card.table.id, NOW + 2 * MINUTE).await.unwrap();
    let later = claim(ledger, 10, NOW + MINUTE).await;
    assert_eq!(later.operations, [loan, email]);
    assert!(later.fence > second.fence && second.fence > first.fence);
}

pub async fn drainers_that_ask_at_once_never_share_a_table(ledger: &dyn Ledger) {
    let tables: Vec<String> = (0..12).map(|i| format!("t{i}")).collect();
    for table in &tables {
        send(ledger, &[describe(table, "One."), tag(table, "email")]).await;
    }
    let (a, b, c, d) =
        tokio::join!(claim(ledger, 5, NOW), claim(ledger, 5, NOW), claim(ledger, 5, NOW), claim(ledger, 5, NOW));
    let mut seen = BTreeSet::new();
    for claim in [a, b, c, d] {
        let own: BTreeSet<_> = claim.operations.iter().map(|o| o.table.id.clone()).collect();
        assert!(own.iter().all(|table| seen.insert(table.clone())), "a table went to two drainers");
        assert!(!own.is_empty());
    }
}

pub async fn what_is_queued_for_a_claimed_table_waits_with_it(ledger: &dyn Ledger) {
    send(ledger, &[describe("loan", "Loans.")]).await;
    let held = claim(ledger, 10, NOW).await;
    send(ledger, &[tag("loan", "email")]).await;
    assert!(claim(ledger, 10, NOW).await.operations.is_empty());
    ledger.record(&[receipt(&held.operations[0], NOW)]).await.unwrap();
    assert_eq!(claim(ledger, 10, NOW).await.operations, [tag("loan", "email")]);
}

pub async fn a_lost_claim_may_not_send_and_a_late_receipt_still_counts(ledger: &dyn Ledger) {
    let operation = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&operation)).await;
    let paused = claim(ledger, 10, NOW).await;
    let other = claim(ledger, 10, NOW + MINUTE).await;
    assert_eq!(other.operations, paused.operations);
    let table = &operation.table.id;
    let late = ledger.extend_claim(paused.fence, table, NOW + 9 * MINUTE).await;
    assert_eq!(kind_of(late), Some(ErrorKind::Conflict));
    ledger.release_claim(paused.fence).await.unwrap();
    ledger.extend_claim(other.fence, table, NOW + 9 * MINUTE).await.unwrap();
    // It had written before it was paused, and saw the text when it woke.
    ledger.record(&[receipt(&operation, NOW + MINUTE)]).await.unwrap();
    let done = ledger.extend_claim(other.fence, table, NOW + 9 * MINUTE).await;
    assert_eq!(kind_of(done), Some(ErrorKind::Conflict), "nothing is left to send");
    ledger.record(&[receipt(&operation, NOW + 2 * MINUTE)]).await.unwrap();
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap().len(), 1);
}

pub async fn a_claim_given_back_is_free_at_once(ledger: &dyn Ledger) {
    let (loan, card) = (describe("loan", "Loans."), describe("card", "Cards."));
    send(ledger, &[loan.clone(), card.clone()]).await;
    let held = claim(ledger, 10, NOW).await;
    ledger.record(&[receipt(&loan, NOW)]).await.unwrap();
    ledger.release_claim(held.fence).await.unwrap();
    assert_eq!(claim(ledger, 10, NOW).await.operations, [card]);
}

/// A process that is alone takes over at once what a dead one had claimed.
pub async fn claims_of_the_dead_end_with_their_leases(ledger: &dyn Ledger) {
    let loan = describe("loan", "Loans.");
    send(ledger, std::slice::from_ref(&loan)).await;
    let dead = claim(ledger, 10, NOW).await;
    assert_eq!(dead.operations.len(), 1);
    ledger.release_leases().await.unwrap();
    assert_eq!(claim(ledger, 10, NOW).await.operations, std::slice::from_ref(&loan));
    let late = ledger.extend_claim(dead.fence, &loan.table.id, NOW + MINUTE).await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
}
