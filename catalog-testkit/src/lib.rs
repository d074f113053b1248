//! Contract suites, canaries and the sample warehouse's truths, for tests.
//!
//! - [`publisher_suite`], [`index_suite`], [`ledger_suite`], [`vector_queue_suite`]: what every catalog, vector index and
//!   ledger must do;
//! - [`RenamedPublisher`]: lets the first of them judge a catalog with names and ids of its own;
//! - [`fake_om`]: a stateful stand-in of an OpenMetadata server;
//! - `FakeTrino`, `FakeModel` (feature `fake-om`): small stand-ins of an engine and of an embedding model;
//! - [`samples`]: small, complete values of the domain's types to test with;
//! - [`steward_queue`]: ten thousand open proposals to measure with.

#[cfg(feature = "fake-om")]
mod fake_model;
pub mod fake_om;
#[cfg(feature = "fake-om")]
mod fake_trino;
pub mod index_suite;
pub mod ledger_suite;
pub mod publisher_suite;
mod renamed_publisher;
pub mod samples;
pub mod steward_queue;
pub mod vector_queue_suite;

#[cfg(feature = "fake-om")]
pub use fake_model::FakeModel;
#[cfg(feature = "fake-om")]
pub use fake_trino::{FakeTable, FakeTrino};
pub use renamed_publisher::RenamedPublisher;
