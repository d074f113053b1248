//! A small seeded generator, so that the same seed makes the same bank on every machine.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one 64-bit state, every seed gives a full period.
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// A generator whose whole output follows from the seed.
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 uniform bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n` - 1; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// A fraction, 0 included and 1 not.
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One element, each as likely as the others.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One element, the first ones much more often: a few customers do most of the business.
    pub(super) fn pick_skewed<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let u = self.unit();
        &from[((u * u * from.len() as f64) as usize).min(from.len() - 1)]
    }

    /// One element by weight.
    pub(super) fn weighted<'a, T>(&mut self, from: &'a [(T, u32)]) -> &'a T {
        let total: u32 = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total as usize) as u32;
        for (value, weight) in from {
            if left < *weight {
                return value;
            }
            left -= weight;
        }
        &from[0].0
    }

    /// An approximately standard normal number: twelve uniform ones less their mean.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A log-normal amount of money in cents precision.
    pub(super) fn amount(&mut self, median: f64, sigma: f64) -> f64 {
        ((median * (sigma * self.normal()).exp()) * 100.0).round() / 100.0
    }

    /// A text of `n` decimal digits.
    pub(super) fn digits(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut a, mut b) = (Random::new(7), Random::new(7));
        assert!((0..100).all(|_| a.bits() == b.bits()));
    }

    #[test]
    fn the_published_first_output_of_seed_zero_is_met() {
        assert_eq!(Random::new(0).bits(), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn weights_are_respected() {
        let mut random = Random::new(1);
        let heavy = (0..1000).filter(|_| *random.weighted(&[("a", 9), ("b", 1)]) == "a").count();
        assert!((850..950).contains(&heavy), "{heavy}");
    }
}
