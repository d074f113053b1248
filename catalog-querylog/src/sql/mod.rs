//! Trino's SQL: tokens and syntax trees, with every limit that keeps a hostile text harmless.

mod dialect;
mod parse;
mod token_shim;

pub use dialect::TrinoDialect;
pub use parse::{DEPTH_MAX, TOKENS_MAX, parse, tokenize};
