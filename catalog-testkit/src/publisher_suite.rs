//! What every [`Publisher`] must do, as tests to run against an adapter.
#![expect(clippy::unwrap_used, reason = "a contract suite is a test")]

use async_trait::async_trait;
use catalog_core::ErrorKind;
use catalog_core::model::{CurrentTable, FieldPath, FieldValue, Operation, TableRef, WriteOutcome};
use catalog_core::ports::Publisher;

use crate::samples;

/// An empty catalog to test: it knows the tables `bank.main.loan` and `bank.main.card`.
#[async_trait]
pub trait PublisherSubject: Send + Sync {
    /// The adapter.
    fn publisher(&self) -> &dyn Publisher;

    /// A person edits a field, past the adapter.
    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue);

    /// Does it tell a steward's text that we wrote from our own? Where it cannot, the ledger must.
    fn keeps_authors(&self) -> bool {
        true
    }

    /// Does it keep entries of its own, which go when a source drops their table?
    fn keeps_entries(&self) -> bool {
        true
    }
}

/// Runs the suite in the module that calls it; the expression makes a fresh [`PublisherSubject`] each time.
#[macro_export]
macro_rules! publisher_suite {
    ($subject:expr) => {
        $crate::publisher_suite!(@each $subject;
            a_fresh_table_has_no_fields
            what_was_written_is_there_with_the_new_version
            the_same_write_again_is_already_there
            a_stale_version_is_a_conflict_and_writes_nothing
            a_persons_edit_is_a_conflict_and_stays
            a_field_that_does_not_hold_its_before_is_a_conflict
            of_several_operations_all_are_written_or_none
            our_own_value_is_replaced
            an_emptied_field_is_gone
            a_stale_removal_leaves_a_persons_value
            a_dropped_table_leaves_no_entry_of_ours
            a_stewards_text_counts_as_a_persons
            tables_do_not_touch_each_other
            an_operation_of_another_table_is_refused
            hostile_names_and_texts_come_back_as_they_are
        );
    };
    (@each $subject:expr; $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                $crate::publisher_suite::$name(&$subject).await;
            }
        )+
    };
}

fn loan() -> TableRef {
    samples::table_ref("loan")
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

async fn read(subject: &dyn PublisherSubject, table: &TableRef) -> CurrentTable {
    subject.publisher().read(table).await.unwrap().unwrap()
}

async fn write(subject: &dyn PublisherSubject, based_on: &CurrentTable, operations: &[Operation]) -> WriteOutcome {
    subject.publisher().write(&loan(), based_on, operations).await.unwrap()
}

/// Writes on the state just read and expects that it was applied.
async fn apply(subject: &dyn PublisherSubject, operations: &[Operation]) -> String {
    let current = read(subject, &loan()).await;
    match write(subject, &current, operations).await {
        WriteOutcome::Applied { version } => version,
        other => panic!("expected a write, got {other:?}"),
    }
}

fn conflict(outcome: WriteOutcome) -> CurrentTable {
    match outcome {
        WriteOutcome::Conflict { current: Some(current) } => current,
        other => panic!("expected a conflict with the current entry, got {other:?}"),
    }
}

/// See the name.
pub async fn a_fresh_table_has_no_fields(subject: &dyn PublisherSubject) {
    assert!(read(subject, &loan()).await.fields.is_empty());
}

/// See the name.
pub async fn what_was_written_is_there_with_the_new_version(subject: &dyn PublisherSubject) {
    let key = FieldPath::ForeignKey { columns: vec!["account_id".into()] };
    let parent = FieldValue::Key(Box::new(samples::foreign_key("loan", "account_id", "account", "id")));
    let operations =
        [samples::describe("loan", "Loans."), samples::tag("loan", "email"), samples::operation(&loan(), key, parent)];
    let before = read(subject, &loan()).await.version;
    let version = apply(subject, &operations).await;
    let current = read(subject, &loan()).await;
    assert_eq!(current.version, version);
    assert_ne!(version, before);
    assert_eq!(current.fields.len(), 3);
    for operation in &operations {
        let field = current.get(&operation.field).unwrap();
        assert!(operation.after.as_ref().is_some_and(|after| after.says_the_same(&field.value)), "{}", operation.field);
        assert!(!field.by_human);
    }
}

/// Also when it is sent with the version that the first one was based on, as after a crash.
pub async fn the_same_write_again_is_already_there(subject: &dyn PublisherSubject) {
    let operations = [samples::describe("loan", "Loans."), samples::tag("loan", "email")];
    let empty = read(subject, &loan()).await;
    let version = apply(subject, &operations).await;
    assert_eq!(write(subject, &empty, &operations).await, WriteOutcome::AlreadyThere);
    let current = read(subject, &loan()).await;
    assert_eq!(write(subject, &current, &operations).await, WriteOutcome::AlreadyThere);
    assert_eq!(read(subject, &loan()).await.version, version);
}

/// See the name.
pub async fn a_stale_version_is_a_conflict_and_writes_nothing(subject: &dyn PublisherSubject) {
    let stale = read(subject, &loan()).await;
    apply(subject, &[samples::tag("loan", "email")]).await;
    let outcome = write(subject, &stale, &[samples::describe("loan", "Loans.")]).await;
    if subject.publisher().capabilities().optimistic_locking {
        let current = conflict(outcome);
        assert_eq!(current, read(subject, &loan()).await);
        assert_eq!(current.get(&FieldPath::Description), None);
    }
}

/// The edit falls between our read and our write.
pub async fn a_persons_edit_is_a_conflict_and_stays(subject: &dyn PublisherSubject) {
    let current = read(subject, &loan()).await;
    subject.edit_by_hand(&loan(), &FieldPath::Description, text("By hand.")).await;
    let seen = conflict(write(subject, &current, &[samples::describe("loan", "Loans.")]).await);
    let field = seen.get(&FieldPath::Description).unwrap();
    assert!(field.by_human);
    assert_eq!(field.value, text("By hand."));
    assert_eq!(read(subject, &loan()).await, seen);
}

/// Also with the right version.
pub async fn a_field_that_does_not_hold_its_before_is_a_conflict(subject: &dyn PublisherSubject) {
    apply(subject, &[samples::describe("loan", "One.")]).await;
    let current = read(subject, &loan()).await;
    let blind = Operation { before: Some(text("Zero.")), ..samples::describe("loan", "Two.") };
    assert_eq!(conflict(write(subject, &current, &[blind]).await), current);
    assert_eq!(read(subject, &loan()).await, current);
}

/// See the name.
pub async fn of_several_operations_all_are_written_or_none(subject: &dyn PublisherSubject) {
    apply(subject, &[samples::describe("loan", "One.")]).await;
    let current = read(subject, &loan()).await;
    let operations = [samples::tag("loan", "email"), samples::describe("loan", "Two.")];
    conflict(write(subject, &current, &operations).await);
    assert_eq!(read(subject, &loan()).await, current);
}

/// See the name.
pub async fn our_own_value_is_replaced(subject: &dyn PublisherSubject) {
    apply(subject, &[samples::describe("loan", "One.")]).await;
    apply(subject, &[Operation { before: Some(text("One.")), ..samples::describe("loan", "Two.") }]).await;
    assert_eq!(read(subject, &loan()).await.get(&FieldPath::Description).unwrap().value, text("Two."));
}

/// See the name.
pub async fn an_emptied_field_is_gone(subject: &dyn PublisherSubject) {
    apply(subject, &[samples::describe("loan", "One.")]).await;
    apply(subject, &[Operation { before: Some(text("One.")), after: None, ..samples::describe("loan", "") }]).await;
    assert_eq!(read(subject, &loan()).await.get(&FieldPath::Description), None);
}

/// Emptied again, there is nothing left to do.
pub async fn a_stale_removal_leaves_a_persons_value(subject: &dyn PublisherSubject) {
    let removal = |before: &str| Operation {
        before: Some(text(before)),
        after: None,
        author: "catalog-syncd".into(),
        ..samples::describe("loan", "")
    };
    apply(subject, &[samples::describe("loan", "One.")]).await;
    let current = read(subject, &loan()).await;
    subject.edit_by_hand(&loan(), &FieldPath::Description, text("By hand.")).await;
    let seen = conflict(write(subject, &current, &[removal("One.")]).await);
    assert_eq!(read(subject, &loan()).await, seen);
    assert_eq!(seen.get(&FieldPath::Description).unwrap().value, text("By hand."));
    let empty = read(subject, &samples::table_ref("card")).await;
    let gone = Operation { table: samples::table_ref("card"), ..removal("One.") };
    let outcome = subject.publisher().write(&gone.table, &empty, std::slice::from_ref(&gone)).await.unwrap();
    assert_eq!(outcome, WriteOutcome::AlreadyThere);
}

/// A catalog that keeps no entries of its own is told and leaves everything as it is.
pub async fn a_dropped_table_leaves_no_entry_of_ours(subject: &dyn PublisherSubject) {
    let card = samples::table_ref("card");
    subject.edit_by_hand(&card, &FieldPath::Description, text("Cards.")).await;
    apply(subject, &[samples::describe("loan", "Loans.")]).await;
    let (before, others) = (read(subject, &loan()).await, read(subject, &card).await);
    for _ in 0..2 {
        subject.publisher().table_gone(&loan().id).await.unwrap();
    }
    let after = read(subject, &loan()).await;
    if subject.keeps_entries() {
        assert!(after.fields.is_empty());
    } else {
        assert_eq!(after, before);
    }
    assert_eq!(read(subject, &card).await, others);
}

/// See the name.
pub async fn a_stewards_text_counts_as_a_persons(subject: &dyn PublisherSubject) {
    apply(subject, &[Operation { author: "ada".into(), ..samples::describe("loan", "Edited.") }]).await;
    let field = read(subject, &loan()).await.get(&FieldPath::Description).cloned().unwrap();
    assert_eq!((field.value, field.by_human), (text("Edited."), subject.keeps_authors()));
}

/// See the name.
pub async fn tables_do_not_touch_each_other(subject: &dyn PublisherSubject) {
    let card = samples::table_ref("card");
    subject.edit_by_hand(&card, &FieldPath::Description, text("Cards.")).await;
    let before = read(subject, &card).await;
    apply(subject, &[samples::describe("loan", "Loans.")]).await;
    assert_eq!(read(subject, &card).await, before);
}

/// See the name.
pub async fn an_operation_of_another_table_is_refused(subject: &dyn PublisherSubject) {
    let current = read(subject, &loan()).await;
    let refused = subject.publisher().write(&loan(), &current, &[samples::describe("card", "Cards.")]).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(read(subject, &loan()).await, current);
}

/// See the name.
pub async fn hostile_names_and_texts_come_back_as_they_are(subject: &dyn PublisherSubject) {
    let field = FieldPath::ColumnDescription { column: "\"; DROP TABLE x; --".into() };
    let value = text("'); DELETE FROM entry; -- é \u{202e} \u{0} 💳");
    apply(subject, &[samples::operation(&loan(), field.clone(), value.clone())]).await;
    assert_eq!(read(subject, &loan()).await.get(&field).unwrap().value, value);
}
