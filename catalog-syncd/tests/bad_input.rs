//! Bad input: a clear error that names the thing and what to do; the others finish; the exit code says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use sandbox::{Sandbox, assert_matches_schema, table};

const TWO_TABLES: &str = "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT);
    INSERT INTO customer VALUES (1, 'Lyon'), (2, 'Nice'), (3, 'Metz');
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL);
    INSERT INTO orders VALUES (10, 1, 9.5), (11, 3, 7.0), (12, 1, 1.0);";

#[test]
fn a_missing_file_is_named_and_nothing_is_read() {
    let sandbox = Sandbox::new();
    let (code, report, _) = sandbox.sync(&sandbox.path("nowhere.sqlite"), &[]);
    assert_eq!(code, 4);
    let reason = report["parked"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("nowhere.sqlite"), "{reason}");
}

#[test]
fn a_file_that_is_no_database_does_not_stop_its_neighbour() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("lake")).unwrap();
    std::fs::write(sandbox.path("lake/broken.sqlite"), b"this is not a database, however long it is made to look")
        .unwrap();
    sandbox.sqlite("lake/good.sqlite", TWO_TABLES);
    let (code, report, _) = sandbox.sync(&sandbox.path("lake"), &[]);
    assert_eq!(code, 3);
    assert_matches_schema(&report);
    assert_eq!(report["tables"].as_array().unwrap().len(), 2);
    assert_eq!(report["run"]["sources_failed"], 1);
    let parked = &report["parked"][0];
    assert_eq!(parked["name"], "broken");
    assert!(parked["reason"].as_str().unwrap().contains("broken.sqlite"));
}

#[test]
fn a_truncated_database_is_reported_and_what_can_be_read_is_read() {
    let sandbox = Sandbox::new();
    let path = sandbox.sqlite("torn.sqlite", TWO_TABLES);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 4096]).unwrap();
    let (code, report, errors) = sandbox.sync(&path, &[]);
    assert!(code == 3 || code == 4, "exit {code}: {errors}");
    assert!(!report["parked"].as_array().unwrap().is_empty());
}

#[test]
fn a_malformed_row_parks_its_file_and_the_others_finish() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("drop")).unwrap();
    std::fs::write(sandbox.path("drop/good.csv"), "id,city\n1,Lyon\n2,Nice\n").unwrap();
    std::fs::write(sandbox.path("drop/bad.csv"), "id,city\n1,Lyon\n2,Nice,too,many\n").unwrap();
    let (code, report, _) = sandbox.sync(&sandbox.path("drop"), &[]);
    assert_eq!(code, 3);
    assert_eq!(table(&report, "drop.csv.good")["row_count_estimate"], 2);
    let parked = &report["parked"][0];
    assert_eq!(parked["name"], "drop.csv.bad");
    let reason = parked["reason"].as_str().unwrap();
    assert!(reason.contains("bad.csv") && reason.contains('3'), "the reason names file and line: {reason}");
    assert!(!reason.contains("Nice"), "a reason quotes no cell: {reason}");
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let sandbox = Sandbox::new();
    let address = "postgres://app:hunter2@127.0.0.1:9/bank";
    let output = sandbox.run(&["sync", "--warehouse", address, "--state", "state", "--output", "json"]);
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{all}");
    assert!(all.contains("127.0.0.1"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn an_address_of_another_kind_is_refused() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["sync", "--warehouse", "oracle://app:hunter2@db/bank", "--state", "state"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("oracle") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_password_is_never_shown_however_wrong_the_address_is_written() {
    let sandbox = Sandbox::new();
    for address in ["app:hunter2@db/bank", "host=db password=hunter2", "postgres:/app:hunter2@db/bank"] {
        let output = sandbox.run(&["sync", "--warehouse", address, "--state", "state"]);
        let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn hostile_names_are_only_names() {
    let sandbox = Sandbox::new();
    let path = sandbox.sqlite(
        "odd.sqlite",
        r#"CREATE TABLE "; DROP TABLE x; --" ("select" INTEGER PRIMARY KEY, "a ""quoted"" name" TEXT, "<img onerror=x>" TEXT);
           INSERT INTO "; DROP TABLE x; --" VALUES (1, 'a', 'b');
           CREATE TABLE x ("Été" TEXT, "group" TEXT); INSERT INTO x VALUES ('1', '2');
           CREATE VIEW "a view.with a dot" AS SELECT * FROM x;"#,
    );
    let (code, report, errors) = sandbox.sync(&path, &["--html", "report.html"]);
    assert_eq!(code, 0, "{errors}");
    assert_matches_schema(&report);
    table(&report, "odd.main.; DROP TABLE x; --");
    table(&report, r#"odd.main."a view.with a dot""#);
    let page = std::fs::read_to_string(sandbox.path("report.html")).unwrap();
    assert!(!page.contains("<img"), "names are escaped on the page");
    let (_, again, _) = sandbox.sync(&path, &[]);
    assert_eq!(again["tables"].as_array().unwrap().len(), 3);
}

#[test]
fn wide_tables_blobs_huge_cells_and_bytes_that_are_no_text_are_walked() {
    let sandbox = Sandbox::new();
    let columns: Vec<String> = (0..2_000).map(|i| format!("c{i} INTEGER")).collect();
    let path = sandbox.sqlite(
        "odd.sqlite",
        &format!(
            "CREATE TABLE wide ({}); INSERT INTO wide DEFAULT VALUES;
             CREATE TABLE blobs (id INTEGER PRIMARY KEY, body BLOB); INSERT INTO blobs VALUES (1, randomblob(1000)), (2, NULL);
             CREATE TABLE huge (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO huge VALUES (1, printf('%.*c', 20000000, 'x'));
             CREATE TABLE torn (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO torn VALUES (1, CAST(x'ff61fe' AS TEXT));
             CREATE TABLE vacant (id INTEGER, name TEXT);",
            columns.join(", ")
        ),
    );
    let (code, report, errors) = sandbox.sync(&path, &[]);
    assert_eq!(code, 0, "{errors}");
    assert_matches_schema(&report);
    assert_eq!(table(&report, "odd.main.wide")["columns"].as_array().unwrap().len(), 2_000);
    assert_eq!(table(&report, "odd.main.huge")["row_count_estimate"], 1);
    let empty = &table(&report, "odd.main.vacant")["columns"][1];
    assert_eq!(empty["null_ratio"], serde_json::Value::Null, "no row seen is not the same as no NULL");
}

#[test]
fn an_unknown_configuration_key_is_named_with_its_nearest_match() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("c.toml"), "[fk]\ntreshold = 0.5\n").unwrap();
    let output = sandbox.run(&["--config", "c.toml", "config", "show"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("fk.treshold") && errors.contains("fk.threshold") && errors.contains("c.toml"), "{errors}");
}

#[test]
fn a_query_log_that_is_missing_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.sqlite("good.sqlite", TWO_TABLES);
    let (code, _, errors) = sandbox.sync(&path, &["--query-log", "no-such.jsonl"]);
    assert_eq!(code, 1);
    assert!(errors.contains("no-such.jsonl"), "{errors}");
}

#[test]
fn two_warehouses_of_one_name_are_refused() {
    let sandbox = Sandbox::new();
    for folder in ["a", "b"] {
        std::fs::create_dir(sandbox.path(folder)).unwrap();
        sandbox.sqlite(&format!("{folder}/bank.sqlite"), TWO_TABLES);
    }
    let output =
        sandbox.run(&["sync", "--warehouse", "a/bank.sqlite", "--warehouse", "b/bank.sqlite", "--state", "state"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("bank"), "{errors}");
}

#[test]
fn looking_before_the_first_sync_says_so() {
    let sandbox = Sandbox::new();
    for verb in [&["search", "loans"][..], &["explain", "a.b.c"], &["review", "list"]] {
        let output = sandbox.run(verb);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains("catalog-syncd sync"), "{errors}");
        assert!(!sandbox.path(".catalog-sync").exists(), "a look leaves nothing behind");
    }
}
