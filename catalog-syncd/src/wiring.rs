//! From configuration to parts behind ports.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use catalog_core::model::SourceId;
use catalog_core::ports::{Clock, ConfirmBudget, Ids};
use catalog_core::{Error, ErrorKind, Result};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_local::catalog::LocalCatalog;
use catalog_local::describe::RuleEnricher;
use catalog_local::sources::{self, Warehouse};
use catalog_net::EgressPolicy;
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions};
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_publish::{Mode, Policy};
use catalog_store::{LedgerKey, SqliteLedger};

use crate::actions::Desk;
use crate::config::{Config, LedgerStore, PublishMode};
use crate::walk::{Connection, KEYS_VERSION, LexicalIndex, Parts, SourceFailure, WalkOptions};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Version 7 UUIDs: they sort by creation.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeOrderedIds;

impl Ids for TimeOrderedIds {
    fn next(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

/// Is this the name of a file that a state folder holds: ledger, catalog (each with SQLite's side files), index, lock?
pub fn is_state_file(name: &str) -> bool {
    name == "lock" || ["ledger.sqlite", "catalog.sqlite", "index."].iter().any(|own| name.starts_with(own))
}

/// What a verb needs beside the walk: ledger, catalog, index. Clones share them.
#[derive(Clone)]
pub struct Stores {
    /// The ledger.
    pub ledger: Arc<SqliteLedger>,
    /// The embedded catalog.
    pub catalog: Arc<LocalCatalog>,
    /// The index.
    pub index: LexicalIndex,
}

impl Stores {
    /// The parts of every action over these stores.
    pub fn desk(&self) -> Desk {
        Desk {
            ledger: self.ledger.clone(),
            publisher: self.catalog.clone(),
            finder: Arc::new(self.index.clone()),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Opens the state folder, which is made when missing.
///
/// # Errors
/// `Forbidden` or `Unavailable` when the folder cannot be used; the ledger's own errors.
pub fn stores(config: &Config) -> Result<Stores> {
    let dir = &config.state.dir;
    make_folder(dir, "name another folder with --state")?;
    let key_file = key_file(config)?;
    if let Some(parent) = key_file.parent() {
        make_folder(parent, "name another file with the config key state.key_file")?;
    }
    let key = LedgerKey::load_or_create(&key_file)?;
    Ok(Stores {
        ledger: Arc::new(SqliteLedger::open(&dir.join("ledger.sqlite"), &key)?),
        catalog: Arc::new(LocalCatalog::open(&dir.join("catalog.sqlite"))?),
        index: LexicalIndex::in_folder(dir),
    })
}

/// As [`stores`], for verbs that only look: a folder without a ledger is an error, not a new ledger.
///
/// # Errors
/// `NotFound` when no sync has run there; else as [`stores`].
pub fn existing_stores(config: &Config) -> Result<Stores> {
    let ledger = config.state.dir.join("ledger.sqlite");
    if !ledger.is_file() {
        return Err(Error::new(ErrorKind::NotFound, "open_state", "no sync has run there")
            .with("path", config.state.dir.display())
            .hint("run `catalog-syncd sync` first, or name its state folder with --state"));
    }
    stores(config)
}

fn make_folder(path: &Path, hint: &str) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|e| {
        Error::new(ErrorKind::Unavailable, "make_folder", e.kind().to_string())
            .with("path", path.display())
            .hint(hint)
            .caused_by(e)
    })
}

/// The key's file: as configured, else in the user's configuration folder, apart from the ledger.
fn key_file(config: &Config) -> Result<PathBuf> {
    if !config.state.key_file.is_empty() {
        return Ok(PathBuf::from(&config.state.key_file));
    }
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|v| !v.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").filter(|v| !v.is_empty()).map(|home| PathBuf::from(home).join(".config")));
    base.map(|dir| dir.join("akko-catalog-sync").join("ledger.key")).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "find_ledger_key", "there is no home folder to keep the key in")
            .hint("set the config key state.key_file to a file outside the state folder")
    })
}

/// The lock on a state folder: one walk at a time. It ends with its value, also when the process is killed.
pub struct StateLock(#[expect(dead_code, reason = "held, not read")] File);

impl StateLock {
    /// Takes the lock.
    ///
    /// # Errors
    /// `Conflict` when another walk holds it; `Unavailable` when the folder cannot be written to.
    pub fn take(config: &Config) -> Result<Self> {
        make_folder(&config.state.dir, "name another folder with --state")?;
        let path = config.state.dir.join("lock");
        let refused = |kind, why: String| Error::new(kind, "lock_state", why).with("path", path.display());
        let file = File::create(&path).map_err(|e| refused(ErrorKind::Unavailable, e.kind().to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(refused(ErrorKind::Conflict, "another sync is at work there".to_owned())
                    .hint("wait for it, or name another folder with --state"))
            }
            Err(TryLockError::Error(e)) => Err(refused(ErrorKind::Unavailable, e.kind().to_string())),
        }
    }
}

/// Every part of a walk over the given warehouses, and the locations that could not be opened.
///
/// # Errors
/// As [`stores`]; `Configuration` when two warehouses have the same name or the allow-list cannot be read.
pub async fn parts(config: &Config, locations: &[String]) -> Result<(Parts, Vec<SourceFailure>)> {
    parts_over(config, locations, &stores(config)?).await
}

/// As [`parts`], over stores that are open already: a daemon opens them once and its sources anew for every sweep, so
/// that files which came or went are seen.
///
/// # Errors
/// As [`parts`].
pub async fn parts_over(config: &Config, locations: &[String], stores: &Stores) -> Result<(Parts, Vec<SourceFailure>)> {
    let egress = egress(config, locations)?;
    let mut warehouses: Vec<Warehouse> = Vec::new();
    let mut held = Vec::new();
    let mut failures = Vec::new();
    for location in locations {
        match sources::open(location, &egress).await {
            Ok(opened) => {
                let ids = opened.iter().map(|w| w.source.id().clone()).collect();
                held.push((place(location), ids));
                warehouses.extend(opened);
            }
            Err(error) => failures.push(SourceFailure { source: SourceId(shown(location)), error }),
        }
    }
    let mut names = BTreeSet::new();
    for warehouse in &warehouses {
        if !names.insert(warehouse.source.id().clone()) {
            return Err(Error::new(ErrorKind::Configuration, "open_warehouses", "two warehouses have the same name")
                .with("name", warehouse.source.id())
                .hint("a file's name without its ending is its warehouse's name: rename one, or sync them apart"));
        }
    }
    let Stores { ledger, catalog, index } = stores.clone();
    let parts = Parts {
        ledger,
        publisher: catalog,
        connections: warehouses.into_iter().map(|w| connection(config, w)).collect(),
        locations: held,
        raw_scanner: Arc::new(PatternScanner::new(ScannerOptions::default())),
        masker: Masker::default(),
        pattern_voter: Arc::new(PatternVoter),
        second_voter: Arc::new(NameVoter),
        enricher: Arc::new(RuleEnricher),
        matcher: Arc::new(KeyMatcher::new(key_options(config))),
        index,
        clock: Arc::new(SystemClock),
        ids: Arc::new(TimeOrderedIds),
    };
    Ok((parts, failures))
}

fn key_options(config: &Config) -> KeyOptions {
    KeyOptions {
        confirm_score: config.fk.threshold,
        max_orphan_ratio: config.fk.max_orphan_ratio,
        ..KeyOptions::default()
    }
}

/// A location as it may be printed: an address without its password.
fn shown(location: &str) -> String {
    let may_hold_one =
        location.contains(":/") || location.contains('@') || location.to_lowercase().contains("password");
    if may_hold_one { catalog_net::redact_url(location) } else { location.to_owned() }
}

/// A location as the ledger knows it, wherever the command was run: a whole path, or an address without its password.
fn place(location: &str) -> String {
    std::fs::canonicalize(location).map_or_else(|_| shown(location), |path| path.display().to_string())
}

fn connection(config: &Config, warehouse: Warehouse) -> Connection {
    let options = ProfileOptions {
        rows_max: (config.profile.scan_rows_max > 0).then_some(config.profile.scan_rows_max),
        deadline: Duration::from_secs(config.profile.deadline_secs),
        ..ProfileOptions::default()
    };
    Connection {
        profiler: Arc::new(ScanProfiler::new(Arc::clone(&warehouse.scanner), options)),
        source: warehouse.source,
        sampler: warehouse.sampler,
        scanner: warehouse.scanner,
        counter: warehouse.counter,
    }
}

/// The allow-list: what the configuration names, and the databases named on the command line.
fn egress(config: &Config, locations: &[String]) -> Result<EgressPolicy> {
    let mut targets = Vec::new();
    for entry in &config.egress.allow {
        let parsed = entry.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse::<u16>().ok()?)));
        let target = parsed.ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "read_configuration", "an entry is not host:port")
                .with("key", "egress.allow")
                .with("entry", catalog_net::redact_url(entry))
        })?;
        targets.push(target);
    }
    for location in locations {
        // A password in the address stays in the address: only host and port are looked at here.
        if let Ok(url) = url::Url::parse(location)
            && matches!(url.scheme(), "postgres" | "postgresql")
        {
            let host = url.host_str().filter(|h| !h.is_empty()).unwrap_or("localhost");
            targets.push((host.to_owned(), url.port().unwrap_or(5432)));
        }
    }
    Ok(EgressPolicy::allowing(targets))
}

/// The options of a walk.
pub fn options(config: &Config, ignore_declared_keys: bool) -> WalkOptions {
    WalkOptions {
        alone: config.ledger.store == LedgerStore::Sqlite,
        workers: config.sync.workers,
        page_size: config.sync.page_size,
        lease_ms: i64::try_from(config.sync.lease_secs.saturating_mul(1000)).unwrap_or(i64::MAX),
        sample: config.sample.request(),
        max_age_ms: i64::from(config.profile.max_age_days) * 24 * 3_600_000,
        prompt_rows: config.prompt.sample_rows,
        language: config.describe.language,
        checksum_alone: config.pii.checksum_alone,
        ignore_declared_keys,
        key_options: format!("{} {:?}", KEYS_VERSION, key_options(config)),
        confirm: ConfirmBudget { checks_max: config.fk.confirm_checks_max, rows_max: config.fk.confirm_rows_max },
        policy: Policy {
            description: mode(config.publish.description),
            column_description: mode(config.publish.column_description),
            pii: mode(config.publish.pii),
            domain: mode(config.publish.domain),
            tier: mode(config.publish.tier),
            key: mode(config.publish.key),
            usage: mode(config.publish.usage),
            propose_below: config.publish.propose_below,
            auto_without_locking: config.publish.auto_without_locking,
        },
        query_proposals_max: config.querylog.proposals_max,
        describe: config.passes.describe,
        pii: config.passes.pii,
        keys: config.passes.keys,
        query_log: config.passes.querylog,
        index: config.passes.index,
    }
}

fn mode(mode: PublishMode) -> Mode {
    match mode {
        PublishMode::Auto => Mode::Auto,
        PublishMode::Review => Mode::Review,
        PublishMode::OmSuggestion => Mode::OmSuggestion,
        PublishMode::Off => Mode::Off,
    }
}
