//! Keys as the schema declares them, without inference.

use crate::model::{
    ColumnSet, ConfirmCheck, ConfirmCount, FkCandidate, ForeignKey, KeyEvidence, KeyStatus, RelateInput,
};
use crate::ports::{ConfirmBudget, ConfirmPlan, FkMatcher};

/// Concludes the declared keys alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeclaredKeysOnly;

impl FkMatcher for DeclaredKeysOnly {
    fn candidates(&self, _: &RelateInput) -> Vec<FkCandidate> {
        Vec::new()
    }

    fn plan(&self, _: &RelateInput, _: &[FkCandidate], _: ConfirmBudget) -> ConfirmPlan {
        ConfirmPlan::default()
    }

    fn conclude(
        &self,
        input: &RelateInput,
        _: Vec<FkCandidate>,
        _: &[(ConfirmCheck, Option<ConfirmCount>)],
    ) -> Vec<ForeignKey> {
        let keys = input.tables.iter().flat_map(|t| t.declared.iter().map(move |d| (t, d)));
        keys.map(|(table, declared)| ForeignKey {
            child: ColumnSet { table: table.fqn.clone(), columns: declared.columns.clone() },
            parent: ColumnSet { table: declared.parent.clone(), columns: declared.parent_columns.clone() },
            score: 1.0,
            status: KeyStatus::Declared,
            orphans: None,
            vacuous: false,
            sampled: false,
            evidence: KeyEvidence::from([("declared", 1.0)]),
        })
        .collect()
    }
}
