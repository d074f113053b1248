//! From a score to the share of such drafts that is accepted.

use catalog_core::model::Confidence;
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// Most steps of a table.
const STEPS_MAX: usize = 20;

/// A table from scores to confidences, rising and linear between its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Pairs of score and confidence, both 0 to 1 and not falling; empty: the score is the confidence.
    points: Vec<(f64, f64)>,
}

/// The drafts whose confidence fell into one range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// The range's lower end.
    pub from: f64,
    /// How many drafts fell into it.
    pub drafts: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that was accepted.
    pub accepted: f64,
}

impl Default for Calibration {
    /// None: the score is the confidence.
    fn default() -> Self {
        Self { points: Vec::new() }
    }
}

impl Calibration {
    /// The table that was fitted on the golden set's drafts (`golden.json` beside this file, written by `cargo xtask
    /// golden`): what the golden set's rubric accepts, not what a company's stewards do.
    pub fn golden() -> Self {
        // A test reads it, so it can be read.
        Self::from_json(include_str!("golden.json")).unwrap_or_default()
    }

    /// A table from its JSON form, `{"points": [[score, confidence], …]}`, both from 0 to 1 and rising.
    ///
    /// # Errors
    /// `InvalidInput` with what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self> {
        let bad = |why: String| Error::new(ErrorKind::InvalidInput, "read_calibration", why);
        let table: Self = serde_json::from_str(text).map_err(|e| bad(format!("the table is not of the form: {e}")))?;
        let share = |value: f64| (0.0..=1.0).contains(&value);
        if !table.points.iter().all(|(score, confidence)| share(*score) && share(*confidence)) {
            return Err(bad("a score or confidence is not between 0 and 1".to_owned()));
        }
        if table.points.windows(2).any(|pair| pair[0].0 > pair[1].0 || pair[0].1 > pair[1].1) {
            return Err(bad("scores and confidences have to rise from point to point".to_owned()));
        }
        Ok(table)
    }

    /// Fits a table to judged drafts (score, was it accepted?) by pooling adjacent violators, so that a higher score
    /// never means less confidence. Groups of fewer than `group_min` drafts are not trusted on their own.
    pub fn fit(judged: &[(f64, bool)], group_min: usize) -> Self {
        let mut sorted: Vec<(f64, bool)> = judged.iter().copied().filter(|(score, _)| score.is_finite()).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let size = group_min.max(1).max(sorted.len().div_ceil(STEPS_MAX));
        // Sum of scores, accepted drafts, drafts.
        let mut groups: Vec<(f64, f64, f64)> = Vec::new();
        for chunk in sorted.chunks(size) {
            let scores = chunk.iter().map(|(score, _)| score).sum();
            let accepted = chunk.iter().filter(|(_, accepted)| *accepted).count() as f64;
            groups.push((scores, accepted, chunk.len() as f64));
            while let [.., a, b] = groups[..] {
                if a.1 / a.2 <= b.1 / b.2 && b.2 >= size as f64 {
                    break;
                }
                groups.truncate(groups.len() - 2);
                groups.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
            }
        }
        Self { points: groups.into_iter().map(|(scores, accepted, n)| (scores / n, accepted / n)).collect() }
    }

    /// Tells one table from another; `None` without a table.
    pub fn version(&self) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        for (score, confidence) in &self.points {
            hasher.update(&score.to_le_bytes());
            hasher.update(&confidence.to_le_bytes());
        }
        (!self.points.is_empty()).then(|| format!("calibrated-{}", &hasher.finalize().to_hex()[..8]))
    }

    /// The confidence of a score.
    pub fn apply(&self, score: f64) -> Confidence {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Confidence::new(score);
        };
        if score <= first.0 {
            return Confidence::new(first.1);
        }
        let between = self.points.windows(2).find(|pair| score <= pair[1].0);
        Confidence::new(between.map_or(last.1, |pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if x1 > x0 { y0 + (y1 - y0) * (score - x0) / (x1 - x0) } else { y1 }
        }))
    }
}

/// How confidences (0 to 1) compare with what was accepted, in `bins` equal ranges; empty ranges are left out.
pub fn reliability(judged: &[(f64, bool)], bins: usize) -> Vec<ReliabilityBin> {
    let bins = bins.max(1);
    let bin_of = |confidence: f64| ((confidence.clamp(0.0, 1.0) * bins as f64) as usize).min(bins - 1);
    (0..bins)
        .filter_map(|bin| {
            let inside: Vec<&(f64, bool)> = judged.iter().filter(|(c, _)| c.is_finite() && bin_of(*c) == bin).collect();
            let drafts = inside.len();
            (drafts > 0).then(|| ReliabilityBin {
                from: bin as f64 / bins as f64,
                drafts,
                confidence: inside.iter().map(|(c, _)| c).sum::<f64>() / drafts as f64,
                accepted: inside.iter().filter(|(_, accepted)| *accepted).count() as f64 / drafts as f64,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overconfident_score_is_taught_what_it_is_worth() {
        // Scores of 0.9 are right half of the time, scores of 0.5 one time in five.
        let judged: Vec<(f64, bool)> =
            (0..100).map(|i| (0.9, i % 2 == 0)).chain((0..100).map(|i| (0.5, i % 5 == 0))).collect();
        let calibration = Calibration::fit(&judged, 50);
        assert!((calibration.apply(0.9).value() - 0.5).abs() < 0.01);
        assert!((calibration.apply(0.5).value() - 0.2).abs() < 0.01);
        let told: Vec<(f64, bool)> = judged.iter().map(|(s, a)| (calibration.apply(*s).value(), *a)).collect();
        for bin in reliability(&told, 10) {
            assert!((bin.confidence - bin.accepted).abs() < 0.02, "{bin:?}");
        }
    }

    #[test]
    fn the_shipped_table_can_be_read_and_a_wrong_one_says_what_is_wrong() {
        let shipped = Calibration::from_json(include_str!("golden.json")).unwrap();
        assert_eq!(shipped, Calibration::golden());
        assert!(shipped.points.len() >= 2, "a table of one point knows nothing");
        let written = serde_json::to_string(&shipped).unwrap();
        assert_eq!(Calibration::from_json(&written).unwrap(), shipped);
        let why = |text: &str| Calibration::from_json(text).unwrap_err().to_string();
        assert!(why(r#"{"points": [[0.2, 0.9], [0.8, 0.5]]}"#).contains("have to rise"));
        assert!(why(r#"{"points": [[0.2, 90]]}"#).contains("between 0 and 1"));
        assert!(why("[]").contains("form"));
    }

    #[test]
    fn without_judged_drafts_the_score_stands() {
        assert_eq!(Calibration::fit(&[], 10).apply(0.7).value(), 0.7);
        assert_eq!(Calibration::default().apply(2.0).value(), 1.0);
        assert!(reliability(&[], 10).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_higher_score_never_means_less_confidence(
            judged in proptest::collection::vec((0.0..1.0f64, proptest::bool::ANY), 0..60),
            a in 0.0..1.0f64, b in 0.0..1.0f64,
        ) {
            let calibration = Calibration::fit(&judged, 5);
            let (low, high) = (calibration.apply(a.min(b)).value(), calibration.apply(a.max(b)).value());
            proptest::prop_assert!(low <= high + 1e-12);
        }
    }
}
