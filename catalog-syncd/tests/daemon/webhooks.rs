//! Webhooks: forged, replayed, lost, or too many.

use catalog_core::model::Secret;
use catalog_core::ports::ledger::{TableStates as _, WorkQueue as _};
use catalog_net::{HttpRequest, Method, WebhookSignature};
use serde_json::{Value, json};

use crate::fixture::{Daemon, NOW_MS, SECRET, World};

fn event(id: usize, table: &str) -> Value {
    json!({
        "id": format!("e{id}"), "eventType": "entityUpdated", "entityType": "table", "entityId": table,
        "entityFullyQualifiedName": format!("openmetadata.main.{table}"), "userName": "alice", "timestamp": NOW_MS,
    })
}

fn sign(body: &[u8], secret: &str) -> String {
    WebhookSignature::new(&Secret::new(secret), None).unwrap().sign(body)
}

async fn call(daemon: &Daemon, body: Vec<u8>, signature: Option<String>) -> (u16, Value) {
    let mut request = HttpRequest::new("test", Method::Post, "/webhooks/openmetadata").body("application/json", body);
    if let Some(signature) = signature {
        request = request.header("x-om-signature", signature);
    }
    let answer = daemon.send(None, request).await;
    (answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
}

/// The id that the in-memory source gives a table.
async fn id_of(daemon: &Daemon, name: &str) -> String {
    let states = daemon.world.ledger.states(None, 100).await.unwrap();
    let found = states.iter().find(|s| s.table.fqn().name() == name).unwrap();
    found.table.table_ref.id.0.clone()
}

#[tokio::test]
async fn a_called_table_is_queued_before_the_answer_and_walked_after_it() {
    let daemon = Daemon::start(World::new(3, "")).await;
    daemon.run(true).await;
    daemon.engine.pause();
    let body = event(1, &id_of(&daemon, "branch_1").await).to_string().into_bytes();
    let signature = sign(&body, SECRET);
    let (status, answer) = call(&daemon, body, Some(signature)).await;
    assert_eq!((status, answer["tables"].as_u64()), (200, Some(1)));
    assert_eq!(daemon.world.ledger.counts().await.unwrap().queued, 1);
    daemon.engine.resume();
    let run = daemon.board.runs()[0].id.0.clone();
    assert_eq!(daemon.over(&run).await["state"], "done");
    assert_eq!(daemon.world.ledger.counts().await.unwrap().queued, 0);
}

#[tokio::test]
async fn a_call_about_a_table_in_which_nothing_changed_samples_nothing() {
    let daemon = Daemon::start(World::new(1, "")).await;
    daemon.run(true).await;
    let sampled = daemon.world.gate.waiting.load(std::sync::atomic::Ordering::SeqCst);
    let body = event(1, &id_of(&daemon, "branch_0").await).to_string().into_bytes();
    let signature = sign(&body, SECRET);
    call(&daemon, body, Some(signature)).await;
    let run = daemon.board.runs()[0].id.0.clone();
    daemon.over(&run).await;
    assert_eq!(daemon.world.gate.waiting.load(std::sync::atomic::Ordering::SeqCst), sampled);
}

#[tokio::test]
async fn a_forged_unsigned_truncated_or_huge_webhook_is_refused_and_stores_nothing() {
    let daemon = Daemon::start(World::new(1, "")).await;
    let body = event(1, "t").to_string().into_bytes();
    let cut = body[..body.len() / 2].to_vec();
    let (good, of_cut) = (sign(&body, SECRET), sign(&cut, SECRET));
    assert_eq!(call(&daemon, body.clone(), None).await.0, 401);
    assert_eq!(call(&daemon, body.clone(), Some(sign(&body, "guess"))).await.0, 401);
    assert_eq!(call(&daemon, cut.clone(), Some(good)).await.0, 401);
    assert_eq!(call(&daemon, cut, Some(of_cut)).await.0, 400);
    assert_eq!(call(&daemon, vec![b' '; 2 << 20], None).await.0, 413);
    assert_eq!(daemon.world.ledger.counts().await.unwrap().queued, 0);
}

#[tokio::test]
async fn a_replayed_webhook_counts_once() {
    let daemon = Daemon::start(World::new(1, "")).await;
    daemon.engine.pause();
    let body = event(7, "t").to_string().into_bytes();
    let signature = sign(&body, SECRET);
    assert_eq!(call(&daemon, body.clone(), Some(signature.clone())).await.1["tables"], 1);
    assert_eq!(call(&daemon, body, Some(signature)).await.1["tables"], 0);
    let mut old = event(8, "t");
    old["timestamp"] = json!(NOW_MS - 3 * 86_400_000);
    let old = old.to_string().into_bytes();
    let signature = sign(&old, SECRET);
    assert_eq!(call(&daemon, old, Some(signature)).await.1["tables"], 0);
}

#[tokio::test]
async fn ten_thousand_events_in_any_order_queue_each_table_once() {
    let daemon = Daemon::start(World::new(1, "")).await;
    daemon.engine.pause();
    let events: Vec<Value> = (0..10_000).map(|i| event(i * 7919 % 10_000, &format!("t{}", i * 31 % 50))).collect();
    for part in events.chunks(500) {
        let body = Value::Array(part.to_vec()).to_string().into_bytes();
        let signature = sign(&body, SECRET);
        assert_eq!(call(&daemon, body, Some(signature)).await.0, 200);
    }
    assert_eq!(daemon.world.ledger.counts().await.unwrap().queued, 50);
}

#[tokio::test]
async fn a_table_that_went_is_forgotten_by_the_run_that_a_webhook_woke() {
    let daemon = Daemon::start(World::new(2, "")).await;
    daemon.run(true).await;
    let id = id_of(&daemon, "branch_0").await;
    daemon.world.tables.remove(&"openmetadata.main.branch_0".parse().unwrap());
    let mut gone = event(1, &id);
    gone["eventType"] = json!("entityDeleted");
    let body = gone.to_string().into_bytes();
    let signature = sign(&body, SECRET);
    call(&daemon, body, Some(signature)).await;
    let run = daemon.board.runs()[0].id.0.clone();
    daemon.over(&run).await;
    let counts = daemon.world.ledger.counts().await.unwrap();
    assert_eq!((counts.done, counts.queued, counts.parked), (1, 0, 0));
}

#[tokio::test]
async fn when_every_webhook_is_lost_the_sweep_finds_the_change() {
    let daemon = Daemon::start(World::new(2, "")).await;
    daemon.run(true).await;
    let columns = [("id", catalog_core::model::DataType::Integer)];
    let rows = vec![vec![catalog_core::model::RawCell::Int(1)]];
    daemon.world.tables.add("openmetadata", "late", &columns, rows);
    let run = daemon.run(true).await;
    assert_eq!(run["summary"]["tables_seen"], 3);
    assert_eq!(run["summary"]["tables_skipped"], 2);
}

#[tokio::test]
async fn query_events_are_kept_until_the_buffer_is_full_and_then_to_be_sent_again() {
    let daemon = Daemon::start(World::new(1, "")).await;
    let event = json!({ "queryId": "q1", "query": "SELECT 1", "queryState": "FINISHED", "user": "ana" });
    let first = daemon.post("ingest/trino", &json!([event, event])).await;
    assert_eq!(first.0, 202, "{}", first.1);
    let full = daemon.post("ingest/trino", &json!([event])).await;
    assert_eq!(full.0, if first.1["kept"] == 2 { 503 } else { 202 }, "{}", full.1);
}
