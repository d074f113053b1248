//! Two real processes on one ledger, one of which sleeps past its lease: fault 28.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::variable;
use rusqlite::Connection;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::bank::run;
use crate::schema::admin;

const DATABASE: &str = "catalog_e2e_paused";
/// Whether a lease is held, and whether it has run out by the database's clock.
const HELD: &str = "SELECT count(*) FROM catalog_sync.work_queue WHERE lease_until_ms IS NOT NULL";
const RUN_OUT: &str = "SELECT count(*) FROM catalog_sync.work_queue
    WHERE lease_until_ms < extract(epoch FROM clock_timestamp()) * 1000";

fn daemon(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(variable("CATALOG_TEST_DAEMON").unwrap());
    command.args(["-v"]).args(arguments).args(["--config", "c.toml"]);
    command.env_clear().env("HOME", folder.join("home")).env("USER", "tess").current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

async fn count(database: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(database).await.unwrap()
}

/// Asks the database until it counts something, a minute at most.
async fn until(database: &mut PgConnection, sql: &'static str) {
    let begun = std::time::Instant::now();
    while count(database, sql).await == 0 {
        assert!(begun.elapsed().as_secs() < 60, "never came: {sql}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_process_that_slept_past_its_lease_commits_nothing_and_publishes_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    run(&admin(), &format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await;
    run(&admin(), &format!("CREATE DATABASE {DATABASE}")).await;
    let mut url = admin();
    url.set_path(DATABASE);
    std::fs::write(place.join("url"), url.as_str()).unwrap();
    // Long enough to count that the process can be stopped while it does.
    let slow = "CREATE VIEW loan AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000)
        SELECT x AS id, x * 1.5 AS amount FROM n";
    Connection::open(place.join("shop.sqlite")).unwrap().execute_batch(slow).unwrap();
    let config = format!(
        "[sources]\nwarehouses = [\"shop.sqlite\"]\n[sync]\nworkers = 1\nlease_secs = 2\n\
         [ledger]\nstore = \"postgres\"\nurl = \"file:{}\"\nhost = \"{}:{}\"\n",
        place.join("url").display(),
        url.host_str().unwrap(),
        url.port().unwrap(),
    );
    std::fs::write(place.join("c.toml"), config).unwrap();
    let migrated = daemon(place, &["migrate"]).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));

    let mut database = PgConnection::connect(url.as_str()).await.unwrap();
    let sleeper = daemon(place, &["sync", "--state", "sleeper", "--output", "json"]).spawn().unwrap();
    until(&mut database, HELD).await;
    signal(&sleeper, "-STOP");
    until(&mut database, RUN_OUT).await;
    let other = daemon(place, &["sync", "--state", "other", "--output", "json"]).output().unwrap();
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stderr));
    let report: Value = serde_json::from_slice(&other.stdout).unwrap();
    assert_eq!(report["run"]["published"], 1, "the other takes the table over");
    let before = count(&mut database, "SELECT count(*) FROM catalog_sync.audit_log").await;

    signal(&sleeper, "-CONT");
    let late = sleeper.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&late.stderr).into_owned();
    assert!(late.status.success(), "{told}");
    assert!(told.contains("somebody else holds") || told.contains("error.kind=\"conflict\""), "{told}");
    let report: Value = serde_json::from_slice(&late.stdout).unwrap();
    assert_eq!(report["run"]["published"], 0);
    assert_eq!(count(&mut database, "SELECT count(*) FROM catalog_sync.audit_log").await, before);
    assert_eq!(count(&mut database, "SELECT count(*) FROM catalog_sync.parked").await, 0, "a lost lease is no failure");
    // Each has a catalog of its own, which counts what was written to it.
    let writes = |state: &str| -> i64 {
        let catalog = Connection::open(place.join(state).join("catalog.sqlite")).unwrap();
        catalog.query_row("SELECT version FROM last_version", [], |row| row.get(0)).unwrap()
    };
    assert_eq!((writes("other"), writes("sleeper")), (1, 0));
    database.close().await.unwrap();
    run(&admin(), &format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await;
}
