//! What OpenMetadata does, as it was recorded from a server.

use catalog_testkit::fake_om::{Generation, Request};
use serde_json::{Value, json};

use crate::world::{ORDERS, World, column, label, table};

#[test]
fn nobody_comes_in_without_a_known_token() {
    let mut world = World::new(Generation::V1_6);
    let answer = world.server.handle(&Request::new("GET", "/api/v1/tables"));
    assert_eq!(answer.body, Some(json!({"code": 401, "message": "Not Authorized! Token not present"})));
    let forged = Request::new("GET", "/api/v1/tables").header("Authorization", "Bearer forged");
    let answer = world.server.handle(&forged);
    assert_eq!(answer.body, Some(json!({"code": 401, "message": "Not Authorized! Unable to decode the token."})));
    assert_eq!(world.server.handle(&Request::new("GET", "/api/v1/system/version")).get("/version"), "1.6.9");
}

#[test]
fn a_session_of_one_user_is_one_version_and_another_user_bumps_it() {
    let mut world = World::new(Generation::V1_6);
    // As recorded: a PUT that adds a column, then edits by the same user, then the bot, then the user again.
    let wider = table("orders", &json!([column("id"), column("email"), column("amount"), column("customer_id")]));
    assert_eq!(world.send("admin", "PUT", "/api/v1/tables", &wider).get("/version"), &json!(0.2));
    let answer = world.describe("admin", "Orders table");
    assert_eq!(answer.get("/version"), &json!(1.1));
    assert_eq!(answer.get("/changeDescription/previousVersion"), &json!(0.1));
    let added = answer.get("/changeDescription/fieldsAdded").as_array().unwrap();
    assert_eq!(added.iter().map(|a| a["name"].as_str().unwrap()).collect::<Vec<_>>(), ["description", "columns"]);
    assert_eq!(world.describe("admin", "Orders table v2").get("/version"), &json!(1.1));
    assert_eq!(world.describe("ingestion-bot", "by bot").get("/version"), &json!(1.2));
    assert_eq!(world.describe("admin", "by admin").get("/version"), &json!(1.3));
    let versions = world.get(&format!("/api/v1/tables/{}/versions", world.orders()["id"].as_str().unwrap()));
    let all: Vec<Value> = versions
        .get("/versions")
        .as_array()
        .unwrap()
        .iter()
        .map(|v| serde_json::from_str::<Value>(v.as_str().unwrap()).unwrap()["version"].clone())
        .collect();
    // The version of the PUT was consolidated away.
    assert_eq!(all, [1.3, 1.2, 1.1, 0.1].map(|v| json!(v)));
}

#[test]
fn a_session_ends_after_ten_minutes() {
    let mut world = World::new(Generation::V1_6);
    assert_eq!(world.describe("admin", "one").get("/version"), &json!(0.2));
    assert_eq!(world.describe("admin", "two").get("/version"), &json!(0.2));
    world.clock.advance_ms(11 * 60 * 1_000);
    assert_eq!(world.describe("admin", "three").get("/version"), &json!(0.3));
}

#[test]
fn a_write_of_nothing_new_moves_the_time_and_tells_an_event_within_a_session() {
    let mut world = World::new(Generation::V1_6);
    world.describe("admin", "same");
    let (before, events) = (world.orders().clone(), world.events());
    let answer = world.patch("admin", &json!([{"op": "replace", "path": "/description", "value": "same"}]));
    assert_eq!(answer.get("/version"), &before["version"]);
    assert!(answer.get("/updatedAt").as_i64() > before["updatedAt"].as_i64());
    assert_eq!(world.events(), events + 1);
}

#[test]
fn a_bots_patch_overwrites_a_person_and_its_put_does_not() {
    let mut world = World::new(Generation::V1_6);
    world.describe("alice", "by a person");
    world.patch("alice", &json!([{"op": "add", "path": "/columns/1/tags/0", "value": label("PII.Sensitive")}]));
    let narrower =
        table("orders", &json!([{"name": "id", "dataType": "BIGINT", "description": "bot's"}, column("email")]));
    let answer = world.send("ingestion-bot", "PUT", "/api/v1/tables", &narrower);
    assert_eq!(answer.get("/description"), "by a person");
    assert_eq!(answer.get("/columns/1/tags/0/tagFQN"), "PII.Sensitive");
    assert_eq!(world.orders()["columns"].as_array().unwrap().len(), 2, "what a PUT leaves out is gone");
    assert_eq!(world.describe("ingestion-bot", "by bot").get("/description"), "by bot");
}

#[test]
fn a_failing_test_operation_changes_nothing_and_says_so_with_500() {
    let mut world = World::new(Generation::V1_6);
    world.describe("alice", "by a person");
    let guarded = json!([
        {"op": "test", "path": "/description", "value": "what we read"},
        {"op": "replace", "path": "/description", "value": "ours"},
    ]);
    let answer = world.patch("ingestion-bot", &guarded);
    let message = "An exception with message [JsonPatch.Operation.TEST fails! Values are not equal] was thrown while \
                   processing request.";
    let body = json!({"responseMessage": message, "errorType": "UNHANDLED_SERVER_EXCEPTION"});
    assert_eq!((answer.status, answer.body), (500, Some(body)));
    assert_eq!(world.orders()["description"], "by a person");
}

#[test]
fn patches_that_lead_nowhere_fail_as_the_server_fails() {
    let mut world = World::new(Generation::V1_6);
    for (operations, status, part) in [
        (
            json!([{"op": "replace", "path": "/columns/0/description", "value": "x"}]),
            500,
            "no value for name 'description'",
        ),
        (json!([{"op": "replace", "path": "/columns/99/description", "value": "x"}]), 500, "no element for index 99"),
        (json!([{"op": "remove", "path": "/description"}]), 500, "no value for name 'description'"),
        (json!({"op": "replace"}), 400, "JSON patch has to be an array of objects"),
        (json!([{"op": "add", "path": "/colour", "value": "red"}]), 400, "Unrecognized field"),
        (json!([{"op": "add", "path": "/columns/0/colour", "value": "red"}]), 400, "Unrecognized field"),
    ] {
        let answer = world.patch("admin", &operations);
        let body = answer.body.unwrap().to_string();
        assert!(answer.status == status && body.contains(part), "{operations}: {} {body}", answer.status);
    }
    let wrong_type = Request::new("PATCH", &format!("/api/v1/tables/name/{ORDERS}")).json(&json!([]));
    let answer = world.send_with("admin", wrong_type.header("Content-Type", "application/json"));
    assert!(answer.status == 500 && answer.get("/responseMessage").as_str().unwrap().contains("415"));
}

#[test]
fn labels_are_completed_stored_once_and_checked() {
    let mut world = World::new(Generation::V1_6);
    let add = |path: &str, value: Value| json!([{"op": "add", "path": path, "value": value}]);
    let answer = world.patch("admin", &add("/tags/0", json!({"tagFQN": "Tier.Tier2"})));
    let stored = answer.get("/tags/0");
    assert_eq!((&stored["source"], &stored["labelType"]), (&json!("Classification"), &json!("Manual")));
    assert_eq!((&stored["state"], &stored["name"]), (&json!("Confirmed"), &json!("Tier2")));
    for _ in 0..2 {
        let answer = world.patch("admin", &add("/columns/1/tags/0", label("PII.Sensitive")));
        assert_eq!(answer.get("/columns/1/tags").as_array().unwrap().len(), 1);
    }
    let answer = world.patch("admin", &add("/columns/1/tags/0", label("PII.NonSensitive")));
    let message = "Tag labels PII.Sensitive and PII.NonSensitive are mutually exclusive and can't be assigned together";
    assert_eq!(answer.body, Some(json!({"code": 400, "message": message})));
    let answer = world.patch("admin", &add("/columns/2/tags/0", label("PII.Nope")));
    assert_eq!(answer.body, Some(json!({"code": 404, "message": "tag instance for PII.Nope not found"})));
    world.send("admin", "POST", "/api/v1/classifications", &json!({"name": "Curator", "description": "ours"}));
    let tag = json!({"name": "Email", "classification": "Curator", "description": "e-mail"});
    assert_eq!(world.send("admin", "POST", "/api/v1/tags", &tag).get("/fullyQualifiedName"), "Curator.Email");
    let answer = world.patch("admin", &add("/columns/1/tags/-", label("Curator.Email")));
    // In the order of their names, whatever the index was.
    assert_eq!(answer.get("/columns/1/tags/0/tagFQN"), "Curator.Email");
}

#[test]
fn listings_are_ordered_by_name_paged_by_cursor_and_ignore_what_they_do_not_know() {
    let mut world = World::new(Generation::V1_6);
    for name in ["b", "a", "odd.name v2"] {
        world.send("admin", "POST", "/api/v1/tables", &table(name, &json!([column("c.1")])));
    }
    let mut names = Vec::new();
    let mut target = "/api/v1/tables?fields=columns,tags&limit=2&updatedAfter=9999999999999".to_owned();
    loop {
        let page = world.get(&target);
        names.extend(page.get("/data").as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap().to_owned()));
        assert_eq!(page.get("/paging/total"), 5);
        let Some(after) = page.get("/paging/after").as_str() else { break };
        target = format!("/api/v1/tables?fields=columns,tags&limit=2&after={after}");
    }
    assert_eq!(names, ["a", "b", "customers", "odd.name v2", "orders"]);
    for (query, status) in
        [("fields=nope", 400), ("limit=1000001", 400), ("limit=-1", 400), ("after=zzz", 500), ("limit=0", 200)]
    {
        assert_eq!(world.get(&format!("/api/v1/tables?{query}")).status, status, "{query}");
    }
    let quoted = world.get("/api/v1/tables/name/lake.iceberg.sales.%22odd.name%20v2%22");
    assert_eq!(quoted.get("/columns/0/fullyQualifiedName"), "lake.iceberg.sales.\"odd.name v2\".\"c.1\"");
}

#[test]
fn members_that_cost_are_shown_only_when_asked_for() {
    let mut world = World::new(Generation::V1_6);
    let plain = world.get(&format!("/api/v1/tables/name/{ORDERS}"));
    for hidden in ["/tags", "/owners", "/columns/0/tags", "/votes"] {
        assert!(plain.get(hidden).is_null(), "{hidden}");
    }
    let asked = world.get(&format!("/api/v1/tables/name/{ORDERS}?fields=tags,owners,columns"));
    for shown in ["/tags", "/owners", "/columns/0/tags"] {
        assert_eq!(asked.get(shown), &json!([]), "{shown}");
    }
}

#[test]
fn a_deleted_table_is_seen_only_by_who_asks_for_it_and_comes_back() {
    let mut world = World::new(Generation::V1_6);
    let by_name = format!("/api/v1/tables/name/{ORDERS}");
    let id = world.orders()["id"].clone();
    assert_eq!(world.send_with("admin", Request::new("DELETE", &by_name)).get("/deleted"), true);
    assert_eq!(world.get(&by_name).status, 404);
    assert_eq!(world.get(&format!("{by_name}?include=all")).status, 200);
    assert_eq!(world.get("/api/v1/tables?include=deleted").get("/paging/total"), 1);
    assert_eq!(world.get("/api/v1/tables").get("/paging/total"), 1);
    world.send("admin", "PUT", "/api/v1/tables/restore", &json!({"id": id}));
    assert_eq!(world.get(&by_name).status, 200);
    world.send_with("admin", Request::new("DELETE", &format!("{by_name}?hardDelete=true")));
    assert_eq!(world.get(&format!("{by_name}?include=all")).status, 404);
}

#[test]
fn requests_that_a_server_refuses_are_refused() {
    let mut world = World::new(Generation::V1_6);
    let no_length = json!([{"name": "x", "dataType": "VARCHAR"}]);
    let twice = json!([column("x"), column("X")]);
    let mut constrained = table("t", &json!([column("x")]));
    constrained["tableConstraints"] = json!([{"constraintType": "FOREIGN_KEY", "columns": ["nope"]}]);
    let mut elsewhere = table("t", &json!([column("x")]));
    elsewhere["databaseSchema"] = json!("lake.iceberg.nope");
    for (body, status) in [
        (table("orders", &json!([column("id")])), 409),
        (table("t", &no_length), 400),
        (table("t", &twice), 400),
        (constrained, 400),
        (elsewhere, 404),
        (table("a::b", &json!([])), 400),
    ] {
        assert_eq!(world.send("admin", "POST", "/api/v1/tables", &body).status, status, "{body}");
    }
}

#[test]
fn lineage_is_put_and_read_and_fires_no_event() {
    let mut world = World::new(Generation::V1_6);
    let id = |world: &World, fqn: &str| world.server.table(fqn).unwrap()["id"].clone();
    let (from, to) = (id(&world, "lake.iceberg.sales.customers"), id(&world, ORDERS));
    let edge = |column: &str| {
        json!({"edge": {
            "fromEntity": {"id": from, "type": "table"},
            "toEntity": {"id": to, "type": "table"},
            "lineageDetails": {"source": "Manual", "columnsLineage": [
                {"fromColumns": [column], "toColumn": format!("{ORDERS}.id")},
            ]},
        }})
    };
    let events = world.events();
    let answer = world.send("ingestion-bot", "PUT", "/api/v1/lineage", &edge("lake.iceberg.sales.customers.nope"));
    assert_eq!(answer.get("/message"), "Invalid fully qualified column name lake.iceberg.sales.customers.nope");
    let answer = world.send("ingestion-bot", "PUT", "/api/v1/lineage", &edge("lake.iceberg.sales.customers.id"));
    assert_eq!((answer.status, answer.body), (200, None));
    let graph = world.get(&format!("/api/v1/lineage/table/name/{ORDERS}?upstreamDepth=2&downstreamDepth=2"));
    assert_eq!(graph.get("/upstreamEdges/0/fromEntity"), &from);
    assert_eq!(graph.get("/nodes/0/name"), "customers");
    assert_eq!(graph.get("/downstreamEdges"), &json!([]));
    assert_eq!(world.events(), events);
}

#[test]
fn an_accepted_suggestion_overwrites_a_later_human_text_without_an_event() {
    let mut world = World::new(Generation::V2_0);
    let link = format!("<#E::table::{ORDERS}::columns::amount>");
    let body = json!({"type": "SuggestDescription", "entityLink": link, "description": "Suggested text"});
    let suggestion = world.send("ingestion-bot", "POST", "/api/v1/suggestions", &body);
    assert_eq!((suggestion.status, suggestion.get("/status")), (201, &json!("Open")));
    assert!(world.orders()["columns"][2]["description"].is_null(), "a suggestion alone changes nothing");
    world.patch("alice", &json!([{"op": "add", "path": "/columns/2/description", "value": "by a person"}]));
    let events = world.events();
    let accept = format!("/api/v1/suggestions/{}/accept", suggestion.get("/id").as_str().unwrap());
    let answer = world.send("bob", "PUT", &accept, &Value::Null);
    assert_eq!((answer.status, answer.body), (200, None));
    let orders = world.orders().clone();
    assert_eq!(orders["columns"][2]["description"], "Suggested text");
    let summary = &orders["changeDescription"]["changeSummary"]["columns.amount.description"];
    assert_eq!((&summary["changeSource"], &summary["changedBy"]), (&json!("Suggested"), &json!("bob")));
    assert_eq!(world.events(), events);
    let listed = world.get(&format!("/api/v1/suggestions?entityFQN={ORDERS}&status=Open"));
    assert_eq!(listed.get("/paging/total"), 0);
}

#[test]
fn newer_servers_say_who_wrote_each_description_and_how() {
    let mut world = World::new(Generation::V2_0);
    let target = format!("/api/v1/tables/name/{ORDERS}?changeSource=Automated");
    world.send("ingestion-bot", "PATCH", &target, &json!([{"op": "add", "path": "/description", "value": "d"}]));
    world.patch("alice", &json!([{"op": "add", "path": "/columns/0/description", "value": "c"}]));
    let summary = world.orders()["changeDescription"]["changeSummary"].clone();
    assert_eq!(summary["description"]["changeSource"], "Automated");
    assert_eq!(summary["description"]["changedBy"], "ingestion-bot");
    // Who does not say how is read as `Manual`.
    assert_eq!(summary["columns.id.description"]["changedBy"], "alice");
    assert!(summary["columns.id.description"]["changeSource"].is_null());
    world.patch("alice", &json!([{"op": "remove", "path": "/description"}]));
    assert!(world.orders()["changeDescription"]["changeSummary"]["description"].is_null());
}

#[test]
fn joins_are_kept_for_days_that_are_not_long_past() {
    let mut world = World::new(Generation::V1_6);
    let target = format!("/api/v1/tables/{}/joins", world.orders()["id"].as_str().unwrap());
    let joins = |start: &str| {
        json!({"startDate": start, "dayCount": 1, "columnJoins": [{"columnName": "id", "joinedWith": [
            {"fullyQualifiedName": "lake.iceberg.sales.customers.id", "joinCount": 4},
        ]}]})
    };
    // The clock stands at 2027-01-15.
    assert_eq!(world.send("ingestion-bot", "PUT", &target, &joins("2027-01-14")).status, 200);
    assert_eq!(world.send("ingestion-bot", "PUT", &target, &joins("2026-12-01")).status, 400);
    let read = world.get(&format!("/api/v1/tables/name/{ORDERS}?fields=joins"));
    assert_eq!(read.get("/joins/columnJoins/0/joinedWith/0/joinCount"), 4);
}
