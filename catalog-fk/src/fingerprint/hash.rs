//! The hash that fingerprints are made of.

/// Murmur3 x64 128 with seed 0 over a canonical text, as the integer whose little-endian bytes are the digest: its
/// low half is what [`hash_canonical`] gives. Wide enough to tell the values of any table apart.
///
/// Source: Appleby, MurmurHash3 (`MurmurHash3_x64_128`), the hash behind Trino's `make_set_digest` and `murmur3`.
pub fn hash_canonical_128(text: &str) -> u128 {
    fastmurmur3::murmur3_x64_128(text.as_bytes(), 0)
}

/// The first 64 bits of [`hash_canonical_128`], little-endian, signed: the very number that Trino's
/// `hash_counts(make_set_digest(…))` has as its key.
///
/// ```
/// assert_eq!(catalog_fk::fingerprint::hash_canonical("1"), 8_213_365_047_359_667_313);
/// ```
pub fn hash_canonical(text: &str) -> i64 {
    hash_canonical_128(text) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_one_is_what_trino_prints() {
        // Trino: to_hex(murmur3(to_utf8('1'))) begins with 717C7B8AFEBBFB71.
        let bytes = hash_canonical_128("1").to_le_bytes();
        assert_eq!(bytes[..8], [0x71, 0x7C, 0x7B, 0x8A, 0xFE, 0xBB, 0xFB, 0x71]);
        assert_eq!(hash_canonical("1"), 8_213_365_047_359_667_313);
    }

    #[test]
    fn published_digests_of_longer_inputs_are_met() {
        // Published test vectors of MurmurHash3 x64 128, seed 0.
        let hex = |text: &str| -> String {
            hash_canonical_128(text).to_le_bytes().iter().map(|b| format!("{b:02x}")).collect()
        };
        assert_eq!(hex(""), "00000000000000000000000000000000");
        assert_eq!(hex("The quick brown fox jumps over the lazy dog"), "6c1b07bc7bbc4be347939ac4a93c437a");
    }
}
