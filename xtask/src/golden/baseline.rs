//! What the offline arms measured when it was last agreed upon, and whether they still do.
//!
//! A run over the same set is deterministic, so a difference is a change of the product. Its noise says how much such
//! a change has to be to count: of a recall the standard deviation of its bootstrap over questions, of an F1 the
//! standard error of a share of as many truths. A measure fails when it falls by more than the larger of its noise
//! then and now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::Document;
use super::measures::Scores;
use super::settings::Arm;
use super::vectors::Form;
use crate::Result;

/// A baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The set that it was measured on.
    pub set: Value,
    /// By regime, measure and what was measured; higher is better.
    pub measures: BTreeMap<String, Measured>,
}

/// A measure and its noise, both in units of 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// How far it may fall.
    pub noise: f64,
}

impl Baseline {
    /// What a run says of the arms that need no model: recall@5 in every pool, acceptance, flags, keys, proposals.
    pub fn of(document: &Document) -> Self {
        let mut measures = BTreeMap::new();
        for regime in &document.regimes {
            let mut put = |name: String, value: f64, noise: f64| {
                let round = |x: f64| (x * 1e4).round() / 1e4;
                let measured = Measured { value: round(value), noise: round(noise) };
                measures.insert(format!("{}/{name}", regime.name), measured);
            };
            let offline = |arm: Arm| matches!(arm, Arm::Bare | Arm::Rules | Arm::Reference);
            for cell in regime.cells.iter().filter(|c| c.form == Form::Lexical && offline(c.arm) && c.group == "all") {
                let at_5 = &cell.recall.recall_at_5;
                put(format!("recall@5/{}/{}", cell.arm.as_str(), cell.pool), at_5.mean, at_5.noise);
            }
            for arm in regime.acceptance.iter().filter(|a| offline(a.arm)) {
                let (share, all) = (arm.acceptance.accepted, arm.acceptance.described);
                put(format!("acceptance/{}", arm.arm.as_str()), share, noise(share, all));
            }
            let found = &regime.findings;
            let mut scores = |name: &str, scores: &Scores| put(format!("f1/{name}"), scores.f1, scores.noise());
            scores("flagged", &found.flagged);
            scores("flagged_or_disputed", &found.flagged_or_disputed);
            scores("keys", &found.keys);
            if let Some(with_log) = &found.keys_with_log {
                scores("keys_with_log", with_log);
            }
            if let Some(composite) = &found.composite {
                scores("composite_keys", composite);
            }
            if let Some(cross) = &found.cross {
                scores("keys_between_domains", cross);
            }
            if let Some(proposals) = &found.proposals {
                put("proposal_hits".to_owned(), proposals.hit_rate, noise(proposals.hit_rate, proposals.proposed));
            }
        }
        Self { set: document.identity.clone(), measures }
    }

    /// Reads one.
    ///
    /// # Errors
    /// A file that is missing or no baseline.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|e| format!("failed to read {}: {e}; write one with --write-baseline", path.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{} is no baseline: {e}", path.display()).into())
    }

    /// Writes it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(fs::write(path, format!("{}\n", serde_json::to_string_pretty(self)?))
            .map_err(|e| format!("failed to write {}: {e}", path.display()))?)
    }
}

/// The standard error of a share of `n`, with one success and one failure added.
fn noise(share: f64, n: usize) -> f64 {
    let n = n as f64 + 2.0;
    let p = (share * (n - 2.0) + 1.0) / n;
    (p * (1.0 - p) / n).sqrt()
}

/// Compares: how many measures hold.
///
/// # Errors
/// Another set than the baseline's, or the measures that fell by more than their noise or are no longer measured.
pub fn check(baseline: &Baseline, now: &Baseline) -> Result<usize> {
    if baseline.set != now.set {
        return Err("the baseline is of another set: look at the report, then write a new one with --write-baseline"
            .to_owned()
            .into());
    }
    let mut fallen = Vec::new();
    for (name, before) in &baseline.measures {
        match now.measures.get(name) {
            None => fallen.push(format!("{name}: {:.1} before, not measured now", 100.0 * before.value)),
            Some(now) => {
                let noise = before.noise.max(now.noise);
                // A measure is kept with four digits.
                if now.value < before.value - noise - 1e-4 {
                    let (before, now, noise) = (100.0 * before.value, 100.0 * now.value, 100.0 * noise);
                    fallen.push(format!("{name}: {before:.1} before, {now:.1} now, noise {noise:.1}"));
                }
            }
        }
    }
    match fallen.is_empty() {
        true => Ok(baseline.measures.len()),
        false => Err(format!("fell below the baseline:\n  {}", fallen.join("\n  ")).into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn baseline(value: f64) -> Baseline {
        let measured = Measured { value, noise: 0.02 };
        let other = Measured { value: 0.9, noise: 0.01 };
        let measures = [("plain/recall@5/rules/large".to_owned(), measured), ("plain/f1/keys".to_owned(), other)];
        Baseline { set: Value::Null, measures: measures.into() }
    }

    #[test]
    fn a_fall_beyond_the_noise_fails_and_names_the_measure() {
        assert_eq!(check(&baseline(0.8), &baseline(0.781)).unwrap(), 2);
        assert_eq!(check(&baseline(0.8), &baseline(0.99)).unwrap(), 2);
        let told = check(&baseline(0.8), &baseline(0.77)).unwrap_err().to_string();
        assert!(told.contains("plain/recall@5/rules/large: 80.0 before, 77.0 now"), "{told}");
        assert!(!told.contains("keys"), "{told}");
    }

    #[test]
    fn a_measure_that_is_gone_fails_and_so_does_another_set() {
        let mut now = baseline(0.8);
        now.measures.remove("plain/f1/keys");
        assert!(check(&baseline(0.8), &now).unwrap_err().to_string().contains("not measured now"));
        let other = Baseline { set: serde_json::json!({"seed": 2}), ..baseline(0.8) };
        assert!(check(&baseline(0.8), &other).unwrap_err().to_string().contains("another set"));
    }
}
