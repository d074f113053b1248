//! Fingerprints, foreign-key candidates, scores, confirmation and join hints. Pure: no IO.

pub mod fingerprint;
mod infer;
mod names;
mod schema;
mod score;
mod search;

pub use infer::{CrossCatalog, KeyMatcher, KeyOptions};
pub use search::{Containment, InclusionIndex, InclusionLimits, InclusionScratch, containment};
