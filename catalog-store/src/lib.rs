//! The ledger on SQLite and on Postgres: work queue with leases and fences, watermark, table states, proposals, outbox
//! and audit log.
//!
//! - [`SqliteLedger`] and [`PostgresLedger`] implement catalog-core's [`Ledger`](catalog_core::ports::Ledger) port:
//!   one file for one process, one schema for several;
//! - [`LedgerKey`] seals what could serve as a dictionary of a column's values, the fingerprints. Keep it apart from
//!   the ledger: who steals one without the other learns no value;
//! - [`HashFile`] keeps the hashes of all columns outside memory while keys are searched.

mod failure;
mod hash_file;
mod postgres;
mod seal;
mod sqlite;
mod stored;

pub use hash_file::{HELD_MAX, HashFile, HashFileWriter};
pub use postgres::{PostgresFacts, PostgresLedger, PostgresSettings};
pub use seal::LedgerKey;
pub use sqlite::SqliteLedger;
