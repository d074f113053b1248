//! The embedded default: files, keys, a query log, the catalog in a file.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::judge::{dies_at, ends, judge_ledger, number};
use crate::sandbox::Sandbox;

const TABLES: i64 = 6;

/// Every edge of the walk, and those that are passed once a table in the middle of it too.
pub(crate) const POINTS: [&str; 30] = [
    "walk::after_begin",
    "walk::after_enqueue",
    "walk::after_claim",
    "walk::after_claim@4",
    "walk::after_sample",
    "walk::after_profile",
    "walk::after_vote",
    "walk::after_vote@4",
    "walk::after_advance",
    "walk::after_advance@6",
    "walk::after_mine",
    "walk::before_keys",
    "walk::after_touched",
    "walk::after_keys",
    "walk::after_draft",
    "walk::before_outbox",
    "walk::before_outbox@4",
    "walk::after_outbox",
    "walk::after_outbox@4",
    "publish::before_read",
    "publish::before_write",
    "publish::after_write",
    "publish::after_write@4",
    "publish::before_receipt",
    "publish::after_receipt",
    "walk::before_index",
    "walk::after_index",
    "walk::before_watermark",
    "walk::after_watermark",
    "walk::after_run",
];

/// Order tables with keys into customer tables, and a log that joins them.
fn bank(sandbox: &Sandbox) -> PathBuf {
    let (mut sql, mut log) = (String::new(), String::new());
    for i in 0..TABLES / 2 {
        writeln!(
            sql,
            "CREATE TABLE customer_{i} (customer_{i}_id INTEGER PRIMARY KEY, city TEXT);
             WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 150)
             INSERT INTO customer_{i} SELECT {i} * 1000 + x, 'City ' || x FROM n;
             CREATE TABLE orders_{i} (orders_{i}_id INTEGER PRIMARY KEY, customer_{i}_id INTEGER, amount REAL);
             WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200)
             INSERT INTO orders_{i} SELECT 900000 + {i} * 1000 + x, {i} * 1000 + 1 + (x * 7) % 150, x * 1.5 FROM n;"
        )
        .unwrap();
        for user in ["ann", "ben"] {
            let sql =
                format!("SELECT c.city FROM orders_{i} o JOIN customer_{i} c ON o.customer_{i}_id = c.customer_{i}_id");
            writeln!(log, "{}", json!({"query": sql, "user": user})).unwrap();
        }
    }
    std::fs::write(sandbox.path("log.jsonl"), log).unwrap();
    sandbox.sqlite("bank.sqlite", &sql)
}

const SYNC: [&str; 9] =
    ["sync", "--warehouse", "bank.sqlite", "--state", "state", "--output", "json", "--query-log", "log.jsonl"];

/// What a run's report says of the world, and how often the catalog was written to.
fn essence(sandbox: &Sandbox, report: &Value) -> Value {
    let keys = report["foreign_keys"].as_array().unwrap();
    let keys: Vec<Value> = keys.iter().map(|k| json!([k["child_table"], k["parent_table"], k["status"]])).collect();
    let tables = report["tables"].as_array().unwrap();
    let tables: Vec<Value> = tables.iter().map(|t| json!([t["fqn"], t["description"]])).collect();
    let writes = number(sandbox, "catalog.sqlite", "SELECT version FROM last_version");
    let asked = number(sandbox, "ledger.sqlite", "SELECT count(*) FROM proposal WHERE state = 'open'");
    json!({ "keys": keys, "tables": tables, "writes": writes, "asked": asked })
}

fn judge(points: &[&str]) {
    let calm = Sandbox::new();
    bank(&calm);
    let wanted = ends(&calm, "nothing", &SYNC);
    let wanted = essence(&calm, &wanted);
    assert_eq!(wanted["keys"].as_array().unwrap().len() as i64, TABLES / 2, "{wanted:#}");
    assert!(wanted["writes"].as_i64().unwrap() >= TABLES && wanted["asked"].as_i64().unwrap() > 0, "{wanted:#}");
    for point in points {
        let sandbox = Sandbox::new();
        bank(&sandbox);
        dies_at(&sandbox, point, &SYNC);
        let report = ends(&sandbox, point, &SYNC);
        judge_ledger(&sandbox, point, TABLES);
        assert_eq!(essence(&sandbox, &report), wanted, "{point}");
        let again = ends(&sandbox, point, &SYNC);
        assert_eq!(again["run"]["published"], 0, "{point}");
        assert_eq!(again["run"]["stages"]["sample"], Value::Null, "{point}: the further start samples");
        assert_eq!(essence(&sandbox, &again), wanted, "{point}: the further start changes something");
    }
}

// Two halves, which run beside each other.

#[test]
fn a_death_at_any_edge_before_the_drafts_is_put_right_by_the_next_start() {
    judge(&POINTS[..15]);
}

#[test]
fn a_death_at_any_edge_from_the_drafts_on_is_put_right_by_the_next_start() {
    judge(&POINTS[15..]);
}
