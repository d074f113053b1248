//! In-memory twins of the ports: for tests and for whoever links a crate without a daemon.

mod clock;
mod cut;
mod ids;
mod ledger;
mod index;
mod publisher;
mod scanner;
mod source;
mod tables;

pub use clock::ManualClock;
pub use ids::CountingIds;
pub use ledger::MemoryLedger;
pub use index::MemoryIndex;
pub use publisher::MemoryPublisher;
pub use scanner::MemoryScanner;
pub use source::MemorySource;
pub use tables::MemoryTables;
