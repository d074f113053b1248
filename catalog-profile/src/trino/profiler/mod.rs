//! The profiler: statistics first, then one aggregate scan, then what the sample says.

mod aggregate;
mod counted;
mod merge;
mod table_stats;
mod trino_profiler;

pub use trino_profiler::{TrinoProfileOptions, TrinoProfiler};
