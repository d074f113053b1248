//! The ledger in one schema of a Postgres database, for any number of replicas.
//!
//! Transactions run as READ COMMITTED: what two of them could want at once is decided by a row's lock and a condition
//! on it (the fence of an item, the state of a proposal), by a unique index (one open proposal a field), or by an
//! advisory lock (claims of the outbox). Times come from the caller: leases of replicas whose clocks differ end early
//! or late by that difference, and the fence keeps the promise.

mod audit_log;
mod claims;
mod connections;
pub(crate) mod errors;
mod facts;
mod inbox;
mod migrate;
mod outbox;
mod precedents;
mod proposals;
mod runs;
mod settings;
mod table_names;
mod table_states;
mod text;
mod transact;
mod upkeep;
mod vector_queue;
mod work_queue;

use std::future::Future;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::EgressPolicy;

pub(crate) use self::errors::tell;
pub use self::facts::PostgresFacts;
pub use self::settings::PostgresSettings;

use self::connections::{Connections, Held};
use crate::LedgerKey;
use crate::failure::Failure;
use crate::seal::Seal;

/// How many rows a listing gives when its filter sets no limit.
const DEFAULT_LIMIT: usize = 1_000;

/// A [`Ledger`](catalog_core::ports::Ledger) in a schema of a Postgres database. Several processes may share it.
///
/// A call whose future is dropped closes its connection, and the server rolls its transaction back, unless COMMIT was
/// under way.
pub struct PostgresLedger {
    connections: Connections,
    seal: Arc<Seal>,
}

impl PostgresLedger {
    /// Connects as the runtime role to a schema that [`PostgresLedger::migrate`] has made, and checks schema version
    /// and key.
    ///
    /// # Errors
    /// `Forbidden` when the target is not on the allow-list, or the database refuses the role; `Configuration` when
    /// the URL is wrong, the schema is missing or older than this program, or sealed with another key; `Unsupported`
    /// when a newer program migrated it; `Unavailable` or `Timeout` when the database cannot be reached.
    pub async fn connect(settings: &PostgresSettings, egress: &EgressPolicy, key: &LedgerKey) -> Result<Self> {
        let connections = Connections::new(settings, egress)?;
        let ledger = Self { connections, seal: Arc::new(Seal::new(key)) };
        migrate::check_version(&ledger).await?;
        migrate::check_key(&ledger).await?;
        ledger.extend_audit_log().await?;
        Ok(ledger)
    }

    /// Runs what finishes within the longest time that a call may take, and tells a failure.
    async fn within<T>(&self, step: &'static str, work: impl Future<Output = Result<T, Failure>> + Send) -> Result<T> {
        let place = self.connections.place();
        match tokio::time::timeout(self.connections.call_timeout, work).await {
            Ok(outcome) => outcome.map_err(|failure| failure.tell(step, place)),
            Err(_) => Err(place
                .name(Error::new(ErrorKind::Timeout, step, "the database did not answer in time"))
                .hint("check the network and what the database is busy with")),
        }
    }

    /// A connection inside a new transaction. One that turns out to be dead is replaced once.
    async fn begin(&self) -> Result<Held, Failure> {
        let mut held = self.connections.take().await?;
        match sqlx::raw_sql("BEGIN").execute(&mut held.connection).await {
            Ok(_) => return Ok(held),
            Err(error) if errors::is_broken(&error) => self.connections.forget_idle(),
            Err(error) => return Err(error.into()),
        }
        drop(held);
        let mut held = self.connections.take().await?;
        sqlx::raw_sql("BEGIN").execute(&mut held.connection).await?;
        Ok(held)
    }
}

/// Postgres's integers are signed: a limit beyond them is no limit.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn sql_limit_or_default(limit: usize) -> i64 {
    sql_limit(if limit == 0 { DEFAULT_LIMIT } else { limit })
}

/// The hash under which a text of any length stands in an index.
fn key_of(text: &str) -> Vec<u8> {
    blake3::hash(text.as_bytes()).as_bytes().to_vec()
}
