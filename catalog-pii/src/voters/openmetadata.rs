//! The voters that know the catalog's own verdict: OpenMetadata classifies columns with Presidio, and tags them.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{CatalogTag, PiiEvidence, PiiVote, TagOrigin, Verdict};
use catalog_core::ports::PiiVoter;

use super::{PatternVoter, vote};

/// Votes by the tags that the catalog's own classification put on a column: `PII.Sensitive`, a tag of its kind
/// (`PII.Email`) or `PersonalData.*` is a yes, `PII.None` a no. `PII.NonSensitive` is none of both, since the engine
/// puts it on every date and place. Without such a tag it abstains: a column that was not classified is not known.
/// Tags of a person or of ours are no opinion of the catalog.
#[derive(Debug, Clone, Copy, Default)]
pub struct OmVoter;

const NAME: &str = "openmetadata";

#[async_trait]
impl PiiVoter for OmVoter {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        Ok(evidence.columns.iter().map(|c| vote_on(&c.catalog_tags)).collect())
    }
}

fn vote_on(tags: &[CatalogTag]) -> PiiVote {
    let said = tags.iter().filter(|t| t.origin == TagOrigin::Catalog).filter_map(|t| is_personal(&t.fqn));
    // The engine's own score is not part of the tag.
    match said.reduce(|a, b| a || b) {
        Some(true) => vote(NAME, Verdict::Yes, 0.8, None),
        Some(false) => vote(NAME, Verdict::No, 0.8, None),
        None => vote(NAME, Verdict::Abstain, 0.0, None),
    }
}

/// Does a tag say that a column is personal? `None` for tags about something else.
pub(crate) fn is_personal(fqn: &str) -> Option<bool> {
    let (classification, tag) = fqn.split_once('.')?;
    match (classification, tag) {
        ("PII", "None") => Some(false),
        ("PII", "NonSensitive") => None,
        ("PII" | "PersonalData", _) => Some(true),
        _ => None,
    }
}

/// The Presidio family as one side of the vote: the catalog's verdict where it has one, ours where it has none.
#[derive(Debug, Clone, Copy, Default)]
pub struct PresidioFamilyVoter;

#[async_trait]
impl PiiVoter for PresidioFamilyVoter {
    /// The side's name; each vote carries the name of who cast it.
    fn name(&self) -> &'static str {
        "presidio_family"
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        let (catalog, ours) = (OmVoter.vote(evidence).await?, PatternVoter.vote(evidence).await?);
        Ok(catalog.into_iter().zip(ours).map(|(catalog, ours)| family(catalog, ours)).collect())
    }
}

/// A yes of the catalog gets its entity from ours, since its tag names none. A no of the catalog falls where ours
/// says yes: a missed value is the commoner fault (French and upper-case names), and the other side still has to agree.
fn family(catalog: PiiVote, ours: PiiVote) -> PiiVote {
    match (catalog.verdict, ours.verdict) {
        (Verdict::Abstain, _) | (Verdict::No, Verdict::Yes) => ours,
        (Verdict::Yes, Verdict::Yes) => PiiVote { voter: catalog.voter, ..ours },
        (Verdict::Yes, _) => PiiVote { entity: ours.entity.or(catalog.entity), ..catalog },
        (Verdict::No, _) => catalog,
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{ColumnEvidence, DataType, PiiEntity, RawSample, SampleMethod};
    use rstest::rstest;

    use super::*;

    fn tags(fqn: &str, origin: TagOrigin) -> Vec<CatalogTag> {
        vec![CatalogTag { fqn: fqn.into(), origin }]
    }

    #[rstest]
    #[case("PII.Sensitive", TagOrigin::Catalog, Verdict::Yes)]
    #[case("PersonalData.SpecialCategory", TagOrigin::Catalog, Verdict::Yes)]
    #[case("PII.None", TagOrigin::Catalog, Verdict::No)]
    #[case("PII.NonSensitive", TagOrigin::Catalog, Verdict::Abstain)]
    #[case("Tier.Tier1", TagOrigin::Catalog, Verdict::Abstain)]
    #[case("PII.Sensitive", TagOrigin::Ours, Verdict::Abstain)]
    #[case("PII.Sensitive", TagOrigin::Person, Verdict::Abstain)]
    fn only_the_catalogs_own_verdict_is_a_vote(
        #[case] fqn: &str,
        #[case] origin: TagOrigin,
        #[case] expected: Verdict,
    ) {
        assert_eq!(vote_on(&tags(fqn, origin)).verdict, expected);
    }

    #[tokio::test]
    async fn a_tag_reaches_the_vote_through_the_evidence() {
        let masked = crate::Masker::default().mask(&RawSample::new(["a", "b"], SampleMethod::Limit));
        let column = |name: &str| ColumnEvidence {
            name: name.into(),
            data_type: DataType::Text,
            description: None,
            profile: None,
            hits: Vec::new(),
            cells_seen: 9,
            catalog_tags: Vec::new(),
        };
        let mut evidence = PiiEvidence { table_name: "t".into(), columns: vec![column("a"), column("b")], masked };
        let told = ["b", "gone"].map(|c| (c.to_owned(), tags("PII.Sensitive", TagOrigin::Catalog)));
        crate::attach_catalog_tags(&mut evidence, told.to_vec());
        let votes = PresidioFamilyVoter.vote(&evidence).await.unwrap();
        assert_eq!((votes[0].verdict, votes[1].verdict), (Verdict::No, Verdict::Yes));
        assert_eq!(votes[1].voter, NAME);
    }

    #[test]
    fn the_family_speaks_for_the_catalog_and_falls_back_on_ours() {
        let of = |voter: &str, verdict, entity| vote(voter, verdict, 0.9, entity);
        let email = Some(PiiEntity::Email);
        let yes = family(of("om", Verdict::Yes, None), of("pattern", Verdict::Yes, email));
        assert_eq!((yes.voter.as_str(), yes.verdict, yes.entity), ("om", Verdict::Yes, email));
        let ours = family(of("om", Verdict::Abstain, None), of("pattern", Verdict::No, None));
        assert_eq!((ours.voter.as_str(), ours.verdict), ("pattern", Verdict::No));
        let missed = family(of("om", Verdict::No, None), of("pattern", Verdict::Yes, email));
        assert_eq!((missed.voter.as_str(), missed.verdict), ("pattern", Verdict::Yes));
    }
}
