//! The state folder: its files, its lock, and the key that must not lie in it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};
use catalog_store::LedgerKey;

use crate::config::Config;

/// Is this the name of a file that a state folder holds: ledger, catalog (each with SQLite's side files), index, lock?
pub fn is_state_file(name: &str) -> bool {
    name == "lock" || ["ledger.sqlite", "catalog.sqlite", "index."].iter().any(|own| name.starts_with(own))
}

/// The folder, made when missing.
pub(super) fn folder(config: &Config) -> Result<&Path> {
    make_folder(&config.state.dir, "name another folder with --state")?;
    Ok(&config.state.dir)
}

/// The key that seals fingerprints, made when missing.
pub(super) fn ledger_key(config: &Config) -> Result<LedgerKey> {
    let path = key_file(config)?;
    if let Some(parent) = path.parent() {
        make_folder(parent, "name another file with the config key state.key_file")?;
    }
    LedgerKey::load_or_create(&path)
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
        let path = folder(config)?.join("lock");
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
