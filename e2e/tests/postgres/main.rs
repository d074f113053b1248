//! The ledger on Postgres, and `sync --warehouse postgres://…` end to end over the sample bank.

#![allow(clippy::unwrap_used)]

mod bank;
mod contract;
mod faults;
mod outage;
mod paused;
mod roles;
mod schema;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use catalog_local::sample_warehouse::truth;
use e2e::variable;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

type Key = (String, Vec<String>, String, Vec<String>);

/// Runs the daemon's `sync` in `folder`, and gives its report.
fn sync(folder: &Path, warehouse: &Url, query_log: &Path) -> Value {
    let output = Command::new(variable("CATALOG_TEST_DAEMON").unwrap())
        .args(["sync", "--warehouse", warehouse.as_str(), "--state", "state", "--output", "json", "--query-log"])
        .arg(query_log)
        .env_clear()
        .env("HOME", folder.join("home"))
        .current_dir(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let password = warehouse.password().unwrap();
    assert!(!errors.contains(password) && !String::from_utf8_lossy(&output.stdout).contains(password));
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn keys_with(report: &Value, status: &str) -> BTreeSet<Key> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let texts = |v: &Value| v.as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    let keys = report["foreign_keys"].as_array().unwrap().iter().filter(|k| k["status"] == status);
    keys.map(|k| {
        (text(&k["child_table"]), texts(&k["child_columns"]), text(&k["parent_table"]), texts(&k["parent_columns"]))
    })
    .collect()
}

fn true_keys(vacuous: bool) -> BTreeSet<Key> {
    let fqn = |table: &str| format!("{}.{}.{table}", bank::DATABASE, bank::SCHEMA);
    let own = |columns: &[&str]| columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
    let keys = truth::foreign_keys().iter().filter(|k| k.vacuous == vacuous);
    keys.map(|k| (fqn(k.child), own(k.child_columns), fqn(k.parent), own(k.parent_columns))).collect()
}

#[tokio::test]
async fn the_sample_bank_in_postgres_is_walked_like_the_file_and_the_second_sync_skips_it() {
    let admin: Url = variable("CATALOG_TEST_POSTGRES_URL").unwrap().parse().unwrap();
    let folder = TempDir::new().unwrap();
    let sample = bank::sample(folder.path());
    let warehouse = bank::load(&admin, &sample.database).await;

    let first = sync(folder.path(), &warehouse, &sample.query_log);
    assert_eq!(first["run"]["tables_seen"], truth::RELATIONS);
    assert_eq!(first["run"]["tables_parked"], 0);
    let tables = first["tables"].as_array().unwrap();
    assert!(tables.iter().all(|t| t["description"]["text"].as_str().is_some_and(|text| !text.is_empty())));
    let confirmed = keys_with(&first, "confirmed");
    let (proven, vacuous) = (true_keys(false), true_keys(true));
    let wrong: Vec<_> = confirmed.iter().filter(|k| !proven.contains(*k) && !vacuous.contains(*k)).collect();
    assert!(wrong.is_empty(), "confirmed without reason: {wrong:#?}");
    let missing: Vec<_> = proven.difference(&confirmed).collect();
    assert!(missing.is_empty(), "true keys not confirmed: {missing:#?}");

    let second = sync(folder.path(), &warehouse, &sample.query_log);
    assert_eq!(second["run"]["tables_skipped"], truth::RELATIONS);
    assert_eq!((&second["run"]["published"], &second["run"]["proposed"]), (&Value::from(0), &Value::from(0)));
    assert_eq!(second["foreign_keys"], first["foreign_keys"]);

    bank::run(
        &warehouse,
        "INSERT INTO main.branch SELECT 9999, 'x', city, postal_code, opened_on FROM main.branch LIMIT 1",
    )
    .await;
    let third = sync(folder.path(), &warehouse, &sample.query_log);
    assert_eq!(third["run"]["tables_skipped"], truth::RELATIONS - 1, "one table changed");
    bank::remove(&admin).await;
}
