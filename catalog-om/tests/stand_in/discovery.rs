//! Tables are found, once and all of them, and our own writes wake nobody.

use std::collections::BTreeSet;
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{DataType, Table, TableKind};
use catalog_core::ports::{Discovered, MetadataSource, Publisher, SourceChanges};
use catalog_om::OmSource;
use catalog_testkit::fake_om::{Generation, Request};
use serde_json::json;

use super::world::{World, columns, create_table, created, describe, describe_column, fqn, policy};

/// Names, in the order of the listing, and pages.
async fn sweep(source: &OmSource, limit: usize) -> (Vec<String>, usize) {
    let (mut names, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = source.list(cursor.as_deref(), limit).await.unwrap();
        pages += 1;
        assert!(page.tables.len() <= limit);
        names.extend(page.tables.iter().map(|found| match found {
            Discovered::Table(table) => table.fqn().name().to_owned(),
            Discovered::Unreadable(table, _) => format!("!{}", table.fqn.name()),
        }));
        cursor = page.next;
        if cursor.is_none() {
            return (names, pages);
        }
    }
}

async fn known(world: &World, since_ms: i64) -> (Vec<String>, usize, i64) {
    match world.source.changes(since_ms, 100).await.unwrap() {
        SourceChanges::Known { changed, gone, through_ms } => {
            (changed.iter().map(|name| name.name().to_owned()).collect(), gone.len(), through_ms)
        }
        SourceChanges::Unknown => panic!("the events were not read"),
    }
}

async fn table(world: &World, name: &str) -> Table {
    world.source.get(&fqn(name)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_table_is_read_with_types_keys_and_the_engines_name() {
    let world = World::with(Generation::V2_0, |settings| {
        settings.services.insert("lake".into(), "hive".into());
    })
    .await;
    created(
        &world.server,
        "tables",
        &json!({
            "name": "wide", "databaseSchema": "lake.iceberg.sales", "tableType": "View",
            "columns": [
                {"name": "id", "dataType": "BIGINT", "constraint": "PRIMARY_KEY"},
                {"name": "price", "dataType": "DECIMAL", "dataTypeDisplay": "decimal(18,2)", "constraint": "NOT_NULL"},
                {"name": "code", "dataType": "VARCHAR", "dataLength": 3, "constraint": "UNIQUE"},
                {"name": "attrs", "dataType": "STRUCT", "children": [{"name": "a", "dataType": "INT"}]},
                {"name": "odd", "dataType": "GEOMETRY"},
            ],
            "tableConstraints": [
                {"constraintType": "UNIQUE", "columns": ["id", "code"]},
                {"constraintType": "FOREIGN_KEY", "columns": ["id"], "referredColumns": ["lake.iceberg.sales.customers.id"]},
            ],
        }),
    );
    let table = table(&world, "wide").await;
    assert_eq!((table.kind, table.table_ref.engine.catalog.as_str()), (TableKind::View, "hive"));
    assert_eq!((table.table_ref.engine.schema.as_str(), table.table_ref.engine.table.as_str()), ("sales", "wide"));
    let types: Vec<DataType> = table.columns.iter().map(|c| c.data_type).collect();
    assert_eq!(types, [DataType::Integer, DataType::Decimal, DataType::Text, DataType::Nested, DataType::Unknown]);
    assert_eq!(table.columns.iter().map(|c| c.nullable).collect::<Vec<_>>(), [false, false, true, true, true]);
    assert_eq!(table.columns[1].native_type, "decimal(18,2)");
    assert_eq!(table.primary_key, ["id"]);
    assert_eq!(table.unique_keys, [vec!["id".to_owned(), "code".into()], vec!["code".into()]]);
    assert_eq!(table.declared_keys[0].parent, fqn("customers"));
    assert!(table.updated_at_ms > 0);
    assert_eq!(world.source.get_by_id(&table.table_ref.id).await.unwrap().unwrap(), table);
}

#[tokio::test]
async fn every_table_is_listed_once_whatever_the_page() {
    let world = World::new(Generation::V1_6).await;
    for i in 0..23 {
        create_table(&world.server, &format!("t{i:02}"), &columns(&["id"]));
    }
    for limit in [1, 7, 25, 100] {
        let (names, pages) = sweep(&world.source, limit).await;
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (25, 25));
        assert_eq!(pages, 25_usize.div_ceil(limit));
    }
}

/// Tables that come or go between two pages may be missed; the next sweep is right, and nothing breaks.
#[tokio::test]
async fn a_listing_that_changes_while_it_is_paged_is_put_right_by_the_next() {
    let world = World::new(Generation::V2_0).await;
    for name in ["b", "d", "f"] {
        create_table(&world.server, name, &columns(&["id"]));
    }
    let first = world.source.list(None, 2).await.unwrap();
    let gone = table(&world, "b").await.table_ref;
    world.request("admin", Request::new("DELETE", &format!("/api/v1/tables/{}", gone.id)));
    create_table(&world.server, "a", &columns(&["id"]));
    assert!(world.source.list(first.next.as_deref(), 2).await.is_ok());
    let (names, _) = sweep(&world.source, 2).await;
    assert_eq!(names, ["a", "customers", "d", "f", "orders"]);
}

#[tokio::test]
async fn a_listing_tells_how_much_each_table_is_used() {
    let world = World::new(Generation::V2_0).await;
    let orders = world.table("orders").await;
    let body = json!({"date": "2026-01-01", "count": 9});
    world.request("admin", Request::new("POST", &format!("/api/v1/usage/table/{}", orders.id)).json(&body));
    let page = world.source.list(None, 10).await.unwrap();
    assert_eq!(page.uses.into_iter().collect::<Vec<_>>(), [(orders.id.clone(), 9)]);
}

#[tokio::test]
async fn rules_leave_tables_out_by_name_tag_and_owner_and_count_them() {
    let world = World::with(Generation::V2_0, |settings| {
        settings.include = vec!["schema:sales".into()];
        settings.exclude = vec!["table:tmp_*".into(), "tag:Tier.Tier5".into()];
    })
    .await;
    create_table(&world.server, "tmp_1", &columns(&["id"]));
    create_table(&world.server, "old", &columns(&["id"]));
    world.edit("admin", "old", json!([{"op": "add", "path": "/tags/-", "value": {"tagFQN": "Tier.Tier5"}}]));
    assert_eq!(sweep(&world.source, 100).await.0, ["customers", "orders"]);
    assert_eq!(world.source.excluded(), 2);
    assert!(world.source.get(&fqn("tmp_1")).await.unwrap().is_none());
    let fields: Vec<(String, String)> =
        world.server.with(|s| s.journal()).into_iter().flat_map(|entry| entry.query).collect();
    assert!(!fields.iter().any(|(_, value)| value.contains("owners")), "no rule looks at owners");
}

#[tokio::test]
async fn a_service_that_no_engine_reads_is_named_and_its_tables_are_unreadable() {
    let world = World::new(Generation::V2_0).await;
    for (collection, body) in [
        ("services/databaseServices", json!({"name": "crm", "serviceType": "Postgres"})),
        ("databases", json!({"name": "app", "service": "crm"})),
        ("databaseSchemas", json!({"name": "public", "database": "crm.app"})),
        ("tables", json!({"name": "lead", "databaseSchema": "crm.app.public", "columns": columns(&["id"])})),
    ] {
        created(&world.server, collection, &body);
    }
    assert_eq!(sweep(&world.source, 100).await.0, ["customers", "!lead", "orders"]);
    let unmapped: Vec<String> = world.source.unmapped_services().await.unwrap().into_iter().map(|s| s.name).collect();
    assert_eq!(unmapped, ["crm"]);
    let error = world.source.get(&"crm.app.public.lead".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("engine.services"), "{error}");
}

#[tokio::test]
async fn our_own_writes_change_no_table_and_wake_nobody() {
    let world = World::new(Generation::V2_0).await;
    let before = table(&world, "orders").await;
    let (_, _, start) = known(&world, 0).await;
    let operations = [describe(&before.table_ref, "Ours."), describe_column(&before.table_ref, "email", "Ours.")];
    let current = world.publisher.read(&before.table_ref).await.unwrap().unwrap();
    world.publisher.write(&before.table_ref, &current, &operations).await.unwrap();
    let after = table(&world, "orders").await;
    assert_eq!(before.content_hash(), after.content_hash());
    assert_eq!(known(&world, start + 1_000_000).await.0, [] as [&str; 0]);
    world.edit("alice", "orders", json!([{"op": "add", "path": "/columns/0/description", "value": "By hand."}]));
    let by_hand = table(&world, "orders").await;
    assert!(by_hand.columns[0].description.as_ref().unwrap().by_human);
    assert_ne!(before.content_hash(), by_hand.content_hash());
}

#[tokio::test]
async fn changes_are_told_once_a_table_in_any_order_with_what_went() {
    let world = World::with(Generation::V1_6, |settings| settings.overlap = Duration::ZERO).await;
    let (first, gone, through) = known(&world, 0).await;
    assert_eq!((first.len(), gone), (2, 0));
    for out_of_order in [false, true] {
        world.quirks(|quirks| quirks.events_out_of_order = out_of_order, Generation::V1_6);
        for words in ["One.", "Two."] {
            world.edit("alice", "orders", json!([{"op": "add", "path": "/description", "value": words}]));
        }
        assert_eq!(known(&world, through + 1).await.0, ["orders"]);
    }
    let customers = world.table("customers").await;
    world.request("admin", Request::new("DELETE", &format!("/api/v1/tables/{}", customers.id)));
    let (changed, gone, through) = known(&world, through + 1).await;
    assert_eq!((changed, gone), (vec!["orders".to_owned()], 1));
    assert_eq!(known(&world, through + 1).await, (Vec::new(), 0, through + 1));
    assert_eq!(world.source.changes(0, 1).await.unwrap(), SourceChanges::Unknown, "more than asked for");
}

/// A sweep without a change costs one request through events, however many tables there are.
#[tokio::test]
async fn looking_for_changes_is_one_request() {
    let world = World::new(Generation::V2_0).await;
    let (_, _, through) = known(&world, 0).await;
    let before = world.requests().len();
    known(&world, through + 1_000_000).await;
    assert_eq!(world.requests().len(), before + 1);
}

#[tokio::test]
async fn upstream_tables_come_with_what_the_catalog_says_of_them() {
    let world = World::new(Generation::V2_0).await;
    let (orders, customers) = (table(&world, "orders").await, world.table("customers").await);
    world.edit("alice", "customers", json!([{"op": "add", "path": "/description", "value": "Who buys."}]));
    let edge = json!({"edge": {
        "fromEntity": {"id": customers.id, "type": "table"}, "toEntity": {"id": orders.table_ref.id, "type": "table"},
        "lineageDetails": {"source": "ViewLineage"},
    }});
    world.request("admin", Request::new("PUT", "/api/v1/lineage").json(&edge));
    let upstream = world.source.upstream(&orders, 5).await.unwrap();
    assert_eq!((&upstream[0].fqn, upstream[0].description.as_deref()), (&fqn("customers"), Some("Who buys.")));
    assert!(world.source.upstream(&orders, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_server_is_asked_what_it_is_and_what_it_allows() {
    let old = World::new(Generation::V1_6).await.capabilities;
    let new = World::new(Generation::V2_0).await;
    assert_eq!((old.version.as_str(), old.optimistic_locking, old.ordered_patches), ("1.6.9", false, true));
    assert_eq!((new.capabilities.optimistic_locking, new.capabilities.is_bot), (true, true));
    assert_eq!((new.capabilities.user.as_str(), new.capabilities.missing_rights), ("ingestion-bot", Some(Vec::new())));
    let mut options = catalog_testkit::fake_om::Options::of(Generation::V2_0);
    options.users.iter_mut().for_each(|user| user.denied = vec!["table:EditAll".into()]);
    let server = catalog_testkit::fake_om::FakeOm::start(options, 0).await.unwrap();
    let settings = catalog_om::OmSettings { url: server.url(), ..new.settings };
    let client = catalog_om::OmClient::new(&settings, &policy(&server.url())).unwrap();
    assert_eq!(client.probe().await.unwrap().missing_rights, Some(vec!["table:EditAll".to_owned()]));
}
