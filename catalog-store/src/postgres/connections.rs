//! A bounded set of connections to one approved target.
//!
//! sqlx's own pool dials the name again whenever it likes; here every connection goes to an address that
//! catalog-net has just checked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{ApprovedTarget, EgressPolicy};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::PostgresSettings;
use super::errors;
use crate::failure::{Failure, Place};

/// A connection that was idle for longer is asked whether it still lives before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

pub(super) struct Connections {
    options: PgConnectOptions,
    target: ApprovedTarget,
    place: Place,
    session: String,
    connect_timeout: Duration,
    acquire_timeout: Duration,
    /// The longest that one call may take on its connection, also when the network swallows answers.
    pub(super) call_timeout: Duration,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<(PgConnection, Instant)>>,
}

/// A connection in use. Dropped without [`Connections::give_back`] it is closed, and the server rolls back.
pub(super) struct Held {
    pub(super) connection: PgConnection,
    permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(settings: &PostgresSettings, egress: &EgressPolicy) -> Result<Self> {
        let bad = |why: &str| {
            Error::new(ErrorKind::Configuration, "open_ledger", why)
                .with("url", catalog_net::redact_url(settings.url.expose()))
                .hint("give postgres://role@host:5432/database")
        };
        let url = Url::parse(settings.url.expose()).map_err(|_| bad("the ledger's URL cannot be read"))?;
        let options = PgConnectOptions::from_url(&url).map_err(|_| bad("Postgres does not understand the URL"))?;
        if options.get_socket().is_some() {
            return Err(bad("a Unix socket is not supported"));
        }
        // The URL's own parameters may name another host: what is approved is what would be dialled.
        let target = egress.approve(options.get_host(), options.get_port())?;
        let database = options.get_database().unwrap_or(options.get_username());
        let place = Place::Database(format!("{target}/{database}").into());
        let statement_ms = settings.statement_timeout.as_millis().clamp(1, i32::MAX as u128);
        // The last word of the path keeps anybody's temporary tables from standing in for ours.
        let session = format!(
            "SET search_path = {}, pg_temp; SET statement_timeout = {statement_ms}; SET lock_timeout = {statement_ms}; \
             SET idle_in_transaction_session_timeout = {}",
            settings.checked_schema()?,
            statement_ms.saturating_mul(2).min(i32::MAX as u128),
        );
        let options = options.application_name("akko-catalog-sync").disable_statement_logging();
        Ok(Self {
            options,
            target,
            place,
            session,
            connect_timeout: settings.connect_timeout,
            acquire_timeout: settings.acquire_timeout,
            call_timeout: settings.statement_timeout.saturating_mul(2).saturating_add(settings.connect_timeout),
            free: Arc::new(Semaphore::new(settings.pool_size.max(1))),
            idle: Mutex::default(),
        })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// A connection that answered a moment ago.
    pub(super) async fn take(&self) -> Result<Held, Failure> {
        let free = Arc::clone(&self.free).acquire_owned();
        let permit = match tokio::time::timeout(self.acquire_timeout, free).await {
            Ok(Ok(permit)) => permit,
            _ => {
                let error = Error::new(ErrorKind::Unavailable, "reach_ledger", "all connections are in use");
                return Err(self.place.name(error).hint("try again, or raise the ledger's pool size").into());
            }
        };
        while let Some((mut connection, since)) = self.pop() {
            if since.elapsed() < TRUSTED_FOR || connection.ping().await.is_ok() {
                return Ok(Held { connection, permit });
            }
        }
        Ok(Held { connection: self.connect().await?, permit })
    }

    /// Keeps the connection for the next call. It must be outside any transaction.
    pub(super) fn give_back(&self, held: Held) {
        let Held { connection, permit } = held;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((connection, Instant::now()));
        drop(permit);
    }

    /// Closes what is idle: the server went away and came back.
    pub(super) fn forget_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn pop(&self) -> Option<(PgConnection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, Failure> {
        let addresses = self.target.resolve().await?;
        // Dialled by the address that was checked, except where the certificate has to match the name.
        let by_name = matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull);
        let host = match addresses.first() {
            Some(address) if !by_name => address.ip().to_string(),
            _ => self.target.host().to_owned(),
        };
        let options = self.options.clone().host(&host);
        let unreachable = |kind, cause: &str| {
            let hint = "check that the database runs and can be reached from here";
            Failure::Told(self.place.name(Error::new(kind, "reach_ledger", cause)).hint(hint))
        };
        let connecting = tokio::time::timeout(self.connect_timeout, PgConnection::connect_with(&options)).await;
        let mut connection = connecting
            .map_err(|_| unreachable(ErrorKind::Timeout, "the database did not answer in time"))?
            .map_err(|error| match error {
                error if errors::is_broken(&error) => {
                    unreachable(ErrorKind::Unavailable, "the database cannot be reached")
                }
                other => Failure::Postgres(other),
            })?;
        sqlx::raw_sql(AssertSqlSafe(self.session.clone())).execute(&mut connection).await?;
        Ok(connection)
    }
}
