//! Fingerprints: a column in a few hundred bytes, comparable across tables and engines.
//!
//! A value is written in one canonical form ([`canonical_text`]), hashed ([`hash_canonical`]) and kept when its hash
//! is among the smallest of its column ([`FingerprintBuilder`]). Because every column keeps by the same rule, two
//! columns that share values keep the same hashes; independent samples of two large tables share almost none. [`to_bytes`] is the form
//! to store and to ship. `vectors/fingerprint.json` holds what any engine that takes fingerprints has to meet.

mod binary;
mod builder;
mod canonical;
mod hash;
mod shape;

pub use binary::{from_bytes, to_bytes};
pub use builder::{EXACT_DISTINCT_MAX, FINGERPRINT_VERSION, FingerprintBuilder};
pub use canonical::canonical_text;
pub use hash::{hash_canonical, hash_canonical_128};
