//! Profiles, fingerprints and key checks from one stream of rows, in memory that does not grow with the table.
//!
//! - [`ScanProfiler`] turns a scan (or, where no scan is possible, a sample) into a profile of every column;
//! - [`ColumnAccumulator`] is its inner part: one column, cell by cell;
//! - [`ScanKeyCounter`] counts the orphans of a key over any two scanners;
//! - [`trino`] does all three in Trino, by a bounded number of bounded queries;
//! - [`DistinctSketch`] hides which sketch estimates distinct counts.
//!
//! This crate knows no catalog, no model and no notion of personal data.

mod column;
mod distinct;
mod orphans;
mod profiler;
pub mod trino;

pub use column::{ColumnAccumulator, FinishedColumn, Seen, VALUE_BYTES_MAX};
pub use distinct::{DistinctSketch, HllSketch};
pub use orphans::{KeyCountOptions, ScanKeyCounter};
pub use profiler::{ProfileOptions, ScanProfiler};
