//! Promise I4: no cell value leaves the process, whatever the table, into whatever file or stream.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use std::fmt::Write as _;

use sandbox::Sandbox;

/// Values that no code could make up: if one is found outside the source, it leaked.
const CANARIES: [&str; 9] = [
    "zqx.canary@example.org",
    "FR7630006000011234567890189",
    "+33 6 12 34 56 78",
    "Zquillemain Canarette",
    "4539578763621486",
    "Zqcanaryville",
    "zqx-free-text-canary",
    "987654321987",
    "zqcanary-token-77",
];

fn warehouse(sandbox: &Sandbox) -> std::path::PathBuf {
    let mut rows = String::new();
    for i in 0..60 {
        // Every canary in some rows, also inside free text and JSON; the codes repeat often enough to be public.
        let c = |n: usize| CANARIES[n];
        let note = format!("called {} about {}", c(3), c(6));
        let doc = format!(r#"{{"mail": "{}", "iban": "{}"}}"#, c(0), c(1));
        writeln!(
            rows,
            "INSERT INTO person VALUES ({i}, '{}', '{}', '{}', '{}', '{}', '{}', '{note}', '{doc}', {}, '{}', '{}');",
            if i % 2 == 0 { c(3) } else { "Ana Diaz" },
            if i % 2 == 0 { c(0) } else { "a@b.example" },
            c(1),
            c(2),
            c(4),
            // Fewer than ten times: a value seen more often than that, of few, is a public code.
            if i % 10 == 0 { c(5) } else { "Lyon" },
            if i % 10 == 1 { c(7) } else { "5" },
            if i % 10 == 2 { c(8) } else { "none" },
            if i % 2 == 0 { "OPEN" } else { "SHUT" }
        )
        .unwrap();
    }
    sandbox.sqlite(
        "source.sqlite",
        &format!(
            "CREATE TABLE person (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT, iban TEXT, phone TEXT, card TEXT,
                                  city TEXT, note TEXT, doc TEXT, external_no INTEGER, token TEXT, status TEXT);
             {rows}
             CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER, mail TEXT);
             INSERT INTO visit SELECT id, id, email FROM person;"
        ),
    )
}

fn assert_no_canary(place: &str, bytes: &[u8]) {
    for canary in CANARIES {
        let found = bytes.windows(canary.len()).any(|w| w.eq_ignore_ascii_case(canary.as_bytes()));
        assert!(!found, "{place} holds the cell value {canary}");
    }
}

#[test]
fn no_cell_value_is_in_report_page_log_ledger_catalog_or_index() {
    let sandbox = Sandbox::new();
    let source = warehouse(&sandbox);
    let log = format!(
        "{}\n{}\n",
        serde_json::json!({"query": format!("SELECT * FROM person WHERE email = '{}'", CANARIES[0]), "user": "u"}),
        serde_json::json!({"query": format!("SELECT p.id FROM person p JOIN visit v ON v.person_id = p.id WHERE p.iban IN ('{}', 'x') AND p.external_no > {} -- {}", CANARIES[1], CANARIES[7], CANARIES[3]), "user": "u"}),
    );
    std::fs::write(sandbox.path("log.jsonl"), log).unwrap();
    let warehouse = source.display().to_string();
    let output = sandbox.run(&[
        "-vv",
        "sync",
        "--warehouse",
        &warehouse,
        "--state",
        "state",
        "--query-log",
        "log.jsonl",
        "--output",
        "json",
        "--html",
        "state/page.html",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_no_canary("the report", &output.stdout);
    assert_no_canary("the log", &output.stderr);
    assert_no_canary("the state folder", &sandbox.bytes_below("state"));
    for verb in [
        &["explain", "person", "--state", "state"][..],
        &["explain", "person", "--state", "state", "--output", "json"],
        &["review", "--state", "state", "list"],
        &["search", "--state", "state", "people"],
    ] {
        let output = sandbox.run(verb);
        assert_eq!(output.status.code(), Some(0), "{verb:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_no_canary(&format!("{verb:?}"), &output.stdout);
    }
}

#[test]
fn a_code_that_is_public_by_the_rule_may_be_shown() {
    let sandbox = Sandbox::new();
    sandbox.sync(&warehouse(&sandbox), &[]);
    let output = sandbox.run(&["explain", "person", "--state", "state", "--output", "json"]);
    let explained: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = explained["public_codes"].as_array().unwrap().last().unwrap();
    assert_eq!(codes.as_array().unwrap().len(), 2, "status has two codes, each seen 30 times: {codes}");
}
