//! Two sides' votes to one verdict a column.

use catalog_core::model::{PiiDecision, PiiVerdict, PiiVote, Verdict};

use crate::voters::{CHECKSUM_ALONE_SHARE, has_checksum};

/// How votes are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TallyOptions {
    /// May the pattern side flag a column alone when at least 90 % of its cells are valid by a checksum (IBAN, card,
    /// French social security number)?
    pub checksum_alone: bool,
}

/// One verdict a name: yes and yes is flagged; yes with no or an abstention is disputed; no and no is clear; what is
/// left is unknown. A side that is missing (`None`, or fewer votes than names) abstains.
pub fn tally(
    names: &[String],
    pattern_side: Option<&[PiiVote]>,
    second_side: Option<&[PiiVote]>,
    options: TallyOptions,
) -> Vec<PiiVerdict> {
    names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let pattern = pattern_side.and_then(|votes| votes.get(i));
            let second = second_side.and_then(|votes| votes.get(i));
            decide(name, pattern, second, options)
        })
        .collect()
}

fn decide(name: &str, pattern: Option<&PiiVote>, second: Option<&PiiVote>, options: TallyOptions) -> PiiVerdict {
    use Verdict::{Abstain, No, Yes};
    let verdict = |vote: Option<&PiiVote>| vote.map_or(Abstain, |v| v.verdict);
    let checksum_alone = options.checksum_alone && verdict(second) != Yes && pattern.is_some_and(is_proven);
    let decision = match (verdict(pattern), verdict(second)) {
        (Yes, Yes) => PiiDecision::Flagged,
        _ if checksum_alone => PiiDecision::Flagged,
        (Yes, _) | (_, Yes) => PiiDecision::Disputed,
        (No, No) => PiiDecision::Clear,
        _ => PiiDecision::Unknown,
    };
    let votes: Vec<PiiVote> = [pattern, second].into_iter().flatten().cloned().collect();
    let entity = votes.iter().find(|v| v.verdict == Yes).and_then(|v| v.entity);
    PiiVerdict { column: name.to_owned(), decision, entity, checksum_alone, votes }
}

/// Only the values' own voter keeps its score below that share where a hit was not proven.
fn is_proven(vote: &PiiVote) -> bool {
    vote.verdict == Verdict::Yes
        && vote.score >= CHECKSUM_ALONE_SHARE
        && vote.voter == "pattern"
        && vote.entity.is_some_and(has_checksum)
}

#[cfg(test)]
mod tests {
    use catalog_core::model::PiiEntity;
    use rstest::rstest;

    use super::*;
    use PiiDecision::{Clear, Disputed, Flagged, Unknown};
    use Verdict::{Abstain, No, Yes};

    fn votes(verdict: Verdict, entity: PiiEntity) -> Vec<PiiVote> {
        let entity = (verdict == Yes).then_some(entity);
        vec![PiiVote { voter: "pattern".into(), verdict, score: 0.95, entity }]
    }

    #[rstest]
    #[case(Yes, Yes, Flagged)]
    #[case(Yes, No, Disputed)]
    #[case(No, Yes, Disputed)]
    #[case(Yes, Abstain, Disputed)]
    #[case(Abstain, Yes, Disputed)]
    #[case(No, No, Clear)]
    #[case(No, Abstain, Unknown)]
    #[case(Abstain, No, Unknown)]
    #[case(Abstain, Abstain, Unknown)]
    fn the_table_of_outcomes(#[case] pattern: Verdict, #[case] second: Verdict, #[case] expected: PiiDecision) {
        let (a, b) = (votes(pattern, PiiEntity::Email), votes(second, PiiEntity::Email));
        let verdicts = tally(&["c".into()], Some(&a), Some(&b), TallyOptions::default());
        assert_eq!(verdicts[0].decision, expected);
    }

    #[test]
    fn a_missing_side_abstains_and_never_clears() {
        let no = votes(No, PiiEntity::Email);
        for (pattern, second) in
            [(Some(&no[..]), None), (None, Some(&no[..])), (None, None), (Some(&no[..]), Some(&[][..]))]
        {
            assert_eq!(tally(&["c".into()], pattern, second, TallyOptions::default())[0].decision, Unknown);
        }
    }

    #[test]
    fn a_checksum_flags_alone_only_where_that_is_switched_on() {
        let (iban, no) = (votes(Yes, PiiEntity::Iban), votes(No, PiiEntity::Iban));
        let alone = TallyOptions { checksum_alone: true };
        let verdict = &tally(&["c".into()], Some(&iban), Some(&no), alone)[0];
        assert!(verdict.decision == Flagged && verdict.checksum_alone);
        assert_eq!(tally(&["c".into()], Some(&iban), Some(&no), TallyOptions::default())[0].decision, Disputed);
        let email = votes(Yes, PiiEntity::Email);
        assert_eq!(tally(&["c".into()], Some(&email), Some(&no), alone)[0].decision, Disputed);
    }
}
