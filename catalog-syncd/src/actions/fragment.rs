//! A verified query as the lines for a semantic model, for the steward to copy. Nothing here writes a file.

use catalog_core::model::{FieldPath, FieldValue, Language, ProposalId};
use catalog_core::{Error, ErrorKind, Result};
use catalog_querylog::proposals::{SemanticModels, VerifiedQuery, YamlProposal};

use super::Desk;

impl Desk {
    /// The YAML lines of a proposed query for a domain's semantic model, and the diff against the file as it is.
    ///
    /// # Errors
    /// `NotFound` for an unknown proposal, or when the query is no longer among those mined; `InvalidInput` when the
    /// proposal is no query or the domain names no file.
    pub async fn fragment(
        &self,
        id: &ProposalId,
        domain: &str,
        models: &SemanticModels,
        language: Language,
    ) -> Result<YamlProposal> {
        let refuse = |kind, why: &str| Error::new(kind, "write_fragment", why).with("proposal", id);
        let proposal = self.ledger.proposal(id).await?;
        let proposal = proposal.ok_or_else(|| refuse(ErrorKind::NotFound, "there is no such proposal"))?;
        let (FieldPath::VerifiedQuery { fingerprint }, Some(FieldValue::Query { question, .. })) =
            (&proposal.operation.field, &proposal.operation.after)
        else {
            return Err(refuse(ErrorKind::InvalidInput, "only a query goes into a semantic model"));
        };
        let mined = self.ledger.query_log().await?.map(|(_, log)| log).unwrap_or_default();
        let query = mined.queries.iter().find(|q| q.fingerprint == *fingerprint);
        let query = query.ok_or_else(|| {
            refuse(ErrorKind::NotFound, "the query is no longer among those mined")
                .hint("raise querylog.queries_max to keep more")
        })?;
        models.proposal(domain, &VerifiedQuery::of(query, question, language))
    }
}
