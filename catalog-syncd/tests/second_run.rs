//! Promise: a sync over unchanged tables samples nothing and publishes nothing; a changed one is walked alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use sandbox::{Sandbox, assert_matches_schema, table};
use serde_json::Value;

const BANK: &str = "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, segment TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO customer SELECT i, 'user' || i || '@mail.example', CASE i % 3 WHEN 0 THEN 'RETAIL' ELSE 'PRIVATE' END FROM n;
    CREATE TABLE account (id INTEGER PRIMARY KEY, customer_id INTEGER, balance REAL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO account SELECT 9000 + i, 1 + (i * 7) % 300, i * 1.5 FROM n;";

fn stage(report: &Value, name: &str) -> Option<f64> {
    report["run"]["stages"][name].as_f64()
}

#[test]
fn the_second_sync_skips_samples_and_publishes_nothing_and_reports_the_same() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite("bank.sqlite", BANK);
    let (_, first, _) = sandbox.sync(&bank, &[]);
    assert!(first["run"]["published"].as_u64().unwrap() > 0);
    let (code, second, errors) = sandbox.sync(&bank, &[]);
    assert_eq!(code, 0, "{errors}");
    assert_matches_schema(&second);
    assert_eq!(second["run"]["tables_skipped"], 2);
    assert_eq!(second["run"]["published"], 0);
    assert_eq!(second["run"]["proposed"], 0);
    for name in ["sample", "profile", "confirm", "describe"] {
        assert_eq!(stage(&second, name), None, "stage {name} ran again");
    }
    assert_eq!(second["tables"], first["tables"]);
    assert_eq!(second["foreign_keys"], first["foreign_keys"]);
}

#[test]
fn the_report_that_is_written_while_it_is_read_is_the_report_of_the_page() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite("bank.sqlite", BANK);
    sandbox.sync(&bank, &[]);
    let (_, mut streamed, _) = sandbox.sync(&bank, &[]);
    let (_, mut whole, _) = sandbox.sync(&bank, &["--html", "report.html"]);
    for report in [&mut streamed, &mut whole] {
        assert_matches_schema(report);
        report["run"].as_object_mut().unwrap().retain(|name, _| name != "seconds" && name != "stages");
    }
    assert_eq!(streamed, whole);
}

#[test]
fn a_changed_file_is_walked_again_and_what_did_not_change_is_not_published_twice() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite("bank.sqlite", BANK);
    sandbox.sync(&bank, &[]);
    rusqlite::Connection::open(&bank)
        .unwrap()
        .execute_batch(
            "CREATE TABLE branch (id INTEGER PRIMARY KEY, city TEXT); INSERT INTO branch VALUES (1, 'Lyon');",
        )
        .unwrap();
    let (_, report, _) = sandbox.sync(&bank, &[]);
    assert_eq!(report["run"]["tables_seen"], 3);
    table(&report, "bank.main.branch");
    let audit = sandbox.run(&["explain", "customer", "--state", "state", "--output", "json"]);
    let explained: Value = serde_json::from_slice(&audit.stdout).unwrap();
    let mut operations: Vec<String> =
        explained["audit"].as_array().unwrap().iter().map(|r| r["operation"]["id"].to_string()).collect();
    let all = operations.len();
    operations.sort();
    operations.dedup();
    assert_eq!(operations.len(), all, "no operation has two audit rows");
}

#[test]
fn a_dropped_table_is_forgotten_everywhere() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite("bank.sqlite", BANK);
    sandbox.sync(&bank, &[]);
    rusqlite::Connection::open(&bank).unwrap().execute_batch("DROP TABLE account").unwrap();
    let (_, report, _) = sandbox.sync(&bank, &[]);
    assert_eq!(report["tables"].as_array().unwrap().len(), 1);
    assert_eq!(report["foreign_keys"].as_array().unwrap().len(), 0);
    let found = sandbox.run(&["search", "--state", "state", "account balance"]);
    assert!(!String::from_utf8_lossy(&found.stdout).contains("bank.main.account"));
}

#[test]
fn declared_keys_are_used_and_the_flag_hides_them() {
    let sandbox = Sandbox::new();
    let bank = sandbox.sqlite(
        "bank.sqlite",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent(id));",
    );
    let (_, report, _) = sandbox.sync(&bank, &[]);
    assert_eq!(report["foreign_keys"][0]["status"], "declared");
    assert_eq!(report["foreign_keys"][0]["score"], 1.0);
    let (_, hidden, _) = sandbox.sync(&bank, &["--ignore-declared-keys"]);
    let keys = hidden["foreign_keys"].as_array().unwrap();
    assert!(keys.iter().all(|k| k["status"] != "declared"), "{keys:?}");
}

#[test]
fn a_new_word_of_the_house_has_its_tables_described_again_and_leaves_the_list_of_unread_words() {
    let sandbox = Sandbox::new();
    let codes = "CREATE TABLE BLQH (BLQNO INTEGER PRIMARY KEY, BLQPD TEXT, BLQAM REAL);
        INSERT INTO BLQH VALUES (7001, '2024-01', 10.5), (7002, '2024-02', 11.5), (7003, '2024-03', 12.5);";
    let lake = sandbox.sqlite("lake.sqlite", codes);
    let (_, before, _) = sandbox.sync(&lake, &[]);
    let said = |report: &Value| table(report, "lake.main.BLQH")["description"]["text"].as_str().map(str::to_owned);
    assert!(said(&before).is_none_or(|text| !text.contains("ill")), "{before}");
    let unread = |more: &[&str]| -> Value {
        let output = sandbox.run(&[&["glossary", "--state", "state", "--output", "json"], more].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let words = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|word| word["word"].as_str().unwrap().to_owned()).collect()
    };
    assert!(words(&unread(&[])).contains(&"blqpd".to_owned()), "{}", unread(&[]));
    let terms =
        "[glossary.terms]\n\"lake.BLQ*\" = \"bill\"\nBLQH = \"bill header\"\nPD = \"period\"\nAM = \"amount\"\n";
    std::fs::write(sandbox.path("house.toml"), terms).unwrap();
    let (_, after, _) = sandbox.sync(&lake, &["--config", "house.toml"]);
    assert_eq!(said(&after).as_deref(), Some("Bills, one row per bill; number, amount, period."));
    assert!(words(&unread(&["--config", "house.toml"])).iter().all(|word| !word.starts_with("blq")));
}
