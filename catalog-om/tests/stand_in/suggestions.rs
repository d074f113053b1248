//! Changes on the server's own review page.

use catalog_core::model::{FieldPath, FieldValue, PiiEntity};
use catalog_core::ports::Publisher;
use catalog_testkit::fake_om::{Generation, Request};
use serde_json::{Value, json};

use super::world::{BOT, World, describe, describe_column, operation};

fn open(world: &World) -> Vec<Value> {
    let path = "/api/v1/suggestions?entityFQN=lake.iceberg.sales.orders&status=Open&limit=100";
    let answer = world.request("admin", Request::new("GET", path));
    answer.get("/data").as_array().unwrap().clone()
}

#[tokio::test]
async fn open_suggestions_become_exactly_what_is_wanted() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let entity = PiiEntity::Email;
    let pii = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
    let tag = operation(&orders, FieldPath::ColumnPii { column: "email".into() }, pii);
    let query = FieldValue::Query { sql: "SELECT 1".into(), question: "One?".into(), tables: Vec::new() };
    let query = operation(&orders, FieldPath::VerifiedQuery { fingerprint: "f".into() }, query);
    let wanted = [describe(&orders, "Orders."), tag, query];
    for _ in 0..2 {
        let shown = world.publisher.suggest(&orders, &wanted).await.unwrap();
        assert_eq!(shown, [wanted[0].id.clone(), wanted[1].id.clone()], "a query cannot be suggested");
        assert_eq!(open(&world).len(), 2);
    }
    assert!(world.stored("orders")["description"].is_null());
    world.publisher.suggest(&orders, &[describe_column(&orders, "attrs.zip", "Code.")]).await.unwrap();
    let left = open(&world);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["entityLink"], "<#E::table::lake.iceberg.sales.orders::columns::attrs.zip>");
    world.publisher.suggest(&orders, &[]).await.unwrap();
    assert!(open(&world).is_empty());
}

#[tokio::test]
async fn suggestions_of_others_are_left_alone() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let theirs = json!({"type": "SuggestDescription", "entityLink": "<#E::table::lake.iceberg.sales.orders>", "description": "Theirs."});
    assert_eq!(world.request("alice", Request::new("POST", "/api/v1/suggestions").json(&theirs)).status, 201);
    world.publisher.suggest(&orders, &[describe(&orders, "Ours.")]).await.unwrap();
    world.publisher.suggest(&orders, &[]).await.unwrap();
    let left = open(&world);
    assert_eq!((left.len(), &left[0]["description"]), (1, &json!("Theirs.")));
    assert_ne!(left[0]["createdBy"]["name"], BOT);
}
