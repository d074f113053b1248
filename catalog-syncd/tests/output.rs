//! `--output json` on every verb: what a program reads on standard output is JSON, errors too.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use sandbox::Sandbox;
use serde_json::Value;

const SHOP: &str = "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT, email TEXT);
    INSERT INTO customer VALUES (1, 'Lyon', 'a@b.fr'), (2, 'Nice', 'c@d.fr');
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL);
    INSERT INTO orders VALUES (10, 1, 9.5), (11, 2, 7.0);";

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let output = sandbox.run(&[arguments, &["--output", "json"]].concat());
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&told).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {told}{errors}"))
}

/// A shop that was walked, with every description left to a steward, and the ids of two of them.
fn reviewed() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let shop = sandbox.sqlite("shop.sqlite", SHOP);
    let settings = format!(
        "[state]\ndir = \"state\"\n[publish]\ndescription = \"review\"\n[sources]\nwarehouses = [{:?}]\n\
         [api]\nlisten = \"127.0.0.1:1\"\n",
        shop.display().to_string()
    );
    std::fs::write(sandbox.path("c.toml"), settings).unwrap();
    assert_eq!(json(&sandbox, &["sync", "--config", "c.toml"])["run"]["tables_seen"], 2);
    let open = json(&sandbox, &["review", "--config", "c.toml", "list", "--kind", "description"]);
    let ids = open.as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect();
    (sandbox, ids)
}

#[test]
fn every_verb_that_looks_answers_in_json() {
    let (sandbox, _) = reviewed();
    let config = ["--config", "c.toml"];
    for verb in [
        &["sync", "--dry-run"][..],
        &["search", "orders of customers"],
        &["explain", "orders"],
        &["audit"],
        &["joins"],
        &["joins", "orders", "customer"],
        &["doctor"],
        &["migrate"],
        &["config", "show"],
        &["config", "show", "--origin"],
        &["config", "show", "--defaults"],
        &["config", "reference"],
        &["config", "schema"],
        &["api", "token", "--role", "viewer", "--name", "tess"],
        &["openapi"],
        &["metrics"],
        &["completions", "bash"],
    ] {
        let told = json(&sandbox, &[verb, &config].concat());
        assert!(!told.is_null(), "{verb:?}");
    }
    let metric = &json(&sandbox, &["metrics"])[0];
    assert!(metric["name"].as_str().unwrap().starts_with("catalog_sync_") && metric["rising"].is_string());
    let key = &json(&sandbox, &["config", "reference"])[1];
    assert_eq!((key["key"].as_str(), key["default"].as_str()), (Some("state.dir"), Some("\".catalog-sync\"")));
}

#[test]
fn decisions_and_their_undoing_answer_in_json() {
    let (sandbox, ids) = reviewed();
    let review = |arguments: &[&str]| json(&sandbox, &[&["review", "--config", "c.toml"], arguments].concat());
    let accepted = review(&["accept", &ids[0]]);
    assert_eq!(accepted["decided"][0]["state"], "accepted");
    assert_eq!(accepted["published"]["published"], 1);
    let rejected = review(&["reject", &ids[1], "--reason", "too vague"]);
    assert_eq!((&rejected["decided"][0]["state"], &rejected["published"]), (&"rejected".into(), &Value::Null));
    let late = review(&["accept", &ids[0], "unknown"]);
    assert_eq!((&late["decided"][0]["error"], &late["decided"][1]["error"]), (&"conflict".into(), &"not_found".into()));
    for id in &ids {
        let undone = json(&sandbox, &["undo", id, "--config", "c.toml"]);
        assert_eq!(undone["undone"]["sent"].as_array().unwrap().len(), 1, "{undone}");
    }
    let open = review(&["list", "--kind", "description"]);
    assert_eq!(open[0]["id"].as_str(), Some(ids[1].as_str()), "the rejection is open again");
    let answered = review(&["answer", &ids[1], "--text", "orders of the web shop"]);
    assert_eq!(answered["decided"][0]["state"], "superseded");
}

#[test]
fn an_error_is_one_line_of_json_too_with_the_exit_code_that_it_ends_with() {
    let (sandbox, _) = reviewed();
    for (arguments, kind, exit) in [
        (&["explain", "nothing"][..], "not_found", 1),
        (&["healthcheck"], "unavailable", 1),
        (&["undo"], "invalid_input", 2),
    ] {
        let output = sandbox.run(&[arguments, &["--config", "c.toml", "--output", "json"]].concat());
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!((error["error"].as_str(), output.status.code()), (Some(kind), Some(exit)), "{error}");
        assert_eq!(error["exit"], exit);
        assert!(error["detail"].as_str().unwrap().starts_with("failed to"), "{error}");
    }
}
