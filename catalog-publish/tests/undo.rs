//! What was published can be taken back, unless somebody changed it since (promise I14).
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use catalog_core::ErrorKind;
use catalog_core::memory::{ManualClock, MemoryLedger, MemoryPublisher};
use catalog_core::model::{
    ChangeKind, Confidence, CurrentField, FieldPath, FieldValue, Operation, RunId, TableRef, WalkStage,
};
use catalog_core::ports::Publisher;
use catalog_core::ports::ledger::{AuditFilter, AuditLog, Outbox, WorkPlan, WorkQueue};
use catalog_publish::undo::{self, UndoReport, UndoScope, WhyNot};
use catalog_publish::{DesiredField, Outbound, Policy, decide, plan};
use catalog_testkit::samples;
use proptest::prelude::*;

const NOW_MS: i64 = 1_800_000_000_000;

#[derive(Default)]
struct World {
    ledger: MemoryLedger,
    publisher: MemoryPublisher,
}

fn loan() -> TableRef {
    samples::table_ref("loan")
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

fn wants(field: FieldPath, value: FieldValue) -> DesiredField {
    DesiredField {
        field,
        value,
        confidence: Confidence::new(0.9),
        author: "rules".into(),
        prompt_version: "rules/1".into(),
        evidence_hash: "e".into(),
        auto: true,
    }
}

impl World {
    /// A walk that wants these values, as the daemon runs it, and a drain after it. Our own texts may be replaced.
    async fn walk(&self, table: &TableRef, desired: &[DesiredField], run: &str) {
        let current = self.publisher.read(table).await.unwrap();
        let changes = plan(table, current.as_ref(), desired, &[]);
        let mut decided = decide(changes, desired, &Policy::default(), self.publisher.capabilities(), NOW_MS);
        decided.publish.extend(decided.propose.drain(..).map(|p| p.operation));
        self.ledger.enqueue(&[samples::work_item(table.fqn.name())], WalkStage::Describe).await.unwrap();
        let items = self.ledger.lease(WalkStage::Describe, "w", 1, NOW_MS, 1_000).await.unwrap();
        let state = samples::state(table.fqn.name());
        let plan = WorkPlan { state, publish: decided.publish, propose: Vec::new() };
        self.ledger.finish(&items[0], &plan).await.unwrap();
        self.drain(run).await;
    }

    async fn describe(&self, says: &str, run: &str) {
        self.walk(&loan(), &[wants(FieldPath::Description, text(says))], run).await;
    }

    async fn drain(&self, run: &str) {
        let run = RunId(run.into());
        Outbound::drain(&self.ledger, &self.publisher, &ManualClock::at(NOW_MS), Some(&run)).await.unwrap();
    }

    async fn undo(&self, scope: &UndoScope) -> (UndoReport, Vec<WhyNot>) {
        let planned = undo::load(&self.ledger, &self.publisher, scope, "ada").await.unwrap();
        let report = undo::apply(&self.ledger, &planned, "ada", NOW_MS).await.unwrap();
        self.drain("undo").await;
        (report, planned.refused.iter().map(|r| r.why).collect())
    }

    async fn field(&self, field: &FieldPath) -> Option<CurrentField> {
        self.publisher.read(&loan()).await.unwrap().unwrap().get(field).cloned()
    }

    async fn description(&self) -> Option<FieldValue> {
        self.field(&FieldPath::Description).await.map(|f| f.value)
    }

    async fn actions(&self) -> Vec<(String, String)> {
        let rows = self.ledger.audit(&AuditFilter::default()).await.unwrap();
        rows.into_iter().map(|row| (row.actor, row.action)).collect()
    }
}

fn of_table() -> UndoScope {
    UndoScope::Table(loan().fqn)
}

fn of_run(run: &str) -> UndoScope {
    UndoScope::Run(RunId(run.into()))
}

#[tokio::test]
async fn a_first_text_is_taken_down_and_does_not_come_back_by_itself() {
    let world = World::default();
    world.describe("Loans.", "r1").await;
    assert_eq!(world.undo(&of_table()).await, (UndoReport { sent: 1, already: 0 }, vec![]));
    assert_eq!(world.description().await, None);
    world.describe("Loans.", "r2").await;
    assert_eq!(world.description().await, None, "the same text stays away");
    world.describe("Loans of clients.", "r3").await;
    assert_eq!(world.description().await, Some(text("Loans of clients.")), "another one may come");
    let ada = |action: &str| ("ada".to_owned(), action.to_owned());
    let actions = world.actions().await;
    assert!([ada("rejected"), ada("accepted"), ada("undone")].iter().all(|a| actions.contains(a)), "{actions:?}");
}

#[tokio::test]
async fn an_earlier_text_comes_back_as_the_choice_of_who_undoes() {
    let world = World::default();
    world.describe("Old.", "r1").await;
    world.describe("New.", "r2").await;
    let rows = world.ledger.audit(&AuditFilter::default()).await.unwrap();
    let newest = UndoScope::Operation(rows.last().unwrap().operation.id.clone());
    assert_eq!(world.undo(&newest).await.0.sent, 1);
    let field = world.field(&FieldPath::Description).await.unwrap();
    assert_eq!((field.value, field.by_human), (text("Old."), true));
    world.describe("New.", "r3").await;
    assert_eq!(world.description().await, Some(text("Old.")));
}

#[tokio::test]
async fn all_changes_of_a_table_go_back_to_where_we_began() {
    let world = World::default();
    world.describe("One.", "r1").await;
    world.describe("Two.", "r2").await;
    let tag = samples::tag("loan", "email");
    let tags = wants(tag.field.clone(), tag.after.clone().unwrap());
    world.walk(&loan(), &[wants(FieldPath::Description, text("Three.")), tags], "r3").await;
    assert_eq!(world.undo(&of_table()).await.0.sent, 2);
    assert_eq!((world.description().await, world.field(&tag.field).await), (None, None));
}

#[tokio::test]
async fn a_run_is_undone_and_the_runs_before_it_stay() {
    let world = World::default();
    world.describe("One.", "r1").await;
    world.describe("Two.", "r2").await;
    let card = samples::table_ref("card");
    world.walk(&card, &[wants(FieldPath::Description, text("Cards."))], "r2").await;
    assert_eq!(world.undo(&of_run("r2")).await.0.sent, 2);
    assert_eq!(world.description().await, Some(text("One.")));
    assert!(world.publisher.read(&card).await.unwrap().unwrap().fields.is_empty());
    // The run before it is no longer what the catalog shows: its text was restored by a person.
    assert_eq!(world.undo(&of_run("r1")).await, (UndoReport::default(), vec![WhyNot::TakenOver]));
}

#[tokio::test]
async fn what_somebody_changed_since_is_refused_and_said() {
    let world = World::default();
    world.describe("Loans.", "r1").await;
    world.publisher.set_by_human(&loan(), &FieldPath::Description, text("By hand."));
    assert_eq!(world.undo(&of_table()).await, (UndoReport::default(), vec![WhyNot::ChangedSince]));
    world.publisher.set_by_human(&loan(), &FieldPath::Description, text("Loans."));
    assert_eq!(world.undo(&of_table()).await.1, [WhyNot::TakenOver]);
    world.publisher.drop_table(&loan());
    assert_eq!(world.undo(&of_table()).await.1, [WhyNot::TableGone]);
}

#[tokio::test]
async fn an_edit_between_the_plan_and_the_write_is_kept() {
    let world = World::default();
    world.describe("Loans.", "r1").await;
    let planned = undo::load(&world.ledger, &world.publisher, &of_table(), "ada").await.unwrap();
    undo::apply(&world.ledger, &planned, "ada", NOW_MS).await.unwrap();
    world.publisher.edit_before_write(&loan(), &FieldPath::Description, text("By hand."));
    world.drain("undo").await;
    assert_eq!(world.description().await, Some(text("By hand.")));
    assert!(world.ledger.pending(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn undoing_twice_is_undoing_once() {
    let world = World::default();
    world.describe("Loans.", "r1").await;
    let planned = undo::load(&world.ledger, &world.publisher, &of_table(), "ada").await.unwrap();
    undo::apply(&world.ledger, &planned, "ada", NOW_MS).await.unwrap();
    let again = undo::apply(&world.ledger, &planned, "ada", NOW_MS).await.unwrap();
    assert_eq!(again, UndoReport { sent: 0, already: 1 });
    assert_eq!(world.ledger.pending(10).await.unwrap().len(), 1);
    world.drain("undo").await;
    assert_eq!(world.undo(&of_table()).await.0, UndoReport::default());
}

#[tokio::test]
async fn an_undo_can_be_undone() {
    let world = World::default();
    world.describe("Loans.", "r1").await;
    world.undo(&of_table()).await;
    let rows = world.ledger.audit(&AuditFilter::default()).await.unwrap();
    let undone = rows.iter().rev().find(|row| row.action == "undone").unwrap();
    assert_eq!(world.undo(&UndoScope::Operation(undone.operation.id.clone())).await.0.sent, 1);
    assert_eq!(world.description().await, Some(text("Loans.")));
}

#[tokio::test]
async fn a_scope_that_nothing_was_published_in_is_not_found() {
    let world = World::default();
    let missing = undo::load(&world.ledger, &world.publisher, &of_run("never"), "ada").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_persons_value_between_two_of_ours_comes_back() {
    let world = World::default();
    world.describe("One.", "r1").await;
    // Somebody's text that no longer counts as a person's, as after an import.
    let by_import = Operation { before: Some(text("One.")), ..samples::describe("loan", "Imported.") };
    let current = world.publisher.read(&loan()).await.unwrap().unwrap();
    world.publisher.write(&loan(), &current, &[by_import]).await.unwrap();
    world.describe("Two.", "r2").await;
    world.undo(&of_table()).await;
    assert_eq!(world.description().await, Some(text("Imported.")));
}

/// What may happen to a field.
#[derive(Debug, Clone)]
enum Event {
    Walk(usize, &'static str),
    HandEdit(usize, &'static str),
    UndoTable,
    UndoLast,
    LoseAnswer,
}

fn any_event() -> impl Strategy<Value = Event> {
    let words = prop_oneof![Just("A."), Just("B."), Just("C.")];
    prop_oneof![
        4 => (0..2_usize, words.clone()).prop_map(|(c, w)| Event::Walk(c, w)),
        1 => (0..2_usize, words).prop_map(|(c, w)| Event::HandEdit(c, w)),
        1 => Just(Event::UndoTable),
        1 => Just(Event::UndoLast),
        1 => Just(Event::LoseAnswer),
    ]
}

fn column(c: usize) -> FieldPath {
    FieldPath::ColumnDescription { column: format!("c{c}") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_undo_restores_what_we_replaced_and_nothing_else(events in prop::collection::vec(any_event(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::default();
            for event in events {
                match event {
                    Event::Walk(c, says) => world.walk(&loan(), &[wants(column(c), text(says))], "r").await,
                    Event::HandEdit(c, says) => world.publisher.set_by_human(&loan(), &column(c), text(says)),
                    Event::LoseAnswer => world.publisher.lose_next_answer(),
                    Event::UndoTable => check_undo(&world, &of_table()).await?,
                    Event::UndoLast => {
                        let rows = world.ledger.audit(&AuditFilter::default()).await.unwrap();
                        let last = rows.iter().rev().find(|row| matches!(row.action.as_str(), "published" | "undone"));
                        if let Some(row) = last {
                            check_undo(&world, &UndoScope::Operation(row.operation.id.clone())).await?;
                        }
                    }
                }
                world.drain("r").await;
                prop_assert!(world.ledger.pending(10).await.unwrap().is_empty());
            }
            Ok(())
        })?;
    }
}

/// Every field ends as the plan says: restored, refused and untouched, or left as it was.
async fn check_undo(world: &World, scope: &UndoScope) -> Result<(), TestCaseError> {
    let before = world.publisher.read(&loan()).await.unwrap().unwrap();
    let Ok(planned) = undo::load(&world.ledger, &world.publisher, scope, "ada").await else { return Ok(()) };
    undo::apply(&world.ledger, &planned, "ada", NOW_MS).await.unwrap();
    for _ in 0..2 {
        world.drain("undo").await;
    }
    let after = world.publisher.read(&loan()).await.unwrap().unwrap();
    for c in 0..2 {
        let field = column(c);
        prop_assert_eq!(field.kind(), ChangeKind::ColumnDescription);
        let value = after.get(&field).map(|f| &f.value);
        match planned.steps.iter().find(|s| s.operation.field == field) {
            Some(step) => {
                prop_assert!(before.holds_before(&step.operation), "only what still holds our value is restored");
                prop_assert_eq!(value, step.operation.after.as_ref());
                let receipts = world.ledger.audit(&AuditFilter::default()).await.unwrap();
                prop_assert!(receipts.iter().any(|r| r.action == "undone" && r.operation.field == field));
            }
            None => prop_assert_eq!(after.get(&field), before.get(&field)),
        }
    }
    Ok(())
}
