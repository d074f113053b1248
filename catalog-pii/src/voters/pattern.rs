//! The voter that knows values only.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{ColumnEvidence, EntityHits, PiiEntity, PiiEvidence, PiiVote, Verdict};
use catalog_core::ports::{PiiVoter, ScanHits};

use super::vote;

/// Votes by the share of cells that the recognisers matched. The share that it asks for falls with the number of
/// cells seen, `base + 0.35 / √n`, since a few cells may all match by accident. Between half of that and all of it
/// the voter abstains. It never reads a column's name.
#[derive(Debug, Clone, Copy, Default)]
pub struct PatternVoter;

/// Share of cells valid by a checksum from which the values prove themselves. A vote for an entity with a checksum
/// stays below it unless every hit was proven.
pub(crate) const CHECKSUM_ALONE_SHARE: f64 = 0.9;

/// What a small sample adds to the share asked for.
const SMALL_SAMPLE_MARGIN: f64 = 0.35;

/// Share of cells that must contain a value somewhere for free text to be personal, in a large sample.
const INSIDE_BASE: f64 = 0.1;

#[async_trait]
impl PiiVoter for PatternVoter {
    fn name(&self) -> &'static str {
        "pattern"
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        Ok(evidence.columns.iter().map(vote_on).collect())
    }
}

/// Share of whole cells that makes a large sample personal.
fn base(entity: PiiEntity) -> f64 {
    match entity {
        PiiEntity::Email | PiiEntity::Iban | PiiEntity::FrNir | PiiEntity::Credential => 0.2,
        PiiEntity::Card | PiiEntity::IpAddress | PiiEntity::MacAddress | PiiEntity::UsSsn => 0.4,
        PiiEntity::PersonName | PiiEntity::Phone | PiiEntity::PostalAddress => 0.4,
        _ => 0.6,
    }
}

fn vote_on(column: &ColumnEvidence) -> PiiVote {
    judge(&column.hits, column.cells_seen)
}

fn judge(hits: &[EntityHits], cells_seen: usize) -> PiiVote {
    if cells_seen == 0 {
        return vote("pattern", Verdict::Abstain, 0.0, None);
    }
    let margin = SMALL_SAMPLE_MARGIN / (cells_seen as f64).sqrt();
    let best = hits
        .iter()
        .map(|hit| (hit, support(hit, margin)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.whole_cell_share.total_cmp(&b.0.whole_cell_share)));
    match best {
        Some((hit, support)) if support >= 1.0 => vote("pattern", Verdict::Yes, score(hit), Some(hit.entity)),
        Some((hit, support)) if support >= 0.5 => vote("pattern", Verdict::Abstain, hit.inside_share, Some(hit.entity)),
        _ if hits.iter().any(|hit| is_hinted(hit, margin)) => vote("pattern", Verdict::Abstain, 0.0, None),
        _ => vote("pattern", Verdict::No, 1.0 - margin, None),
    }
}

/// How sure the hits make: their share.
fn score(hit: &EntityHits) -> f64 {
    let score = hit.whole_cell_share.max(hit.inside_share * 0.8);
    let unproven = has_checksum(hit.entity) && !hit.checksum;
    if unproven { score.min(CHECKSUM_ALONE_SHARE - 0.01) } else { score }
}

/// Does the entity have a check digit that may prove a column alone?
pub(crate) fn has_checksum(entity: PiiEntity) -> bool {
    matches!(entity, PiiEntity::Iban | PiiEntity::Card | PiiEntity::FrNir)
}

/// Would the voter deny a column with these hits?
pub(crate) fn says_no(hits: &ScanHits) -> bool {
    judge(&hits.hits, hits.cells_seen).verdict == Verdict::No
}

/// Would the hits be enough if the column's name counted? The name is the other side's evidence: to say no would
/// deny what the values allow, to say yes would count the name twice.
fn is_hinted(hit: &EntityHits, margin: f64) -> bool {
    hit.hinted_share >= (base(hit.entity) + margin).min(1.0)
}

/// How far the shares reach towards what is asked: 1 or more is enough.
fn support(hit: &EntityHits, margin: f64) -> f64 {
    let whole = hit.whole_cell_share / (base(hit.entity) + margin).min(1.0);
    let telling = matches!(
        hit.entity,
        PiiEntity::Email
            | PiiEntity::Iban
            | PiiEntity::FrNir
            | PiiEntity::Phone
            | PiiEntity::PersonName
            | PiiEntity::PostalAddress
            | PiiEntity::Credential
    );
    let inside = if telling { hit.inside_share / (INSIDE_BASE + margin).min(1.0) } else { 0.0 };
    whole.max(inside)
}

#[cfg(test)]
mod tests {
    use catalog_core::model::DataType;

    use super::*;

    fn verdict(entity: PiiEntity, whole: f64, inside: f64, cells_seen: usize) -> Verdict {
        let hit =
            EntityHits { entity, whole_cell_share: whole, inside_share: inside, checksum: false, hinted_share: 0.0 };
        let column = ColumnEvidence {
            name: "c".into(),
            data_type: DataType::Text,
            description: None,
            profile: None,
            hits: vec![hit],
            cells_seen,
            catalog_tags: Vec::new(),
        };
        vote_on(&column).verdict
    }

    #[test]
    fn the_share_asked_for_falls_with_the_cells_seen() {
        assert_eq!(verdict(PiiEntity::Phone, 0.5, 0.0, 4), Verdict::Abstain);
        assert_eq!(verdict(PiiEntity::Phone, 0.5, 0.0, 100), Verdict::Yes);
        assert_eq!(verdict(PiiEntity::Phone, 1.0, 1.0, 1), Verdict::Yes);
    }

    #[test]
    fn values_inside_free_text_count() {
        assert_eq!(verdict(PiiEntity::Email, 0.0, 0.2, 100), Verdict::Yes);
        assert_eq!(verdict(PiiEntity::Card, 0.0, 0.2, 100), Verdict::No);
        assert_eq!(verdict(PiiEntity::Email, 0.0, 0.01, 100), Verdict::No);
    }

    #[test]
    fn a_share_with_one_unproven_hit_is_no_proof_by_checksum() {
        let hit = |checksum| EntityHits {
            entity: PiiEntity::Card,
            whole_cell_share: 0.98,
            inside_share: 0.98,
            checksum,
            hinted_share: 0.0,
        };
        assert!(judge(&[hit(true)], 100).score >= CHECKSUM_ALONE_SHARE);
        let unproven = judge(&[hit(false)], 100);
        assert!(unproven.verdict == Verdict::Yes && unproven.score < CHECKSUM_ALONE_SHARE);
    }

    #[test]
    fn hits_that_only_the_name_makes_count_are_an_abstention() {
        let entity = PiiEntity::Username;
        let hit = EntityHits { entity, whole_cell_share: 0.0, inside_share: 0.0, checksum: false, hinted_share: 1.0 };
        assert_eq!(judge(&[hit], 100).verdict, Verdict::Abstain);
    }

    #[test]
    fn nothing_seen_is_an_abstention() {
        assert_eq!(verdict(PiiEntity::Email, 0.0, 0.0, 0), Verdict::Abstain);
    }
}
