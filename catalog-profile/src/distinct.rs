//! Estimating distinct counts from hashes.

use std::hash::{BuildHasher, Hasher};

use hyperloglogplus::{HyperLogLog, HyperLogLogPlus};

/// Estimates how many different hashes it was given, in bounded memory.
pub trait DistinctSketch: Send {
    /// Takes the 64-bit hash of one value; the same hash again changes nothing.
    fn insert(&mut self, hash: u64);

    /// The estimate.
    fn estimate(&mut self) -> u64;

    /// The relative error that 99.7 % of estimates keep: three standard errors.
    fn error_bound(&self) -> f64;
}

/// Registers are chosen by this many bits of the hash: 16,384 registers of 6 bits, 13 KiB.
const PRECISION: u8 = 14;

/// HyperLogLog++ (Heule, Nunkesser, Hall: HyperLogLog in Practice, EDBT 2013) with 2^14 registers. Its hashes are the
/// caller's, so two runs and two processes estimate alike.
pub struct HllSketch {
    registers: HyperLogLogPlus<u64, AsItIs>,
}

impl HllSketch {
    /// An empty sketch; `None` only if the precision were outside what the library supports.
    pub fn new() -> Option<Self> {
        HyperLogLogPlus::new(PRECISION, AsItIs).ok().map(|registers| Self { registers })
    }
}

impl DistinctSketch for HllSketch {
    fn insert(&mut self, hash: u64) {
        self.registers.insert(&hash);
    }

    fn estimate(&mut self) -> u64 {
        self.registers.count().round() as u64
    }

    /// 3 × 1.04 / √2^14 = 2.44 %.
    fn error_bound(&self) -> f64 {
        3.0 * 1.04 / f64::from(1_u32 << PRECISION).sqrt()
    }
}

/// The values are hashes already.
struct AsItIs;

impl BuildHasher for AsItIs {
    type Hasher = AsItIsHasher;

    fn build_hasher(&self) -> AsItIsHasher {
        AsItIsHasher(0)
    }
}

struct AsItIsHasher(u64);

impl Hasher for AsItIsHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use catalog_fk::fingerprint::hash_canonical;
    use proptest::prelude::*;

    use super::*;

    fn estimate_of(values: impl Iterator<Item = u64>, salt: u64) -> (u64, f64) {
        let mut sketch = HllSketch::new().unwrap();
        for value in values {
            sketch.insert(hash_canonical(&format!("{salt}-{value}")) as u64);
        }
        (sketch.estimate(), sketch.error_bound())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// The bound is three standard errors, so one estimate in 370 may miss it; four are allowed here.
        #[test]
        fn the_error_keeps_its_bound_up_to_a_hundred_thousand_values(distinct in 1_u64..100_000, salt: u64) {
            let (estimate, bound) = estimate_of(0..distinct, salt);
            let error = (estimate as f64 / distinct as f64 - 1.0).abs();
            prop_assert!(error <= bound * 4.0 / 3.0, "{} for {}: {}", estimate, distinct, error);
        }
    }

    #[test]
    fn repetition_and_order_change_nothing() {
        let once = estimate_of(0..20_000, 7).0;
        assert_eq!(once, estimate_of((0..20_000).rev().chain(0..20_000), 7).0);
    }

    #[test]
    fn nothing_inserted_is_nothing_counted() {
        assert_eq!(HllSketch::new().unwrap().estimate(), 0);
    }
}
