//! What the confidences of an arm's drafts are worth, as they are and after a table was fitted to other drafts.

use std::collections::BTreeSet;

use catalog_llm::confidence::{Calibration, ReliabilityBin, reliability};
use serde::Serialize;

/// Ranges of a reliability table.
const BINS: usize = 10;
/// Fewer judged drafts of one range are not trusted on their own.
const GROUP_MIN: usize = 10;

/// A draft that the rubric judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedDraft {
    /// What it must not share with the drafts that it is judged by: its domain. The same table under another name
    /// stays with it.
    pub group: String,
    /// What its author said, 0 to 1.
    pub confidence: f64,
    /// What the rubric said.
    pub accepted: bool,
}

/// How confidences compare with what was accepted.
#[derive(Debug, Clone, Serialize)]
pub struct Reliability {
    /// Ten ranges, the empty ones left out.
    pub bins: Vec<ReliabilityBin>,
    /// Expected calibration error: the mean distance of confidence and acceptance, weighted by drafts.
    pub error: f64,
    /// Mean squared distance of confidence and outcome (Brier 1950).
    pub brier: f64,
}

/// A table fitted to drafts, and what it does for drafts that it has not seen.
#[derive(Debug, Clone, Serialize)]
pub struct Fitted {
    /// Drafts that it was fitted to.
    pub drafts: usize,
    /// The table of all drafts.
    pub calibration: Calibration,
    /// The confidences as they were.
    pub before: Reliability,
    /// Each domain's drafts under a table fitted to the other domains'.
    pub after: Reliability,
}

impl Reliability {
    /// Of pairs of confidence and outcome.
    pub fn of(pairs: &[(f64, bool)]) -> Self {
        let bins = reliability(pairs, BINS);
        let whole = pairs.len().max(1) as f64;
        let error = bins.iter().map(|b| (b.confidence - b.accepted).abs() * b.drafts as f64 / whole).sum();
        let brier = pairs.iter().map(|(said, accepted)| (said - f64::from(u8::from(*accepted))).powi(2)).sum::<f64>();
        Self { bins, error, brier: brier / whole }
    }
}

impl Fitted {
    /// Fits to all drafts, and judges by leaving one domain out at a time; `None` where there is but one domain.
    pub fn of(drafts: &[JudgedDraft]) -> Option<Self> {
        let groups: BTreeSet<&str> = drafts.iter().map(|draft| draft.group.as_str()).collect();
        if groups.len() < 2 {
            return None;
        }
        let pairs = |keep: &dyn Fn(&JudgedDraft) -> bool| -> Vec<(f64, bool)> {
            drafts.iter().filter(|d| keep(d)).map(|d| (d.confidence, d.accepted)).collect()
        };
        let mut after = Vec::with_capacity(drafts.len());
        for group in groups {
            let table = Calibration::fit(&pairs(&|draft| draft.group != group), GROUP_MIN);
            let unseen = pairs(&|draft| draft.group == group);
            after.extend(unseen.into_iter().map(|(said, accepted)| (table.apply(said).value(), accepted)));
        }
        let all = pairs(&|_| true);
        Some(Self {
            drafts: drafts.len(),
            calibration: Calibration::fit(&all, GROUP_MIN),
            before: Reliability::of(&all),
            after: Reliability::of(&after),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn draft(group: usize, confidence: f64, accepted: bool) -> JudgedDraft {
        JudgedDraft { group: group.to_string(), confidence, accepted }
    }

    #[test]
    fn a_modest_author_is_taught_by_the_other_domains() {
        // Says 0.5 where nine of ten are accepted, 0.2 where one of ten is.
        let drafts: Vec<JudgedDraft> = (0..200)
            .map(|i| {
                let domain = i / 20 % 5;
                if i % 2 == 0 { draft(domain, 0.5, i % 20 != 0) } else { draft(domain, 0.2, i % 20 == 1) }
            })
            .collect();
        let fitted = Fitted::of(&drafts).unwrap();
        assert!(fitted.before.error > 0.2, "{fitted:?}");
        assert!(fitted.after.error < 0.06 && fitted.after.brier < fitted.before.brier, "{fitted:?}");
        assert!((fitted.calibration.apply(0.5).value() - 0.9).abs() < 0.02);
    }

    #[test]
    fn what_holds_in_one_domain_alone_is_not_taken_for_a_success() {
        // Domain 0 accepts everything, domain 1 nothing, whatever was said.
        let drafts: Vec<JudgedDraft> = (0..100).map(|i| draft(i % 2, 0.5, i % 2 == 0)).collect();
        assert!(Fitted::of(&drafts).unwrap().after.error > 0.9);
    }

    #[test]
    fn one_domain_alone_cannot_be_judged() {
        assert!(Fitted::of(&[draft(0, 0.5, true)]).is_none());
    }
}
