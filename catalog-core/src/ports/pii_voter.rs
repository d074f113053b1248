//! An independent opinion on which columns are personal.

use async_trait::async_trait;

use crate::Result;
use crate::model::{PiiEvidence, PiiVote};

/// Votes on every column of a table from evidence without raw values.
#[async_trait]
pub trait PiiVoter: Send + Sync {
    /// The voter's name as reported: `pattern`, `name`, `llm`.
    fn name(&self) -> &'static str;

    /// One vote a column, in the evidence's order. Deterministic for the same evidence where the voter is.
    ///
    /// # Errors
    /// Any error counts as abstention on every column; it never lowers protection.
    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>>;
}
