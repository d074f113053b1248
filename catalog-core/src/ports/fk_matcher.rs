//! Inference of foreign keys. Synchronous and pure: the caller runs the plan.

use crate::model::{ConfirmCheck, ConfirmCount, FkCandidate, ForeignKey, RelateInput};

/// How much confirming may cost in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmBudget {
    /// Most checks to run.
    pub checks_max: usize,
    /// Most rows that all checks together may read, child and parent sides added up.
    pub rows_max: u64,
}

/// Checks to run, most valuable first; each belongs to a candidate by its child and parent. Candidates that the
/// fingerprints settle, and those beyond the budget, have none.
#[derive(Debug, Clone, Default)]
pub struct ConfirmPlan {
    /// The checks, within the budget.
    pub checks: Vec<ConfirmCheck>,
    /// Candidates left unchecked because the budget ended.
    pub beyond_budget: usize,
}

/// Finds keys in three steps: candidates from fingerprints, a plan of checks, conclusions from their counts.
pub trait FkMatcher: Send + Sync {
    /// Candidates with scores, best first. Declared keys are not candidates.
    fn candidates(&self, input: &RelateInput) -> Vec<FkCandidate>;

    /// Which checks to run for them, inside the budget.
    fn plan(&self, input: &RelateInput, candidates: &[FkCandidate], budget: ConfirmBudget) -> ConfirmPlan;

    /// Declared keys as they are, and every inferred key worth showing. `counts` holds the checks that were run,
    /// successful or not (`None`: the check failed and proves nothing).
    fn conclude(
        &self,
        input: &RelateInput,
        candidates: Vec<FkCandidate>,
        counts: &[(ConfirmCheck, Option<ConfirmCount>)],
    ) -> Vec<ForeignKey>;
}
