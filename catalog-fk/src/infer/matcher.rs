//! The matcher behind the port.

use catalog_core::model::{ConfirmCheck, ConfirmCount, FkCandidate, ForeignKey, RelateInput};
use catalog_core::ports::{ConfirmBudget, ConfirmPlan, FkMatcher};

use super::logged_joins::LoggedJoins;
use super::options::KeyOptions;
use super::{composite, conclusion, confirmation, generation, selection};
use crate::schema::Schema;

/// Infers foreign keys from fingerprints, names, the query log and the shape of the whole schema.
///
/// Candidates come from an inverted index over hashes and from names; each is scored by independent witnesses that
/// are reported with it; then the likeliest parent of every child is chosen over the whole schema. Pure: the caller
/// runs the checks that [`FkMatcher::plan`] asks for.
#[derive(Debug, Clone, Default)]
pub struct KeyMatcher {
    options: KeyOptions,
}

impl KeyMatcher {
    /// A matcher with these options.
    pub fn new(options: KeyOptions) -> Self {
        Self { options }
    }

    /// The options in force.
    pub fn options(&self) -> &KeyOptions {
        &self.options
    }
}

impl FkMatcher for KeyMatcher {
    fn candidates(&self, input: &RelateInput) -> Vec<FkCandidate> {
        let schema = Schema::new(input, &self.options.cross_catalog);
        let joins = LoggedJoins::new(&schema, input);
        let pairs = generation::pairs(&schema, &joins, &self.options);
        let mut candidates = selection::candidates(&schema, &pairs, &joins, &self.options);
        drop(pairs);
        candidates.extend(composite::candidates(&schema, input, &self.options));
        candidates.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| (&a.child, &a.parent).cmp(&(&b.child, &b.parent)))
        });
        candidates
    }

    fn plan(&self, input: &RelateInput, candidates: &[FkCandidate], budget: ConfirmBudget) -> ConfirmPlan {
        confirmation::plan(&Schema::new(input, &self.options.cross_catalog), candidates, budget)
    }

    fn conclude(
        &self,
        input: &RelateInput,
        candidates: Vec<FkCandidate>,
        counts: &[(ConfirmCheck, Option<ConfirmCount>)],
    ) -> Vec<ForeignKey> {
        conclusion::conclude(&Schema::new(input, &self.options.cross_catalog), candidates, counts, &self.options)
    }
}
