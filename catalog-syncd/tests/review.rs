//! The steward's queue on the command line: what is accepted is published, what is rejected does not return, and a
//! person's text stays.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use sandbox::{Sandbox, table};
use serde_json::Value;

const SHOP: &str = "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT, segment TEXT);
    INSERT INTO customer VALUES (1, 'Lyon', 'A'), (2, 'Nice', 'B'), (3, 'Metz', 'A');
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, order_date TEXT);
    INSERT INTO orders VALUES (10, 1, 9.5, '2024-01-02'), (11, 3, 7.0, '2024-01-03'), (12, 1, 1.0, '2024-02-01');";

/// A shop whose every change waits for review.
fn reviewed_shop(sandbox: &Sandbox) -> std::path::PathBuf {
    std::fs::write(sandbox.path("c.toml"), "[publish]\ndescription = \"review\"\npii = \"review\"\nkey = \"review\"\n")
        .unwrap();
    sandbox.sqlite("shop.sqlite", SHOP)
}

fn open_proposals(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.run(&["review", "--state", "state", "list", "--output", "json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn description_of(sandbox: &Sandbox, fqn: &str) -> Value {
    let all = open_proposals(sandbox);
    let wanted = |p: &&Value| p["operation"]["table"]["fqn"] == fqn && p["operation"]["field"] == "description";
    all.iter().find(wanted).unwrap_or_else(|| panic!("no open description of {fqn} in {all:#?}")).clone()
}

#[test]
fn nothing_is_published_before_a_steward_accepts_and_exactly_that_afterwards() {
    let sandbox = Sandbox::new();
    let shop = reviewed_shop(&sandbox);
    let (_, report, _) = sandbox.sync(&shop, &["--config", "c.toml"]);
    assert_eq!(report["run"]["published"], 0);
    let proposal = description_of(&sandbox, "shop.main.customer");
    let id = proposal["id"].as_str().unwrap();
    let output = sandbox.run(&["review", "--state", "state", "accept", id]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("published 1"));
    let explained = sandbox.run(&["explain", "customer", "--state", "state", "--output", "json"]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let published: Vec<&Value> =
        explained["audit"].as_array().unwrap().iter().filter(|r| r["action"] == "published").collect();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0]["operation"]["after"], proposal["operation"]["after"]);
}

#[test]
fn a_rejected_proposal_does_not_return() {
    let sandbox = Sandbox::new();
    let shop = reviewed_shop(&sandbox);
    sandbox.sync(&shop, &["--config", "c.toml"]);
    let id = description_of(&sandbox, "shop.main.orders")["id"].clone();
    let output = sandbox.run(&["review", "--state", "state", "reject", id.as_str().unwrap(), "--reason", "too vague"]);
    assert!(output.status.success());
    rusqlite::Connection::open(&shop)
        .unwrap()
        .execute_batch("INSERT INTO orders VALUES (13, 2, 3.0, '2024-03-01')")
        .unwrap();
    sandbox.sync(&shop, &["--config", "c.toml"]);
    assert!(open_proposals(&sandbox).iter().all(|p| p["id"] != id));
}

#[test]
fn a_persons_text_stays_whatever_the_rules_think_later() {
    let sandbox = Sandbox::new();
    let shop = reviewed_shop(&sandbox);
    sandbox.sync(&shop, &["--config", "c.toml"]);
    let id = description_of(&sandbox, "shop.main.customer")["id"].as_str().unwrap().to_owned();
    let text = "People who bought from us, one row per person.";
    assert!(sandbox.run(&["review", "--state", "state", "accept", &id, "--text", text]).status.success());
    rusqlite::Connection::open(&shop)
        .unwrap()
        .execute_batch(
            "ALTER TABLE customer ADD COLUMN loyalty_points INTEGER; UPDATE customer SET loyalty_points = id * 7;",
        )
        .unwrap();
    // From now on everything may be published unseen, and still the text stays.
    let (_, report, _) = sandbox.sync(&shop, &[]);
    let description = &table(&report, "shop.main.customer")["description"];
    assert_eq!(description["text"], text);
    assert_eq!(description["source"], "human");
    assert!(table(&report, "shop.main.customer")["reading"].as_str().unwrap().starts_with("Customers"));
    let found = sandbox.run(&["search", "--state", "state", "people who bought"]);
    assert!(String::from_utf8_lossy(&found.stdout).contains(text), "search sees the person's text");
}

#[test]
fn a_proposal_is_decided_once() {
    let sandbox = Sandbox::new();
    let shop = reviewed_shop(&sandbox);
    sandbox.sync(&shop, &["--config", "c.toml"]);
    let id = description_of(&sandbox, "shop.main.customer")["id"].as_str().unwrap().to_owned();
    assert!(sandbox.run(&["review", "--state", "state", "accept", &id]).status.success());
    let again = sandbox.run(&["review", "--state", "state", "accept", &id]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains(&id));
    let unknown = sandbox.run(&["review", "--state", "state", "accept", "no-such-id"]);
    assert_eq!(unknown.status.code(), Some(1));
}
