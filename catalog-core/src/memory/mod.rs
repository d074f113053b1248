//! In-memory twins of the ports: for tests and for whoever links a crate without a daemon.

mod clock;
mod ids;

pub use clock::ManualClock;
pub use ids::CountingIds;
