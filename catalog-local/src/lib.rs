//! The embedded default: everything that a walk needs with nothing to install.
//!
//! - [`sources`]: a SQLite file, a folder of CSV files or a Postgres database as source, sampler and scanner;
//! - [`catalog`]: a catalog in one SQLite file, where published fields land;
//! - [`describe`]: one factual sentence from names, keys and profiles, without a model;
//! - [`lexical`]: embeddings from words and character n-grams, without a model;
//! - [`sample_warehouse`]: a retail bank generated from a seed, for the demo and the tests.

pub mod catalog;
pub mod describe;
pub mod lexical;
pub mod sample_warehouse;
pub mod sources;
