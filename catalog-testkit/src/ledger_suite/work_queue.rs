//! Items, leases and parking.

use std::collections::BTreeSet;

use catalog_core::ErrorKind;
use catalog_core::model::{Fqn, WakeReason, WalkStage, WorkCounts, WorkItem};
use catalog_core::ports::Ledger;

use super::{MINUTE, NOW, enqueue, kind_of, lease_all, names, plan, take, walk};
use crate::samples::{parked, state, table_ref, work_item};

pub async fn the_same_table_twice_is_one_item(ledger: &dyn Ledger) {
    assert_eq!(enqueue(ledger, &["loan", "card", "loan"]).await, 2);
    assert_eq!(enqueue(ledger, &["card", "loan"]).await, 0);
    assert_eq!(lease_all(ledger, WalkStage::Inspect, NOW).await.len(), 2);
}

pub async fn a_queued_table_moves_to_the_earlier_stage_and_never_to_the_later(ledger: &dyn Ledger) {
    ledger.enqueue(&[work_item("loan"), work_item("card")], WalkStage::Describe).await.unwrap();
    ledger.enqueue(&[work_item("loan")], WalkStage::Inspect).await.unwrap();
    ledger.enqueue(&[work_item("loan")], WalkStage::Describe).await.unwrap();
    assert_eq!(names(&lease_all(ledger, WalkStage::Inspect, NOW).await), ["loan"]);
    assert_eq!(names(&lease_all(ledger, WalkStage::Describe, NOW).await), ["card"]);
}

pub async fn the_oldest_items_are_leased_first(ledger: &dyn Ledger) {
    enqueue(ledger, &["zebra", "loan"]).await;
    enqueue(ledger, &["account", "zebra"]).await;
    let first = ledger.lease(WalkStage::Inspect, "worker", 2, NOW, MINUTE).await.unwrap();
    assert_eq!(names(&first), ["zebra", "loan"]);
    assert_eq!(names(&lease_all(ledger, WalkStage::Inspect, NOW).await), ["account"]);
}

pub async fn a_held_item_is_leased_to_nobody_else(ledger: &dyn Ledger) {
    take(ledger, "loan").await;
    assert!(lease_all(ledger, WalkStage::Inspect, NOW + MINUTE - 1).await.is_empty());
    enqueue(ledger, &["loan"]).await;
    assert!(lease_all(ledger, WalkStage::Inspect, NOW + MINUTE - 1).await.is_empty(), "queued again while held");
}

pub async fn an_ended_lease_goes_to_the_next_worker_under_a_higher_fence(ledger: &dyn Ledger) {
    let first = take(ledger, "loan").await;
    let second = lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await;
    assert_eq!(names(&second), ["loan"]);
    assert!(second[0].fence > first.fence);
}

pub async fn workers_that_ask_at_once_never_share_an_item(ledger: &dyn Ledger) {
    let tables: Vec<String> = (0..20).map(|i| format!("t{i}")).collect();
    enqueue(ledger, &tables.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let ask = |worker| ledger.lease(WalkStage::Inspect, worker, 6, NOW, MINUTE);
    let (a, b, c, d) = tokio::join!(ask("a"), ask("b"), ask("c"), ask("d"));
    let leased: Vec<_> = [a, b, c, d].into_iter().flat_map(Result::unwrap).map(|item| item.item.table.id).collect();
    assert_eq!(leased.len(), 20);
    assert_eq!(leased.iter().collect::<BTreeSet<_>>().len(), 20);
}

pub async fn released_leases_are_free_at_once_and_their_holders_cannot_commit(ledger: &dyn Ledger) {
    let stale = take(ledger, "loan").await;
    enqueue(ledger, &["card"]).await;
    assert_eq!(ledger.release_leases().await.unwrap(), 1);
    assert_eq!(ledger.release_leases().await.unwrap(), 0);
    let late = ledger.finish(&stale, &plan("loan", &[], &[])).await;
    assert_eq!(kind_of(late), Some(ErrorKind::Conflict));
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await;
    assert_eq!(names(&leased), ["loan", "card"]);
    assert_eq!(leased[0].attempt, 2, "a table that kills its worker must not be tried for ever");
    assert!(leased[0].fence > stale.fence);
}

pub async fn attempts_count_up_and_start_again_at_the_next_stage(ledger: &dyn Ledger) {
    assert_eq!(take(ledger, "loan").await.attempt, 1);
    let again = lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await.remove(0);
    assert_eq!(again.attempt, 2);
    ledger.advance(&again, &state("loan")).await.unwrap();
    assert_eq!(lease_all(ledger, WalkStage::Describe, NOW).await[0].attempt, 1);
}

pub async fn a_queued_table_keeps_its_reason_and_takes_its_latest_names(ledger: &dyn Ledger) {
    enqueue(ledger, &["loan"]).await;
    let mut renamed = table_ref("loan");
    renamed.fqn = Fqn::from_parts(["bank", "main", "credit"]);
    let item = WorkItem::new(renamed.clone(), WakeReason::Manual);
    assert_eq!(ledger.enqueue(&[item], WalkStage::Inspect).await.unwrap(), 0);
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await;
    assert_eq!(leased[0].item, WorkItem::new(renamed, WakeReason::Sweep));
}

pub async fn the_most_used_table_is_walked_first(ledger: &dyn Ledger) {
    let used = |name: &str, uses| WorkItem { uses, ..work_item(name) };
    let items = [used("idle", 0), used("busy", 7), used("busiest", 900), used("idler", 0)];
    ledger.enqueue(&items, WalkStage::Inspect).await.unwrap();
    // Told twice, a table keeps the greater use: a webhook knows of none.
    ledger.enqueue(&[used("busy", 0), used("idler", 8)], WalkStage::Inspect).await.unwrap();
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await;
    assert_eq!(names(&leased), ["busiest", "idler", "busy", "idle"]);
    assert_eq!(leased.iter().map(|leased| leased.item.uses).collect::<Vec<_>>(), [900, 8, 7, 0]);
    ledger.advance(&leased[2], &state("busy")).await.unwrap();
    ledger.advance(&leased[1], &state("idler")).await.unwrap();
    assert_eq!(names(&lease_all(ledger, WalkStage::Describe, NOW).await), ["idler", "busy"]);
}

pub async fn a_table_stands_in_one_place_only(ledger: &dyn Ledger) {
    enqueue(ledger, &["waiting"]).await;
    walk(ledger, "done", &[], &[]).await;
    walk(ledger, "done_and_queued", &[], &[]).await;
    enqueue(ledger, &["done_and_queued"]).await;
    walk(ledger, "done_then_parked", &[], &[]).await;
    ledger.park_unread(&parked("done_then_parked")).await.unwrap();
    let half = take(ledger, "half_way").await;
    ledger.advance(&half, &state("half_way")).await.unwrap();
    let broken = take(ledger, "broken").await;
    ledger.park(&broken, &parked("broken")).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 3, parked: 2, done: 1 });
}

pub async fn a_parked_table_is_queued_anew_to_be_inspected(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    ledger.park(&item, &parked("loan")).await.unwrap();
    assert!(lease_all(ledger, WalkStage::Inspect, NOW + 2 * MINUTE).await.is_empty());
    assert_eq!(enqueue(ledger, &["loan"]).await, 1);
    assert!(ledger.parked().await.unwrap().is_empty());
    assert_eq!(lease_all(ledger, WalkStage::Inspect, NOW).await[0].attempt, 1);
}

pub async fn a_parked_table_is_not_described(ledger: &dyn Ledger) {
    ledger.park_unread(&parked("loan")).await.unwrap();
    assert_eq!(ledger.enqueue(&[work_item("loan"), work_item("card")], WalkStage::Describe).await.unwrap(), 1);
    assert_eq!(ledger.parked().await.unwrap(), [parked("loan")]);
    assert_eq!(names(&lease_all(ledger, WalkStage::Describe, NOW).await), ["card"]);
}

pub async fn parked_tables_are_listed_by_name_with_their_reasons(ledger: &dyn Ledger) {
    for name in ["loan", "account", "card"] {
        ledger.park_unread(&parked(name)).await.unwrap();
    }
    ledger.park_unread(&parked("card")).await.unwrap();
    assert_eq!(ledger.parked().await.unwrap(), [parked("account"), parked("card"), parked("loan")]);
}

pub async fn a_table_that_cannot_be_read_is_parked_and_leaves_the_queue(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    ledger.park_unread(&parked("loan")).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 0, parked: 1, done: 0 });
    assert!(ledger.finish(&item, &plan("loan", &[], &[])).await.is_err());
}

pub async fn an_unparked_table_is_no_longer_listed(ledger: &dyn Ledger) {
    ledger.park_unread(&parked("loan")).await.unwrap();
    ledger.park_unread(&parked("card")).await.unwrap();
    ledger.unpark(&[table_ref("loan").id, table_ref("never parked").id]).await.unwrap();
    assert_eq!(ledger.parked().await.unwrap(), [parked("card")]);
}

pub async fn parked_tables_are_paged_by_id_and_found_among_others(ledger: &dyn Ledger) {
    for name in ["loan", "account", "card"] {
        ledger.park_unread(&parked(name)).await.unwrap();
    }
    let mut ids = ["loan", "account", "card"].map(|name| table_ref(name).id);
    ids.sort();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.parked_page(after.as_ref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|parked| parked.table.id.clone()));
        after = seen.last().cloned();
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let among = [table_ref("client").id, table_ref("card").id];
    assert_eq!(ledger.parked_among(&among).await.unwrap(), [table_ref("card").id]);
}

pub async fn an_extended_lease_stays_held_and_a_lost_one_is_named(ledger: &dyn Ledger) {
    let stale = take(ledger, "loan").await;
    let fresh = lease_all(ledger, WalkStage::Inspect, NOW + MINUTE).await.remove(0);
    let card = take(ledger, "card").await;
    let done = take(ledger, "done").await;
    ledger.finish(&done, &plan("done", &[], &[])).await.unwrap();
    let lost = ledger.extend_leases(&[stale, card, done], NOW + 9 * MINUTE).await.unwrap();
    assert_eq!(lost, [table_ref("loan").id, table_ref("done").id]);
    assert_eq!(
        names(&lease_all(ledger, WalkStage::Inspect, NOW + 8 * MINUTE).await),
        ["loan"],
        "only card was extended"
    );
    assert_eq!(ledger.extend_leases(&[fresh], NOW + 9 * MINUTE).await.unwrap(), [table_ref("loan").id]);
    assert_eq!(names(&lease_all(ledger, WalkStage::Inspect, NOW + 9 * MINUTE).await), ["loan", "card"]);
}

pub async fn a_postponed_table_waits_for_its_time_and_its_attempts_count_on(ledger: &dyn Ledger) {
    let item = take(ledger, "loan").await;
    ledger.postpone(&item, NOW + 3 * MINUTE).await.unwrap();
    assert_eq!(kind_of(ledger.postpone(&item, NOW).await), Some(ErrorKind::Conflict), "the fence is spent");
    assert!(lease_all(ledger, WalkStage::Inspect, NOW + 3 * MINUTE - 1).await.is_empty());
    enqueue(ledger, &["loan"]).await;
    assert!(
        lease_all(ledger, WalkStage::Inspect, NOW + 3 * MINUTE - 1).await.is_empty(),
        "queued again it still waits"
    );
    let again = lease_all(ledger, WalkStage::Inspect, NOW + 3 * MINUTE).await.remove(0);
    assert_eq!(again.attempt, 2);
    assert!(again.fence > item.fence);
    ledger.postpone(&again, NOW + 9 * MINUTE).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 1, parked: 0, done: 0 });
    let third = lease_all(ledger, WalkStage::Inspect, NOW + 9 * MINUTE).await.remove(0);
    ledger.advance(&third, &state("loan")).await.unwrap();
    assert_eq!(names(&lease_all(ledger, WalkStage::Describe, NOW).await), ["loan"], "the next stage does not wait");
}

pub async fn a_worker_that_stops_frees_its_own_leases_only(ledger: &dyn Ledger) {
    enqueue(ledger, &["loan", "card"]).await;
    let of_a = ledger.lease(WalkStage::Inspect, "a", 1, NOW, MINUTE).await.unwrap().remove(0);
    let of_b = ledger.lease(WalkStage::Inspect, "b", 1, NOW, MINUTE).await.unwrap().remove(0);
    assert_eq!(ledger.release_leases_of("a").await.unwrap(), 1);
    assert_eq!(kind_of(ledger.finish(&of_a, &plan("loan", &[], &[])).await), Some(ErrorKind::Conflict));
    assert_eq!(names(&lease_all(ledger, WalkStage::Inspect, NOW).await), ["loan"]);
    ledger.finish(&of_b, &plan("card", &[], &[])).await.unwrap();
}
