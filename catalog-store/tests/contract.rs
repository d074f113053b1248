//! The SQLite ledger keeps the contract that every ledger keeps.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::ops::Deref;

use catalog_core::model::Secret;
use catalog_store::{LedgerKey, SqliteLedger};
use tempfile::TempDir;

/// A fresh ledger with the folder that it lives in.
struct InFolder {
    ledger: SqliteLedger,
    _folder: TempDir,
}

impl InFolder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = LedgerKey::from_secret(&Secret::new("5".repeat(64))).unwrap();
        Self { ledger: SqliteLedger::open(&folder.path().join("ledger.sqlite"), &key).unwrap(), _folder: folder }
    }
}

impl Deref for InFolder {
    type Target = SqliteLedger;

    fn deref(&self) -> &SqliteLedger {
        &self.ledger
    }
}

catalog_testkit::ledger_suite!(InFolder::new());

mod vectors {
    use super::InFolder;

    catalog_testkit::vector_queue_suite!({
        let InFolder { ledger, _folder } = InFolder::new();
        (ledger, _folder)
    });
}
