//! What a killed process, a changed setting or a lost source leaves behind is put right by the next sync.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use sandbox::{Sandbox, table};
use serde_json::Value;

/// Forty tables of two kinds, each order table with a key into its customer table.
fn chain(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    let mut sql = String::new();
    for i in 0..20 {
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
    }
    sandbox.sqlite(name, &sql)
}

/// Starts a sync and kills it once the ledger file has this many bytes, or lets it end.
fn killed_sync(sandbox: &Sandbox, warehouse: &Path, at_bytes: u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_catalog-syncd"))
        .args(["sync", "--state", "state", "--output", "json", "--warehouse"])
        .arg(warehouse)
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .current_dir(sandbox.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let written = || {
        let size = |name: &str| std::fs::metadata(sandbox.path("state").join(name)).map_or(0, |m| m.len());
        size("ledger.sqlite") + size("ledger.sqlite-wal")
    };
    while child.try_wait().unwrap().is_none() && written() < at_bytes {
        std::thread::yield_now();
    }
    // It may have ended meanwhile, which is as good.
    let _ = child.kill();
    child.wait().unwrap();
}

fn essence(report: &Value) -> (Vec<Value>, Vec<Value>) {
    let keys = report["foreign_keys"].as_array().unwrap();
    let keys = keys.iter().map(|k| serde_json::json!([k["child_table"], k["parent_table"], k["status"]])).collect();
    let tables = report["tables"].as_array().unwrap();
    (tables.iter().map(|t| serde_json::json!([t["fqn"], t["description"]])).collect(), keys)
}

#[test]
fn a_sync_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let calm = Sandbox::new();
    let (_, wanted, _) = calm.sync(&chain(&calm, "bank.sqlite"), &[]);
    assert_eq!(wanted["foreign_keys"].as_array().unwrap().len(), 20);
    for kilobytes in [100, 500, 1_000, 1_800, 3_000] {
        let sandbox = Sandbox::new();
        let bank = chain(&sandbox, "bank.sqlite");
        killed_sync(&sandbox, &bank, kilobytes << 10);
        let (code, report, errors) = sandbox.sync(&bank, &[]);
        assert_eq!(code, 0, "killed at {kilobytes} kB: {errors}");
        assert_eq!(essence(&report), essence(&wanted), "killed at {kilobytes} kB");
        let found =
            sandbox.run(&["search", "--state", "state", "--output", "json", "--k", "50", "orders of customers"]);
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert_eq!(found.as_array().unwrap().len(), 40, "killed at {kilobytes} kB: the index holds every table");
        let ledger = rusqlite::Connection::open(sandbox.path("state/ledger.sqlite")).unwrap();
        let doubles: i64 = ledger
            .query_row("SELECT count(*) - count(DISTINCT json_extract(operation, '$.id')) FROM audit_log WHERE action = 'published'", [], |r| r.get(0))
            .unwrap();
        assert_eq!(doubles, 0, "killed at {kilobytes} kB: an operation was published twice");
    }
}

#[test]
fn a_second_warehouse_in_the_same_state_keeps_the_first_findable() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite(
        "bank.sqlite",
        "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO loan VALUES (1, 2);",
    );
    let shop = sandbox.sqlite(
        "shop.sqlite",
        "CREATE TABLE product (id INTEGER PRIMARY KEY, price REAL); INSERT INTO product VALUES (1, 2);",
    );
    sandbox.sync(&bank, &[]);
    sandbox.sync(&shop, &[]);
    for (words, fqn) in [("loan amount", "bank.main.loan"), ("product price", "shop.main.product")] {
        let found = sandbox.run(&["search", "--state", "state", words]);
        assert!(String::from_utf8_lossy(&found.stdout).contains(fqn), "{fqn}");
    }
}

#[test]
fn another_language_describes_every_table_again_without_sampling_it() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite(
        "bank.sqlite",
        "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL, status TEXT); INSERT INTO loan VALUES (1, 2, 'OPEN');",
    );
    let (_, english, _) = sandbox.sync(&bank, &[]);
    std::fs::write(sandbox.path("c.toml"), "[describe]\nlanguage = \"fr\"\n").unwrap();
    let (_, french, _) = sandbox.sync(&bank, &["--config", "c.toml"]);
    let text = |report: &Value| table(report, "bank.main.loan")["description"]["text"].clone();
    assert_ne!(text(&english), text(&french));
    assert_eq!(french["run"]["stages"]["sample"], Value::Null);
}

#[test]
fn a_pass_that_is_switched_on_later_catches_up() {
    let sandbox = Sandbox::new();
    let bank = chain(&sandbox, "bank.sqlite");
    std::fs::write(sandbox.path("c.toml"), "[passes]\nkeys = false\n").unwrap();
    let (_, without, _) = sandbox.sync(&bank, &["--config", "c.toml"]);
    assert_eq!(without["foreign_keys"].as_array().unwrap().len(), 0);
    let (_, with, _) = sandbox.sync(&bank, &[]);
    assert_eq!(with["foreign_keys"].as_array().unwrap().len(), 20);
}

#[test]
fn a_broken_table_that_is_dropped_is_no_longer_parked() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite(
        "bank.sqlite",
        "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO loan VALUES (1, 2);
         CREATE VIEW broken AS SELECT * FROM nowhere;",
    );
    assert_eq!(sandbox.sync(&bank, &[]).0, 3);
    rusqlite::Connection::open(&bank).unwrap().execute_batch("DROP VIEW broken").unwrap();
    let (code, report, _) = sandbox.sync(&bank, &[]);
    assert_eq!((code, report["run"]["tables_parked"].as_u64()), (0, Some(0)));
}

#[test]
fn a_file_that_left_its_folder_is_forgotten() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("lake")).unwrap();
    sandbox.sqlite(
        "lake/a.sqlite",
        "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO loan VALUES (1, 2);",
    );
    sandbox.sqlite(
        "lake/b.sqlite",
        "CREATE TABLE product (id INTEGER PRIMARY KEY, price REAL); INSERT INTO product VALUES (1, 2);",
    );
    sandbox.sync(&sandbox.path("lake"), &[]);
    std::fs::remove_file(sandbox.path("lake/a.sqlite")).unwrap();
    sandbox.sync(&sandbox.path("lake"), &[]);
    let found = sandbox.run(&["search", "--state", "state", "loan amount"]);
    assert!(!String::from_utf8_lossy(&found.stdout).contains("a.main.loan"));
    assert_eq!(sandbox.run(&["explain", "--state", "state", "a.main.loan"]).status.code(), Some(1));
}

#[test]
fn what_is_no_longer_true_is_withdrawn_from_the_catalog() {
    let sandbox = Sandbox::new();
    let bank = chain(&sandbox, "bank.sqlite");
    sandbox.sync(&bank, &[]);
    rusqlite::Connection::open(&bank)
        .unwrap()
        .execute_batch("UPDATE orders_3 SET customer_3_id = 77000000 + rowid")
        .unwrap();
    let (_, report, _) = sandbox.sync(&bank, &[]);
    assert_eq!(report["foreign_keys"].as_array().unwrap().len(), 19);
    let explained = sandbox.run(&["explain", "--state", "state", "orders_3", "--output", "json"]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let removed = |r: &&Value| r["action"] == "published" && r["operation"]["after"].is_null();
    assert_eq!(explained["audit"].as_array().unwrap().iter().filter(removed).count(), 1, "the key is taken out");
}

#[test]
fn one_missing_location_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite(
        "bank.sqlite",
        "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO loan VALUES (1, 2);",
    );
    let (code, report, _) = sandbox.sync(&bank, &["--warehouse", "nowhere.sqlite"]);
    assert_eq!(code, 3);
    table(&report, "bank.main.loan");
    assert_eq!(report["parked"][0]["name"], "nowhere.sqlite");
}

#[test]
fn the_demo_empties_no_folder_of_somebody_else() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("project/state")).unwrap();
    std::fs::write(sandbox.path("project/state/precious.txt"), "mine").unwrap();
    let output = sandbox.run(&["demo", "--out", "project"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("precious.txt"));
    assert_eq!(std::fs::read_to_string(sandbox.path("project/state/precious.txt")).unwrap(), "mine");
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let sandbox = Sandbox::new();
    let bank =
        sandbox.sqlite("bank.sqlite", "CREATE TABLE \"loan\u{1b}[31m\" (id INTEGER PRIMARY KEY, \"a\u{1b}[2J\" REAL);");
    let warehouse = bank.display().to_string();
    let output = sandbox.run(&["sync", "--warehouse", &warehouse, "--state", "state"]);
    assert!(!output.stdout.contains(&0x1b), "an escape character reached the terminal");
}
