//! Accepted queries as entities of their own: made once, seen by others, never taken from somebody.

use catalog_core::model::{FieldPath, FieldValue, Operation, TableRef, WriteOutcome};
use catalog_core::ports::Publisher;
use catalog_testkit::fake_om::{Fault, FaultKind, Generation, Request};
use serde_json::{Value, json};

use super::world::{World, fqn, operation, undo};

const SQL: &str =
    "SELECT count(*) FROM orders JOIN customers ON customers.id = orders.customer_id WHERE orders.id = :p1";

fn query(table: &TableRef) -> Operation {
    let value = FieldValue::Query {
        sql: SQL.into(),
        question: "How many orders has a customer?".into(),
        tables: vec![fqn("customers"), table.fqn.clone(), fqn("nowhere")],
    };
    operation(table, FieldPath::VerifiedQuery { fingerprint: "f00d".into() }, value)
}

fn stored(world: &World) -> Option<Value> {
    let request = Request::new("GET", "/api/v1/queries/name/lake.f00d?fields=queryUsedIn");
    let answer = world.request("admin", request);
    (answer.status == 200).then(|| answer.body.unwrap())
}

/// Somebody patches the query.
fn edit(world: &World, user: &str, operations: &Value) {
    let id = stored(world).unwrap()["id"].as_str().unwrap().to_owned();
    let request = Request::new("PATCH", &format!("/api/v1/queries/{id}")).json(operations);
    assert_eq!(world.request(user, request).status, 200);
}

/// The next request to make a query goes wrong.
fn fail(world: &World, kind: FaultKind) {
    world.server.with(|s| s.fail(Fault { method: "POST".into(), path_contains: "queries".into(), times: 1, kind }));
}

#[tokio::test]
async fn an_accepted_query_names_the_tables_that_it_reads_and_done_twice_is_done_once() {
    for generation in [Generation::V1_6, Generation::V2_0] {
        let world = World::new(generation).await;
        let (orders, customers) = (world.table("orders").await, world.table("customers").await);
        let operations = [query(&orders)];
        assert!(matches!(world.write(&operations).await.unwrap(), WriteOutcome::Applied { .. }));
        let first = stored(&world).unwrap();
        assert_eq!((&first["query"], &first["description"]), (&json!(SQL), &json!("How many orders has a customer?")));
        let used: Vec<&Value> = first["queryUsedIn"].as_array().unwrap().iter().map(|used| &used["id"]).collect();
        assert_eq!(used, [&json!(orders.id), &json!(customers.id)], "a table that is gone is left out");
        assert!(matches!(world.write(&operations).await.unwrap(), WriteOutcome::AlreadyThere));
        assert_eq!(stored(&world).unwrap(), first);
        let current = world.publisher.read_with(&orders, &[operations[0].field.clone()]).await.unwrap().unwrap();
        assert!(!current.get(&operations[0].field).unwrap().by_human);
        assert!(
            world.publisher.read(&orders).await.unwrap().unwrap().fields.is_empty(),
            "it is looked up by name only"
        );
    }
}

#[tokio::test]
async fn a_query_is_taken_back_while_it_is_ours_and_stays_when_somebody_made_it_theirs() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let made = query(&orders);
    world.write(std::slice::from_ref(&made)).await.unwrap();
    world.write(&[undo(&made)]).await.unwrap();
    assert!(stored(&world).is_none());
    assert!(matches!(world.write(&[undo(&made)]).await.unwrap(), WriteOutcome::AlreadyThere));

    world.write(std::slice::from_ref(&made)).await.unwrap();
    edit(&world, "alice", &json!([{"op": "replace", "path": "/description", "value": "Orders of one customer"}]));
    assert!(matches!(world.write(&[undo(&made)]).await.unwrap(), WriteOutcome::Conflict { current: Some(_) }));
    // The same text, but a person vouches for it now.
    edit(
        &world,
        "alice",
        &json!([{"op": "replace", "path": "/description", "value": "How many orders has a customer?"}]),
    );
    assert!(matches!(world.write(&[undo(&made)]).await.unwrap(), WriteOutcome::Conflict { current: Some(_) }));
    assert!(stored(&world).is_some());
}

#[tokio::test]
async fn a_query_of_somebody_else_under_the_same_name_is_left_alone() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let theirs = json!({"name": "f00d", "query": "SELECT 1", "service": "lake"});
    assert_eq!(world.request("alice", Request::new("POST", "/api/v1/queries").json(&theirs)).status, 201);
    let outcome = world.write(&[query(&orders)]).await.unwrap();
    assert!(matches!(outcome, WriteOutcome::Conflict { current: Some(_) }), "{outcome:?}");
    assert_eq!(stored(&world).unwrap()["query"], "SELECT 1");
}

#[tokio::test]
async fn a_query_whose_answer_got_lost_is_not_made_twice() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    fail(&world, FaultKind::AnswerLost(503));
    // Sent again, the server says that it is there; whose it is shows when it is read back.
    assert!(matches!(world.write(&[query(&orders)]).await.unwrap(), WriteOutcome::Applied { .. }));
    let first = stored(&world).unwrap();
    assert!(matches!(world.write(&[query(&orders)]).await.unwrap(), WriteOutcome::AlreadyThere));
    assert_eq!(stored(&world).unwrap(), first);
}

#[tokio::test]
async fn a_server_that_says_yes_and_stores_no_query_is_found_out() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    fail(&world, FaultKind::Refused(201, None));
    assert_eq!(world.write(&[query(&orders)]).await.unwrap_err().kind(), catalog_core::ErrorKind::Corrupt);
}
