//! The in-memory ledger keeps the contract.

use catalog_core::memory::MemoryLedger;

catalog_testkit::ledger_suite!(Box::new(MemoryLedger::default()));
