//! The ledger on SQLite: work queue with leases and fences, watermark, table states, proposals, outbox and audit log
//! in one file.
//!
//! - [`SqliteLedger`] implements catalog-core's [`Ledger`](catalog_core::ports::Ledger) port;
//! - [`LedgerKey`] seals what could serve as a dictionary of a column's values, the fingerprints. Keep it apart from
//!   the ledger: who steals one without the other learns no value.

mod failure;
mod seal;
mod sqlite;

pub use seal::LedgerKey;
pub use sqlite::SqliteLedger;
