//! The schema's versions: who brings them in, and who refuses to work with the wrong one.

use std::borrow::Cow;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::EgressPolicy;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgConnection, SqlSafeStr};

use super::connections::Connections;
use super::transact::{reading, writing};
use super::{PostgresLedger, PostgresSettings, errors};
use crate::failure::{Failure, Place};

/// The versions in order. A migration once released is never changed: its checksum is in the database.
const MIGRATIONS: [(i64, &str, &str); 7] = [
    (1, "ledger", include_str!("../../migrations/postgres/0001_ledger.sql")),
    (2, "vector queue", include_str!("../../migrations/postgres/0002_vector_queue.sql")),
    (3, "inbox", include_str!("../../migrations/postgres/0003_inbox.sql")),
    (4, "coverage", include_str!("../../migrations/postgres/0004_coverage.sql")),
    (5, "use first", include_str!("../../migrations/postgres/0005_use_first.sql")),
    (6, "vector claims", include_str!("../../migrations/postgres/0006_vector_claims.sql")),
    (7, "names backwards", include_str!("../../migrations/postgres/0007_names_backwards.sql")),
];

/// The newest version that this program knows.
pub(super) const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What the runtime role may do, and no more: the audit log can be added to and read. `{role}` is put in.
const GRANTS: &str = "
    GRANT USAGE ON SCHEMA {schema} TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON
        work_queue, parked, watermark, table_state, run, query_log, note, proposal, outbox, vector_queue, table_use
        TO {role};
    GRANT SELECT, INSERT ON seal_check, audit_log TO {role};
    GRANT SELECT ON _sqlx_migrations TO {role};
    GRANT USAGE ON SEQUENCE fence, audit_place, vector_place TO {role};
    GRANT EXECUTE ON FUNCTION extend_audit_log() TO {role}";

impl PostgresLedger {
    /// Makes the schema or brings it up to date, as the role of the URL, which then owns it; and lets `runtime_role`
    /// use it with least rights. Without one the same role does both. Two that migrate at once take turns.
    ///
    /// # Errors
    /// `Forbidden` when the target is not on the allow-list or the role may not make the schema; `Configuration` when
    /// there is no such runtime role; `Unsupported` when a newer program migrated it; `Corrupt` when a migration was
    /// changed after it ran; `Unavailable` or `Timeout` when the database cannot be reached.
    pub async fn migrate(settings: &PostgresSettings, egress: &EgressPolicy, runtime_role: Option<&str>) -> Result<()> {
        let connections = Connections::new(settings, egress)?;
        let schema = settings.checked_schema()?;
        let tell = |failure: Failure| failure.tell("migrate_ledger", connections.place());
        let mut connection = connections.connect().await.map_err(tell)?;
        // A migration, and waiting for another's, may take longer than a statement of the walk.
        run(&mut connection, "SET statement_timeout = 0").await.map_err(tell)?;
        take_turns(&mut connection, schema).await.map_err(tell)?;
        make_schema(&mut connection, schema).await.map_err(tell)?;
        let migrations = MIGRATIONS.map(|(version, name, sql)| {
            Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
        });
        let outcome = Migrator::with_migrations(migrations.to_vec()).run_direct(None, &mut connection, false).await;
        outcome.map_err(|error| refused(error, connections.place()))?;
        if let Some(role) = runtime_role {
            grant(&mut connection, schema, role).await.map_err(tell)?;
        }
        tracing::info!(ledger.schema = schema, schema.version = NEWEST, "ledger migrated");
        Ok(())
    }

    /// Makes the audit log's coming partitions.
    pub(super) async fn extend_audit_log(&self) -> Result<()> {
        let made: i32 = reading!(self, "extend_audit_log", |connection| {
            Ok(sqlx::query_scalar("SELECT extend_audit_log()").fetch_one(connection).await?)
        })?;
        if made > 0 {
            tracing::info!(partitions = made, "audit log extended");
        }
        Ok(())
    }
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await?;
    Ok(())
}

/// Waits until no other connection migrates this schema; the lock ends with the connection. Two that make one schema at
/// once collide in Postgres even with IF NOT EXISTS, and so do two that grant.
async fn take_turns(connection: &mut PgConnection, schema: &str) -> Result<(), Failure> {
    sqlx::query("SELECT pg_advisory_lock(hashtextextended('catalog-sync migrate ' || $1, 0))")
        .bind(schema)
        .execute(connection)
        .await?;
    Ok(())
}

/// Asks first: making what is there already needs rights that a migration role may not have.
async fn make_schema(connection: &mut PgConnection, schema: &str) -> Result<(), Failure> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL").bind(schema).fetch_one(&mut *connection).await?;
    if there { Ok(()) } else { run(connection, &format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await }
}

async fn grant(connection: &mut PgConnection, schema: &str, role: &str) -> Result<(), Failure> {
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)")
        .bind(role)
        .fetch_one(&mut *connection)
        .await?;
    if !known {
        return Err(Error::new(ErrorKind::Configuration, "migrate_ledger", "there is no such runtime role")
            .with("role", role)
            .hint("create it first: CREATE ROLE … LOGIN")
            .into());
    }
    let quoted = format!("\"{}\"", role.replace('"', "\"\""));
    run(connection, &GRANTS.replace("{schema}", schema).replace("{role}", &quoted)).await
}

fn refused(error: MigrateError, place: &Place) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            errors::tell(error, "migrate_ledger", place)
        }
        MigrateError::VersionMissing(version) => newer(place, "migrate_ledger", version),
        MigrateError::VersionMismatch(version) => {
            let why = "a migration was changed after it ran";
            place.name(Error::new(ErrorKind::Corrupt, "migrate_ledger", why)).with("schema", version)
        }
        other => place
            .name(Error::new(ErrorKind::Internal, "migrate_ledger", "the migrations cannot be run"))
            .caused_by(other),
    }
}

fn newer(place: &Place, step: &'static str, version: i64) -> Error {
    place
        .name(Error::new(ErrorKind::Unsupported, step, "a newer version of the program migrated it"))
        .with("schema", version)
        .with("newest_known_schema", NEWEST)
        .hint("use that version or a later one")
}

/// Refuses a schema that is not exactly the one that this program knows.
pub(super) async fn check_version(ledger: &PostgresLedger) -> Result<()> {
    let place = ledger.connections.place();
    let version = reading!(ledger, "open_ledger", |connection| { version(connection).await })?;
    match version {
        NEWEST => Ok(()),
        newer_one if newer_one > NEWEST => Err(newer(place, "open_ledger", newer_one)),
        older => {
            let why = if older == 0 { "the schema was never made" } else { "an older program migrated it" };
            Err(place
                .name(Error::new(ErrorKind::Configuration, "open_ledger", why))
                .with("schema", older)
                .with("newest_known_schema", NEWEST)
                .hint("run `catalog-syncd ledger migrate` with the migration role"))
        }
    }
}

/// The newest version in the database; 0 when there is none.
pub(super) async fn version(connection: &mut PgConnection) -> Result<i64, Failure> {
    let newest = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success");
    match newest.fetch_one(connection).await {
        Err(error) if errors::is_missing_table(&error) => Ok(0),
        other => Ok(other?),
    }
}

/// Leaves the check of a new ledger, or compares it. Of two that start at once one leaves it and both compare.
pub(super) async fn check_key(ledger: &PostgresLedger) -> Result<()> {
    let stored: Vec<u8> = writing!(ledger, "open_ledger", |connection| {
        sqlx::query("INSERT INTO seal_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(ledger.seal.check()?)
            .execute(&mut *connection)
            .await?;
        Ok(sqlx::query_scalar("SELECT sealed FROM seal_check").fetch_one(connection).await?)
    })?;
    if ledger.seal.is_of_same_key(&stored) {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Configuration, "open_ledger", "it was sealed with another key");
    Err(ledger.connections.place().name(error).hint("give the key file that this ledger was made with"))
}
