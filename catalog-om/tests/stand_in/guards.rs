//! No person's edit is lost, no wrong column is described, and nothing counts that was not stored.

use catalog_core::ErrorKind;
use catalog_core::model::{FieldPath, FieldValue, Operation, PiiEntity, WriteOutcome};
use catalog_core::ports::Publisher;
use catalog_testkit::fake_om::{Fault, FaultKind, Generation, Moment, Request};
use serde_json::json;

use super::world::{World, describe, describe_column, edit, nowhere, operation, text, undo};

const BOTH: [Generation; 2] = [Generation::V1_6, Generation::V2_0];

fn is_conflict(outcome: &WriteOutcome) -> bool {
    matches!(outcome, WriteOutcome::Conflict { .. })
}

fn pii(entity: PiiEntity) -> FieldValue {
    FieldValue::Pii { entity, sensitivity: entity.sensitivity() }
}

/// The edit falls between our last read and our write, so that only the server can notice it.
#[tokio::test]
async fn a_persons_edit_between_read_and_write_stays_on_both_generations() {
    for generation in BOTH {
        let world = World::new(generation).await;
        let orders = world.table("orders").await;
        let by_hand = json!([{"op": "add", "path": "/description", "value": "By hand."}]);
        world.server.with(|s| s.hook(Moment::BeforePatch, edit("alice", "orders", by_hand)));
        let outcome = world.write(&[describe(&orders, "Ours.")]).await.unwrap();
        assert!(is_conflict(&outcome), "{generation:?} {outcome:?}");
        assert_eq!(world.stored("orders")["description"], "By hand.");
    }
}

#[tokio::test]
async fn a_persons_edit_of_another_column_is_a_conflict_too() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let by_hand = json!([{"op": "add", "path": "/columns/0/description", "value": "By hand."}]);
    world.server.with(|s| s.hook(Moment::BeforePatch, edit("alice", "orders", by_hand)));
    assert!(is_conflict(&world.write(&[describe_column(&orders, "email", "Ours.")]).await.unwrap()));
    assert_eq!(world.stored("orders")["columns"][0]["description"], "By hand.");
}

/// A person who is faster than our read-back is a conflict: there is no receipt for what is no longer there.
#[tokio::test]
async fn a_persons_edit_right_after_our_write_is_a_conflict_and_stays() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let by_hand = json!([{"op": "add", "path": "/description", "value": "By hand."}]);
    world.server.with(|s| s.hook(Moment::AfterPatch, edit("alice", "orders", by_hand)));
    assert!(is_conflict(&world.write(&[describe(&orders, "Ours.")]).await.unwrap()));
    assert_eq!(world.stored("orders")["description"], "By hand.");
}

/// Also when the version and the value are those that the operation was planned on.
#[tokio::test]
async fn a_field_that_a_person_wrote_is_not_replaced_by_us_but_by_a_steward() {
    for generation in BOTH {
        let world = World::new(generation).await;
        let orders = world.table("orders").await;
        world.edit("alice", "orders", json!([{"op": "add", "path": "/description", "value": "By hand."}]));
        let replace = Operation { before: Some(text("By hand.")), ..describe(&orders, "Ours.") };
        assert!(is_conflict(&world.write(std::slice::from_ref(&replace)).await.unwrap()));
        let steward = Operation { author: "ada".into(), ..replace };
        assert!(matches!(world.write(&[steward]).await.unwrap(), WriteOutcome::Applied { .. }));
        assert_eq!(world.stored("orders")["description"], "Ours.");
    }
}

#[tokio::test]
async fn what_ingestion_wrote_is_nobodys_to_replace() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let request = Request::new("PATCH", "/api/v1/tables/name/lake.iceberg.sales.orders?changeSource=Ingested")
        .json(&json!([{"op": "add", "path": "/description", "value": "From the source."}]));
    assert_eq!(world.request("ingestion-bot", request).status, 200);
    let current = world.publisher.read(&orders).await.unwrap().unwrap();
    assert!(current.get(&FieldPath::Description).unwrap().by_human);
}

#[tokio::test]
async fn older_servers_tell_our_text_from_a_persons_by_their_history() {
    let world = World::new(Generation::V1_6).await;
    let orders = world.table("orders").await;
    world.write(&[describe(&orders, "Ours.")]).await.unwrap();
    world.edit("alice", "orders", json!([{"op": "add", "path": "/columns/0/description", "value": "By hand."}]));
    let current = world.publisher.read(&orders).await.unwrap().unwrap();
    assert!(!current.get(&FieldPath::Description).unwrap().by_human, "alice touched another field");
    let column = FieldPath::ColumnDescription { column: "id".into() };
    assert!(current.get(&column).unwrap().by_human);
}

#[tokio::test]
async fn columns_that_move_between_read_and_write_are_not_mixed_up() {
    for generation in BOTH {
        let world = World::new(generation).await;
        let orders = world.table("orders").await;
        let current = world.publisher.read(&orders).await.unwrap().unwrap();
        world.server.with(|s| s.reorder_columns(&orders.fqn.to_string(), &["email"]));
        let operations =
            [describe_column(&orders, "email", "Address."), describe_column(&orders, "attrs.zip", "Code.")];
        let outcome = world.publisher.write(&orders, &current, &operations).await.unwrap();
        assert!(matches!(outcome, WriteOutcome::Applied { .. }), "{outcome:?}");
        let stored = world.stored("orders");
        assert_eq!(
            (&stored["columns"][0]["name"], &stored["columns"][0]["description"]),
            (&json!("email"), &json!("Address."))
        );
        let bodies: Vec<String> = world.server.with(|s| s.journal()).into_iter().map(|e| e.body).collect();
        assert!(bodies.iter().any(|body| body.contains(r#"{"op":"test","path":"/columns/0/name","value":"email"}"#)));
    }
}

#[tokio::test]
async fn a_column_that_is_gone_is_an_error_and_the_others_are_not_written() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let error = world.write(&[describe(&orders, "Ours."), describe_column(&orders, "gone", "x")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("column: gone"), "{error}");
    assert!(world.stored("orders")["description"].is_null());
}

#[tokio::test]
async fn one_table_is_one_patch_guarded_by_version_and_by_tests() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let tag = FieldPath::ColumnPii { column: "email".into() };
    let operations = [
        describe(&orders, "Orders."),
        describe_column(&orders, "email", "Address."),
        operation(&orders, tag, pii(PiiEntity::Email)),
    ];
    world.write(&operations).await.unwrap();
    let journal = world.server.with(|s| s.journal());
    let patches: Vec<_> = journal.iter().filter(|entry| entry.method == "PATCH").collect();
    assert_eq!(patches.len(), 1);
    assert_eq!(patches[0].if_match.as_deref(), Some("W/\"0.1\""));
    assert!(patches[0].body.contains(r#"{"op":"test","path":"/columns/2/name","value":"email"}"#));
    assert!(patches[0].body.contains(r#""path":"/updatedAt""#));
    assert!(patches[0].query.contains(&("changeSource".to_owned(), "Automated".to_owned())));
}

#[tokio::test]
async fn a_server_that_says_yes_and_stores_nothing_is_found_out() {
    let world = World::new(Generation::V2_0).await;
    world.quirks(|quirks| quirks.drop_nested_on_if_match = true, Generation::V2_0);
    let orders = world.table("orders").await;
    let error = world.write(&[describe_column(&orders, "email", "Address.")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("columns.email.description"), "{error}");
}

#[tokio::test]
async fn a_412_for_ever_is_an_error_and_nothing_weaker_is_tried() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let kind = FaultKind::Refused(412, None);
    let fault = Fault { method: "PATCH".into(), path_contains: "tables".into(), times: 1_000, kind };
    world.server.with(|s| s.fail(fault));
    let error = world.write(&[describe(&orders, "Ours.")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let journal = world.server.with(|s| s.journal());
    assert_eq!(journal.iter().filter(|entry| entry.method == "PATCH").count(), 1);
    assert!(journal.iter().filter(|entry| entry.method == "PATCH").all(|entry| entry.if_match.is_some()));
}

/// The server answers 503 once, then does what was asked and loses its answer: written once, and known to be there.
#[tokio::test]
async fn a_lost_answer_is_found_out_by_the_next_look() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    for kind in [FaultKind::Refused(503, Some(0)), FaultKind::AnswerLost(502)] {
        let fault = Fault { method: "PATCH".into(), path_contains: "tables".into(), times: 1, kind };
        world.server.with(|s| s.fail(fault));
    }
    let current = world.publisher.read(&orders).await.unwrap().unwrap();
    let operations = [describe(&orders, "Ours.")];
    let error = world.publisher.write(&orders, &current, &operations).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let again = world.publisher.write(&orders, &current, &operations).await.unwrap();
    assert_eq!(again, WriteOutcome::AlreadyThere);
}

#[tokio::test]
async fn a_table_that_goes_between_listing_and_writing_is_a_conflict_without_a_state() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let current = world.publisher.read(&orders).await.unwrap().unwrap();
    let gone = Request::new("DELETE", &format!("/api/v1/tables/{}", orders.id));
    assert_eq!(world.request("admin", gone).status, 200);
    let outcome = world.publisher.write(&orders, &current, &[describe(&orders, "Ours.")]).await.unwrap();
    assert_eq!(outcome, WriteOutcome::Conflict { current: None });
    assert_eq!(world.publisher.read(&nowhere()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_one_table_wait_for_each_other_where_the_server_would_lose_one() {
    let world = World::new(Generation::V1_6).await;
    let orders = world.table("orders").await;
    let one = |column: &'static str| {
        let (world, orders) = (&world, &orders);
        async move {
            for _ in 0..5 {
                if !is_conflict(&world.write(&[describe_column(orders, column, "Said.")]).await.unwrap()) {
                    return;
                }
            }
            panic!("no end of conflicts");
        }
    };
    tokio::join!(one("id"), one("customer_id"), one("email"), one("attrs.zip"));
    let stored = world.stored("orders");
    let described = stored["columns"].as_array().unwrap().iter().filter(|c| c["description"] == "Said.").count();
    assert_eq!(described, 3);
    assert_eq!(stored["columns"][3]["children"][0]["description"], "Said.");
}

#[tokio::test]
async fn an_operation_is_taken_back_unless_somebody_changed_the_field_since() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let ours = describe(&orders, "Ours.");
    world.write(std::slice::from_ref(&ours)).await.unwrap();
    assert!(matches!(world.write(&[undo(&ours)]).await.unwrap(), WriteOutcome::Applied { .. }));
    assert!(world.stored("orders")["description"].is_null());
    world.write(std::slice::from_ref(&ours)).await.unwrap();
    world.edit("alice", "orders", json!([{"op": "add", "path": "/description", "value": "By hand."}]));
    assert!(is_conflict(&world.write(&[undo(&ours)]).await.unwrap()));
    assert_eq!(world.stored("orders")["description"], "By hand.");
}
