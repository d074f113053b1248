//! What every [`VectorQueue`] must do, as tests to run against a ledger.
#![expect(clippy::unwrap_used, reason = "a contract suite is a test")]

use catalog_core::ErrorKind;
use catalog_core::model::{QueuedVector, VectorTask, WalkStage};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{VectorClaim, VectorQueue, WorkPlan};

use crate::samples;

const LEASE_MS: i64 = 1_000;

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
            what_somebody_holds_is_passed_over_until_the_lease_ends
            what_is_given_back_is_free_at_once
            a_task_that_replaces_a_held_one_waits_for_its_holder
            a_claim_is_extended_whole_or_refused
            a_late_indexer_takes_nothing_out_and_leaves_the_text_open
            a_dead_process_holds_nothing
            two_who_claim_at_once_get_different_tasks
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

/// All that is free at the time, for a second.
async fn claim(queue: &dyn QueueingLedger, now_ms: i64) -> VectorClaim {
    queue.claim_vectors(None, 100, now_ms, LEASE_MS).await.unwrap()
}

fn names(claim: &VectorClaim) -> Vec<&str> {
    claim.tasks.iter().map(|queued| queued.task.fqn.name()).collect()
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
    let claim = claim(ledger, 0).await;
    assert_eq!(claim.tasks, waiting(ledger).await);
    assert_eq!(ledger.vectors_indexed(claim.fence, &claim.tasks).await.unwrap(), []);
    assert!(waiting(ledger).await.is_empty());
    assert_eq!(indexed(ledger, "loan").await.as_deref(), Some("Loans."));
}

/// See the name.
pub async fn a_task_that_was_replaced_meanwhile_stays(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    ledger.queue_vectors(&[task("loan", Some("Old."))]).await.unwrap();
    let old = claim(ledger, 0).await;
    ledger.queue_vectors(&[task("loan", Some("New."))]).await.unwrap();
    ledger.vectors_indexed(old.fence, &old.tasks).await.unwrap();
    assert_eq!(waiting(ledger).await[0].task.text.as_deref(), Some("New."));
    assert_eq!(indexed(ledger, "loan").await.as_deref(), Some("Old."), "that is what the index holds");
}

/// See the name.
pub async fn a_task_out_of_the_index_clears_the_note(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    for text in [Some("Loans."), None] {
        ledger.queue_vectors(&[task("loan", text)]).await.unwrap();
        let claim = claim(ledger, 0).await;
        ledger.vectors_indexed(claim.fence, &claim.tasks).await.unwrap();
        assert_eq!(indexed(ledger, "loan").await.as_deref(), text);
    }
}

/// See the name.
pub async fn hostile_texts_come_back_as_they_are(ledger: &dyn QueueingLedger) {
    let odd = VectorTask { names: None, ..task("'; DROP TABLE x; --", Some("\"é\u{202e} 💳'")) };
    ledger.queue_vectors(std::slice::from_ref(&odd)).await.unwrap();
    assert_eq!(waiting(ledger).await[0].task, odd);
}

/// Also behind a place.
pub async fn what_somebody_holds_is_passed_over_until_the_lease_ends(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Loans.")), task("card", Some("Cards."))]).await.unwrap();
    let first = ledger.claim_vectors(None, 1, 0, LEASE_MS).await.unwrap();
    assert_eq!(names(&first), ["loan"]);
    let second = claim(ledger, 0).await;
    assert_eq!((names(&second), second.fence > first.fence), (vec!["card"], true));
    assert_eq!(names(&claim(ledger, LEASE_MS - 1).await), [""; 0]);
    assert_eq!(waiting(ledger).await.len(), 2, "who only looks sees what is held");
    let behind = ledger.claim_vectors(Some(first.tasks[0].place), 100, LEASE_MS, LEASE_MS).await.unwrap();
    assert_eq!(names(&behind), ["card"]);
    assert_eq!(names(&claim(ledger, LEASE_MS).await), ["loan"]);
}

/// See the name.
pub async fn what_is_given_back_is_free_at_once(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Loans.")), task("card", Some("Cards."))]).await.unwrap();
    let first = claim(ledger, 0).await;
    ledger.vectors_indexed(first.fence, &first.tasks[..1]).await.unwrap();
    ledger.release_vectors(first.fence).await.unwrap();
    let second = claim(ledger, 0).await;
    assert_eq!(names(&second), ["card"]);
    ledger.release_vectors(first.fence).await.unwrap();
    assert_eq!(names(&claim(ledger, 0).await), [""; 0], "an old claim gives back nothing of a new one");
}

/// Two would write the table at once otherwise, and the older text could come last.
pub async fn a_task_that_replaces_a_held_one_waits_for_its_holder(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Old."))]).await.unwrap();
    let old = claim(ledger, 0).await;
    ledger.queue_vectors(&[task("loan", Some("New."))]).await.unwrap();
    assert!(claim(ledger, 0).await.tasks.is_empty());
    ledger.extend_vectors(old.fence, &[samples::table_ref("loan").id], LEASE_MS).await.unwrap();
    assert_eq!(ledger.vectors_indexed(old.fence, &old.tasks).await.unwrap(), []);
    ledger.release_vectors(old.fence).await.unwrap();
    assert_eq!(claim(ledger, 0).await.tasks[0].task.text.as_deref(), Some("New."));
}

/// See the name.
pub async fn a_claim_is_extended_whole_or_refused(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Loans.")), task("card", Some("Cards."))]).await.unwrap();
    let (loan, card) = (samples::table_ref("loan").id, samples::table_ref("card").id);
    let first = claim(ledger, 0).await;
    ledger.extend_vectors(first.fence, std::slice::from_ref(&loan), 5_000).await.unwrap();
    assert!(claim(ledger, 4_999).await.tasks.is_empty(), "all of it is held longer");
    let second = ledger.claim_vectors(None, 1, 5_000, LEASE_MS).await.unwrap();
    let refused = ledger.extend_vectors(first.fence, &[card.clone(), loan], 9_000).await.unwrap_err();
    assert_eq!((names(&second), refused.kind()), (vec!["loan"], ErrorKind::Conflict));
    assert_eq!(names(&claim(ledger, 6_000).await), ["loan", "card"], "what is refused extends nothing");
}

/// Two wrote the table, and nobody knows who was last.
pub async fn a_late_indexer_takes_nothing_out_and_leaves_the_text_open(ledger: &dyn QueueingLedger) {
    walk(ledger, "loan").await;
    ledger.queue_vectors(&[task("loan", Some("Loans."))]).await.unwrap();
    let late = claim(ledger, 0).await;
    let second = claim(ledger, LEASE_MS).await;
    let loan = samples::table_ref("loan").id;
    assert_eq!(ledger.vectors_indexed(late.fence, &late.tasks).await.unwrap(), std::slice::from_ref(&loan));
    assert_eq!((waiting(ledger).await.len(), indexed(ledger, "loan").await), (1, None));
    assert_eq!(ledger.vectors_indexed(second.fence, &second.tasks).await.unwrap(), []);
    assert_eq!(indexed(ledger, "loan").await.as_deref(), Some("Loans."));
    assert_eq!(ledger.vectors_indexed(late.fence, &late.tasks).await.unwrap(), [loan]);
    assert_eq!((waiting(ledger).await, indexed(ledger, "loan").await), (vec![], None));
}

/// Whoever is alone on the ledger gives back what it finds held.
pub async fn a_dead_process_holds_nothing(ledger: &dyn QueueingLedger) {
    ledger.queue_vectors(&[task("loan", Some("Loans."))]).await.unwrap();
    claim(ledger, 0).await;
    ledger.release_leases().await.unwrap();
    assert_eq!(names(&claim(ledger, 0).await), ["loan"]);
}

/// See the name.
pub async fn two_who_claim_at_once_get_different_tasks(ledger: &dyn QueueingLedger) {
    let tasks: Vec<VectorTask> = (0..40).map(|i| task(&format!("t{i:02}"), Some("A table."))).collect();
    ledger.queue_vectors(&tasks).await.unwrap();
    let claim = || ledger.claim_vectors(None, 10, 0, LEASE_MS);
    let claims = tokio::join!(claim(), claim(), claim(), claim());
    let all = [claims.0.unwrap(), claims.1.unwrap(), claims.2.unwrap(), claims.3.unwrap()];
    let mut held: Vec<&str> = all.iter().flat_map(names).collect();
    let count = held.len();
    held.sort_unstable();
    held.dedup();
    assert_eq!(held.len(), count, "a task is held twice");
}
