//! Sampler and profiler against a scripted Trino that has the faults of a real one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod faults;
mod partitions;
mod scan;
mod scripted;
