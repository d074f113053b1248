//! Every kind of change: written, read back, seen by others as it should be, and taken back.

use catalog_core::model::{
    ColumnSet, DailyUsage, FieldPath, FieldValue, ForeignKey, JoinKind, KeyEvidence, KeyStatus, MinedJoin, Operation,
    PiiEntity, TableRef, TagOrigin, WriteOutcome,
};
use catalog_core::ports::{MetadataSource, Publisher};
use catalog_om::FkAs;
use catalog_testkit::fake_om::{Generation, Request};
use serde_json::{Value, json};

use super::world::{World, columns, create_table, describe_column, fqn, operation, undo};

async fn apply(world: &World, operations: &[Operation]) {
    let outcome = world.write(operations).await.unwrap();
    assert!(matches!(outcome, WriteOutcome::Applied { .. }), "{outcome:?}");
    // Done twice is done once.
    assert!(matches!(world.write(operations).await.unwrap(), WriteOutcome::AlreadyThere));
}

fn tags(entity: &Value) -> Vec<&str> {
    entity["tags"].as_array().unwrap().iter().map(|label| label["tagFQN"].as_str().unwrap()).collect()
}

fn pii(table: &TableRef, column: &str, entity: PiiEntity) -> Operation {
    let value = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
    operation(table, FieldPath::ColumnPii { column: column.into() }, value)
}

#[tokio::test]
async fn a_pii_tag_says_level_and_kind_and_is_only_suggested_until_somebody_confirms_it() {
    for generation in [Generation::V1_6, Generation::V2_0] {
        let world = World::new(generation).await;
        let orders = world.table("orders").await;
        let email = pii(&orders, "email", PiiEntity::Email);
        let nested = pii(&orders, "attrs.zip", PiiEntity::Health);
        apply(&world, &[email.clone(), nested]).await;
        let stored = world.stored("orders");
        assert_eq!(tags(&stored["columns"][2]), ["PII.Sensitive", "PIIEntity.EMAIL"]);
        assert_eq!(
            tags(&stored["columns"][3]["children"][0]),
            ["PII.Sensitive", "PIIEntity.HEALTH", "SpecialCategory.Health"]
        );
        let label = &stored["columns"][2]["tags"][0];
        assert_eq!((&label["labelType"], &label["state"]), (&json!("Automated"), &json!("Suggested")));
        let seen = world.source.column_tags(&world.source.get(&orders.fqn).await.unwrap().unwrap()).await.unwrap();
        assert_eq!((seen[0].0.as_str(), seen[1].0.as_str()), ("email", "attrs.zip"));
        assert!(seen.iter().flat_map(|(_, tags)| tags).all(|tag| tag.origin == TagOrigin::Ours));

        world.edit(
            "alice",
            "orders",
            json!([{"op": "replace", "path": "/columns/2/tags/0/state", "value": "Confirmed"}]),
        );
        let current = world.publisher.read(&orders).await.unwrap().unwrap();
        assert!(current.get(&email.field).unwrap().by_human);
        assert!(matches!(world.write(&[undo(&email)]).await.unwrap(), WriteOutcome::Conflict { .. }));
    }
}

#[tokio::test]
async fn a_pii_tag_is_replaced_and_taken_off_with_all_that_belongs_to_it() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let health = pii(&orders, "email", PiiEntity::Health);
    apply(&world, std::slice::from_ref(&health)).await;
    let address = Operation { before: health.after.clone(), ..pii(&orders, "email", PiiEntity::IpAddress) };
    apply(&world, std::slice::from_ref(&address)).await;
    assert_eq!(tags(&world.stored("orders")["columns"][2]), ["PII.NonSensitive", "PIIEntity.IP_ADDRESS"]);
    apply(&world, &[Operation { before: address.after.clone(), after: None, ..address }]).await;
    assert_eq!(tags(&world.stored("orders")["columns"][2]), [] as [&str; 0]);
    let steward = |operation: Operation| Operation { author: "ada".into(), ..operation };
    apply(&world, &[steward(health.clone())]).await;
    assert!(world.publisher.read(&orders).await.unwrap().unwrap().fields[0].current.by_human);
    apply(&world, &[steward(undo(&health))]).await;
    assert_eq!(tags(&world.stored("orders")["columns"][2]), [] as [&str; 0]);
}

#[tokio::test]
async fn a_persons_word_that_a_column_is_not_personal_is_left_alone() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let none = json!([{"op": "add", "path": "/columns/2/tags/-", "value": {"tagFQN": "PII.None"}}]);
    world.edit("alice", "orders", none);
    let field = FieldPath::ColumnPii { column: "email".into() };
    let current = world.publisher.read(&orders).await.unwrap().unwrap();
    let held = current.get(&field).unwrap();
    assert_eq!((&held.value, held.by_human), (&FieldValue::Tag("None".into()), true));
    let ours = Operation { before: Some(held.value.clone()), ..pii(&orders, "email", PiiEntity::Email) };
    assert!(matches!(world.write(&[ours]).await.unwrap(), WriteOutcome::Conflict { .. }));
}

#[tokio::test]
async fn domain_and_tier_are_tags_that_are_made_when_absent() {
    for generation in [Generation::V1_6, Generation::V2_0] {
        let world = World::new(generation).await;
        let orders = world.table("orders").await;
        let domain = operation(&orders, FieldPath::Domain, FieldValue::Tag("Order desk 2.0".into()));
        let tier = operation(&orders, FieldPath::Tier, FieldValue::Tag("Tier2".into()));
        apply(&world, &[domain.clone(), tier.clone()]).await;
        assert_eq!(tags(&world.stored("orders")), ["Domain.\"Order desk 2.0\"", "Tier.Tier2"]);
        let current = world.publisher.read(&orders).await.unwrap().unwrap();
        assert!(current.fields.iter().all(|field| !field.current.by_human), "{current:?}");
        apply(&world, &[undo(&domain)]).await;
        assert_eq!(tags(&world.stored("orders")), ["Tier.Tier2"]);
        world.edit("alice", "orders", json!([{"op": "replace", "path": "/tags/0/labelType", "value": "Manual"}]));
        let current = world.publisher.read(&orders).await.unwrap().unwrap();
        assert!(current.get(&FieldPath::Tier).unwrap().by_human);
    }
}

fn key(child: &TableRef, columns: &[&str], parent: &str, parent_columns: &[&str]) -> Operation {
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<String>>();
    let key = ForeignKey {
        child: ColumnSet { table: child.fqn.clone(), columns: names(columns) },
        parent: ColumnSet { table: fqn(parent), columns: names(parent_columns) },
        score: 0.93,
        status: KeyStatus::Confirmed,
        orphans: Some(0),
        vacuous: false,
        sampled: false,
        evidence: KeyEvidence::new(),
    };
    operation(child, FieldPath::ForeignKey { columns: names(columns) }, FieldValue::Key(Box::new(key)))
}

fn lineage(world: &World, table: &str) -> Value {
    let path = format!("/api/v1/lineage/table/name/{}?upstreamDepth=1&downstreamDepth=0", fqn(table));
    world.request("admin", Request::new("GET", &path)).body.unwrap()
}

#[tokio::test]
async fn a_key_is_a_lineage_edge_that_says_it_is_inferred_and_is_no_upstream_table() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let key = key(&orders, &["customer_id"], "customers", &["id"]);
    apply(&world, std::slice::from_ref(&key)).await;
    let graph = lineage(&world, "orders");
    let details = &graph["upstreamEdges"][0]["lineageDetails"];
    assert!(
        details["description"]
            .as_str()
            .unwrap()
            .starts_with("Inferred foreign key, not data flow: customer_id -> id; score 0.93")
    );
    let pair = json!({"fromColumns": ["lake.iceberg.sales.customers.id"], "toColumn": "lake.iceberg.sales.orders.customer_id"});
    assert_eq!(details["columnsLineage"], json!([pair]));
    let table = world.source.get(&orders.fqn).await.unwrap().unwrap();
    assert!(world.source.upstream(&table, 10).await.unwrap().is_empty());
    apply(&world, &[undo(&key)]).await;
    assert_eq!(lineage(&world, "orders")["upstreamEdges"], json!([]));
}

#[tokio::test]
async fn composite_keys_and_keys_to_two_parents_are_told_apart() {
    let world = World::with(Generation::V2_0, |s| s.fk_as = vec![FkAs::Lineage, FkAs::TableConstraint]).await;
    create_table(&world.server, "partsupp", &columns(&["part", "supp"]));
    create_table(&world.server, "lineitem", &columns(&["part", "supp", "order_id", "customer_id"]));
    let lineitem = world.table("lineitem").await;
    let composite = key(&lineitem, &["part", "supp"], "partsupp", &["part", "supp"]);
    let plain = key(&lineitem, &["order_id"], "orders", &["id"]);
    apply(&world, &[composite.clone(), plain.clone()]).await;
    let stored = world.stored("lineitem");
    assert_eq!(stored["tableConstraints"].as_array().unwrap().len(), 2);
    assert_eq!(stored["tableConstraints"][0]["columns"], json!(["part", "supp"]));
    let elsewhere = key(&lineitem, &["order_id"], "customers", &["id"]);
    apply(&world, &[Operation { before: plain.after.clone(), ..elsewhere }]).await;
    let graph = lineage(&world, "lineitem");
    let parents: Vec<&str> = graph["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(parents.len(), 2);
    assert!(parents.contains(&"customers") && parents.contains(&"partsupp"));
    apply(&world, &[undo(&composite)]).await;
    assert_eq!(world.stored("lineitem")["tableConstraints"].as_array().unwrap().len(), 1);
    let table = world.source.get(&lineitem.fqn).await.unwrap().unwrap();
    assert!(table.declared_keys.is_empty(), "our own constraint must not vouch for itself");
}

#[tokio::test]
async fn a_key_that_a_crash_left_written_by_half_is_finished() {
    let world = World::with(Generation::V2_0, |s| s.fk_as = vec![FkAs::Lineage, FkAs::TableConstraint]).await;
    let orders = world.table("orders").await;
    let request = Request::new("PATCH", "/api/v1/tables/name/lake.iceberg.sales.orders").json(&json!([{
        "op": "add", "path": "/tableConstraints", "value": [{
            "constraintType": "FOREIGN_KEY", "columns": ["customer_id"],
            "referredColumns": ["lake.iceberg.sales.customers.id"],
        }],
    }]));
    assert_eq!(world.request("ingestion-bot", request).status, 200);
    apply(&world, &[key(&orders, &["customer_id"], "customers", &["id"])]).await;
    assert_eq!(world.stored("orders")["tableConstraints"].as_array().unwrap().len(), 1);
    assert_eq!(lineage(&world, "orders")["upstreamEdges"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn real_lineage_into_the_same_table_survives_a_key_and_its_removal() {
    let world = World::new(Generation::V2_0).await;
    let (orders, customers) = (world.table("orders").await, world.table("customers").await);
    let edge = json!({"edge": {
        "fromEntity": {"id": customers.id, "type": "table"}, "toEntity": {"id": orders.id, "type": "table"},
        "lineageDetails": {"sqlQuery": "insert ...", "source": "QueryLineage", "description": "Nightly."},
    }});
    world.request("admin", Request::new("PUT", "/api/v1/lineage").json(&edge));
    let before = lineage(&world, "orders")["upstreamEdges"][0]["lineageDetails"].clone();
    let key = key(&orders, &["customer_id"], "customers", &["id"]);
    apply(&world, std::slice::from_ref(&key)).await;
    let table = world.source.get(&orders.fqn).await.unwrap().unwrap();
    let upstream = world.source.upstream(&table, 10).await.unwrap();
    assert_eq!(upstream.iter().map(|u| u.fqn.name()).collect::<Vec<_>>(), ["customers"]);
    apply(&world, &[undo(&key)]).await;
    let after = lineage(&world, "orders")["upstreamEdges"][0]["lineageDetails"].clone();
    assert_eq!((&after["sqlQuery"], &after["description"]), (&before["sqlQuery"], &before["description"]));
    assert_eq!(after["columnsLineage"], json!([]));
}

#[tokio::test]
async fn usage_and_joins_of_a_day_are_replaced_and_not_added_up() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let today = format_day(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs());
    let join = MinedJoin {
        left: fqn("customers"),
        left_columns: vec!["id".into()],
        right: orders.fqn.clone(),
        right_columns: vec!["customer_id".into()],
        kind: JoinKind::Equality,
        runs: 7,
        users: 2,
    };
    let usage = |runs| FieldValue::Usage(Box::new(DailyUsage { runs, joins: vec![join.clone()] }));
    for runs in [12, 15, 15] {
        let operation = operation(&orders, FieldPath::Usage { date: today.clone() }, usage(runs));
        assert!(matches!(world.write(&[operation]).await.unwrap(), WriteOutcome::Applied { .. }));
    }
    let stored = world.stored("orders");
    assert_eq!(stored["usageSummary"]["dailyStats"]["count"], 15);
    assert_eq!(
        stored["joins"]["columnJoins"],
        json!([{"columnName": "customer_id", "joinedWith": [{"fullyQualifiedName": "lake.iceberg.sales.customers.id", "joinCount": 7}]}])
    );
}

/// The day of a time in seconds since 1970 (Howard Hinnant's `civil_from_days`).
fn format_day(secs: u64) -> String {
    let days = secs / 86_400 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}

#[tokio::test]
async fn a_name_with_dots_and_quotes_is_written_like_any_other() {
    let world = World::new(Generation::V2_0).await;
    create_table(&world.server, "odd.\"name\" v2", &columns(&["c.1", "a/b ~c"]));
    let odd = world.table("odd.\"name\" v2").await;
    assert_eq!(odd.engine.table, "odd.\"name\" v2");
    apply(&world, &[describe_column(&odd, "c.1", "One."), pii(&odd, "a/b ~c", PiiEntity::Phone)]).await;
    let key = key(&odd, &["c.1"], "customers", &["id"]);
    apply(&world, &[key]).await;
    let current = world.publisher.read(&odd).await.unwrap().unwrap();
    assert_eq!(current.fields.len(), 3);
    assert!(current.fields.iter().all(|field| !field.current.by_human));
}
