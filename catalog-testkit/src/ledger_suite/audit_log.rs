//! Reading the audit log back.

use catalog_core::model::RunId;
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::AuditFilter;

use super::walk;
use crate::samples::{describe, receipt, table_ref};

/// Publishes a description of the table at each of the times.
async fn publish(ledger: &dyn Ledger, table: &str, times: &[i64]) {
    for at_ms in times {
        let operation = describe(table, &format!("Seen at {at_ms}."));
        walk(ledger, table, std::slice::from_ref(&operation), &[]).await;
        ledger.record(&[receipt(&operation, *at_ms)]).await.unwrap();
    }
}

async fn times(ledger: &dyn Ledger, filter: AuditFilter) -> Vec<i64> {
    ledger.audit(&filter).await.unwrap().into_iter().map(|row| row.at_ms).collect()
}

pub async fn audit_rows_are_told_in_order_of_time(ledger: &dyn Ledger) {
    publish(ledger, "loan", &[30, 10, 20]).await;
    assert_eq!(times(ledger, AuditFilter::default()).await, [10, 20, 30]);
}

pub async fn the_audit_log_gives_the_latest_rows_within_its_limit(ledger: &dyn Ledger) {
    publish(ledger, "loan", &[30, 10, 20]).await;
    assert_eq!(times(ledger, AuditFilter { limit: 2, ..AuditFilter::default() }).await, [20, 30]);
}

pub async fn the_audit_log_is_filtered_by_table_and_time(ledger: &dyn Ledger) {
    publish(ledger, "loan", &[10, 20]).await;
    publish(ledger, "card", &[15]).await;
    let of_loan = AuditFilter { table: Some(table_ref("loan").fqn), ..AuditFilter::default() };
    assert_eq!(times(ledger, of_loan.clone()).await, [10, 20]);
    assert_eq!(times(ledger, AuditFilter { from_ms: Some(15), ..of_loan }).await, [20]);
    assert_eq!(times(ledger, AuditFilter { from_ms: Some(15), ..AuditFilter::default() }).await, [15, 20]);
}

pub async fn the_audit_log_is_filtered_by_run_and_by_how_an_id_begins(ledger: &dyn Ledger) {
    publish(ledger, "loan", &[10]).await;
    let operation = describe("card", "Another run's.");
    walk(ledger, "card", std::slice::from_ref(&operation), &[]).await;
    let (seen, mut row) = receipt(&operation, 20);
    row.run = Some(RunId("evening".into()));
    ledger.record(&[(seen, row)]).await.unwrap();
    let of_run = AuditFilter { run: Some(RunId("evening".into())), ..AuditFilter::default() };
    assert_eq!(times(ledger, of_run).await, [20]);
    let no_run = AuditFilter { run: Some(RunId("never".into())), ..AuditFilter::default() };
    assert!(times(ledger, no_run).await.is_empty());
    for begins in [operation.id.0.clone(), operation.id.0.chars().take(8).collect()] {
        assert_eq!(times(ledger, AuditFilter { operation: Some(begins), ..AuditFilter::default() }).await, [20]);
    }
    let wild = AuditFilter { operation: Some("%".into()), ..AuditFilter::default() };
    assert!(times(ledger, wild).await.is_empty(), "no letter of an id stands for others");
}

pub async fn the_audit_log_is_paged_from_the_latest_row_back(ledger: &dyn Ledger) {
    publish(ledger, "loan", &[10, 20, 30, 40, 50]).await;
    let page = |skip| AuditFilter { skip, limit: 2, ..AuditFilter::default() };
    assert_eq!(times(ledger, page(0)).await, [40, 50]);
    assert_eq!(times(ledger, page(2)).await, [20, 30]);
    assert_eq!(times(ledger, page(4)).await, [10]);
    assert!(times(ledger, page(5)).await.is_empty());
}
