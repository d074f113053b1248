//! Conditions, known faults, and what a test lets happen behind a client's back.

use catalog_testkit::fake_om::{Answer, Edit, Fault, FaultKind, Generation, Moment, Quirks, Request};
use serde_json::{Value, json};

use crate::world::{ORDERS, World};

fn describe(text: &str) -> Value {
    json!([{"op": "add", "path": "/columns/0/description", "value": text}])
}

impl World {
    fn patch_if(&mut self, if_match: &str, operations: &Value) -> Answer {
        let target = format!("/api/v1/tables/name/{ORDERS}");
        self.send_with("ingestion-bot", Request::new("PATCH", &target).json(operations).header("If-Match", if_match))
    }

    fn weak_tag(&self) -> String {
        format!("W/\"{}\"", self.orders()["version"])
    }

    fn strong_tag(&mut self) -> Option<String> {
        let answer = self.get(&format!("/api/v1/tables/name/{ORDERS}?fields=columns,tags"));
        answer.headers.into_iter().find(|(name, _)| name == "ETag").map(|(_, tag)| tag)
    }

    fn set(&mut self, switch: impl Fn(&mut Quirks), generation: Generation) {
        let mut quirks = generation.quirks();
        switch(&mut quirks);
        self.server.set_quirks(quirks);
    }
}

#[test]
fn the_older_generation_sends_no_etag_and_ignores_conditions() {
    let mut world = World::new(Generation::V1_6);
    assert_eq!(world.strong_tag(), None);
    assert_eq!(world.patch_if("\"bogus\"", &describe("x")).status, 200);
}

#[test]
fn the_newer_generation_takes_the_weak_tag_of_its_version_alone() {
    let mut world = World::new(Generation::V2_0);
    let strong = world.strong_tag().unwrap();
    assert_eq!(world.patch_if(&strong, &describe("x")).status, 412, "#30885");
    let stale = world.weak_tag();
    assert_eq!(world.patch_if(&stale, &describe("x")).status, 200);
    let answer = world.patch_if(&stale, &describe("y"));
    assert!(answer.get("/message").as_str().unwrap().starts_with("The entity has been modified. Current ETag: \""));
    assert_eq!(answer.get("/code"), 412);
    assert_eq!(world.patch_if("*", &describe("y")).status, 200);
    assert_eq!(world.orders()["columns"][0]["description"], "y");
}

#[test]
fn a_version_that_spans_a_session_hides_a_write_of_the_same_user_from_the_weak_tag() {
    let mut world = World::new(Generation::V2_0);
    world.patch_if("*", &describe("one"));
    let read = world.weak_tag();
    world.patch_if("*", &describe("two"));
    assert_eq!(world.patch_if(&read, &describe("three")).status, 200);
}

#[test]
fn without_its_fault_the_strong_tag_of_a_read_holds_until_the_next_write() {
    let mut world = World::new(Generation::V2_0);
    world.set(|quirks| quirks.etag_projection_mismatch = false, Generation::V2_0);
    let strong = world.strong_tag().unwrap();
    assert_eq!(world.patch_if(&strong, &describe("x")).status, 200);
    assert_eq!(world.patch_if(&strong, &describe("y")).status, 412);
}

#[test]
fn nested_changes_under_a_condition_are_echoed_and_dropped_by_servers_with_that_fault() {
    let mut world = World::new(Generation::V2_0);
    world.set(|quirks| quirks.drop_nested_on_if_match = true, Generation::V2_0);
    let tag = world.weak_tag();
    let answer = world.patch_if(&tag, &describe("x"));
    assert_eq!((answer.status, answer.get("/columns/0/description")), (200, &json!("x")));
    assert_eq!(world.weak_tag(), tag, "the version does not advance");
    assert!(world.orders()["columns"][0]["description"].is_null());
    world.patch_if(&tag, &json!([{"op": "add", "path": "/description", "value": "top"}]));
    assert_eq!(world.orders()["description"], "top");
    world.patch("ingestion-bot", &describe("unconditional"));
    assert_eq!(world.orders()["columns"][0]["description"], "unconditional");
}

#[test]
fn servers_that_reorder_operations_remove_something_else() {
    let operations = json!([
        {"op": "remove", "path": "/columns/0"},
        {"op": "add", "path": "/columns/0/description", "value": "meant for the second"},
    ]);
    let mut world = World::new(Generation::V1_6);
    world.patch("admin", &operations);
    assert_eq!(world.orders()["columns"][0]["description"], "meant for the second");
    let mut world = World::new(Generation::V1_6);
    world.set(|quirks| quirks.reordered_operations = true, Generation::V1_6);
    world.patch("admin", &operations);
    assert!(world.orders()["columns"][0]["description"].is_null());
}

#[test]
fn somebody_else_may_edit_between_a_read_and_the_write() {
    let mut world = World::new(Generation::V2_0);
    let read = world.weak_tag();
    let edit = Edit { user: "alice".to_owned(), table: ORDERS.to_owned(), operations: describe("by a person") };
    world.server.hook(Moment::BeforePatch, edit.clone());
    assert_eq!(world.patch_if(&read, &describe("ours")).status, 412);
    world.server.hook(Moment::AfterPatch, edit);
    assert_eq!(world.patch_if("*", &describe("ours")).get("/columns/0/description"), "ours");
    assert_eq!(world.orders()["columns"][0]["description"], "by a person");
    assert_eq!(world.orders()["updatedBy"], "alice");
}

#[test]
fn moved_columns_make_an_index_mean_another_column() {
    let mut world = World::new(Generation::V1_6);
    world.server.reorder_columns(ORDERS, &["amount"]);
    let unguarded = world.patch("ingestion-bot", &describe("meant for id"));
    assert_eq!(unguarded.get("/columns/0/name"), "amount");
    let guarded = json!([
        {"op": "test", "path": "/columns/0/name", "value": "id"},
        {"op": "add", "path": "/columns/0/description", "value": "meant for id"},
    ]);
    assert_eq!(world.patch("ingestion-bot", &guarded).status, 500);
}

#[test]
fn a_refused_request_changes_nothing_and_a_lost_answer_hides_a_change() {
    let mut world = World::new(Generation::V2_0);
    let fault = |kind| Fault { method: "PATCH".to_owned(), path_contains: "orders".to_owned(), times: 1, kind };
    world.server.fail(fault(FaultKind::Refused(429, Some(7))));
    world.server.fail(fault(FaultKind::AnswerLost(502)));
    let answer = world.describe("ingestion-bot", "ours");
    assert_eq!(answer.headers, [("Retry-After".to_owned(), "7".to_owned())]);
    assert_eq!((answer.status, &world.orders()["description"]), (429, &Value::Null));
    assert_eq!(world.describe("ingestion-bot", "ours").status, 502);
    assert_eq!(world.orders()["description"], "ours");
    assert_eq!(world.describe("ingestion-bot", "ours").status, 200);
    let patches: Vec<u16> =
        world.server.journal().into_iter().filter(|entry| entry.method == "PATCH").map(|entry| entry.status).collect();
    assert_eq!(patches, [429, 502, 200]);
}

#[test]
fn events_tell_who_changed_what_oldest_first_or_not() {
    let mut world = World::new(Generation::V1_6);
    world.describe("alice", "by a person");
    let target = "/api/v1/events?entityCreated=table&entityUpdated=table&timestamp=0";
    let first = world.get(target);
    let last = first.get("/data").as_array().unwrap().last().unwrap();
    assert_eq!((&last["userName"], &last["eventType"]), (&json!("alice"), &json!("entityUpdated")));
    let entity: Value = serde_json::from_str(last["entity"].as_str().unwrap()).unwrap();
    assert_eq!(entity["description"], "by a person");
    assert_eq!(last["changeDescription"]["fieldsAdded"][0]["name"], "description");
    world.set(|quirks| quirks.events_out_of_order = true, Generation::V1_6);
    assert_eq!(&world.get(target).get("/data/0"), &last);
    assert_eq!(world.get("/api/v1/events?entityCreated=*&timestamp=0").get("/paging/total"), 5);
}
