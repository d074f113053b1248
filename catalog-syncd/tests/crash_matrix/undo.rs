//! Taking back what was published.

use serde_json::Value;

use crate::judge::{dies_at, ends, judge_ledger, number};
use crate::sandbox::Sandbox;

pub(crate) const POINTS: [&str; 2] = ["undo::before_decision", "undo::after_decision"];
const SYNC: [&str; 7] = ["sync", "--warehouse", "bank.sqlite", "--state", "state", "--output", "json"];
const UNDO: [&str; 7] = ["undo", "--state", "state", "--table", "bank.main.loan", "--output", "json"];

#[test]
fn an_undo_that_died_midway_is_finished_by_the_next_one_and_stays() {
    for point in POINTS {
        let sandbox = Sandbox::new();
        sandbox.sqlite(
            "bank.sqlite",
            "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO loan VALUES (1, 2), (2, 3);",
        );
        ends(&sandbox, point, &SYNC);
        dies_at(&sandbox, point, &UNDO);
        ends(&sandbox, point, &UNDO);
        let report = ends(&sandbox, point, &SYNC);
        judge_ledger(&sandbox, point, 1);
        let undone = "SELECT count(*) FROM audit_log WHERE action = 'undone'";
        assert_eq!(number(&sandbox, "ledger.sqlite", undone), 1, "{point}");
        let explained = ends(&sandbox, point, &["explain", "--state", "state", "loan", "--output", "json"]);
        assert_eq!(explained["current"]["description"], Value::Null, "{point}: {explained:#}");
        assert_eq!(report["run"]["published"], 0, "{point}: what was undone came back");
    }
}
