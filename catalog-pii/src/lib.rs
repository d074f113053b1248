//! Recognisers with checksums, masking, independent voters and the vote.
//!
//! The walk of one table: a [`PatternScanner`] turns raw rows into hit shares (a [`PresidioScanner`] may look beside
//! it, [`BesideScanner`]) and a [`Masker`] into masked rows; [`evidence`] joins both with schema and profile, and
//! [`attach_catalog_tags`] adds what the catalog says; [`PresidioFamilyVoter`] judges tags and values, [`NameVoter`]
//! the names; [`tally`] decides, [`recall_decisions`] and [`HouseRules`] let stewards and operator overrule it;
//! [`public_codes`] says which values may leave the process, and [`redact`] replaces all others.
//! [`quasi_identifiers`] lists columns that single a person out together.
//!
//! Inside: `text` (bounding, normalising, digit groups), `recognisers` (one kind of value a file), `dictionary`
//! (names, streets, health), `naming` (the vocabulary of column names), `column_hits` and `column_support` (which hits
//! count in a column), `split_values` (values in pieces over several columns).

mod column_hits;
mod column_support;
mod dictionary;
mod evidence;
mod house_rules;
mod masker;
mod memory;
mod naming;
mod presidio;
mod public_codes;
mod quasi_identifiers;
mod recognisers;
mod redaction;
mod scanner;
mod split_values;
mod tally;
mod text;
mod voters;

pub use evidence::{attach_catalog_tags, evidence};
pub use house_rules::{CustomRecogniser, HouseRules, HouseRulesConfig, ListedValues, NumberCheck};
pub use masker::Masker;
pub use memory::{Reopened, StewardDecision, recall_decisions};
pub use presidio::{BesideScanner, PresidioOptions, PresidioScanner};
pub use public_codes::public_codes;
pub use quasi_identifiers::{QuasiIdentifier, quasi_identifiers, quasi_identifiers_of};
pub use redaction::redact;
pub use scanner::{PatternScanner, ScannerOptions};
pub use tally::{TallyOptions, tally};
pub use voters::{HouseNameVoter, NameVoter, OmVoter, PatternVoter, PresidioFamilyVoter};

/// Changes whenever recognisers, dictionaries or thresholds change what is found; part of the key that decides
/// whether a table is sampled again.
pub const RECOGNISER_VERSION: &str = "2";
