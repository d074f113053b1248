//! Recognisers with checksums, masking, independent voters and the vote.
//!
//! The walk of one table: [`PatternScanner`] turns raw rows into hit shares and [`Masker`] into masked rows;
//! [`evidence`] joins both with schema and profile; [`PatternVoter`] judges the values, [`NameVoter`] the names;
//! [`tally`] decides; [`public_codes`] says which values may leave the process, and [`redact`] replaces all others.
//!
//! Inside: `text` (bounding, normalising, digit groups), `recognisers` (one kind of value a file), `dictionary`
//! (names, streets, health), `naming` (the vocabulary of column names), `column_hits` (which hits count in a column).

mod column_hits;
mod column_support;
mod dictionary;
mod evidence;
mod masker;
mod naming;
mod public_codes;
mod recognisers;
mod redaction;
mod scanner;
mod tally;
mod text;
mod voters;

pub use evidence::evidence;
pub use masker::Masker;
pub use public_codes::public_codes;
pub use redaction::redact;
pub use scanner::{PatternScanner, ScannerOptions};
pub use tally::{TallyOptions, tally};
pub use voters::{NameVoter, PatternVoter};

/// Changes whenever recognisers, dictionaries or thresholds change what is found; part of the key that decides
/// whether a table is sampled again.
pub const RECOGNISER_VERSION: &str = "2";
