//! What every [`VectorQueue`] must do, as tests to run against a ledger.
#![expect(clippy::unwrap_used, reason = "a contract suite is a test")]

use catalog_core::model::{QueuedVector, VectorTask, WalkStage};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{VectorQueue, WorkPlan};

use crate::samples;

/// A ledger with a queue of vectors.
pub trait QueueingLedger: Ledger + VectorQueue {}

impl<T: Ledger + VectorQueue> QueueingLedger for T {}

/// Runs the suite in the module that calls it; the expression makes a fresh ledger each time, with whatever it needs
/// to live (`(ledger, folder)`: the first part is tested).
#[macro_export]
macro_rules! vector_queue_suite {
    ($ledger:expr) => {
        $crate::vector_queue_suite!(@each $ledger;
            tasks_wait_in_the_order_they_came
            a_table_waits_once_as_the_newest
            what_was_indexed_is_gone_and_noted_in_the_state
            a_task_that_was_replaced_meanwhile_stays
            a_task_out_of_the_index_clears_the_note
            hostile_texts_come_back_as_they_are
        );
    };
    (@each $ledger:expr; $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (ledger, _needed) = $ledger;
                $crate::vector_queue_suite::$name(&ledger).await;
            }
        )+
    };
}

fn task(name: &str, text: Option<&str>) -> VectorTask {
    let table = samples::table_ref(name);
    VectorTask { table: table.id, fqn: table.fqn, text: text.map(str::to_owned), names: Some(format!("{name} id")) }
}

async fn waiting(queue: &dyn QueueingLedger) -> Vec<QueuedVector> {
    queue.pending_vectors(None, 100).await.unwrap()
}

async fn indexed(ledger: &dyn QueueingLedger, name: &str) -> Option<String> {
    ledger.state(&samples::table_ref(name).id).await.unwrap().unwrap().indexed_text
}

async fn walk(ledger: &dyn QueueingLedger, name: &str) {
    ledger.enqueue(&[samples::work_item(name)], WalkStage::Describe).await.unwrap();
    let items = ledger.lease(WalkStage::Describe, "w", 1, 0, 1_000).await.unwrap();
    let plan = WorkPlan { state: samples::state(name), publish: Vec::new(), propose: Vec::new() };
    ledger.finish(&items[0], &plan).await.unwrap();
}

/// Also page by page.
pub async fn tasks_wait_in_the_order_they_came(ledger: &dyn QueueingLedger) {
    assert_eq!((waiting(ledger).await, ledger.count_vectors().await.unwrap()), (vec![], 0));
    ledger.queue_vectors(&[task("loan", Some("Loans.")), task("card", None)]).await.unwrap();
    ledger.queue_vectors(&[task("account", Some("Accounts."))]).await.unwrap();
    let all = waiting(ledger).await;
    let names: Vec<&str> = all.iter().map(|q| q.task.fqn.name()).collect();
    assert_eq!((names, ledger.count_vectors().await.unwrap()), (vec!["loan", "card", "account"], 3));
    assert_eq!(all[1].task, task("card", None));
    assert_eq!(ledger.pending_vectors(Some(all[0].place), 1).await.unwrap(), all[1..2]);
    assert!(ledger.pending_vectors(Some(all[2].place), 1).await.unwrap().is_empty());
}

/// See the name.
pub async fn a_table_waits_once_as_the_newest(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Old.")), task("card", Some("Cards."))]).await.unwrap();
    ledger.queue_vectors(&[task("loan", Some("New."))]).await.unwrap();
    let texts: Vec<_> = waiting(ledger).await.into_iter().map(|q| q.task.text.unwrap()).collect();
    assert_eq!(texts, ["Cards.", "New."]);
    ledger.queue_vectors(&[task("loan", Some("A.")), task("loan", Some("B."))]).await.unwrap();
    assert_eq!(waiting(ledger).await.last().unwrap().task.text.as_deref(), Some("B."));
    assert_eq!(ledger.count_vectors().await.unwrap(), 2);
}

/// A table that nobody walked has no state, and that is no error.
pub async fn what_was_indexed_is_gone_and_noted_in_the_state(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    ledger.queue_vectors(&[task("loan", Some("Loans.")), task("unknown", Some("Unknown."))]).await.unwrap();
    let done = waiting(ledger).await;
    for _ in 0..2 {
        ledger.vectors_indexed(&done).await.unwrap();
    }
    assert!(waiting(ledger).await.is_empty());
    assert_eq!(indexed(ledger, "loan").await.as_deref(), Some("Loans."));
}

/// See the name.
pub async fn a_task_that_was_replaced_meanwhile_stays(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    ledger.queue_vectors(&[task("loan", Some("Old."))]).await.unwrap();
    let done = waiting(ledger).await;
    ledger.queue_vectors(&[task("loan", Some("New."))]).await.unwrap();
    ledger.vectors_indexed(&done).await.unwrap();
    assert_eq!(waiting(ledger).await[0].task.text.as_deref(), Some("New."));
    assert_eq!(indexed(ledger, "loan").await.as_deref(), Some("Old."), "that is what the index holds");
}

/// See the name.
pub async fn a_task_out_of_the_index_clears_the_note(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    for text in [Some("Loans."), None] {
        ledger.queue_vectors(&[task("loan", text)]).await.unwrap();
        ledger.vectors_indexed(&waiting(ledger).await).await.unwrap();
        assert_eq!(indexed(ledger, "loan").await.as_deref(), text);
    }
}

/// See the name.
pub async fn hostile_texts_come_back_as_they_are(ledger: &dyn QueueingLedger) {
    let odd = VectorTask { names: None, ..task("'; DROP TABLE x; --", Some("\"é\u{202e} 💳'")) };
    ledger.queue_vectors(std::slice::from_ref(&odd)).await.unwrap();
    assert_eq!(waiting(ledger).await[0].task, odd);
}
