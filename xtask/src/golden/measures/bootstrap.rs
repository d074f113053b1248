//! Intervals by resampling questions.

use serde::Serialize;

/// How often questions are drawn anew.
const RESAMPLES: usize = 2_000;
const SEED: u64 = 0x6f6c_6465_6e5f_6162;

/// A mean with the interval that holds 95 of 100 resampled means, and their standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The 2.5th percentile of the resampled means.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
    /// The standard deviation of the resampled means: the mean's noise.
    pub noise: f64,
}

/// The percentile bootstrap of a mean (Efron, 1979) with a fixed seed: the same values give the same interval. Given
/// the differences of two arms question by question it is the paired bootstrap. Without values all is 0.
pub fn bootstrap(values: &[f64]) -> Interval {
    weighted(&[(values, 1.0)])
}

/// The same for a weighted sum of means of groups that are drawn apart.
pub fn weighted(groups: &[(&[f64], f64)]) -> Interval {
    let whole: f64 = groups.iter().map(|(_, weight)| weight).sum();
    let mean = |values: &mut dyn Iterator<Item = f64>, n: usize| values.sum::<f64>() / n.max(1) as f64;
    let share = |weight: f64| if whole > 0.0 { weight / whole } else { 0.0 };
    let centre = groups.iter().map(|(v, w)| share(*w) * mean(&mut v.iter().copied(), v.len())).sum();
    let mut random = SplitMix(SEED);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = groups.iter().map(|(values, weight)| {
                let mut draws = (0..values.len()).map(|_| values[random.below(values.len())]);
                share(*weight) * mean(&mut draws, values.len())
            });
            drawn.sum()
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let average = means.iter().sum::<f64>() / RESAMPLES as f64;
    let variance = means.iter().map(|m| (m - average).powi(2)).sum::<f64>() / RESAMPLES as f64;
    let at = |share: f64| means[((RESAMPLES as f64 * share) as usize).min(RESAMPLES - 1)];
    Interval { mean: centre, low: at(0.025), high: at(0.975), noise: variance.sqrt() }
}

/// Steele, Lea and Flood's generator (2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(ones: usize, all: usize) -> Vec<f64> {
        (0..all).map(|at| f64::from(u8::from(at < ones))).collect()
    }

    #[test]
    fn an_interval_holds_the_mean_and_narrows_as_the_root_of_the_questions() {
        let (few, many) = (bootstrap(&coin(30, 100)), bootstrap(&coin(300, 1_000)));
        assert!(few.low < 0.3 && few.high > 0.3 && (few.mean - 0.3).abs() < 1e-12);
        let ratio = (few.high - few.low) / (many.high - many.low);
        assert!((ratio - 10_f64.sqrt()).abs() < 0.5, "{ratio}");
        // The standard error of a share: sqrt(p (1 - p) / n).
        assert!((few.noise - (0.3 * 0.7 / 100.0_f64).sqrt()).abs() < 0.003, "{}", few.noise);
    }

    #[test]
    fn the_same_values_give_the_same_interval_and_none_give_zero() {
        assert_eq!(bootstrap(&coin(3, 9)), bootstrap(&coin(3, 9)));
        assert_eq!(bootstrap(&[]), Interval { mean: 0.0, low: 0.0, high: 0.0, noise: 0.0 });
    }

    #[test]
    fn pairing_sees_a_small_gain_that_two_means_hide() {
        // Nine of ten questions answered in both arms or neither; the same five of a hundred are gained.
        let before = coin(50, 100);
        let after = coin(55, 100);
        let gains: Vec<f64> = before.iter().zip(&after).map(|(b, a)| a - b).collect();
        assert!(bootstrap(&gains).low > 0.0);
        assert!(bootstrap(&before).high > bootstrap(&after).low);
    }

    #[test]
    fn weights_are_shares_of_their_sum() {
        let (all, none) = (vec![1.0; 10], vec![0.0; 10]);
        let both = weighted(&[(&all, 50.0), (&none, 25.0), (&none, 25.0)]);
        assert_eq!((both.mean, both.low, both.high), (0.5, 0.5, 0.5));
    }
}
