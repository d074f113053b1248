//! The door: who may ask what, how much, and how refusals read.

use catalog_net::{HttpRequest, Method};
use catalog_syncd::api::auth::Role;
use catalog_syncd::api::openapi;
use serde_json::{Value, json};

use crate::fixture::{Daemon, World};

async fn status(daemon: &Daemon, token: Option<&str>, method: Method, path: &str) -> u16 {
    let request = HttpRequest::new("test", method, format!("/{path}")).json("application/json", &json!({})).unwrap();
    daemon.send(token, request).await.status()
}

#[tokio::test]
async fn every_documented_path_is_there_under_its_method() {
    let daemon = Daemon::start(World::new(1, "")).await;
    let document = openapi();
    let mut seen = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let method = if method == "get" { Method::Get } else { Method::Post };
            let path = path.replace("{id}", "x").replace("{name}", "x");
            let request = HttpRequest::new("test", method, path.as_str()).json("application/json", &json!({})).unwrap();
            let answer = daemon.send(None, request).await;
            let body: Value = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
            let missing = body["detail"] == "there is no such path" || answer.status() == 405;
            assert!(!missing, "{path} answers {}", answer.status());
            seen += 1;
        }
    }
    assert!(seen >= 25, "{seen}");
}

#[tokio::test]
async fn nobody_does_what_the_document_gives_to_a_higher_role() {
    let world = World::new(1, "");
    let tokens = world.tokens();
    let daemon = Daemon::start_with(world, true).await;
    for (path, operations) in openapi()["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Some(needed) = operation["security"][0]["bearer"][0].as_str() else { continue };
            let needed = Role::ALL.into_iter().find(|r| r.as_str() == needed).unwrap();
            let method = || if method == "get" { Method::Get } else { Method::Post };
            let path = path.replace("{id}", "x").replace("{name}", "x");
            assert_eq!(status(&daemon, None, method(), &path[1..]).await, 401, "{path}");
            assert_eq!(status(&daemon, Some("acs_guess"), method(), &path[1..]).await, 401, "{path}");
            for (role, token) in &tokens {
                let got = status(&daemon, Some(token), method(), &path[1..]).await;
                assert_eq!(got == 403, !role.may(needed), "{path} as {}: {got}", role.as_str());
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_that_names_what_is_wrong() {
    let daemon = Daemon::start(World::new(1, "")).await;
    for (path, code, title) in [
        ("api/v1/runs/none", 404, "not_found"),
        ("api/v1/proposals?state=lost", 400, "invalid_input"),
        ("api/v1/proposals?cursor=%25", 400, "invalid_input"),
        ("api/v1/tables/none", 404, "not_found"),
        ("nowhere", 404, "not_found"),
    ] {
        let answer = daemon.send(None, HttpRequest::new("test", Method::Get, format!("/{path}"))).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!((answer.status(), body["title"].as_str()), (code, Some(title)), "{path}: {body}");
        assert_eq!(body["status"], code);
    }
    let (code, body) = daemon.post("api/v1/syncs", &json!({ "all": true, "hunter2": 1 })).await;
    assert!(code == 400 && !body.to_string().contains("hunter2"), "{body}");
}

#[tokio::test]
async fn a_caller_over_the_limit_is_told_when_to_come_back_and_a_large_body_is_not_read() {
    let world = World::new(1, "[api]\nrequests_per_minute = 3\nbody_bytes_max = 1000\n");
    let tokens = world.tokens();
    let daemon = Daemon::start_with(world, true).await;
    let viewer = Some(tokens[1].1.as_str());
    for _ in 0..3 {
        assert_eq!(status(&daemon, viewer, Method::Get, "api/v1/runs").await, 200);
    }
    let refused = daemon.send(viewer, HttpRequest::new("test", Method::Get, "/api/v1/runs")).await;
    assert_eq!((refused.status(), refused.header("retry-after")), (429, Some("60")));
    let large = json!({ "match": "x".repeat(5_000) });
    let request = HttpRequest::new("test", Method::Post, "/api/v1/syncs").json("application/json", &large).unwrap();
    assert_eq!(daemon.send(Some(&tokens[3].1), request).await.status(), 413);
}

#[tokio::test]
async fn health_needs_no_token_and_the_document_is_the_one_in_the_docs() {
    let world = World::new(1, "");
    world.tokens();
    let daemon = Daemon::start_with(world, true).await;
    for path in ["healthz", "readyz", "version", "metrics", "openapi.json", "docs"] {
        assert_eq!(status(&daemon, None, Method::Get, path).await, 200, "{path}");
    }
    let kept: Value = serde_json::from_str(include_str!("../../../docs/reference/openapi.json")).unwrap();
    assert!(kept == openapi(), "run `catalog-syncd openapi > docs/reference/openapi.json`");
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_use_an_api_without_tokens() {
    let daemon = Daemon::start(World::new(1, "")).await;
    let from_page =
        HttpRequest::new("test", Method::Post, "/api/v1/syncs/pause").header("origin", "https://evil.example");
    assert_eq!(daemon.send(None, from_page).await.status(), 403);
    assert!(!daemon.engine.is_paused());
}
