//! The stand-in keeps OpenMetadata's rules and has its known faults.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

mod hostile;
mod quirks;
mod rules;
mod world;
