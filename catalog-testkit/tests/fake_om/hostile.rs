//! Whatever a client sends, the stand-in answers.

use catalog_testkit::fake_om::{Generation, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{ORDERS, World};

const TARGETS: [&str; 9] = [
    "/api/v1/tables",
    "/api/v1/tags",
    "/api/v1/lineage",
    "/api/v1/suggestions",
    "/api/v1/events/subscriptions",
    "/api/v1/databaseSchemas",
    "/api/v1/tables/restore",
    "/api/v1/services/databaseServices",
    "/api/v1/nothing",
];

/// JSON of any form, often with members and values that mean something to the server.
fn any_json() -> impl Strategy<Value = Value> {
    let names = "name|databaseSchema|columns|dataType|tags|tagFQN|children|destinations|edge|config|type|entityLink|op|path|value";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "lake.iceberg.sales|INT|STRUCT|PII.Sensitive|a|table|SuggestTagLabel|add|replace|/columns/0|/tags/-|"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..6).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_answered(target in prop::sample::select(TARGETS.to_vec()), put in any::<bool>(), body in any_json()) {
        let mut world = World::new(Generation::V2_0);
        let answer = world.send("admin", if put { "PUT" } else { "POST" }, target, &body);
        prop_assert!((200..600).contains(&answer.status));
        let listed = world.get("/api/v1/tables?fields=*&include=all");
        prop_assert_eq!(listed.status, 200);
    }

    #[test]
    fn any_operations_are_answered(operations in prop::collection::vec(any_json(), 0..3), value in any_json(), at in 0_usize..5) {
        let mut world = World::new(Generation::V2_0);
        let paths = ["", "/columns", "/columns/0", "/columns/0/children", "/tags"];
        let mut all = operations;
        all.push(json!({"op": "replace", "path": paths[at], "value": value}));
        world.patch("admin", &Value::from(all));
        world.patch("admin", &json!([{"op": "add", "path": paths[at], "value": value}]));
        prop_assert_eq!(world.get(&format!("/api/v1/tables/name/{ORDERS}?fields=*")).status, 200);
    }

    #[test]
    fn any_target_is_answered(target in "/api/v1/(tables|events|lineage|suggestions|tags)(/[a-z%\".0-9]{0,12}){0,3}(\\?(limit|after|fields|timestamp)=.{0,12})?", method in "GET|PUT|PATCH|DELETE|POST") {
        let mut world = World::new(Generation::V1_6);
        let answer = world.send_with("admin", Request::new(&method, &target));
        prop_assert!((200..600).contains(&answer.status));
    }
}
