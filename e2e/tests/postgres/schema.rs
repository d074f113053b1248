//! A ledger in a schema of its own, gone with its test.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use catalog_core::Result;
use catalog_core::model::Secret;
use catalog_net::EgressPolicy;
use catalog_store::{LedgerKey, PostgresLedger, PostgresSettings};
use e2e::variable;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The server's address with the rights to make schemas and roles.
pub(crate) fn admin() -> Url {
    variable("CATALOG_TEST_POSTGRES_URL").unwrap().parse().unwrap()
}

pub(crate) fn egress() -> EgressPolicy {
    let url = admin();
    EgressPolicy::allowing([(url.host_str().unwrap(), url.port().unwrap())])
}

pub(crate) fn key(digit: &str) -> LedgerKey {
    LedgerKey::from_secret(&Secret::new(digit.repeat(64))).unwrap()
}

/// A schema that no other test uses, and how to reach it.
pub(crate) struct Schema {
    pub(crate) settings: PostgresSettings,
}

impl Schema {
    /// Made by the migrations.
    pub(crate) async fn migrated() -> Self {
        let schema = Self::named();
        PostgresLedger::migrate(&schema.settings, &egress(), None).await.unwrap();
        schema
    }

    /// A name only.
    pub(crate) fn named() -> Self {
        let settings = PostgresSettings {
            schema: format!("ledger_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)),
            pool_size: 4,
            statement_timeout: Duration::from_secs(10),
            ..PostgresSettings::new(Secret::new(admin().as_str()))
        };
        Self { settings }
    }

    pub(crate) async fn open(&self) -> Result<PostgresLedger> {
        PostgresLedger::connect(&self.settings, &egress(), &key("5")).await
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.schema
    }

    /// A connection beside the ledger's, which sees its tables.
    pub(crate) async fn raw(&self) -> PgConnection {
        let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
        execute(&mut connection, &format!("SET search_path = {}", self.name())).await.unwrap();
        connection
    }

    /// Runs statements beside the ledger.
    pub(crate) async fn run(&self, sql: &str) {
        execute(&mut self.raw().await, sql).await.unwrap();
    }
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(|_| ())
}

impl Drop for Schema {
    fn drop(&mut self) {
        // Dropping cannot wait, and a test's own runtime may be ending: a thread with a runtime of its own cleans up.
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name());
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(admin().as_str()).await.unwrap();
                execute(&mut connection, &sql).await.unwrap();
            });
        });
        cleaned.join().unwrap();
    }
}

/// A fresh ledger with its schema.
pub(crate) struct Fresh {
    pub(crate) ledger: PostgresLedger,
    pub(crate) schema: Schema,
}

impl Fresh {
    pub(crate) async fn new() -> Self {
        let schema = Schema::migrated().await;
        Self { ledger: schema.open().await.unwrap(), schema }
    }
}

impl Deref for Fresh {
    type Target = PostgresLedger;

    fn deref(&self) -> &PostgresLedger {
        &self.ledger
    }
}
