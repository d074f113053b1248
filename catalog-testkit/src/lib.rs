//! Contract suites, canaries and the sample warehouse's truths, for tests.
//!
//! - [`samples`]: small, complete values of the domain's types to test with.

pub mod samples;
