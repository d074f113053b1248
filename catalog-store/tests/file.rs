//! What only a ledger in a file has to prove: it survives, it is shared, it seals, it refuses what is not its own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "this is a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use catalog_core::model::{RunId, Secret, WalkStage, WorkCounts};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{
    AuditFilter, AuditLog, Decision, Inbox as _, Outbox, ProposalFilter, Proposals, TableNames as _, TableStates,
    WorkPlan, WorkQueue,
};
use catalog_core::{Error, ErrorKind};
use catalog_store::{LedgerKey, SqliteLedger};
use catalog_testkit::samples;
use rusqlite::Connection;
use tempfile::TempDir;

fn key(digit: &str) -> LedgerKey {
    LedgerKey::from_secret(&Secret::new(digit.repeat(64))).unwrap()
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    (folder, path)
}

fn open(path: &Path) -> SqliteLedger {
    SqliteLedger::open(path, &key("a")).unwrap()
}

fn refusal(path: &Path) -> Error {
    let error = SqliteLedger::open(path, &key("a")).err().expect("the file is refused");
    assert!(error.to_string().contains(&path.display().to_string()), "names the path: {error}");
    error
}

/// One table done, one in the queue, one parked; a published operation, an open proposal and a run.
async fn fill(ledger: &dyn Ledger) {
    let (operation, proposal) =
        (samples::describe("loan", "Bank loans."), samples::proposal(samples::tag("loan", "email")));
    ledger.enqueue(&[samples::work_item("loan"), samples::work_item("card")], WalkStage::Inspect).await.unwrap();
    let loan = ledger.lease(WalkStage::Inspect, "worker", 1, 0, 60_000).await.unwrap().remove(0);
    let plan =
        WorkPlan { state: samples::state("loan"), publish: vec![operation.clone()], propose: vec![proposal.clone()] };
    ledger.finish(&loan, &plan).await.unwrap();
    ledger.park_unread(&samples::parked("branch")).await.unwrap();
    ledger.record(&[samples::receipt(&operation, 7)]).await.unwrap();
    ledger.begin_run(&RunId("run".into()), 0).await.unwrap();
    ledger.finish_run(&RunId("run".into()), 9, &samples::run_summary(3)).await.unwrap();
}

async fn assert_filled(ledger: &dyn Ledger) {
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 1, parked: 1, done: 1 });
    let state = ledger.state(&samples::table_ref("loan").id).await.unwrap().unwrap();
    assert!(state.fingerprints == samples::state("loan").fingerprints);
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap().len(), 1);
    assert_eq!(ledger.proposals(&ProposalFilter::default()).await.unwrap().len(), 1);
    assert_eq!(ledger.last_run().await.unwrap().unwrap().1, samples::run_summary(3));
    assert!(ledger.receipt(&samples::describe("loan", "Bank loans.").id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_ledger_opened_again_holds_everything() {
    let (_folder, path) = folder();
    fill(&open(&path)).await;
    assert_filled(&open(&path)).await;
}

/// Takes back what later migrations added.
const FIRST_SCHEMA: &str = "
    DROP INDEX table_state_by_name;
    DROP INDEX parked_by_name;
    ALTER TABLE table_state DROP COLUMN backwards;
    ALTER TABLE parked DROP COLUMN backwards;
    DROP TABLE note;
    DROP TABLE vector_queue;
    DROP TABLE table_use;
    DROP INDEX proposal_by_group;
    DROP INDEX proposal_by_doubt;
    DROP INDEX proposal_by_state_and_table;
    ALTER TABLE proposal DROP COLUMN group_key;
    DROP INDEX outbox_by_age;
    DROP INDEX outbox_by_claim;
    DROP INDEX parked_by_source;
    DROP INDEX work_queue_by_source;
    CREATE INDEX work_queue_by_source ON work_queue (source);
    DROP INDEX work_queue_by_stage;
    CREATE INDEX work_queue_by_stage ON work_queue (stage, place);
    ALTER TABLE work_queue DROP COLUMN uses;
    ALTER TABLE table_state DROP COLUMN table_ref;
    ALTER TABLE parked DROP COLUMN source;
    ALTER TABLE work_queue DROP COLUMN not_before_ms;
    ALTER TABLE outbox DROP COLUMN claim_fence;
    ALTER TABLE outbox DROP COLUMN claim_until_ms;
    DROP INDEX table_state_coverage;
    ALTER TABLE table_state DROP COLUMN place;
    ALTER TABLE table_state DROP COLUMN described;
    ALTER TABLE table_state DROP COLUMN draft;
    PRAGMA user_version = 1";

#[tokio::test]
async fn a_ledger_of_an_older_version_is_brought_up_to_date_with_all_it_holds() {
    let (_folder, path) = folder();
    fill(&open(&path)).await;
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(FIRST_SCHEMA).unwrap();
    drop(raw);
    let ledger = open(&path);
    assert_filled(&ledger).await;
    ledger.set_note("k", "v").await.unwrap();
    assert!(ledger.pending(10).await.unwrap().is_empty());
    assert_eq!(ledger.links(None, 10).await.unwrap()[0].table, samples::table_ref("loan"));
    assert_eq!(ledger.known(&samples::source()).await.unwrap().len(), 3, "walked, queued and parked");
    for name in ["loan", "branch"] {
        let table = samples::table_ref(name);
        assert_eq!(ledger.named(&table.fqn).await.unwrap().as_ref(), Some(&table));
        assert_eq!(ledger.named_like(&name.parse().unwrap(), 10).await.unwrap(), [table]);
    }
    let coverage = ledger.coverage(10).await.unwrap();
    assert_eq!((coverage[0].name.as_str(), coverage[0].tables()), ("bank.main", 1));
}

#[test]
fn whoever_starts_at_once_shares_one_new_ledger() {
    for _ in 0..5 {
        let (_folder, path) = folder();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| SqliteLedger::open(&path, &key("a")).map(drop).unwrap());
            }
        });
    }
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_transaction_loses_nothing_committed() {
    let (folder, path) = folder();
    let ledger = open(&path);
    fill(&ledger).await;
    let dying = Connection::open(&path).unwrap();
    // With a tiny cache the half-done transaction spills into the WAL, as a large one would.
    dying.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM table_state; DELETE FROM outbox").unwrap();
    dying
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO parked (table_id, parked) SELECT 'crash' || i, hex(randomblob(200)) FROM n",
        )
        .unwrap();
    // A copy of the files is what the next process would find if this one were killed now.
    let after = folder.path().join("after.sqlite");
    fs::copy(&path, &after).unwrap();
    fs::copy(path.with_extension("sqlite-wal"), after.with_extension("sqlite-wal")).unwrap();
    assert!(fs::metadata(after.with_extension("sqlite-wal")).unwrap().len() > 400_000, "the WAL holds the half");
    assert_filled(&open(&after)).await;
}

#[tokio::test]
async fn two_handles_on_one_file_share_the_queue() {
    let (_folder, path) = folder();
    let (a, b) = (open(&path), open(&path));
    let items: Vec<_> = (0..40).map(|i| samples::work_item(&format!("t{i}"))).collect();
    assert_eq!(a.enqueue(&items, WalkStage::Inspect).await.unwrap(), 40);
    assert_eq!(b.enqueue(&items, WalkStage::Inspect).await.unwrap(), 0);
    let ask = |ledger| async move {
        let ledger: &SqliteLedger = ledger;
        let mut ids = Vec::new();
        loop {
            let leased = ledger.lease(WalkStage::Inspect, "worker", 3, 0, 60_000).await.unwrap();
            if leased.is_empty() {
                return ids;
            }
            ids.extend(leased.into_iter().map(|item| item.item.table.id));
        }
    };
    let (of_a, of_b) = tokio::join!(ask(&a), ask(&b));
    assert_eq!(of_a.len() + of_b.len(), 40);
    assert_eq!(of_a.iter().chain(&of_b).collect::<BTreeSet<_>>().len(), 40);
}

#[tokio::test]
async fn a_fence_lost_to_another_handle_cannot_commit() {
    let (_folder, path) = folder();
    let (a, b) = (open(&path), open(&path));
    a.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
    let stale = a.lease(WalkStage::Inspect, "a", 1, 0, 10).await.unwrap().remove(0);
    let fresh = b.lease(WalkStage::Inspect, "b", 1, 10, 10).await.unwrap().remove(0);
    let plan = WorkPlan { state: samples::state("loan"), publish: Vec::new(), propose: Vec::new() };
    assert_eq!(a.finish(&stale, &plan).await.err().unwrap().kind(), ErrorKind::Conflict);
    b.finish(&fresh, &plan).await.unwrap();
    assert_eq!(a.finish(&stale, &plan).await.err().unwrap().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn audit_rows_can_be_neither_changed_nor_deleted() {
    let (_folder, path) = folder();
    let ledger = open(&path);
    fill(&ledger).await;
    let proposal = ledger.proposals(&ProposalFilter::default()).await.unwrap().remove(0);
    ledger.decide(&proposal.id, "ana", &Decision::Accept { edited: None }, 8).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    for sql in ["UPDATE audit_log SET actor = 'eve'", "DELETE FROM audit_log", "DELETE FROM audit_log WHERE place = 1"]
    {
        assert!(raw.execute_batch(sql).is_err(), "{sql}");
    }
    let rows = ledger.audit(&AuditFilter::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.actor.as_str()).collect::<Vec<_>>(), ["catalog-syncd", "ana"]);
}

#[tokio::test]
async fn no_hash_of_a_fingerprint_stands_in_the_file() {
    let (folder, path) = folder();
    let ledger = open(&path);
    fill(&ledger).await;
    let mut bytes = Vec::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        bytes.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"gate-loan"), "what is not sealed is found, so the search works");
    for fingerprint in samples::state("loan").fingerprints {
        for hash in fingerprint.hashes.iter().step_by(16) {
            assert!(!holds(&hash.to_le_bytes()) && !holds(&hash.to_be_bytes()));
            assert!(!holds(hash.to_string().as_bytes()));
            assert!(!holds(format!("{hash:016x}").as_bytes()));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    let ledger = open(&path);
    fill(&ledger).await;
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() > 1, "the WAL is there too");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn another_key_is_refused_at_the_door() {
    let (_folder, path) = folder();
    fill(&open(&path)).await;
    let error = SqliteLedger::open(&path, &key("b")).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("another key") && error.to_string().contains("ledger.sqlite"), "{error}");
    assert_filled(&open(&path)).await;
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    let text = "a note that somebody keeps here\n".repeat(200);
    fs::write(&path, &text).unwrap();
    assert_eq!(refusal(&path).kind(), ErrorKind::Corrupt);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE customer (id INTEGER)").unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(refusal(&path).kind(), ErrorKind::InvalidInput);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_ledger_of_a_newer_version_is_refused() {
    let (_folder, path) = folder();
    drop(open(&path));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let error = refusal(&path);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("999"), "{error}");
}

#[test]
fn a_missing_directory_is_named() {
    let (folder, _) = folder();
    assert_eq!(refusal(&folder.path().join("no/such/ledger.sqlite")).kind(), ErrorKind::NotFound);
}

#[test]
fn a_directory_in_place_of_the_file_is_refused() {
    let (folder, _) = folder();
    assert_eq!(refusal(folder.path()).kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_damaged_ledger_says_so_and_what_to_do() {
    let (_folder, path) = folder();
    fill(&open(&path)).await;
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[4096..] {
        *byte = 0xa5;
    }
    fs::write(&path, bytes).unwrap();
    let error = match SqliteLedger::open(&path, &key("a")) {
        Err(error) => error,
        Ok(ledger) => ledger.counts().await.expect_err("damage is noticed"),
    };
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("restore"), "{error}");
}

#[tokio::test]
async fn a_damaged_document_is_named_and_not_quoted() {
    let (_folder, path) = folder();
    let ledger = open(&path);
    fill(&ledger).await;
    Connection::open(&path).unwrap().execute_batch("UPDATE table_state SET walked = '{\"gate\": \"canary\"'").unwrap();
    let error = ledger.state(&samples::table_ref("loan").id).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("the state of a table") && !format!("{error:?}").contains("canary"), "{error}");
    assert_eq!(ledger.counts().await.unwrap().done, 1, "the rest still answers");
}

/// Each of these is asked for every sweep or batch, so none may read or sort a whole table.
#[test]
fn frequent_questions_are_answered_from_an_index() {
    let (_folder, path) = folder();
    drop(open(&path));
    let raw = Connection::open(&path).unwrap();
    for (sql, index) in [
        (
            "SELECT table_id, gate, sampled_at_ms FROM table_state WHERE source = 's' ORDER BY table_id",
            "USING COVERING INDEX table_state_gates",
        ),
        (
            "SELECT place FROM work_queue WHERE stage = 'inspect' AND lease_until_ms <= 5 ORDER BY uses DESC, place LIMIT 5",
            "USING INDEX work_queue_by_stage",
        ),
        ("SELECT 1 FROM work_queue WHERE source = 's'", "USING COVERING INDEX work_queue_by_source"),
        (
            "UPDATE proposal SET state = 'superseded' WHERE table_id = 't' AND field = 'f' AND state = 'open'",
            "USING INDEX proposal_one_open_a_field",
        ),
        (
            "SELECT table_id FROM outbox WHERE fate = 'pending' AND place > 0 ORDER BY place",
            "USING COVERING INDEX outbox_by_age",
        ),
        (
            "SELECT operation FROM outbox WHERE table_id = 't' AND fate = 'pending' ORDER BY place LIMIT 5",
            "USING INDEX outbox_pending",
        ),
        ("SELECT operation FROM audit_log WHERE fqn = 'f' ORDER BY at_ms DESC, place DESC", "audit_log_by_table"),
    ] {
        let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        let plan = steps.map(|step| step.unwrap()).collect::<Vec<_>>().join("; ");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{sql}: {plan}");
    }
}
