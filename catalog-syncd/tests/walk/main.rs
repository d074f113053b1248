//! The walk over in-memory parts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bank;
mod faults;
mod keys_unsearched;
mod query_log;
