//! What stewards and operators do over the API.

use catalog_core::model::{FieldPath, FieldValue, TableRef};
use catalog_core::ports::Publisher as _;
use catalog_core::ports::ledger::WorkQueue as _;
use catalog_net::{HttpRequest, Method};
use catalog_testkit::samples;
use serde_json::{Value, json};

use crate::fixture::{Daemon, World};

const REVIEW: &str = "[publish]\ndescription = \"review\"\nkey = \"review\"\n";

async fn open(daemon: &Daemon) -> Vec<Value> {
    daemon.get("api/v1/proposals").await.1["items"].as_array().unwrap().clone()
}

async fn reviewed(tables: usize) -> (Daemon, Vec<String>) {
    let daemon = Daemon::start(World::new(tables, REVIEW)).await;
    daemon.run(true).await;
    let open = open(&daemon).await;
    assert_eq!(open.len(), tables);
    let ids = open.iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect();
    (daemon, ids)
}

#[tokio::test]
async fn what_is_accepted_is_published_at_once_and_exactly_once() {
    let (daemon, ids) = reviewed(1).await;
    let path = format!("api/v1/proposals/{}/accept", ids[0]);
    let (status, first) = daemon.post(&path, &json!({ "text": "Bank branches, one row each." })).await;
    assert_eq!((status, first["published"]["published"].as_u64()), (200, Some(1)), "{first}");
    assert_eq!(daemon.post(&path, &json!({})).await.0, 409, "a double click");
    assert_eq!(daemon.world.publisher.writes(), 1);
    let audit = daemon.get("api/v1/audit").await.1;
    let published: Vec<&Value> =
        audit["items"].as_array().unwrap().iter().filter(|r| r["action"] == "published").collect();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0]["operation"]["after"]["text"], "Bank branches, one row each.");
}

#[tokio::test]
async fn in_bulk_each_proposal_is_decided_for_itself() {
    let (daemon, mut ids) = reviewed(3).await;
    ids.push("unknown".to_owned());
    let (status, answer) = daemon.post("api/v1/proposals/bulk", &json!({ "ids": ids, "decision": "accept" })).await;
    assert_eq!(status, 200);
    let decided = answer["decided"].as_array().unwrap();
    assert_eq!(decided.iter().filter(|d| d["state"] == "accepted").count(), 3);
    assert_eq!(decided[3]["error"], "not_found");
    assert_eq!(answer["published"]["published"], 3);
}

#[tokio::test]
async fn what_is_rejected_does_not_return() {
    let (daemon, ids) = reviewed(1).await;
    let path = format!("api/v1/proposals/{}/reject", ids[0]);
    assert_eq!(daemon.post(&path, &json!({ "reason": "too vague" })).await.0, 200);
    daemon.post("api/v1/syncs", &json!({ "table": "branch_0" })).await;
    daemon.run(true).await;
    assert!(open(&daemon).await.is_empty());
}

#[tokio::test]
async fn the_reason_of_a_rejection_is_told_to_whoever_describes_tables_of_that_schema_next() {
    let (daemon, ids) = reviewed(2).await;
    let rejected = daemon.get(&format!("api/v1/proposals/{}", ids[0])).await.1;
    let text = rejected["operation"]["after"]["text"].as_str().unwrap();
    daemon.post(&format!("api/v1/proposals/{}/reject", ids[0]), &json!({ "reason": "say which bank" })).await;
    let hint = json!({ "hint": "branches of the Bank of Brest" });
    assert_eq!(daemon.post(&format!("api/v1/proposals/{}/redraft", ids[1]), &hint).await.0, 200);
    daemon.run(false).await;
    let other =
        open(&daemon).await[0]["operation"]["table"]["fqn"].as_str().unwrap().rsplit_once('.').unwrap().1.to_owned();
    assert_eq!(daemon.world.describer.told_of_rejections(), [format!("{other}: {text}, because say which bank")]);
}

#[tokio::test]
async fn a_remark_of_the_steward_is_told_and_never_read_as_the_tables_name() {
    let (daemon, ids) = reviewed(1).await;
    let hint = json!({ "hint": "too vague" });
    assert_eq!(daemon.post(&format!("api/v1/proposals/{}/redraft", ids[0]), &hint).await.0, 200);
    daemon.run(false).await;
    let text = open(&daemon).await[0]["operation"]["after"]["text"].as_str().unwrap().to_owned();
    assert!(!text.to_lowercase().contains("vague"), "{text}");
}

#[tokio::test]
async fn a_rejection_says_why_and_can_be_taken_back_as_an_acceptance_can() {
    let (daemon, ids) = reviewed(2).await;
    let path = |id: &str, what: &str| format!("api/v1/proposals/{id}/{what}");
    assert_eq!(daemon.post(&path(&ids[0], "reject"), &json!({ "reason": " " })).await.0, 400);
    assert_eq!(daemon.post(&path(&ids[0], "undo"), &json!({})).await.0, 409, "nobody decided yet");
    daemon.post(&path(&ids[0], "reject"), &json!({ "reason": "a slip" })).await;
    daemon.post(&path(&ids[1], "accept"), &json!({})).await;
    for (id, published) in [(&ids[0], 0), (&ids[1], 1)] {
        let (status, answer) = daemon.post(&path(id, "undo"), &json!({})).await;
        assert_eq!((status, answer["published"]["published"].as_u64()), (200, Some(published)), "{answer}");
        assert_eq!(answer["undone"]["sent"].as_array().unwrap().len(), 1, "{answer}");
    }
    assert_eq!(open(&daemon).await[0]["id"].as_str(), Some(ids[0].as_str()));
}

#[tokio::test]
async fn an_undo_takes_the_text_down_unless_nothing_of_the_kind_was_published() {
    let (daemon, ids) = reviewed(1).await;
    assert_eq!(daemon.post("api/v1/audit/undo", &json!({ "operation": ids[0] })).await.0, 404);
    daemon.post(&format!("api/v1/proposals/{}/accept", ids[0]), &json!({})).await;
    let (status, undone) = daemon.post("api/v1/audit/undo", &json!({ "operation": ids[0] })).await;
    assert_eq!((status, undone["published"].as_u64()), (200, Some(1)), "{undone}");
    assert_eq!(undone["undone"]["sent"][0], "description of openmetadata.main.branch_0");
    assert_eq!(daemon.post("api/v1/audit/undo", &json!({})).await.0, 400);
}

#[tokio::test]
async fn an_edit_while_a_proposal_waited_is_kept_when_it_is_accepted() {
    let (daemon, ids) = reviewed(2).await;
    let proposal = daemon.get(&format!("api/v1/proposals/{}", ids[0])).await.1;
    let table: TableRef = serde_json::from_value(proposal["operation"]["table"].clone()).unwrap();
    let text = FieldValue::Text("Written by Ana three days ago.".into());
    daemon.world.publisher.set_by_human(&table, &FieldPath::Description, text.clone());
    let (status, answer) = daemon.post("api/v1/proposals/bulk", &json!({ "ids": ids, "decision": "accept" })).await;
    assert_eq!((status, answer["published"]["published"].as_u64()), (200, Some(1)), "{answer}");
    assert_eq!(answer["published"]["overtaken"], 1);
    let current = daemon.world.publisher.read(&table).await.unwrap().unwrap();
    assert_eq!(current.get(&FieldPath::Description).unwrap().value, text);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let (daemon, ids) = reviewed(5).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = daemon.get(&format!("api/v1/proposals?limit=2{cursor}")).await.1;
        seen.extend(page["items"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_cost_and_does_nothing() {
    let daemon = Daemon::start(World::new(4, "")).await;
    let (status, answer) = daemon.post("api/v1/syncs", &json!({ "all": true, "dry_run": true })).await;
    assert_eq!((status, answer["dry_run"]["tables_to_walk"].as_u64()), (200, Some(4)));
    let counts = daemon.world.ledger.counts().await.unwrap();
    assert_eq!((counts.queued, counts.done), (0, 0));
}

#[tokio::test]
async fn a_run_by_name_or_pattern_walks_only_those_tables() {
    let daemon = Daemon::start(World::new(3, "")).await;
    daemon.run(true).await;
    let sampled = || daemon.world.gate.waiting.load(std::sync::atomic::Ordering::SeqCst);
    let before = sampled();
    for (wanted, tables) in [(json!({ "table": "branch_1" }), 1), (json!({ "match": "*branch_*" }), 3)] {
        let (status, answer) = daemon.post("api/v1/syncs", &wanted).await;
        assert_eq!((status, answer["queued"].as_u64()), (202, Some(tables)), "{answer}");
        daemon.over(answer["run"].as_str().unwrap()).await;
    }
    assert_eq!(sampled(), before + 4);
    assert_eq!(daemon.post("api/v1/syncs", &json!({ "table": "nothing" })).await.0, 404);
    assert_eq!(daemon.post("api/v1/syncs", &json!({ "all": true, "table": "x" })).await.0, 400);
}

#[tokio::test]
async fn a_runs_events_end_with_the_run() {
    let daemon = Daemon::start(World::new(2, "")).await;
    let id = daemon.engine.ask(true, "request");
    let path = format!("/api/v1/runs/{id}/events");
    let answer = daemon.send(None, HttpRequest::new("test", Method::Get, path)).await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    let last = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(last).unwrap()["state"], "done");
}

#[tokio::test]
async fn what_was_walked_is_explained_found_and_shown_as_a_graph() {
    let daemon = Daemon::start(World::new(2, "")).await;
    daemon.run(true).await;
    let explained = daemon.get("api/v1/tables/branch_1").await.1;
    assert_eq!(explained["fqn"], "openmetadata.main.branch_1");
    assert_eq!(daemon.get("api/v1/tables").await.1["items"].as_array().unwrap().len(), 2);
    let found = daemon.get("api/v1/search?q=branch&k=1").await.1;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(daemon.get("api/v1/join-graph").await.1["version"], 1);
    let both = json!({ "tables": ["openmetadata.main.branch_0", "openmetadata.main.branch_1"] });
    assert_eq!(daemon.post("api/v1/join-hints", &both).await.0, 200);
    let metrics = daemon.send(None, HttpRequest::new("test", Method::Get, "/metrics")).await;
    let text = String::from_utf8_lossy(metrics.body()).into_owned();
    assert!(text.contains("catalog_sync_tables{state=\"done\"} 2") && !text.contains("branch_"), "{text}");
}

#[tokio::test]
async fn a_table_that_was_never_walked_is_explained_and_queued_by_its_name() {
    let daemon = Daemon::start(World::new(1, "")).await;
    daemon.run(true).await;
    let ledger = &daemon.world.ledger;
    ledger.park_unread(&samples::parked("broken")).await.unwrap();
    for name in ["broken", "main.broken", "bank.main.broken"] {
        let (status, explained) = daemon.get(&format!("api/v1/tables/{name}")).await;
        assert_eq!((status, explained["fqn"].as_str()), (200, Some("bank.main.broken")), "{explained}");
        assert_eq!(explained["parked"]["reason"], samples::parked("broken").reason);
        assert!(explained["discover"].is_null());
    }
    let mut elsewhere = samples::parked("broken");
    elsewhere.table = samples::table_ref_in("shop", "broken");
    ledger.park_unread(&elsewhere).await.unwrap();
    let (status, refused) = daemon.get("api/v1/tables/broken").await;
    let told = refused.to_string();
    assert!(status == 400 && told.contains("bank.main.broken") && told.contains("shop.main.broken"), "{status} {told}");
    assert_eq!(daemon.get("api/v1/tables/shop.main.broken").await.1["fqn"], "shop.main.broken");
    let (status, answer) = daemon.post("api/v1/syncs", &json!({ "table": "bank.main.broken" })).await;
    assert_eq!((status, answer["queued"].as_u64()), (202, Some(1)), "{answer}");
}

#[tokio::test]
async fn a_recall_preview_shows_what_an_open_text_would_change_and_changes_nothing() {
    let (daemon, ids) = reviewed(6).await;
    let asked = json!({ "questions": [{ "question": "which city has a branch", "tables": ["openmetadata.main.branch_0"] }], "ids": [ids[0]] });
    let (status, answer) = daemon.post("api/v1/recall-preview", &asked).await;
    assert_eq!(status, 200, "{answer}");
    let share = |name: &str| answer[name].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&share("before")) && (0.0..=1.0).contains(&share("after")));
    assert_eq!(open(&daemon).await.len(), 6);
    assert_eq!(
        daemon.post("api/v1/recall-preview", &json!({ "questions": [{ "question": "x", "tables": [] }] })).await.0,
        400
    );
}

#[tokio::test]
async fn a_query_that_people_run_becomes_a_proposal_and_lines_for_a_semantic_model() {
    let daemon = Daemon::start(World::new(1, REVIEW)).await;
    daemon.run(true).await;
    let event = |id: &str, user: &str| {
        json!({
            "queryId": id, "user": user, "queryState": "FINISHED",
            "query": "SELECT city, count(*) FROM openmetadata.main.branch_0 WHERE city = 'Brest' GROUP BY city",
        })
    };
    let (status, kept) = daemon.post("ingest/trino", &json!([event("q1", "ana"), event("q2", "bo")])).await;
    assert_eq!((status, kept["kept"].as_u64()), (202, Some(2)), "{kept}");
    daemon.run(false).await;
    let queries = daemon.get("api/v1/proposals?kind=query").await.1;
    let query = &queries["items"][0];
    assert!(!query.to_string().contains("Brest"), "no literal is kept: {query}");
    let id = query["id"].as_str().unwrap_or_else(|| panic!("no proposal in {queries}"));
    let (status, made) = daemon.get(&format!("api/v1/proposals/{id}/yaml?domain=retail")).await;
    assert_eq!((status, made["file"].as_str()), (200, Some("retail.yaml")), "{made}");
    assert!(made["fragment"].as_str().unwrap().starts_with("verified_queries:"));
    let (status, accepted) = daemon.post(&format!("api/v1/proposals/{id}/accept"), &json!({})).await;
    assert_eq!((status, accepted["published"]["published"].as_u64()), (200, Some(1)), "{accepted}");
    assert_eq!(daemon.get(&format!("api/v1/proposals/{id}/yaml?domain=..%2Fetc")).await.0, 400);
}
