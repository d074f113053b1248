//! The page over ten thousand open proposals in a file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::time::Instant;

use catalog_core::model::{
    ChangeKind, Confidence, MinedQueryLog, Proposal, ProposalState, TableTotal, UsageFacts, WalkStage,
};
use catalog_core::ports::ledger::{
    Inbox as _, InboxFilter, ProposalFilter, ProposalOrder, Proposals as _, TableStates as _, WorkPlan, WorkQueue as _,
};
use catalog_store::{LedgerKey, SqliteLedger};
use catalog_testkit::samples;

const TABLES: usize = 2_500;

/// A ledger of so many tables with a text, a tag, a column's text and a query each.
async fn seeded(folder: &std::path::Path) -> SqliteLedger {
    let key = LedgerKey::from_hex(&"5".repeat(64)).unwrap();
    let ledger = SqliteLedger::open(&folder.join("ledger.sqlite"), &key).unwrap();
    let names: Vec<String> = (0..TABLES).map(|i| format!("table_{i}")).collect();
    let mut all: Vec<Proposal> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let operations = [
            samples::describe(name, &format!("Table number {i} of the warehouse, one row per thing.")),
            samples::tag(name, "email"),
            samples::tag(name, "contact"),
            samples::verify_query(name, "f"),
        ];
        for mut operation in operations {
            operation.confidence = Confidence::new((i % 97) as f64 / 100.0);
            all.push(samples::proposal(operation));
        }
    }
    for page in all.chunks(2_000) {
        ledger.propose(page).await.unwrap();
    }
    let total = |name: &String| TableTotal { table: samples::table_ref(name).fqn, queries: 7, users: 1 };
    let usage = UsageFacts { totals: names.iter().step_by(3).map(total).collect(), ..UsageFacts::default() };
    ledger.set_query_log("h", &MinedQueryLog { usage, ..MinedQueryLog::default() }).await.unwrap();
    let item = samples::work_item(&names[0]);
    ledger.enqueue(std::slice::from_ref(&item), WalkStage::Describe).await.unwrap();
    let leased = ledger.lease(WalkStage::Describe, "t", 1, 0, 1_000).await.unwrap();
    let of_first: Vec<Proposal> = all.iter().take(4).cloned().collect();
    let plan = WorkPlan { state: samples::state(&names[0]), publish: Vec::new(), propose: of_first };
    ledger.finish(&leased[0], &plan).await.unwrap();
    ledger
}

#[tokio::test]
async fn ten_thousand_open_proposals_are_listed_counted_and_paged_in_bounded_steps() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = seeded(folder.path()).await;
    let open = ProposalFilter { state: Some(ProposalState::Open), ..ProposalFilter::default() };
    assert_eq!(ledger.count_proposals(&open).await.unwrap(), 10_000);
    let begun = Instant::now();
    let first = ledger.inbox(&InboxFilter { limit: 40, ..InboxFilter::default() }).await.unwrap();
    let listed = begun.elapsed();
    assert_eq!(first.len(), 40);
    assert!(first.windows(2).all(|pair| pair[0].priority() >= pair[1].priority()));
    let begun = Instant::now();
    let tally = ledger.tally().await.unwrap();
    let tallied = begun.elapsed();
    assert_eq!(tally.iter().map(|row| row.proposals).sum::<u64>(), 10_000);
    let begun = Instant::now();
    let groups = ledger.groups(5).await.unwrap();
    let grouped = begun.elapsed();
    assert_eq!(groups.iter().map(|g| g.tables).collect::<Vec<_>>(), [TABLES as u64; 2]);
    let doubtful = ProposalFilter { kind: Some(ChangeKind::Pii), order: ProposalOrder::LeastSure, limit: 20, ..open };
    assert_eq!(ledger.proposals(&doubtful).await.unwrap().len(), 20);
    println!("inbox {listed:?}, tally {tallied:?}, groups {grouped:?}");
    // Ten times what the debug build needs on two busy cores: what is meant to fail here is a scan without an index.
    assert!((listed + tallied + grouped).as_secs() < 5);
}
