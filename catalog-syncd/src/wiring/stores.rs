//! What is opened once and kept: ledger, catalog, index, and the clients of the services.

use std::sync::Arc;

use catalog_core::ports::ledger::Upkeep;
use catalog_core::ports::{Ledger, Publisher};
use catalog_core::{Error, ErrorKind, Result};
use catalog_local::catalog::LocalCatalog;
use catalog_net::EgressPolicy;
use catalog_store::{PostgresLedger, PostgresSettings, SqliteLedger};

use super::allowed::egress;
use super::machine::SystemClock;
use super::models::Models;
use super::remote_catalog::RemoteCatalog;
use super::remote_index::remote_index;
use super::state_folder::{folder, ledger_key};
use crate::actions::Desk;
use crate::config::{Config, LedgerStore};
use crate::walk::{LexicalIndex, TableIndex};

/// What a verb needs beside the walk: ledger, catalog, index, models. Clones share them.
#[derive(Clone)]
pub struct Stores {
    /// The ledger.
    pub ledger: LedgerHandle,
    /// The catalog that is written to.
    pub catalog: Catalog,
    /// The index.
    pub index: TableIndex,
    /// The models, when there are some.
    pub(super) models: Option<Arc<Models>>,
    /// Does an accepted query go to the catalog as well?
    query_entities: bool,
}

/// The ledger, wherever it is.
#[derive(Clone)]
pub enum LedgerHandle {
    /// A file in the state folder.
    Sqlite(Arc<SqliteLedger>),
    /// A schema in a Postgres database.
    Postgres(Arc<PostgresLedger>),
}

/// The catalog, wherever it is.
#[derive(Clone)]
pub enum Catalog {
    /// A file in the state folder.
    Local(Arc<LocalCatalog>),
    /// An OpenMetadata server, with the engine that reads its tables.
    Remote(Arc<RemoteCatalog>),
}

impl LedgerHandle {
    /// The ledger behind its port.
    pub fn port(&self) -> Arc<dyn Ledger> {
        match self {
            Self::Sqlite(ledger) => ledger.clone(),
            Self::Postgres(ledger) => ledger.clone(),
        }
    }

    /// Can it be read?
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`.
    pub async fn ready(&self) -> Result<()> {
        match self {
            Self::Sqlite(ledger) => ledger.ready().await,
            Self::Postgres(ledger) => ledger.ready().await,
        }
    }
}

impl Catalog {
    /// Where changes are published.
    pub fn publisher(&self) -> Arc<dyn Publisher> {
        match self {
            Self::Local(catalog) => catalog.clone(),
            Self::Remote(catalog) => catalog.clone(),
        }
    }
}

impl Stores {
    /// The parts of every action over these stores.
    pub fn desk(&self) -> Desk {
        Desk {
            ledger: self.ledger.port(),
            publisher: self.catalog.publisher(),
            finder: Arc::new(self.index.clone()),
            clock: Arc::new(SystemClock),
            query_entities: self.query_entities,
        }
    }

    /// Ends what still runs for us in the engine.
    pub async fn close(&self) {
        if let Catalog::Remote(catalog) = &self.catalog {
            catalog.close().await;
        }
    }
}

/// Opens what the configuration names. The state folder and the key are made when missing; services are not dialled
/// but for a ledger in Postgres.
///
/// # Errors
/// `Forbidden` or `Unavailable` when the folder cannot be used; `Configuration` when a setting cannot work; the
/// ledger's own errors.
pub async fn stores(config: &Config) -> Result<Stores> {
    let egress = egress(config, &[]);
    let ledger = ledger(config, &egress).await?;
    let catalog = match config.openmetadata.url.is_empty() {
        true => Catalog::Local(Arc::new(LocalCatalog::open(&folder(config)?.join("catalog.sqlite"))?)),
        false => Catalog::Remote(Arc::new(RemoteCatalog::new(config, &egress)?)),
    };
    let models = Models::new(config, &egress, &ledger.port())?.map(Arc::new);
    let index = match models.as_ref().and_then(|m| m.embedder.clone()) {
        Some(embedder) => TableIndex::Embedded(remote_index(config, &egress, embedder)?),
        None => TableIndex::Lexical(LexicalIndex::in_folder(folder(config)?)),
    };
    Ok(Stores { ledger, catalog, index, models, query_entities: config.publish.query_entities })
}

async fn ledger(config: &Config, egress: &EgressPolicy) -> Result<LedgerHandle> {
    let key = ledger_key(config)?;
    match config.ledger.store {
        LedgerStore::Sqlite => {
            let path = folder(config)?.join("ledger.sqlite");
            Ok(LedgerHandle::Sqlite(Arc::new(SqliteLedger::open(&path, &key)?)))
        }
        LedgerStore::Postgres => {
            let ledger = PostgresLedger::connect(&postgres_settings(config)?, egress, &key).await?;
            Ok(LedgerHandle::Postgres(Arc::new(ledger)))
        }
    }
}

/// How the ledger's database is reached.
///
/// # Errors
/// `Configuration` when the secret with its address cannot be read.
pub fn postgres_settings(config: &Config) -> Result<PostgresSettings> {
    let url = config.ledger.url.read()?.ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "open_ledger", "the ledger's database has no address")
            .hint("set ledger.url to a reference, \"file:PATH\" or \"env:NAME\"")
    })?;
    Ok(PostgresSettings {
        pool_size: config.ledger.pool_size as usize,
        statement_timeout: std::time::Duration::from_secs(config.ledger.statement_timeout_secs),
        ..PostgresSettings::new(url)
    })
}

/// Brings the ledger's schema up to date: for a file, opening it does.
///
/// # Errors
/// As [`stores`]; `Unsupported` when a newer program migrated it.
pub async fn migrate(config: &Config) -> Result<()> {
    match config.ledger.store {
        LedgerStore::Sqlite => ledger(config, &egress(config, &[])).await.map(drop),
        LedgerStore::Postgres => {
            let role = Some(config.ledger.runtime_role.as_str()).filter(|role| !role.is_empty());
            PostgresLedger::migrate(&postgres_settings(config)?, &egress(config, &[]), role).await
        }
    }
}

/// As [`stores`], for verbs that only look: a folder without a ledger is an error, not a new ledger.
///
/// # Errors
/// `NotFound` when no sync has run there; else as [`stores`].
pub async fn existing_stores(config: &Config) -> Result<Stores> {
    let ledger = config.state.dir.join("ledger.sqlite");
    if config.ledger.store == LedgerStore::Sqlite && !ledger.is_file() {
        return Err(Error::new(ErrorKind::NotFound, "open_state", "no sync has run there")
            .with("path", config.state.dir.display())
            .hint("run `catalog-syncd sync` first, or name its state folder with --state"));
    }
    stores(config).await
}
