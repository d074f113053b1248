//! Counting the orphans of a key over any two scanners.

mod counter;
mod hash_window;
mod tuple_sink;

pub use counter::{KeyCountOptions, ScanKeyCounter};
