//! A Presidio analyzer beside this process as a second scanner of raw cells.

mod answer;
mod beside;
mod scanner;

pub use beside::BesideScanner;
pub use scanner::{PresidioOptions, PresidioScanner};
