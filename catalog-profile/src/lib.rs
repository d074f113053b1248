//! Profiles and fingerprints from scanned rows, and counts that confirm keys.
