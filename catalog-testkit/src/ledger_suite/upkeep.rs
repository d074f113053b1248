//! Readiness, and what goes in the end.

use catalog_core::model::{Operation, Proposal, ProposalState, RunId};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, Decision, ProposalFilter, Retained, Retention};

use super::{MINUTE, NOW};
use crate::samples::{describe, proposal, receipt, run_summary, tag, verify_query};

/// Removes what is older than a minute.
fn minute() -> Retention {
    Retention {
        runs_ms: Some(MINUTE),
        decided_proposals_ms: Some(MINUTE),
        open_queries_ms: Some(MINUTE),
        rows_max: 100,
    }
}

async fn propose(ledger: &dyn Ledger, operation: Operation) -> Proposal {
    let proposal = Proposal { created_at_ms: NOW, ..proposal(operation) };
    ledger.propose(std::slice::from_ref(&proposal)).await.unwrap();
    proposal
}

async fn left(ledger: &dyn Ledger) -> Vec<Proposal> {
    ledger.proposals(&ProposalFilter::default()).await.unwrap()
}

pub async fn an_empty_ledger_is_ready_and_has_nothing_to_remove(ledger: &dyn Ledger) {
    ledger.ready().await.unwrap();
    assert_eq!(ledger.retain(&minute(), i64::MAX).await.unwrap(), Retained::default());
}

pub async fn old_runs_go_but_for_the_latest_closed_one(ledger: &dyn Ledger) {
    for (id, at_ms) in [("old", NOW), ("latest", NOW + 1), ("crashed", NOW + 2), ("running", NOW + MINUTE)] {
        ledger.begin_run(&RunId(id.into()), at_ms).await.unwrap();
    }
    ledger.finish_run(&RunId("old".into()), NOW + 5, &run_summary(1)).await.unwrap();
    ledger.finish_run(&RunId("latest".into()), NOW + 6, &run_summary(2)).await.unwrap();
    let later = NOW + MINUTE + 10;
    assert_eq!(ledger.retain(&minute(), later).await.unwrap(), Retained { runs: 2, ..Retained::default() });
    assert_eq!(ledger.last_run().await.unwrap(), Some((RunId("latest".into()), run_summary(2))));
    assert_eq!(ledger.retain(&minute(), later).await.unwrap(), Retained::default());
}

pub async fn decided_proposals_go_and_rejections_and_audit_rows_stay(ledger: &dyn Ledger) {
    let (published, waiting) =
        (propose(ledger, describe("loan", "Loans.")).await, propose(ledger, tag("loan", "id")).await);
    let (rejected, superseded) =
        (propose(ledger, tag("loan", "email")).await, propose(ledger, tag("card", "id")).await);
    let (open, query) =
        (propose(ledger, tag("card", "email")).await, propose(ledger, verify_query("loan", "f1")).await);
    for accepted in [&published, &waiting, &query] {
        ledger.decide(&accepted.id, "ana", &Decision::Accept { edited: None }, NOW).await.unwrap();
    }
    ledger.decide(&rejected.id, "ana", &Decision::Reject { reason: "no".into() }, NOW).await.unwrap();
    ledger.decide(&superseded.id, "ana", &Decision::Supersede, NOW).await.unwrap();
    ledger.record(&[receipt(&published.operation, NOW)]).await.unwrap();
    let audited = ledger.audit(&AuditFilter::default()).await.unwrap();

    assert_eq!(ledger.retain(&minute(), NOW + MINUTE).await.unwrap(), Retained::default(), "nothing is too old yet");
    assert_eq!(ledger.retain(&minute(), NOW + MINUTE + 1).await.unwrap().proposals, 2);
    let mut kept: Vec<_> = left(ledger).await.into_iter().map(|p| p.id).collect();
    let mut expected = [&waiting, &rejected, &open, &query].map(|p| p.id.clone());
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap(), audited);
    assert_eq!(ledger.propose(&[rejected]).await.unwrap(), 0, "what was rejected does not return");
}

pub async fn a_query_that_nobody_decides_on_is_superseded_in_the_end(ledger: &dyn Ledger) {
    let query = propose(ledger, verify_query("loan", "f1")).await;
    propose(ledger, tag("loan", "email")).await;
    let policy = Retention { decided_proposals_ms: None, ..minute() };
    let removed = ledger.retain(&policy, NOW + MINUTE + 1).await.unwrap();
    assert_eq!(removed, Retained { queries: 1, ..Retained::default() });
    assert_eq!(ledger.proposal(&query.id).await.unwrap().unwrap().state, ProposalState::Superseded);
    assert_eq!(ledger.propose(&[query]).await.unwrap(), 1, "mined again it is asked again");
}

pub async fn retention_removes_no_more_than_its_limit_at_a_time(ledger: &dyn Ledger) {
    for i in 0..5 {
        ledger.begin_run(&RunId(format!("r{i}")), NOW).await.unwrap();
    }
    let policy = Retention { rows_max: 2, ..minute() };
    let mut removed = Vec::new();
    loop {
        let retained = ledger.retain(&policy, NOW + MINUTE + 1).await.unwrap();
        removed.push(retained.runs);
        if !retained.more(&policy) {
            break;
        }
    }
    assert_eq!(removed, [2, 2, 1]);
}
