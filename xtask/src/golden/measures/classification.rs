//! Precision, recall and F1 of flags and keys.

use serde::Serialize;

/// Right and wrong predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// Predictions that are true.
    pub right: usize,
    /// Predictions that are not.
    pub wrong: usize,
    /// Truths that nobody predicted.
    pub missed: usize,
    /// Share of predictions that are true.
    pub precision: f64,
    /// Share of truths that were predicted.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Scores {
    /// From counts; a share of nothing is 0.
    pub fn of(right: usize, wrong: usize, missed: usize) -> Self {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let (precision, recall) = (share(right, right + wrong), share(right, right + missed));
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { right, wrong, missed, precision, recall, f1 }
    }

    /// The standard error of F1, taken as that of a share of the truths with one success and one failure added
    /// (Agresti and Coull, 1998), so that a perfect score has noise too.
    pub fn noise(&self) -> f64 {
        let n = (self.right + self.missed) as f64 + 2.0;
        let p = (self.f1 * (n - 2.0) + 1.0) / n;
        (p * (1.0 - p) / n).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_give_shares_and_nothing_gives_zero() {
        let scores = Scores::of(6, 2, 4);
        assert_eq!((scores.precision, scores.recall), (0.75, 0.6));
        assert!((scores.f1 - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(Scores::of(0, 0, 0).f1, 0.0);
        assert!(Scores::of(10, 0, 0).noise() > 0.0);
    }
}
