//! Sampler and profiler against a scripted Trino that has the faults of a real one.

mod faults;
mod scripted;
