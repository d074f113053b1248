//! Contract suites, canaries and the sample warehouse's truths, for tests.
//!
//! - [`publisher_suite`], [`index_suite`], [`ledger_suite`]: what every catalog, vector index and ledger must do;
//! - [`samples`]: small, complete values of the domain's types to test with.

pub mod index_suite;
pub mod ledger_suite;
pub mod publisher_suite;
pub mod samples;
