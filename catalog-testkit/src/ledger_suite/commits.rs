//! What the holder of a lease may store, and when it may not.

use catalog_core::ErrorKind;
use catalog_core::model::{FieldPath, ProposalState, WalkStage, WorkCounts};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, ProposalFilter};

use super::{MINUTE, NOW, as_json, kind_of, lease_all, names, plan, take, walk};
use crate::samples::{describe, parked, proposal, state, table_ref, tag};

pub async fn a_stale_fence_is_refused_and_nothing_is_stored(ledger: &dyn Ledger) {
    let stale = take(ledger, "loan").await;
    let fresh = lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await.remove(0);
    let late = plan("loan", &[describe("loan", "Late.")], &[proposal(tag("loan", "email"))]);
    assert_eq!(kind_of(ledger.advance(&stale, &state("loan")).await), Some(ErrorKind::Conflict));
    assert_eq!(kind_of(ledger.finish(&stale, &late).await), Some(ErrorKind::Conflict));
    assert_eq!(kind_of(ledger.park(&stale, &parked("loan")).await), Some(ErrorKind::Conflict));

    assert!(ledger.state(&table_ref("loan").id).await.unwrap().is_none());
    assert!(ledger.pending(10).await.unwrap().is_empty());
    assert!(ledger.proposals(&ProposalFilter::default()).await.unwrap().is_empty());
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 1, parked: 0, done: 0 });
    ledger.finish(&fresh, &plan("loan", &[], &[])).await.unwrap();
}

pub async fn a_fence_is_spent_once(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    ledger.advance(&item, &state("loan")).await.unwrap();
    assert_eq!(kind_of(ledger.finish(&item, &plan("loan", &[], &[])).await), Some(ErrorKind::Conflict));
    let item = lease_all(ledger, WalkStage::Describe, NOW).await.remove(0);
    ledger.finish(&item, &plan("loan", &[], &[])).await.unwrap();
    assert_eq!(kind_of(ledger.finish(&item, &plan("loan", &[], &[])).await), Some(ErrorKind::Conflict));
    assert_eq!(kind_of(ledger.park(&item, &parked("loan")).await), Some(ErrorKind::Conflict));
}

pub async fn a_late_worker_may_still_finish_when_nobody_else_came(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    take(ledger, "card").await;
    ledger.finish(&item, &plan("loan", &[], &[])).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 1, parked: 0, done: 1 });
}

pub async fn fences_grow_even_after_the_table_was_finished_or_forgotten(ledger: &dyn Ledger) {
    let first = take(ledger, "loan").await;
    lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await;
    ledger.forget(&[table_ref("loan").id]).await.unwrap();
    let second = take(ledger, "loan").await;
    assert!(second.fence > first.fence);
    assert_eq!(kind_of(ledger.park(&first, &parked("loan")).await), Some(ErrorKind::Conflict));
    ledger.finish(&second, &plan("loan", &[], &[])).await.unwrap();
    let third = take(ledger, "loan").await;
    assert!(third.fence > second.fence);
    assert_eq!(kind_of(ledger.advance(&second, &state("loan")).await), Some(ErrorKind::Conflict));
}

pub async fn an_advanced_table_waits_at_the_next_stage_with_its_state(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    ledger.advance(&item, &state("loan")).await.unwrap();
    assert!(lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await.is_empty());
    assert_eq!(names(&lease_all(ledger, WalkStage::Describe, NOW).await), ["loan"]);
    let stored = ledger.state(&table_ref("loan").id).await.unwrap().unwrap();
    assert_eq!(as_json(&stored), as_json(&state("loan")));
}

pub async fn finishing_stores_state_outbox_and_proposals_and_empties_the_queue(ledger: &dyn Ledger) {
    let (operation, waiting) = (describe("loan", "Bank loans."), proposal(tag("loan", "email")));
    walk(ledger, "loan", std::slice::from_ref(&operation), std::slice::from_ref(&waiting)).await;
    assert!(ledger.state(&table_ref("loan").id).await.unwrap().is_some());
    assert_eq!(ledger.pending(10).await.unwrap(), [operation]);
    assert_eq!(ledger.proposals(&ProposalFilter::default()).await.unwrap(), [waiting]);
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 0, parked: 0, done: 1 });
    assert!(ledger.audit(&AuditFilter::default()).await.unwrap().is_empty(), "nothing was published yet");
}

pub async fn finishing_again_changes_nothing_more(ledger: &dyn Ledger) {
    let (operation, waiting) = (describe("loan", "Bank loans."), proposal(tag("loan", "email")));
    for _ in 0..2 {
        walk(ledger, "loan", std::slice::from_ref(&operation), std::slice::from_ref(&waiting)).await;
    }
    assert_eq!(ledger.pending(10).await.unwrap(), [operation]);
    let proposals = ledger.proposals(&ProposalFilter::default()).await.unwrap();
    assert_eq!(proposals.len(), 1);
    assert_eq!(proposals[0].state, ProposalState::Open);
    assert_eq!(proposals[0].operation.field, FieldPath::ColumnPii { column: "email".into() });
}
