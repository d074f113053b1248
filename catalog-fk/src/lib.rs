//! Fingerprints, foreign-key candidates, scores, confirmation and join hints. Pure: no IO.

pub mod fingerprint;
