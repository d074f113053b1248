//! The engine: one walk at a time, stopped without losing anything.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use catalog_core::ports::ledger::WorkQueue as _;
use catalog_net::{HttpRequest, Method};
use serde_json::json;

use crate::fixture::{Daemon, World};

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stop_with_two_hundred_tables_in_flight_loses_none() {
    let world = World::new(300, "[sync]\nworkers = 200\n");
    let held = world.gate.permits.forget_permits(100_000);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    let run = daemon.engine.ask(true, "request");
    until(|| world.gate.waiting.load(Ordering::SeqCst) == 200).await;
    daemon.stop.cancel();
    world.gate.permits.add_permits(held);
    daemon.serving.await.unwrap();
    assert_eq!(serde_json::to_value(daemon.board.run(&run).unwrap()).unwrap()["state"], "stopped");
    assert_eq!(world.gate.waiting.load(Ordering::SeqCst), 200, "no further table was begun");
    assert_eq!(world.ledger.counts().await.unwrap().queued, 300, "all wait for their next stage");
    let next = Daemon::start(Arc::clone(&world)).await;
    let run = next.run(false).await;
    assert_eq!(run["state"], "done");
    let counts = world.ledger.counts().await.unwrap();
    assert_eq!((counts.done, counts.queued, counts.parked), (300, 0, 0));
    assert_eq!(world.gate.waiting.load(Ordering::SeqCst), 300, "what was finished is not done again");
}

#[tokio::test]
async fn requests_while_a_walk_is_at_work_become_one_further_run() {
    let world = World::new(1, "");
    let held = world.gate.permits.forget_permits(100_000);
    let daemon = Daemon::start(Arc::clone(&world)).await;
    let first = daemon.engine.ask(true, "request");
    until(|| world.gate.waiting.load(Ordering::SeqCst) == 1).await;
    let (second, third) = (daemon.engine.ask(false, "webhook"), daemon.engine.ask(true, "schedule"));
    assert!(second == third && second != first);
    world.gate.permits.add_permits(held);
    let run = daemon.over(&second.0).await;
    assert_eq!((run["sweep"].as_bool(), run["state"].as_str()), (Some(true), Some("done")));
    assert_eq!(daemon.board.runs().len(), 2);
}

#[tokio::test]
async fn a_pause_holds_runs_back_and_keeps_what_was_asked() {
    let daemon = Daemon::start(World::new(1, "")).await;
    assert_eq!(daemon.post("api/v1/syncs/pause", &json!({})).await.0, 200);
    let (_, asked) = daemon.post("api/v1/syncs", &json!({ "all": true })).await;
    let id = asked["run"].as_str().unwrap();
    assert_eq!(daemon.get(&format!("api/v1/runs/{id}")).await.1["state"], "waiting");
    assert_eq!(daemon.post("api/v1/syncs/resume", &json!({})).await.0, 200);
    assert_eq!(daemon.over(id).await["state"], "done");
}

#[tokio::test]
async fn a_run_is_traced_with_its_stages_and_without_a_name_from_the_data() {
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let collector = axum::Router::new().fallback(move |body: String| {
        sender.send(body).unwrap();
        async { "{}" }
    });
    let listener = catalog_net::listen("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, collector).await.unwrap() });
    let daemon = Daemon::start(World::new(2, &format!("[telemetry]\notlp_url = \"{address}\"\n"))).await;
    daemon.run(true).await;
    let body = received.recv().await.unwrap();
    assert!(body.contains("\"discover\"") && body.contains("\"inspect\"") && !body.contains("branch_"), "{body}");
}

#[tokio::test]
async fn a_run_that_cannot_search_keys_says_so_and_the_next_one_searches() {
    let daemon = Daemon::start(World::new(2, "")).await;
    let in_the_way = daemon.world.path("scratch");
    std::fs::write(&in_the_way, "").unwrap();
    let run = daemon.run(true).await;
    assert_eq!((&run["state"], &run["error"]), (&"done".into(), &serde_json::Value::Null));
    let left_out = &run["left_out"][0];
    assert_eq!((&left_out["name"], &left_out["stage"]), (&"keys".into(), &"relate".into()));
    assert!(left_out["reason"].as_str().unwrap().contains(in_the_way.to_str().unwrap()), "{left_out}");
    assert_eq!(run["summary"]["published"], 2, "tables are published all the same");
    let shown = daemon.send(None, HttpRequest::new("test", Method::Get, "/progress")).await;
    assert!(String::from_utf8_lossy(shown.body()).contains("about a kibibyte a column"));
    std::fs::remove_file(&in_the_way).unwrap();
    let run = daemon.run(true).await;
    assert_eq!((&run["left_out"], run["stages"].to_string().contains("relate")), (&serde_json::json!([]), true));
}
