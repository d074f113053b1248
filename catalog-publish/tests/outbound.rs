//! The way from the outbox to the catalog keeps promises I2, I3 and I8 through edits and broken connections.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use catalog_core::memory::{ManualClock, MemoryLedger, MemoryPublisher};
use catalog_core::model::{
    AuditRow, ChangeKind, CurrentField, CurrentTable, FieldPath, FieldValue, Operation, RunId, TableRef, WalkStage,
    WriteOutcome,
};
use catalog_core::ports::ledger::{AuditFilter, AuditLog, Decision, Outbox, Proposals, WorkPlan, WorkQueue};
use catalog_core::ports::{Publisher, PublisherCapabilities};
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::{DrainReport, Outbound, operation_id, plan, withdraw_unwanted};
use catalog_testkit::samples;
use proptest::prelude::*;

const NOW_MS: i64 = 1_800_000_000_000;

struct Setting {
    ledger: MemoryLedger,
    publisher: MemoryPublisher,
}

impl Setting {
    /// Operations in the outbox, as a finished walk leaves them.
    async fn with(operations: &[Operation]) -> Self {
        let setting = Self { ledger: MemoryLedger::default(), publisher: MemoryPublisher::default() };
        setting.walk(operations).await;
        setting
    }

    async fn walk(&self, operations: &[Operation]) {
        for operation in operations {
            let name = operation.table.fqn.name();
            self.ledger.enqueue(&[samples::work_item(name)], WalkStage::Describe).await.unwrap();
            let items = self.ledger.lease(WalkStage::Describe, "w", 1, NOW_MS, 1_000).await.unwrap();
            let plan = WorkPlan { state: samples::state(name), publish: vec![operation.clone()], propose: Vec::new() };
            self.ledger.finish(&items[0], &plan).await.unwrap();
        }
    }

    async fn drain(&self) -> DrainReport {
        let run = RunId("run-1".into());
        Outbound::drain(&self.ledger, &self.publisher, &ManualClock::at(NOW_MS), Some(&run)).await.unwrap()
    }

    async fn pending(&self) -> usize {
        self.ledger.pending(1_000).await.unwrap().len()
    }

    async fn audit(&self) -> Vec<AuditRow> {
        self.ledger.audit(&AuditFilter::default()).await.unwrap()
    }

    async fn field(&self, operation: &Operation) -> Option<CurrentField> {
        self.publisher.read(&operation.table).await.unwrap().unwrap().get(&operation.field).cloned()
    }
}

fn by_hand() -> FieldValue {
    FieldValue::Text("By hand.".into())
}

/// Published, conflicts, withdrawn, failed.
fn figures(report: &DrainReport) -> (u64, u64, u64, u64) {
    (report.published, report.conflicts, report.withdrawn, report.failed)
}

#[tokio::test]
async fn what_is_published_has_a_receipt_and_an_audit_row() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
    assert_eq!(setting.pending().await, 0);
    assert_eq!(setting.field(&operation).await.unwrap().value, FieldValue::Text("Loans.".into()));
    let receipt = setting.ledger.receipt(&operation.id).await.unwrap().unwrap();
    assert_eq!((receipt.version.as_str(), receipt.at_ms), ("1", NOW_MS));
    let rows = setting.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].action.as_str(), rows[0].actor.as_str()), ("published", "catalog-syncd"));
    assert_eq!(rows[0].run, Some(RunId("run-1".into())));
    assert_eq!(rows[0].operation, operation);
}

#[tokio::test]
async fn a_second_drain_does_nothing() {
    let setting = Setting::with(&[samples::describe("loan", "Loans.")]).await;
    setting.drain().await;
    assert_eq!(figures(&setting.drain().await), (0, 0, 0, 0));
    assert_eq!((setting.publisher.writes(), setting.audit().await.len()), (1, 1));
}

#[tokio::test]
async fn the_operations_of_a_table_go_out_in_one_write() {
    let operations =
        [samples::describe("loan", "Loans."), samples::tag("loan", "email"), samples::describe("card", "Cards.")];
    let setting = Setting::with(&operations).await;
    assert_eq!(figures(&setting.drain().await), (3, 0, 0, 0));
    assert_eq!((setting.publisher.writes(), setting.audit().await.len()), (2, 3));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_made_twice() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.publisher.lose_next_answer();
    let broken = setting.drain().await;
    assert_eq!(figures(&broken), (0, 0, 0, 1));
    assert_eq!(broken.failures[0].1.kind(), ErrorKind::Unavailable);
    assert_eq!((setting.pending().await, setting.audit().await.len()), (1, 0));
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
    assert_eq!((setting.publisher.writes(), setting.audit().await.len()), (1, 1));
    assert_eq!(setting.ledger.receipt(&operation.id).await.unwrap().unwrap().version, "1");
}

#[tokio::test]
async fn a_persons_edit_before_our_read_is_kept() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.publisher.set_by_human(&operation.table, &operation.field, by_hand());
    assert_eq!(figures(&setting.drain().await), (0, 0, 1, 0));
    assert_eq!(setting.field(&operation).await.unwrap().value, by_hand());
    assert_eq!((setting.pending().await, setting.audit().await.len()), (0, 0));
}

#[tokio::test]
async fn a_persons_edit_between_our_read_and_our_write_is_kept() {
    let operations = [samples::describe("loan", "Loans."), samples::tag("loan", "email")];
    let setting = Setting::with(&operations).await;
    setting.publisher.edit_before_write(&operations[0].table, &FieldPath::Description, by_hand());
    assert_eq!(figures(&setting.drain().await), (1, 1, 1, 0));
    assert_eq!(setting.field(&operations[0]).await.unwrap(), CurrentField { value: by_hand(), by_human: true });
    assert!(setting.field(&operations[1]).await.is_some());
}

#[tokio::test]
async fn an_edit_of_another_field_delays_nothing_but_the_write() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    let other = FieldPath::ColumnDescription { column: "email".into() };
    setting.publisher.edit_before_write(&operation.table, &other, by_hand());
    assert_eq!(figures(&setting.drain().await), (1, 1, 0, 0));
    assert!(setting.field(&operation).await.is_some());
}

#[tokio::test]
async fn a_text_that_a_person_confirmed_is_not_replaced() {
    let before = FieldValue::Text("Lending.".into());
    let operation = Operation { before: Some(before.clone()), ..samples::describe("loan", "Loans.") };
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.publisher.set_by_human(&operation.table, &operation.field, before.clone());
    assert_eq!(figures(&setting.drain().await), (0, 0, 1, 0));
    assert_eq!(setting.field(&operation).await.unwrap().value, before);
}

#[tokio::test]
async fn an_entry_that_changes_all_the_time_is_left_for_the_next_drain() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    for i in 0..10 {
        let other = FieldPath::ColumnDescription { column: format!("c{i}") };
        setting.publisher.edit_before_write(&operation.table, &other, by_hand());
    }
    let report = setting.drain().await;
    assert_eq!(figures(&report), (0, 3, 0, 1));
    assert_eq!(report.failures[0].1.kind(), ErrorKind::Conflict);
    assert_eq!(setting.pending().await, 1);
}

#[tokio::test]
async fn the_operations_of_a_dropped_table_are_withdrawn() {
    let operations = [samples::describe("loan", "Loans."), samples::describe("card", "Cards.")];
    let setting = Setting::with(&operations).await;
    setting.publisher.drop_table(&operations[0].table);
    assert_eq!(figures(&setting.drain().await), (1, 0, 1, 0));
    assert_eq!((setting.pending().await, setting.audit().await.len()), (0, 1));
}

#[tokio::test]
async fn of_two_queued_changes_of_one_field_the_newer_goes_out() {
    let setting = Setting::with(&[samples::describe("loan", "Old draft."), samples::describe("loan", "New.")]).await;
    assert_eq!(figures(&setting.drain().await), (1, 0, 1, 0));
    let field = setting.field(&samples::describe("loan", "New.")).await.unwrap();
    assert_eq!(field.value, FieldValue::Text("New.".into()));
    assert_eq!((setting.pending().await, setting.audit().await.len()), (0, 1));
}

fn removal_of(operation: &Operation) -> Operation {
    let mut current = CurrentTable { version: "1".into(), fields: Vec::new() };
    current.apply(operation);
    plan(&operation.table, Some(&current), &[], &[operation.field.kind()]).operations.remove(0)
}

#[tokio::test]
async fn a_removal_empties_the_field_and_has_its_receipt() {
    let operation = samples::tag("loan", "email");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    let removal = removal_of(&operation);
    setting.walk(std::slice::from_ref(&removal)).await;
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
    assert_eq!(setting.field(&operation).await, None);
    assert!(setting.ledger.receipt(&removal.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_removal_does_not_take_down_what_a_person_set_meanwhile() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    setting.walk(&[removal_of(&operation)]).await;
    // The person kept our text, and so made it theirs.
    setting.publisher.set_by_human(&operation.table, &operation.field, FieldValue::Text("Loans.".into()));
    assert_eq!(figures(&setting.drain().await), (0, 0, 1, 0));
    assert!(setting.field(&operation).await.unwrap().by_human);
}

#[tokio::test]
async fn a_catalog_that_lost_everything_is_filled_again() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    setting.publisher.table_gone(&operation.table.id).await.unwrap();
    setting.walk(std::slice::from_ref(&operation)).await;
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
    assert_eq!(setting.field(&operation).await.unwrap().value, FieldValue::Text("Loans.".into()));
    let ids: Vec<_> = setting.audit().await.into_iter().map(|row| row.operation.id).collect();
    assert_eq!((ids.len(), ids[0] == ids[1]), (2, false), "no id changes the catalog twice");
}

#[tokio::test]
async fn one_table_that_fails_does_not_hold_the_others() {
    let setting = Setting::with(&[samples::describe("loan", "Loans."), samples::describe("card", "Cards.")]).await;
    setting.publisher.fail_next(ErrorKind::Forbidden);
    let report = setting.drain().await;
    assert_eq!(figures(&report), (1, 0, 0, 1));
    assert_eq!(report.failures[0].1.kind(), ErrorKind::Forbidden);
    assert_eq!(setting.pending().await, 1);
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
}

#[tokio::test]
async fn a_catalog_out_of_reach_is_not_asked_for_every_table() {
    let operations: Vec<Operation> = (0..20).map(|i| samples::describe(&format!("t{i:02}"), "A table.")).collect();
    let setting = Setting::with(&operations).await;
    let calls = CountingOutage::default();
    let report = Outbound::drain(&setting.ledger, &calls, &ManualClock::at(NOW_MS), None).await.unwrap();
    assert_eq!(figures(&report), (0, 0, 0, 3));
    assert_eq!(calls.0.load(Ordering::SeqCst), 3);
    assert_eq!(setting.pending().await, 20);
}

#[tokio::test]
async fn more_operations_than_a_batch_all_go_out() {
    let operations: Vec<Operation> =
        (0..40).flat_map(|t| (0..30).map(move |c| samples::tag(&format!("t{t:02}"), &format!("c{c}")))).collect();
    let setting = Setting::with(&operations).await;
    setting.publisher.fail_next(ErrorKind::Forbidden);
    let report = setting.drain().await;
    assert_eq!(report.published + report.failed, 1_200);
    assert!(report.failed > 0);
    assert_eq!(setting.pending().await as u64, report.failed);
    assert_eq!(figures(&setting.drain().await), (report.failed, 0, 0, 0));
    assert_eq!(setting.audit().await.len(), 1_000, "the audit log pages at 1,000");
}

/// As a walk plans it, with the id that it has for ever.
fn planned(text: &str) -> Operation {
    let operation = samples::describe("loan", text);
    let id = operation_id(&operation.table.id, &operation.field, None, operation.after.as_ref());
    Operation { id, ..operation }
}

#[tokio::test]
async fn a_plan_that_is_older_than_the_receipt_makes_no_second_audit_row() {
    let operation = planned("Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    // Planned before the drain from an empty field, stored after it: the ledger derives an id of its own.
    setting.walk(std::slice::from_ref(&operation)).await;
    assert_eq!(figures(&setting.drain().await), (0, 0, 1, 0));
    assert_eq!((setting.pending().await, setting.audit().await.len(), setting.publisher.writes()), (0, 1, 1));
}

#[tokio::test]
async fn a_lost_value_whose_second_write_lost_its_answer_gets_its_receipt() {
    let operation = planned("Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    setting.publisher.table_gone(&operation.table.id).await.unwrap();
    setting.walk(std::slice::from_ref(&operation)).await;
    setting.publisher.lose_next_answer();
    assert_eq!(figures(&setting.drain().await), (0, 0, 0, 1));
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
    assert_eq!((setting.audit().await.len(), setting.publisher.writes()), (2, 2));
}

#[tokio::test]
async fn what_a_newer_plan_does_without_never_goes_out() {
    let (old, tag) = (samples::describe("loan", "Old draft."), samples::tag("loan", "email"));
    let setting = Setting::with(&[old.clone(), tag.clone(), samples::describe("card", "Cards.")]).await;
    let managed = [ChangeKind::Description];
    let withdrawn = withdraw_unwanted(&setting.ledger, &old.table, &[], &managed).await.unwrap();
    assert_eq!((withdrawn, setting.pending().await), (1, 2), "tags and other tables were not planned anew");
    assert_eq!(figures(&setting.drain().await), (2, 0, 0, 0));
    assert_eq!(setting.field(&old).await, None);
}

#[tokio::test]
async fn what_is_still_wanted_stays_under_whatever_id() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    setting.drain().await;
    setting.publisher.table_gone(&operation.table.id).await.unwrap();
    setting.walk(std::slice::from_ref(&operation)).await;
    let planned = std::slice::from_ref(&operation);
    let managed = [ChangeKind::Description];
    assert_eq!(withdraw_unwanted(&setting.ledger, &operation.table, planned, &managed).await.unwrap(), 0);
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
}

#[tokio::test]
async fn what_a_steward_accepted_is_not_withdrawn_by_a_plan() {
    let setting = Setting::with(&[]).await;
    let operation = samples::describe("loan", "Loans.");
    let proposal = samples::proposal(operation.clone());
    setting.ledger.propose(std::slice::from_ref(&proposal)).await.unwrap();
    setting.ledger.decide(&proposal.id, "ada", &Decision::Accept { edited: None }, NOW_MS).await.unwrap();
    let managed = [ChangeKind::Description];
    assert_eq!(withdraw_unwanted(&setting.ledger, &operation.table, &[], &managed).await.unwrap(), 0);
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
}

#[tokio::test]
async fn a_field_that_another_machine_changed_asks_for_a_new_plan_once() {
    let operations = [
        Operation { before: Some(FieldValue::Text("A.".into())), ..samples::describe("loan", "B.") },
        Operation { before: Some(FieldValue::Text("A.".into())), ..samples::describe("card", "B.") },
    ];
    let setting = Setting::with(&operations).await;
    setting.publisher.set_by_human(&operations[1].table, &operations[1].field, by_hand());
    let report = setting.drain().await;
    assert_eq!(figures(&report), (0, 0, 2, 0));
    assert_eq!(report.replan, [operations[0].table.clone()], "a person's field needs no other plan");
    assert!(setting.drain().await.replan.is_empty());
}

#[tokio::test]
async fn a_drainer_that_lost_its_claim_sends_nothing() {
    let operation = samples::describe("loan", "Loans.");
    let setting = Setting::with(std::slice::from_ref(&operation)).await;
    let claim = setting.ledger.claim(10, NOW_MS, 1_000).await.unwrap();
    assert_eq!(figures(&setting.drain().await), (0, 0, 0, 0), "another drainer holds the table");
    setting.ledger.release_claim(claim.fence).await.unwrap();
    assert_eq!(figures(&setting.drain().await), (1, 0, 0, 0));
}

/// A catalog that cannot be reached, and how often it was tried.
#[derive(Default)]
struct CountingOutage(AtomicUsize);

#[async_trait]
impl Publisher for CountingOutage {
    fn capabilities(&self) -> PublisherCapabilities {
        PublisherCapabilities { optimistic_locking: true }
    }

    async fn read(&self, _: &TableRef) -> Result<Option<CurrentTable>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(ErrorKind::Unavailable, "read_entry", "connection refused"))
    }

    async fn write(&self, _: &TableRef, _: &CurrentTable, _: &[Operation]) -> Result<WriteOutcome> {
        Err(Error::new(ErrorKind::Unavailable, "write_entry", "connection refused"))
    }
}

/// What may happen around a drain.
#[derive(Debug, Clone)]
enum Event {
    Drain,
    HandEdit(usize),
    HandEditBeforeWrite(usize),
    LoseAnswer,
    Fail,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Drain),
        1 => (0..COLUMNS).prop_map(Event::HandEdit),
        1 => (0..COLUMNS).prop_map(Event::HandEditBeforeWrite),
        1 => Just(Event::LoseAnswer),
        1 => Just(Event::Fail),
    ]
}

const COLUMNS: usize = 3;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_lost_made_twice_or_overwritten(events in prop::collection::vec(any_event(), 0..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let describe = |c: usize| {
                let field = FieldPath::ColumnDescription { column: format!("c{c}") };
                samples::operation(&samples::table_ref("loan"), field, FieldValue::Text("Ours.".into()))
            };
            let operations: Vec<Operation> = (0..COLUMNS).map(describe).collect();
            let setting = Setting::with(&operations).await;
            let mut touched = [false; COLUMNS];
            for event in events {
                match event {
                    Event::Drain => drop(setting.drain().await),
                    Event::HandEdit(c) => {
                        touched[c] = true;
                        setting.publisher.set_by_human(&operations[c].table, &operations[c].field, by_hand());
                    }
                    Event::HandEditBeforeWrite(c) => {
                        touched[c] = true;
                        setting.publisher.edit_before_write(&operations[c].table, &operations[c].field, by_hand());
                    }
                    Event::LoseAnswer => setting.publisher.lose_next_answer(),
                    Event::Fail => setting.publisher.fail_next(ErrorKind::Unavailable),
                }
            }
            // After the faults stop, a few drains settle everything: one a fault or edit that still waits.
            for _ in 0..25 {
                setting.drain().await;
            }
            prop_assert_eq!(setting.pending().await, 0);
            // A failure that no drain met, since there was nothing to do.
            let _ = setting.publisher.read(&operations[0].table).await;
            let rows = setting.audit().await;
            for (c, operation) in operations.iter().enumerate() {
                let audited = rows.iter().filter(|r| r.operation.id == operation.id).count();
                let receipt = setting.ledger.receipt(&operation.id).await.unwrap();
                prop_assert_eq!(audited, usize::from(receipt.is_some()));
                let held = setting.field(operation).await.unwrap();
                prop_assert!(receipt.is_some() || held.by_human);
                prop_assert!(touched[c] || held.value == FieldValue::Text("Ours.".into()));
                prop_assert!(!held.by_human || held.value == by_hand());
            }
            prop_assert!(setting.publisher.writes() <= COLUMNS as u64);
            Ok(())
        })?;
    }
}
