//! Two roles: the one that migrates owns the ledger, the one that runs may add to the audit log and no more.

use std::sync::atomic::{AtomicU32, Ordering};

use catalog_core::ErrorKind;
use catalog_core::model::{Secret, WalkStage};
use catalog_core::ports::ledger::{AuditFilter, AuditLog, Outbox, WorkPlan, WorkQueue};
use catalog_store::{PostgresLedger, PostgresSettings};
use catalog_testkit::samples;
use sqlx::{Connection as _, PgConnection};
use url::Url;

use crate::schema::{Fresh, Schema, admin, egress, execute, key};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A role that may log in, gone with its test.
pub(crate) struct Role {
    name: String,
}

impl Role {
    pub(crate) async fn new() -> Self {
        let role = Self { name: format!("ledger_run_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)) };
        let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
        execute(&mut connection, &format!("CREATE ROLE {} LOGIN PASSWORD 'of-a-test'", role.name)).await.unwrap();
        role
    }

    fn url(&self) -> Url {
        let mut url = admin();
        url.set_username(&self.name).unwrap();
        url.set_password(Some("of-a-test")).unwrap();
        url
    }

    /// The schema's ledger, run as this role.
    pub(crate) async fn ledger(&self, schema: &Schema) -> PostgresLedger {
        PostgresLedger::migrate(&schema.settings, &egress(), Some(&self.name)).await.unwrap();
        let settings = PostgresSettings { url: Secret::new(self.url().as_str()), ..schema.settings.clone() };
        PostgresLedger::connect(&settings, &egress(), &key("5")).await.unwrap()
    }

    /// Changes the role.
    pub(crate) async fn run(&self, change: &str) {
        let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
        execute(&mut connection, &format!("ALTER ROLE {} {change}", self.name)).await.unwrap();
    }

    /// Ends its sessions, as a restart or a failover does. Gives how many there were.
    pub(crate) async fn cut(&self) -> i64 {
        let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
        let sql =
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = $1";
        sqlx::query_scalar(sql).bind(&self.name).fetch_one(&mut connection).await.unwrap()
    }

    async fn raw(&self, schema: &Schema) -> PgConnection {
        let mut connection = PgConnection::connect(self.url().as_str()).await.unwrap();
        execute(&mut connection, &format!("SET search_path = {}", schema.name())).await.unwrap();
        connection
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let name = self.name.clone();
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
                execute(&mut connection, &format!("DROP OWNED BY {name}; DROP ROLE {name}")).await.unwrap();
            });
        });
        cleaned.join().unwrap();
    }
}

async fn walk(ledger: &PostgresLedger) {
    let operation = samples::describe("loan", "Loans.");
    ledger.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
    let item = ledger.lease(WalkStage::Inspect, "w", 1, 0, 60_000).await.unwrap().remove(0);
    let plan = WorkPlan { state: samples::state("loan"), publish: vec![operation.clone()], propose: Vec::new() };
    ledger.finish(&item, &plan).await.unwrap();
    ledger.record(&[samples::receipt(&operation, now_ms())]).await.unwrap();
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn the_runtime_role_can_do_its_work_and_nothing_to_the_audit_log_but_add() {
    let schema = Schema::migrated().await;
    let role = Role::new().await;
    let ledger = role.ledger(&schema).await;
    walk(&ledger).await;
    let mut raw = role.raw(&schema).await;
    for sql in [
        "UPDATE audit_log SET actor = 'eve'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DROP TABLE audit_log",
        "DROP TRIGGER audit_log_keeps_rows ON audit_log",
        "ALTER TABLE audit_log DETACH PARTITION audit_log_other",
        "DELETE FROM audit_log_other",
        "UPDATE seal_check SET sealed = ''",
        "DROP TABLE note",
        "CREATE TABLE mine (id int)",
        "SELECT setval('fence', 1)",
        "DELETE FROM _sqlx_migrations",
    ] {
        let refused = execute(&mut raw, sql).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "{sql}");
    }
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap().len(), 1);
    let facts = ledger.doctor().await.unwrap();
    assert!(!facts.superuser && !facts.owns_audit_log && !facts.audit_rows_outside, "{facts:?}");
    assert!(facts.warnings().is_empty(), "{:?}", facts.warnings());
    assert!(facts.audit_partitions_until_ms.unwrap() > now_ms() + 28 * 24 * 60 * 60 * 1_000);
}

#[tokio::test]
async fn not_even_the_owner_changes_an_audit_row_and_rows_lie_in_their_month() {
    let fresh = Fresh::new().await;
    walk(&fresh).await;
    let mut raw = fresh.schema.raw().await;
    for sql in ["UPDATE audit_log SET actor = 'eve'", "DELETE FROM audit_log", "TRUNCATE audit_log"] {
        assert!(execute(&mut raw, sql).await.is_err(), "{sql}");
    }
    let sql = "SELECT tableoid::regclass::text ~ to_char(now() AT TIME ZONE 'UTC', '\"audit_log_y\"YYYY\"m\"MM') FROM audit_log";
    assert!(sqlx::query_scalar::<_, bool>(sql).fetch_one(&mut raw).await.unwrap());
    let warnings = fresh.doctor().await.unwrap().warnings();
    assert!(warnings.iter().any(|w| w.contains("superuser")), "{warnings:?}");
}

#[tokio::test]
async fn a_runtime_role_that_is_not_there_is_named() {
    let schema = Schema::named();
    let error = PostgresLedger::migrate(&schema.settings, &egress(), Some("no\"such; role")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
