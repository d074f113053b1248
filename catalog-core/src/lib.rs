//! The domain's words, the ports and their in-memory twins.
//!
//! This crate does no IO: it knows no HTTP, no SQL, no remote's JSON, no clock and no environment.
//!
//! - [`model`]: what the system talks about, one idea a file;
//! - [`ports`]: what it needs from the outside, one trait a file;
//! - [`memory`]: an in-memory twin of every port, held to the same contract suites as the real adapters;
//! - [`Error`]: the one error shape that crosses a port.

mod error;
pub mod memory;
pub mod model;
pub mod ports;

pub use error::{Error, ErrorKind, Result, Retry};
