//! The voter on names, with the words of the operator's own recognisers.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{PiiEvidence, PiiVote, Verdict};
use catalog_core::ports::PiiVoter;

use super::{NameVoter, vote};
use crate::house_rules::HouseRules;
use crate::naming::column_words;

/// [`NameVoter`], which also knows the words of the operator's recognisers: a column that has one is what the
/// recogniser finds.
#[derive(Debug, Clone, Default)]
pub struct HouseNameVoter {
    rules: HouseRules,
}

impl HouseNameVoter {
    /// A voter under these rules.
    pub fn new(rules: HouseRules) -> Self {
        Self { rules }
    }
}

#[async_trait]
impl PiiVoter for HouseNameVoter {
    fn name(&self) -> &'static str {
        NameVoter.name()
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        let mut votes = NameVoter.vote(evidence).await?;
        let names = column_words(evidence.columns.iter().map(|c| c.name.as_str()));
        for (said, name) in votes.iter_mut().zip(&names) {
            if said.verdict != Verdict::Yes
                && let Some(entity) = self.rules.entity_of_name(name)
            {
                *said = vote(NameVoter.name(), Verdict::Yes, 0.9, Some(entity));
            }
        }
        Ok(votes)
    }
}
