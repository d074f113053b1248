//! Operations on their way, and the receipts that prove them.

use std::collections::BTreeSet;

use catalog_core::ErrorKind;
use catalog_core::model::Operation;
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::AuditFilter;

use super::{NOW, kind_of, walk};
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
