//! Connections to approved targets, and read-only transactions on them.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{ApprovedTarget, EgressPolicy};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use url::Url;

use super::errors::from_driver;

const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// Connections kept for the next call.
const IDLE_MAX: usize = 4;
/// The server looks this often whether we are still there (Postgres 14 and later), so that dropping a connection
/// ends its query.
const SESSION: &str = "SELECT set_config('client_connection_check_interval', '1000', false) \
                       FROM pg_settings WHERE name = 'client_connection_check_interval'";

/// Connections to one database, opened when needed.
pub(super) struct Connections {
    options: PgConnectOptions,
    target: ApprovedTarget,
    database: String,
    idle: Mutex<Vec<PgConnection>>,
}

impl Connections {
    pub(super) fn new(url: &Url, egress: &EgressPolicy) -> Result<Self> {
        let bad = |why: &str| {
            Error::new(ErrorKind::InvalidInput, "open_warehouse", why)
                .with("location", catalog_net::redact_url(url.as_str()))
                .hint("give postgres://user@host:5432/database")
        };
        let options = PgConnectOptions::from_url(url).map_err(|_| bad("Postgres does not understand the URL"))?;
        if options.get_socket().is_some() {
            return Err(bad("a Unix socket is not supported"));
        }
        // The URL's own parameters may name another host: what is approved is what would be dialled.
        let target = egress.approve(options.get_host(), options.get_port())?;
        let database = options.get_database().unwrap_or(options.get_username()).to_owned();
        let options = options.application_name("akko-catalog-sync").disable_statement_logging();
        Ok(Self { options, target, database, idle: Mutex::default() })
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// A connection inside a read-only transaction whose statements may take `deadline` each. Dropped instead of
    /// given back to [`Connections::end`], it is closed and the server ends its query.
    pub(super) async fn begin(&self, operation: &'static str, deadline: Duration) -> Result<PgConnection> {
        // Texts of dates, intervals and bytes must not depend on the server's settings.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}; \
             SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC'; \
             SET LOCAL search_path = pg_catalog",
            deadline.as_millis().clamp(1, i32::MAX as u128)
        );
        // An idle connection may have been closed by the server: then a fresh one is opened.
        while let Some(mut connection) = self.take_idle() {
            if sqlx::raw_sql(AssertSqlSafe(begin.clone())).execute(&mut connection).await.is_ok() {
                return Ok(connection);
            }
        }
        let mut connection = self.connect().await?;
        let began = sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut connection).await;
        began.map_err(|e| from_driver(operation, &e))?;
        Ok(connection)
    }

    /// Ends the transaction and keeps the connection for the next call.
    pub(super) async fn end(&self, mut connection: PgConnection) {
        if sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.is_err() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }

    async fn connect(&self) -> Result<PgConnection> {
        let addresses = self.target.resolve().await?;
        // Dialled by the address that was checked, except where the certificate has to match the name.
        let by_name = matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull);
        let host = match addresses.first() {
            Some(address) if !by_name => address.ip().to_string(),
            _ => self.target.host().to_owned(),
        };
        let options = self.options.clone().host(&host);
        let unreachable = |kind, cause: &str| {
            Error::new(kind, "connect_to_postgres", cause)
                .with("target", &self.target)
                .hint("check that the database runs and can be reached from here")
        };
        let mut connection = tokio::time::timeout(CONNECT_DEADLINE, PgConnection::connect_with(&options))
            .await
            .map_err(|_| unreachable(ErrorKind::Timeout, "the database did not answer in time"))?
            .map_err(|e| match e {
                sqlx::Error::Io(_) => unreachable(ErrorKind::Unavailable, "the database cannot be reached"),
                other => from_driver("connect_to_postgres", &other)
                    .with("target", &self.target)
                    .with("database", &self.database),
            })?;
        let session = sqlx::raw_sql(SESSION).execute(&mut connection).await;
        session.map_err(|e| from_driver("connect_to_postgres", &e))?;
        Ok(connection)
    }

    fn take_idle(&self) -> Option<PgConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Runs `work`, connecting included, for at most `deadline`.
pub(super) async fn within<T>(
    operation: &'static str,
    deadline: Duration,
    work: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    tokio::time::timeout(deadline, work).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Timeout, operation, "the deadline passed")
            .hint("raise the deadline, or exclude the table"))
    })
}
