//! In-memory twins of the ports: for tests and for whoever links a crate without a daemon.

mod clock;
mod ids;
mod ledger;
mod index;
mod publisher;

pub use clock::ManualClock;
pub use ids::CountingIds;
pub use ledger::MemoryLedger;
pub use index::MemoryIndex;
pub use publisher::MemoryPublisher;
