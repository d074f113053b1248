//! From a weighed score to a probability.

/// Scores nearer to 0 or 1 than this are all the same.
const LOGIT_MAX: f64 = 9.0;

/// Steps of the fit; it stands still long before.
const STEPS: u32 = 1_500;

/// How the sum of the witnesses becomes a probability: `ceiling · σ(slope · logit(score) + intercept)`. Two numbers
/// after Platt (1999), and a ceiling, because no name and no containment proves a key.
///
/// The default was fitted on 77 public schemas with 321 known keys (by the example
/// `score_keys`; docs/reference/benchmarks.md says how well it holds). Where stewards have accepted and
/// rejected enough keys of their own, [`Calibration::fit`] does better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// How much surer each unit of evidence makes; positive.
    pub slope: f64,
    /// Evidence that is always there, in logits.
    pub intercept: f64,
    /// The largest probability, 0 to 1.
    pub ceiling: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.7, intercept: -0.38, ceiling: 0.957 }
    }
}

impl Calibration {
    /// Leaves scores as they are weighed, to fit a calibration on them.
    pub const NONE: Self = Self { slope: 1.0, intercept: 0.0, ceiling: 1.0 };

    /// The probability that a key of this score is one, 0 to 1. Never decreases with the score.
    pub fn probability(&self, score: f64) -> f64 {
        if *self == Self::NONE {
            return score;
        }
        self.ceiling * sigmoid(self.slope * logit(score) + self.intercept)
    }

    /// The likeliest calibration for keys of known truth, as `(score under [`Calibration::NONE`], is it a key?)`. Few
    /// keys change little: the fit is drawn towards no change with the weight of one key.
    pub fn fit(keys: &[(f64, bool)]) -> Self {
        let keys: Vec<(f64, f64)> = keys.iter().map(|(s, right)| (logit(*s), f64::from(u8::from(*right)))).collect();
        let start = [1.0, 0.0, 3.0];
        let (mut at, mut mean, mut square) = (start, [0.0; 3], [0.0; 3]);
        // Adam (Kingma and Ba, ICLR 2015): three unlike scales, no step to choose.
        for step in 1..=STEPS {
            let [slope, intercept, top] = at;
            let ceiling = sigmoid(top);
            let mut gradient = [0, 1, 2].map(|i| at[i] - start[i]);
            for (score, right) in &keys {
                let s = sigmoid(slope * score + intercept);
                let p = (ceiling * s).clamp(1e-6, 1.0 - 1e-6);
                let d = (p - right) / (p * (1.0 - p)) * ceiling * s;
                gradient[0] += d * (1.0 - s) * score;
                gradient[1] += d * (1.0 - s);
                gradient[2] += d * (1.0 - ceiling);
            }
            for i in 0..3 {
                mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
                square[i] = 0.999 * square[i] + 0.001 * gradient[i] * gradient[i];
                let unbiased = |sum: f64, rate: f64| sum / (1.0 - rate.powf(f64::from(step)));
                at[i] -= 0.02 * unbiased(mean[i], 0.9) / (unbiased(square[i], 0.999).sqrt() + 1e-8);
            }
        }
        Self { slope: at[0].max(0.01), intercept: at[1], ceiling: sigmoid(at[2]) }
    }
}

fn logit(score: f64) -> f64 {
    let score = score.clamp(1e-9, 1.0 - 1e-9);
    (score / (1.0 - score)).ln().clamp(-LOGIT_MAX, LOGIT_MAX)
}

/// The logistic function: a sum of evidence in logits to a probability.
pub(crate) fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fit_says_what_the_keys_show() {
        // Scores of 0.9 that are right half of the time, and scores of 0.1 that never are.
        let keys: Vec<(f64, bool)> = (0..400).map(|i| (if i % 2 == 0 { 0.9 } else { 0.1 }, i % 4 == 0)).collect();
        let fitted = Calibration::fit(&keys);
        assert!((fitted.probability(0.9) - 0.5).abs() < 0.03, "{fitted:?}");
        assert!(fitted.probability(0.1) < 0.03, "{fitted:?}");
    }

    #[test]
    fn without_keys_little_changes() {
        let fitted = Calibration::fit(&[]);
        assert!((fitted.probability(0.7) - 0.7).abs() < 0.05, "{fitted:?}");
    }

    proptest! {
        #[test]
        fn a_probability_is_one_and_keeps_the_order(a in any::<f64>(), b in 0.0_f64..=1.0, c in 0.0_f64..=1.0) {
            let calibration = Calibration::default();
            prop_assert!(a.is_nan() || (0.0..=1.0).contains(&calibration.probability(a)));
            prop_assert!((calibration.probability(b) <= calibration.probability(c)) || b > c);
        }
    }
}
