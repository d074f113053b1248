//! One column, cell by cell, in at most some 256 KiB.

mod accumulator;
mod held;
mod quantiles;
mod reading;
mod shape;
mod top_values;

pub use accumulator::{ColumnAccumulator, FinishedColumn, Seen};
pub use held::VALUE_BYTES_MAX;
pub(crate) use quantiles::{NUMBERS_MIN, YEARS_MIN, one_digit};
