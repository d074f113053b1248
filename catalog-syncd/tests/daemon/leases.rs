//! Leases are kept while the work goes on, and what failed for a while is tried again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use catalog_core::model::WalkStage;
use catalog_core::ports::Clock as _;
use catalog_core::ports::ledger::WorkQueue as _;

use crate::fixture::{Daemon, World};

/// Lets everybody run until there is nothing to do at this moment.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Lets time pass on all clocks.
async fn pass(world: &World, seconds: u64) {
    world.clock.advance_ms(i64::try_from(seconds).unwrap() * 1_000);
    tokio::time::advance(Duration::from_secs(seconds)).await;
    settle().await;
}

fn begun(world: &World) -> usize {
    world.gate.waiting.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_table_that_takes_longer_than_its_lease_stays_with_its_worker() {
    let world = World::new(1, "[sync]\nlease_secs = 60\n");
    let held = world.gate.permits.forget_permits(100_000);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    daemon.engine.ask(true, "request");
    while begun(&world) == 0 {
        pass(&world, 0).await;
    }
    for _ in 0..20 {
        pass(&world, 20).await;
    }
    let now = world.clock.now_ms();
    assert!(world.ledger.lease(WalkStage::Inspect, "another", 10, now, 60_000).await.unwrap().is_empty());
    world.gate.permits.add_permits(held);
    while world.ledger.counts().await.unwrap().done == 0 {
        pass(&world, 0).await;
    }
    assert_eq!(begun(&world), 1, "it was sampled once");
}

#[tokio::test(start_paused = true)]
async fn work_on_a_table_that_somebody_else_took_over_stops() {
    let world = World::new(1, "[sync]\nlease_secs = 60\n");
    world.gate.permits.forget_permits(100_000);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    let run = daemon.engine.ask(true, "request");
    while begun(&world) == 0 {
        pass(&world, 0).await;
    }
    // The process slept: its clock went on and nothing of it ran.
    world.clock.advance_ms(61_000);
    let taken = world.ledger.lease(WalkStage::Inspect, "another", 10, world.clock.now_ms(), 3_600_000).await.unwrap();
    assert_eq!(taken.len(), 1);
    while daemon.board.run(&run).unwrap().ended_at_ms.is_none() {
        pass(&world, 1).await;
    }
    let counts = world.ledger.counts().await.unwrap();
    assert_eq!((counts.queued, counts.parked), (1, 0), "it is the other's, who has not finished it");
}

#[tokio::test(start_paused = true)]
async fn a_table_whose_engine_is_down_for_a_while_is_done_without_a_sweep() {
    let world = World::new(2, "");
    world.gate.failures.store(5, Ordering::SeqCst);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    daemon.engine.ask(true, "request");
    let mut waited = 0;
    while world.ledger.counts().await.unwrap().done < 2 {
        pass(&world, 5).await;
        waited += 5;
        assert!(waited < 900, "a table is done within a quarter of an hour after the fault ended");
    }
    assert_eq!(world.ledger.counts().await.unwrap().parked, 0);
    assert!(daemon.board.runs().iter().skip(1).all(|run| run.reason == "retry" || run.reason == "request"));
}

#[tokio::test(start_paused = true)]
async fn a_table_that_fails_again_and_again_is_parked_with_its_reason() {
    let world = World::new(1, "");
    world.gate.failures.store(usize::MAX, Ordering::SeqCst);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    daemon.engine.ask(true, "request");
    let mut waited = 0;
    while world.ledger.counts().await.unwrap().parked == 0 {
        pass(&world, 5).await;
        waited += 5;
        assert!(waited < 7_200, "it is given up in the end");
    }
    assert_eq!(begun(&world), 6, "as often as the configuration says");
    assert!(world.ledger.parked().await.unwrap()[0].reason.contains("the engine is down"));
    assert_eq!(world.ledger.counts().await.unwrap().queued, 0);
}
