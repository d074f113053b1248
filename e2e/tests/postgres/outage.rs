//! The database under a running daemon dies and comes back: fault 27.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use e2e::{CutProxy, http, variable};
use rusqlite::Connection;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::bank::run;
use crate::schema::admin;

/// Longer than anything in this test takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const SHOP: &str = "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT);
    INSERT INTO customer VALUES (1, 'Lyon'), (2, 'Nice');
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER);
    INSERT INTO orders VALUES (7, 1), (8, 2);";
/// Long enough to count that the database can go away meanwhile.
const SLOW: &str =
    "CREATE VIEW loan AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000)
    SELECT x AS id, x * 1.5 AS amount FROM n";
const LEASED: &str = "SELECT count(*) FROM catalog_sync.work_queue WHERE lease_until_ms IS NOT NULL";

/// A daemon whose ledger lies behind a proxy, on a database of its own.
struct Daemon {
    child: Child,
    folder: TempDir,
    proxy: CutProxy,
    database: String,
    api: String,
}

impl Daemon {
    async fn start(database: &str) -> Self {
        run(&admin(), &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
        run(&admin(), &format!("CREATE DATABASE {database}")).await;
        let proxy = CutProxy::start(format!("{}:{}", admin().host_str().unwrap(), admin().port().unwrap())).unwrap();
        let mut url = admin();
        url.set_path(database);
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(proxy.port())).unwrap();
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("url"), url.as_str()).unwrap();
        let config = format!(
            "[sources]\nwarehouses = [\"shop.sqlite\"]\n[sync]\nworkers = 1\nlease_secs = 5\n[state]\ndir = \"state\"\n\
             [api]\nlisten = \"127.0.0.1:0\"\n[schedule]\nsweep = \"0 0 1 1 *\"\n\
             [daemon]\nsettle_secs = 0\nstart_jitter_secs = 0\nretry_first_secs = 1\nretry_max_secs = 2\n\
             [ledger]\nstore = \"postgres\"\nurl = \"file:{}\"\nhost = \"127.0.0.1:{}\"\npool_size = 2\n",
            folder.path().join("url").display(),
            proxy.port(),
        );
        std::fs::write(folder.path().join("c.toml"), config).unwrap();
        sqlite(folder.path(), SHOP);
        let migrated = command(folder.path(), "migrate").output().unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        let mut child = command(folder.path(), "run").stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = log.find(|line| line.contains("ready")).unwrap();
        let api = ready.split("api.address=").nth(1).unwrap().split_whitespace().next().unwrap().trim_matches('"');
        let api = format!("http://{api}");
        // Read on, so that the daemon is never held up by a full pipe.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, folder, proxy, database: database.to_owned(), api }
    }

    fn ask_for_a_run(&self) -> u16 {
        http::status(&format!("{}/api/v1/syncs", self.api), Some("{\"all\": true}"))
    }

    async fn ready(&mut self, expected: u16) {
        let begun = Instant::now();
        while http::status(&format!("{}/readyz", self.api), None) != expected {
            assert!(self.child.try_wait().unwrap().is_none(), "the daemon ended");
            assert!(begun.elapsed() < PATIENCE, "readiness never said {expected}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A connection past the proxy.
    async fn look(&self) -> PgConnection {
        let mut url = admin();
        url.set_path(&self.database);
        PgConnection::connect(url.as_str()).await.unwrap()
    }

    /// Waits until the database counts so much.
    async fn until(&self, sql: &'static str, expected: i64) {
        let (mut looking, begun) = (self.look().await, Instant::now());
        loop {
            let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut looking).await.unwrap();
            if found == expected {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{found} and never {expected}: {sql}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Nothing waits, nothing is parked, and every operation that was published was so once, with its audit row.
    async fn assert_settled(&self, tables: i64) {
        self.until("SELECT count(*) FROM catalog_sync.table_state WHERE indexed_text IS NOT NULL", tables).await;
        self.until("SELECT count(*) FROM catalog_sync.work_queue", 0).await;
        self.until("SELECT count(*) FROM catalog_sync.outbox WHERE fate = 'pending'", 0).await;
        self.until("SELECT count(*) FROM catalog_sync.parked", 0).await;
        let mut looking = self.look().await;
        let unequal = "SELECT (SELECT count(*) FROM catalog_sync.outbox WHERE fate = 'published')
            - (SELECT count(*) FROM catalog_sync.audit_log WHERE action = 'published')";
        assert_eq!(sqlx::query_scalar::<_, i64>(unequal).fetch_one(&mut looking).await.unwrap(), 0);
        let twice = "SELECT count(*) - count(DISTINCT operation::json ->> 'id') FROM catalog_sync.audit_log";
        assert_eq!(sqlx::query_scalar::<_, i64>(twice).fetch_one(&mut looking).await.unwrap(), 0);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has told then.
        let _ = (self.child.kill(), self.child.wait());
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database);
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(&admin(), &sql));
        });
        cleaned.join().unwrap();
    }
}

fn command(folder: &Path, verb: &str) -> Command {
    let mut command = Command::new(variable("CATALOG_TEST_DAEMON").unwrap());
    command.args([verb, "--config", "c.toml"]).env_clear().env("HOME", folder.join("home")).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn sqlite(folder: &Path, sql: &str) {
    Connection::open(folder.join("shop.sqlite")).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_daemon_outlives_its_database_says_so_and_goes_on_by_itself() {
    let mut daemon = Daemon::start("catalog_e2e_outage").await;
    daemon.assert_settled(2).await;
    daemon.ready(200).await;

    // Down while nothing is done: it is told, what is asked for meanwhile breaks nothing, and it comes back alone.
    sqlite(
        daemon.folder.path(),
        "CREATE TABLE branch (id INTEGER PRIMARY KEY, city TEXT); INSERT INTO branch VALUES (1, 'Lille');",
    );
    daemon.proxy.cut();
    daemon.ready(503).await;
    daemon.ask_for_a_run();
    daemon.proxy.heal();
    daemon.ready(200).await;
    assert_eq!(daemon.ask_for_a_run(), 202);
    daemon.assert_settled(3).await;
}

#[tokio::test]
async fn a_database_that_dies_while_a_table_is_worked_on_loses_nothing_and_publishes_nothing_twice() {
    let mut daemon = Daemon::start("catalog_e2e_outage_midway").await;
    daemon.assert_settled(2).await;
    sqlite(daemon.folder.path(), SLOW);
    daemon.ask_for_a_run();
    daemon.until(LEASED, 1).await;
    daemon.proxy.cut();
    daemon.ready(503).await;
    daemon.proxy.heal();
    daemon.ready(200).await;
    assert_eq!(daemon.ask_for_a_run(), 202);
    daemon.assert_settled(3).await;
}
