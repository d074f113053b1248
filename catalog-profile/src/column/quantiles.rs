//! A uniform reservoir of numbers and the rounded percentiles that may leave the process.

use catalog_core::model::RoundedRange;

/// Numbers kept of a column. The rank error of a percentile p is √(p(1−p)/1024): 0.7 % at p5 and p95.
const RESERVOIR: usize = 1024;

/// Percentiles of fewer numbers would be the numbers themselves.
pub(crate) const NUMBERS_MIN: usize = 10;

/// As [`NUMBERS_MIN`] for years, which leave unrounded: at 50 values two are outside at either end.
pub(crate) const YEARS_MIN: usize = 50;

/// A uniform sample of a stream, by Algorithm L (Li, ACM TOMS 20(4), 1994): it skips ahead, so that a long stream
/// costs one comparison a number. The seed is fixed: the same column gives the same sample.
pub(super) struct Reservoir {
    kept: Vec<f64>,
    /// Numbers to skip before the next one is kept.
    skip: u64,
    weight: f64,
    random: SplitMix64,
}

impl Default for Reservoir {
    fn default() -> Self {
        Self { kept: Vec::new(), skip: 0, weight: 1.0, random: SplitMix64(0x5EED) }
    }
}

impl Reservoir {
    /// Takes a number; one that is not finite is ignored.
    pub(super) fn push(&mut self, number: f64) {
        if !number.is_finite() {
            return;
        }
        if self.kept.len() < RESERVOIR {
            self.kept.push(number);
            if self.kept.len() == RESERVOIR {
                self.plan_skip();
            }
        } else if self.skip > 0 {
            self.skip -= 1;
        } else {
            let slot = (self.random.next() % RESERVOIR as u64) as usize;
            self.kept[slot] = number;
            self.plan_skip();
        }
    }

    fn plan_skip(&mut self) {
        self.weight *= (self.random.unit().ln() / RESERVOIR as f64).exp();
        self.skip = (self.random.unit().ln() / (1.0 - self.weight).ln()).floor() as u64;
    }

    /// The 5th and 95th percentile of what was seen; `None` for fewer than `at_least` numbers.
    fn percentiles(mut self, at_least: usize) -> Option<(f64, f64)> {
        if self.kept.len() < at_least {
            return None;
        }
        self.kept.sort_unstable_by(f64::total_cmp);
        let last = (self.kept.len() - 1) as f64;
        let at = |p: f64| self.kept[(last * p).round() as usize];
        Some((at(0.05), at(0.95)))
    }

    /// The range, each end rounded to one significant digit.
    pub(super) fn rounded(self) -> Option<RoundedRange> {
        self.percentiles(NUMBERS_MIN).map(|(p5, p95)| RoundedRange { p5: one_digit(p5), p95: one_digit(p95) })
    }

    /// The range of years; `None` for fewer than fifty.
    pub(super) fn years(self) -> Option<RoundedRange> {
        self.percentiles(YEARS_MIN).map(|(p5, p95)| RoundedRange { p5: format!("{p5:.0}"), p95: format!("{p95:.0}") })
    }
}

/// One significant digit: `1234.5` is `1000`, `-0.027` is `-0.03`.
pub(crate) fn one_digit(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    let short = format!("{number:.0e}");
    let exponent = short.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    match short.parse::<f64>() {
        Ok(rounded) if (-6..0).contains(&exponent) => format!("{rounded:.*}", exponent.unsigned_abs() as usize),
        Ok(rounded) if (0..=15).contains(&exponent) => format!("{rounded:.0}"),
        _ => short,
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Strictly between 0 and 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: impl Iterator<Item = f64>) -> Reservoir {
        let mut reservoir = Reservoir::default();
        numbers.for_each(|n| reservoir.push(n));
        reservoir
    }

    #[test]
    fn numbers_are_rounded_to_one_significant_digit() {
        let shown = [1234.5, -0.027, 9.6, 0.0, 96.0, 1e300, -4e-9, 7.0, 0.96].map(one_digit);
        assert_eq!(shown, ["1000", "-0.03", "10", "0", "100", "1e300", "-4e-9", "7", "1"]);
    }

    #[test]
    fn a_sorted_stream_is_sampled_evenly() {
        let (p5, p95) = of((0..1_000_000).map(f64::from)).percentiles(NUMBERS_MIN).unwrap();
        assert!((p5 / 1e6 - 0.05).abs() < 0.03, "{p5}");
        assert!((p95 / 1e6 - 0.95).abs() < 0.03, "{p95}");
    }

    #[test]
    fn a_handful_of_numbers_has_no_range() {
        assert!(of((0..9).map(f64::from)).rounded().is_none());
        assert!(of((0..10).map(f64::from)).rounded().is_some());
    }

    #[test]
    fn fewer_than_fifty_years_have_no_range() {
        assert!(of((0..49).map(|i| f64::from(1950 + i))).years().is_none());
        let range = of((0..50).map(|i| f64::from(1950 + i))).years().map(|r| (r.p5, r.p95));
        assert_eq!(range, Some(("1952".to_owned(), "1997".to_owned())));
    }

    #[test]
    fn nan_and_infinity_are_no_numbers() {
        assert!(of([f64::NAN, f64::INFINITY].into_iter().cycle().take(100)).rounded().is_none());
    }

    proptest! {
        #[test]
        fn rounding_keeps_one_digit_and_stays_within_half_of_it(number in prop::num::f64::NORMAL) {
            let shown = one_digit(number);
            let digits = shown.split('e').next().unwrap_or("").chars().filter(|c| ('1'..='9').contains(c)).count();
            prop_assert_eq!(digits, 1, "{}", shown);
            let back: f64 = shown.parse().unwrap();
            prop_assert!(((back - number) / number).abs() <= 0.5, "{} {}", number, shown);
        }
    }
}
