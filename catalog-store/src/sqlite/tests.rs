//! What SQLite itself may do to a ledger: full disk, locks, panics, batches.

use std::sync::atomic::{AtomicU64, Ordering};

use catalog_core::model::{Secret, WalkStage};
use catalog_core::ports::ledger::{TableNames as _, TableStates as _, WorkPlan, WorkQueue};
use catalog_testkit::samples::{parked, state, table_ref, work_item};

use super::*;

pub(super) fn open(folder: &Path) -> SqliteLedger {
    tuned(folder, |_| Ok(()))
}

pub(super) fn tuned(folder: &Path, tune: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> SqliteLedger {
    let key = LedgerKey::from_secret(&Secret::new("c".repeat(64))).unwrap();
    SqliteLedger::open_tuned(&folder.join("ledger.sqlite"), &key, tune).unwrap()
}

pub(super) fn set(pragma: &'static str, value: i64) -> impl FnOnce(&Connection) -> rusqlite::Result<()> {
    move |connection| {
        connection.query_row(&format!("PRAGMA {pragma} = {value}"), [], |_| Ok(())).or_else(ignore_no_rows)
    }
}

fn ignore_no_rows(error: rusqlite::Error) -> rusqlite::Result<()> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}

/// A ledger that counts its commits.
fn counting(folder: &Path) -> (SqliteLedger, Arc<AtomicU64>) {
    let commits = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&commits);
    let count = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        false
    };
    (tuned(folder, |connection| connection.commit_hook(Some(count))), commits)
}

#[tokio::test]
async fn a_batch_of_any_size_is_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, commits) = counting(folder.path());
    let many: Vec<_> = (0..10_000).map(|i| work_item(&format!("t{i}"))).collect();
    assert_eq!(ledger.enqueue(&many, WalkStage::Inspect).await.unwrap(), 10_000);
    assert_eq!(commits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn calls_that_wait_together_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, commits) = counting(folder.path());
    let ledger = Arc::new(ledger);
    let holding = Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    holding.execute_batch("BEGIN IMMEDIATE").unwrap();
    let calls: Vec<_> = (0..50)
        .map(|i| {
            let ledger = Arc::clone(&ledger);
            tokio::spawn(async move { ledger.enqueue(&[work_item(&format!("t{i}"))], WalkStage::Inspect).await })
        })
        .collect();
    // On one thread all calls have begun to wait once this task runs again.
    tokio::task::yield_now().await;
    holding.execute_batch("ROLLBACK").unwrap();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 1);
    }
    assert_eq!(ledger.counts().await.unwrap().queued, 50);
    assert!(commits.load(Ordering::SeqCst) <= 2, "{commits:?}");
}

#[tokio::test]
async fn a_call_that_fails_takes_back_its_own_changes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, commits) = counting(folder.path());
    let put = |table: &'static str, fails: bool| {
        ledger.write("put", move |transaction| {
            transaction.execute("INSERT INTO parked (table_id, parked) VALUES (?1, '{}')", [table])?;
            if fails { Err(Failure::Damaged("a test")) } else { Ok(()) }
        })
    };
    let (a, b, c) = tokio::join!(put("a", false), put("b", true), put("c", false));
    assert!(a.is_ok() && c.is_ok());
    assert_eq!(b.err().unwrap().kind(), ErrorKind::Corrupt);
    assert_eq!(ledger.counts().await.unwrap().parked, 2);
    assert!(commits.load(Ordering::SeqCst) <= 3);
}

#[tokio::test]
async fn a_full_disk_refuses_the_whole_batch_and_the_ledger_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = tuned(folder.path(), set("max_page_count", 60));
    ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.unwrap();
    let many: Vec<_> = (0..5_000).map(|i| work_item(&format!("t{i}"))).collect();
    let error = ledger.enqueue(&many, WalkStage::Inspect).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert!(error.to_string().contains("disk is full") && error.to_string().contains("ledger.sqlite"), "{error}");
    assert_eq!(ledger.counts().await.unwrap().queued, 1);
    ledger.enqueue(&[work_item("card")], WalkStage::Inspect).await.unwrap();
}

#[tokio::test]
async fn a_ledger_that_may_not_be_written_says_so_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = tuned(folder.path(), set("query_only", 1));
    let error = ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("may not be written"), "{error}");
    assert_eq!(ledger.counts().await.unwrap().queued, 0);
}

#[tokio::test]
async fn a_ledger_held_by_another_process_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = tuned(folder.path(), set("busy_timeout", 1));
    let holding = Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    holding.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(matches!(error.retry(), catalog_core::Retry::Temporary(_)));
    holding.execute_batch("ROLLBACK").unwrap();
    assert_eq!(ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.unwrap(), 1);
}

#[tokio::test]
async fn work_that_panics_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let outcome: Result<()> = ledger
        .write("fall_over", |transaction| {
            transaction.execute("INSERT INTO parked (table_id, parked) VALUES ('t', '{}')", [])?;
            panic!("on purpose")
        })
        .await;
    assert_eq!(outcome.err().unwrap().kind(), ErrorKind::Internal);
    assert_eq!(ledger.counts().await.unwrap().parked, 0);
}

/// Instructions of SQLite's machine that the call takes, and what it gives.
async fn instructions<T>(ledger: &SqliteLedger, call: impl Future<Output = Result<T>>) -> (u64, T) {
    let taken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&taken);
    let count = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        false
    };
    ledger.reader.lock().await.progress_handler(1, Some(count)).unwrap();
    let given = call.await.unwrap();
    ledger.reader.lock().await.progress_handler(0, None::<fn() -> bool>).unwrap();
    (taken.load(Ordering::SeqCst), given)
}

#[tokio::test]
async fn a_table_is_found_by_its_name_at_the_same_cost_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = tuned(folder.path(), set("synchronous", 0));
    // Reading the schema is counted too, once.
    ledger.named(&table_ref("t7").fqn).await.unwrap();
    ledger.named_like(&"t7".parse().unwrap(), 9).await.unwrap();
    ledger.parked_table(&table_ref("t7").id).await.unwrap();
    let mut costs = Vec::new();
    for tables in [0..20, 20..400] {
        for name in tables.map(|i| format!("t{i}")) {
            ledger.enqueue(&[work_item(&name)], WalkStage::Inspect).await.unwrap();
            let leased = ledger.lease(WalkStage::Inspect, "w", 1, 0, 60_000).await.unwrap().remove(0);
            let plan = WorkPlan { state: state(&name), publish: Vec::new(), propose: Vec::new() };
            ledger.finish(&leased, &plan).await.unwrap();
            ledger.park_unread(&parked(&format!("parked_{name}"))).await.unwrap();
        }
        let (walked, unread) = (table_ref("t7"), table_ref("parked_t7"));
        let (of_name, found) = instructions(&ledger, ledger.named(&walked.fqn)).await;
        assert_eq!(found.as_ref(), Some(&walked));
        let (of_ending, found) = instructions(&ledger, ledger.named_like(&"parked_t7".parse().unwrap(), 9)).await;
        assert_eq!(found, std::slice::from_ref(&unread));
        let (of_reason, found) = instructions(&ledger, ledger.parked_table(&unread.id)).await;
        assert!(found.is_some());
        costs.push([of_name, of_ending, of_reason]);
    }
    assert_eq!(costs[0], costs[1], "twenty tables and a thousand");
    let (of_page, _) = instructions(&ledger, ledger.links(None, 1_000)).await;
    assert!(of_page > 5 * costs[1][0], "the count sees rows that are read: {of_page}, {costs:?}");
}
