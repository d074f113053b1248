//! What a steward decided stays, and opens again where something new touches it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use catalog_core::model::{
    CatalogTag, Column, Confidence, DataType, FieldPath, FieldValue, Operation, OperationId, PiiDecision, PiiEntity,
    PiiVerdict, PiiVote, Proposal, ProposalId, ProposalState, TagOrigin, Verdict,
};
use catalog_pii::{Reopened, StewardDecision, recall_decisions};
use support::{text_column, text_table};

fn decision(column: &str, personal: bool) -> StewardDecision {
    StewardDecision {
        column: column.into(),
        data_type: Some(DataType::Text),
        personal,
        entity: Some(PiiEntity::Phone),
        by: "ann".into(),
        at_ms: 1,
    }
}

fn machine(column: &str, decision: PiiDecision, said: Option<PiiEntity>) -> PiiVerdict {
    let verdict = if said.is_some() { Verdict::Yes } else { Verdict::No };
    let votes = vec![PiiVote { voter: "pattern".into(), verdict, score: 0.9, entity: said }];
    PiiVerdict { column: column.into(), decision, entity: said, checksum_alone: false, votes }
}

fn recall(
    columns: &[&str],
    decisions: &[StewardDecision],
    verdict: PiiVerdict,
) -> (PiiVerdict, Vec<(String, Reopened)>) {
    let columns: Vec<Column> = columns.iter().map(|c| text_column(c)).collect();
    let mut verdicts = [verdict];
    let reopened = recall_decisions(&columns, decisions, &mut verdicts);
    let [verdict] = verdicts;
    (verdict, reopened)
}

#[test]
fn a_decision_pins_its_column_whatever_the_voters_say() {
    let said = machine("tel", PiiDecision::Disputed, Some(PiiEntity::Phone));
    let (verdict, reopened) = recall(&["tel"], &[decision("tel", false)], said);
    assert_eq!((verdict.decision, verdict.entity, reopened.len()), (PiiDecision::Clear, None, 0));
    let (verdict, _) = recall(&["tel"], &[decision("tel", true)], machine("tel", PiiDecision::Clear, None));
    assert_eq!((verdict.decision, verdict.entity), (PiiDecision::Flagged, Some(PiiEntity::Phone)));
    assert_eq!(verdict.votes.last().unwrap().voter, "steward");
}

#[test]
fn a_finding_that_the_steward_never_saw_opens_the_column_again() {
    let said = machine("tel", PiiDecision::Disputed, Some(PiiEntity::Email));
    let (verdict, reopened) = recall(&["tel"], &[decision("tel", false)], said);
    assert_eq!(reopened, [("tel".to_owned(), Reopened::NewFinding(PiiEntity::Email))]);
    assert_eq!(verdict.decision, PiiDecision::Disputed);
}

#[test]
fn findings_that_were_denied_one_after_the_other_stay_denied() {
    let email = StewardDecision { entity: Some(PiiEntity::Email), at_ms: 2, ..decision("tel", false) };
    let said = machine("tel", PiiDecision::Disputed, Some(PiiEntity::Phone));
    let (verdict, reopened) = recall(&["tel"], &[decision("tel", false), email], said);
    assert_eq!((verdict.decision, reopened.len()), (PiiDecision::Clear, 0));
}

#[test]
fn a_word_that_names_no_kind_denies_all_of_them() {
    let whatever = StewardDecision { entity: None, ..decision("tel", false) };
    let said = machine("tel", PiiDecision::Disputed, Some(PiiEntity::Email));
    assert_eq!(recall(&["tel"], &[whatever], said).0.decision, PiiDecision::Clear);
}

#[test]
fn a_personal_column_stays_personal_whatever_is_found_besides() {
    let said = machine("tel", PiiDecision::Disputed, Some(PiiEntity::Email));
    let (verdict, reopened) = recall(&["tel"], &[decision("tel", true)], said);
    assert_eq!((verdict.decision, reopened.len()), (PiiDecision::Flagged, 0));
}

#[test]
fn another_type_opens_the_column_again_and_keeps_its_protection() {
    let mut retyped = decision("tel", true);
    retyped.data_type = Some(DataType::Integer);
    let (verdict, reopened) = recall(&["tel"], &[retyped], machine("tel", PiiDecision::Clear, None));
    assert_eq!(reopened, [("tel".to_owned(), Reopened::Retyped)]);
    assert_eq!(verdict.decision, PiiDecision::Flagged);
}

#[test]
fn a_renamed_column_opens_again_and_keeps_its_protection() {
    let (verdict, reopened) =
        recall(&["phone_home"], &[decision("home_tel", true)], machine("phone_home", PiiDecision::Clear, None));
    assert_eq!(reopened, [("phone_home".to_owned(), Reopened::RenamedFrom("home_tel".to_owned()))]);
    assert_eq!(verdict.decision, PiiDecision::Disputed);
}

#[test]
fn columns_without_a_decision_are_left_alone() {
    let before = machine("other", PiiDecision::Clear, None);
    let columns = [text_column("tel"), text_column("other")];
    let mut verdicts = [machine("tel", PiiDecision::Clear, None), before.clone()];
    assert!(recall_decisions(&columns, &[decision("tel", true)], &mut verdicts).is_empty());
    assert_eq!(verdicts[1], before);
}

#[test]
fn recalling_twice_from_the_same_votes_gives_the_same() {
    let said = || machine("tel", PiiDecision::Disputed, Some(PiiEntity::Phone));
    let first = recall(&["tel"], &[decision("tel", false)], said());
    assert_eq!(first, recall(&["tel"], &[decision("tel", false)], said()));
}

#[test]
fn the_later_of_two_decisions_counts() {
    let later = StewardDecision { at_ms: 2, ..decision("tel", false) };
    let (verdict, _) = recall(&["tel"], &[later, decision("tel", true)], machine("tel", PiiDecision::Flagged, None));
    assert_eq!(verdict.decision, PiiDecision::Clear);
}

fn proposal(state: ProposalState, add: bool) -> Proposal {
    let entity = PiiEntity::Email;
    let tag = Some(FieldValue::Pii { entity, sensitivity: entity.sensitivity() });
    let (before, after) = if add { (None, tag) } else { (tag, None) };
    let operation = Operation {
        id: OperationId("abc".into()),
        table: text_table("t", &["c"]).table_ref,
        field: FieldPath::ColumnPii { column: "c".into() },
        before,
        after,
        confidence: Confidence::new(0.9),
        author: "vote".into(),
        prompt_version: "2".into(),
        evidence_hash: String::new(),
    };
    Proposal {
        id: ProposalId::of(&operation.id),
        operation,
        why: String::new(),
        state,
        decided_by: Some("ann".into()),
        reason: None,
        created_at_ms: 5,
    }
}

#[test]
fn an_accepted_tag_and_a_rejected_removal_say_personal_and_the_others_not() {
    use ProposalState::{Accepted, Open, Rejected, Superseded};
    let personal = |state, add| StewardDecision::of_proposal(&proposal(state, add)).map(|d| d.personal);
    assert_eq!(personal(Accepted, true), Some(true));
    assert_eq!(personal(Rejected, true), Some(false));
    assert_eq!(personal(Accepted, false), Some(false));
    assert_eq!(personal(Rejected, false), Some(true));
    assert_eq!((personal(Open, true), personal(Superseded, true)), (None, None));
    let decision = StewardDecision::of_proposal(&proposal(Accepted, true)).unwrap();
    assert_eq!((decision.entity, decision.by.as_str()), (Some(PiiEntity::Email), "ann"));
}

#[test]
fn only_a_persons_tag_is_a_decision() {
    let tag = |fqn: &str, origin| CatalogTag { fqn: fqn.into(), origin };
    let of = |fqn, origin| StewardDecision::of_tag(&text_column("c"), &tag(fqn, origin)).map(|d| d.personal);
    assert_eq!(of("PII.Sensitive", TagOrigin::Person), Some(true));
    assert_eq!(of("PII.None", TagOrigin::Person), Some(false));
    assert_eq!(of("PII.Sensitive", TagOrigin::Catalog), None);
    assert_eq!(of("Tier.Tier1", TagOrigin::Person), None);
}
