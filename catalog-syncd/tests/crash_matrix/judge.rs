//! A child that dies where it is told to, and what its ledger must say afterwards.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::Value;

use crate::sandbox::Sandbox;

const SIGABRT: i32 = 6;

/// Runs the binary until it reaches the point, and makes sure that it died there.
pub(crate) fn dies_at(sandbox: &Sandbox, point: &str, arguments: &[&str]) {
    let output = run(sandbox, Some(point), arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{point} is not reached: {:?} {errors}", output.status);
}

/// Runs the binary to its end and gives what it printed.
pub(crate) fn ends(sandbox: &Sandbox, point: &str, arguments: &[&str]) -> Value {
    let output = run(sandbox, None, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "after a death at {point}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn run(sandbox: &Sandbox, point: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog-syncd"));
    command.args(arguments).env_clear().env("HOME", sandbox.path("home")).env("USER", "tess");
    if let Some(point) = point {
        command.env("CATALOG_SYNC_ABORT_AT", point);
    }
    command.current_dir(sandbox.path("")).output().unwrap()
}

/// A number that the ledger gives.
pub(crate) fn number(sandbox: &Sandbox, file: &str, sql: &str) -> i64 {
    let ledger = Connection::open(sandbox.path("state").join(file)).unwrap();
    ledger.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// I1, I2 and I8 as far as the ledger tells of them; `tables` is how many the source has.
pub(crate) fn judge_ledger(sandbox: &Sandbox, point: &str, tables: i64) {
    let ledger = |sql: &str| number(sandbox, "ledger.sqlite", sql);
    assert_eq!(ledger("SELECT count(*) FROM table_state"), tables, "{point}: a table is forgotten");
    assert_eq!(ledger("SELECT count(*) FROM work_queue"), 0, "{point}: a table waits for ever");
    assert_eq!(ledger("SELECT count(*) FROM parked"), 0, "{point}: a table is parked");
    assert_eq!(ledger("SELECT count(*) FROM watermark"), 1, "{point}: the watermark stands behind");
    assert_eq!(ledger("SELECT count(*) FROM outbox WHERE fate = 'pending'"), 0, "{point}: an operation is left");
    assert_eq!(ledger("SELECT count(*) FROM vector_queue"), 0, "{point}: a text is left");
    let published =
        "SELECT json_extract(operation, '$.id') AS id FROM audit_log WHERE action IN ('published', 'undone')";
    assert_eq!(ledger(&format!("SELECT count(*) - count(DISTINCT id) FROM ({published})")), 0, "{point}: twice");
    let receipts = "SELECT operation_id AS id FROM outbox WHERE fate = 'published'";
    for (one, other) in [(receipts, published), (published, receipts)] {
        let lonely = ledger(&format!("SELECT count(*) FROM (SELECT id FROM ({one}) EXCEPT SELECT id FROM ({other}))"));
        assert_eq!(lonely, 0, "{point}: a receipt without an audit row, or the reverse");
    }
}
