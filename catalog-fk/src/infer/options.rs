//! What an operator can set.

use crate::score::Calibration;
use crate::search::InclusionLimits;

/// Between which catalogs keys are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CrossCatalog {
    /// Within one catalog only.
    #[default]
    Off,
    /// Also between these pairs of catalogs, in either direction.
    Pairs(Vec<(String, String)>),
    /// Between all.
    All,
}

impl CrossCatalog {
    /// May a key go from one catalog to the other?
    pub fn allows(&self, child: &str, parent: &str) -> bool {
        child == parent
            || match self {
                Self::Off => false,
                Self::All => true,
                Self::Pairs(pairs) => {
                    pairs.iter().any(|(a, b)| (a == child && b == parent) || (a == parent && b == child))
                }
            }
    }
}

/// Thresholds and limits of key inference. The defaults are those of `fk.*` in the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyOptions {
    /// A checked key is confirmed from this score on, 0 to 1.
    pub confirm_score: f64,
    /// The same where a side is empty, so that nothing could be checked.
    pub vacuous_score: f64,
    /// Keys below this score are not shown at all.
    pub propose_score: f64,
    /// A confirmed key may have orphans up to this share of the child's distinct non-NULL values.
    pub max_orphan_ratio: f64,
    /// Between which catalogs to look.
    pub cross_catalog: CrossCatalog,
    /// Most parents kept a child column, likeliest first; those after the first step in when its check fails.
    pub alternatives_max: usize,
    /// How scores become probabilities.
    pub calibration: Calibration,
    /// Limits of the search by values; `inclusion.memory_mb` is `fk.memory_mb`.
    pub inclusion: InclusionLimits,
    /// Most parents a child column found by its name.
    pub named_parents_max: usize,
}

impl Default for KeyOptions {
    fn default() -> Self {
        Self {
            confirm_score: 0.5,
            vacuous_score: 0.8,
            propose_score: 0.2,
            max_orphan_ratio: 0.05,
            cross_catalog: CrossCatalog::Off,
            alternatives_max: 3,
            calibration: Calibration::default(),
            inclusion: InclusionLimits::default(),
            named_parents_max: 64,
        }
    }
}
