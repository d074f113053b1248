//! The steward's queue and what a decision does.

use catalog_core::ErrorKind;
use catalog_core::model::{
    ChangeKind, Confidence, FieldValue, Operation, OperationId, Proposal, ProposalId, ProposalState,
};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, Decision, ProposalFilter};

use super::{NOW, kind_of, walk};
use crate::samples::{describe, proposal, receipt, table_ref, tag, verify_query};

const ACCEPT: Decision = Decision::Accept { edited: None };

fn reject() -> Decision {
    Decision::Reject { reason: "not what it says".into() }
}

fn edit(text: &str) -> Decision {
    Decision::Accept { edited: Some(text.into()) }
}

async fn propose(ledger: &dyn Ledger, operation: Operation) -> Proposal {
    let proposal = proposal(operation);
    walk(ledger, proposal.operation.table.fqn.name(), &[], std::slice::from_ref(&proposal)).await;
    proposal
}

async fn state_of(ledger: &dyn Ledger, proposal: &Proposal) -> ProposalState {
    ledger.proposal(&proposal.id).await.unwrap().unwrap().state
}

async fn audit_actions(ledger: &dyn Ledger) -> Vec<String> {
    ledger.audit(&AuditFilter::default()).await.unwrap().into_iter().map(|row| row.action).collect()
}

pub async fn a_known_proposal_is_left_as_it_is(ledger: &dyn Ledger) {
    let first = proposal(verify_query("loan", "f1"));
    let again = Proposal { why: "another reason".into(), created_at_ms: 5, ..first.clone() };
    assert_eq!(ledger.propose(std::slice::from_ref(&first)).await.unwrap(), 1);
    assert_eq!(ledger.propose(&[again, proposal(verify_query("loan", "f2"))]).await.unwrap(), 1);
    assert_eq!(ledger.proposal(&first.id).await.unwrap(), Some(first));
}

pub async fn a_rejected_proposal_does_not_return(ledger: &dyn Ledger) {
    let proposal = propose(ledger, describe("loan", "Loans.")).await;
    ledger.decide(&proposal.id, "ana", &reject(), NOW).await.unwrap();
    propose(ledger, describe("loan", "Loans.")).await;
    assert_eq!(ledger.propose(std::slice::from_ref(&proposal)).await.unwrap(), 0);
    assert_eq!(state_of(ledger, &proposal).await, ProposalState::Rejected);
}

pub async fn an_accepted_proposal_does_not_return(ledger: &dyn Ledger) {
    let proposal = propose(ledger, describe("loan", "Loans.")).await;
    ledger.decide(&proposal.id, "ana", &edit("Bank loans."), NOW).await.unwrap();
    propose(ledger, describe("loan", "Loans.")).await;
    assert_eq!(state_of(ledger, &proposal).await, ProposalState::Accepted);
    assert_eq!(ledger.pending(10).await.unwrap().len(), 1);
}

pub async fn an_accepted_proposal_whose_change_was_withdrawn_opens_again(ledger: &dyn Ledger) {
    let proposal = propose(ledger, tag("loan", "email")).await;
    ledger.decide(&proposal.id, "ana", &ACCEPT, NOW).await.unwrap();
    ledger.withdraw(&proposal.operation.id, "the table is gone").await.unwrap();
    propose(ledger, tag("loan", "email")).await;
    assert_eq!(ledger.proposal(&proposal.id).await.unwrap(), Some(proposal));
}

pub async fn a_proposal_published_earlier_is_opened_anew_under_an_id_of_its_own(ledger: &dyn Ledger) {
    let first = propose(ledger, describe("loan", "Loans.")).await;
    let mut ids = vec![first.id.clone()];
    for decision in [edit("Bank loans."), ACCEPT, ACCEPT] {
        let id = ids.last().unwrap();
        ledger.decide(id, "ana", &decision, NOW).await.unwrap();
        let waiting = ledger.pending(10).await.unwrap().remove(0);
        ledger.record(&[receipt(&waiting, NOW)]).await.unwrap();
        assert_eq!(ledger.propose(std::slice::from_ref(&first)).await.unwrap(), 1);
        assert_eq!(ledger.propose(std::slice::from_ref(&first)).await.unwrap(), 0);
        let open = ProposalFilter { state: Some(ProposalState::Open), ..ProposalFilter::default() };
        let open = ledger.proposals(&open).await.unwrap().remove(0);
        assert_eq!(open.id, ProposalId::of(&open.operation.id));
        assert!(!ids.contains(&open.id));
        ids.push(open.id);
    }
    ledger.decide(ids.last().unwrap(), "ana", &reject(), NOW).await.unwrap();
    assert_eq!(ledger.propose(&[first]).await.unwrap(), 0, "a rejection ends it");
}

pub async fn a_rejected_change_is_never_published_unseen(ledger: &dyn Ledger) {
    let disputed = propose(ledger, tag("loan", "email")).await;
    ledger.decide(&disputed.id, "ana", &reject(), NOW).await.unwrap();
    let other = describe("loan", "Loans.");
    walk(ledger, "loan", &[tag("loan", "email"), other.clone()], &[]).await;
    assert_eq!(ledger.pending(10).await.unwrap(), [other]);
    assert_eq!(state_of(ledger, &disputed).await, ProposalState::Rejected);
}

pub async fn a_rejection_takes_the_same_change_out_of_the_outbox(ledger: &dyn Ledger) {
    walk(ledger, "loan", &[tag("loan", "email"), tag("loan", "id")], &[]).await;
    // The catalog was out of reach, and meanwhile a voter changed its mind.
    let disputed = propose(ledger, tag("loan", "email")).await;
    ledger.decide(&disputed.id, "ana", &reject(), NOW).await.unwrap();
    assert_eq!(ledger.pending(10).await.unwrap(), [tag("loan", "id")]);
}

pub async fn a_newer_proposal_supersedes_the_open_one_on_its_field(ledger: &dyn Ledger) {
    let old = propose(ledger, describe("loan", "Loans.")).await;
    let new = propose(ledger, describe("loan", "Bank loans.")).await;
    assert_eq!(state_of(ledger, &old).await, ProposalState::Superseded);
    assert_eq!(state_of(ledger, &new).await, ProposalState::Open);
    assert_eq!(kind_of(ledger.decide(&old.id, "ana", &ACCEPT, NOW).await), Some(ErrorKind::Conflict));
}

pub async fn a_superseded_proposal_opens_again(ledger: &dyn Ledger) {
    let first = propose(ledger, describe("loan", "Loans.")).await;
    let second = propose(ledger, describe("loan", "Bank loans.")).await;
    propose(ledger, describe("loan", "Loans.")).await;
    assert_eq!(ledger.proposal(&first.id).await.unwrap(), Some(first));
    assert_eq!(state_of(ledger, &second).await, ProposalState::Superseded);
}

pub async fn proposals_on_other_fields_and_tables_stay_open(ledger: &dyn Ledger) {
    let others = [describe("card", "Cards."), tag("loan", "email"), tag("loan", "id")].map(proposal);
    ledger.propose(&others).await.unwrap();
    assert_eq!(ledger.propose(&[proposal(describe("loan", "Loans."))]).await.unwrap(), 1);
    for other in &others {
        assert_eq!(state_of(ledger, other).await, ProposalState::Open);
    }
}

pub async fn publishing_a_field_supersedes_its_open_proposal(ledger: &dyn Ledger) {
    let waiting = propose(ledger, describe("loan", "Loans.")).await;
    let elsewhere = proposal(tag("loan", "email"));
    walk(ledger, "loan", &[describe("loan", "Bank loans.")], std::slice::from_ref(&elsewhere)).await;
    assert_eq!(state_of(ledger, &waiting).await, ProposalState::Superseded);
    assert_eq!(state_of(ledger, &elsewhere).await, ProposalState::Open);
}

pub async fn what_a_later_walk_no_longer_wants_is_superseded(ledger: &dyn Ledger) {
    let wanted = [tag("loan", "id"), verify_query("loan", "f1"), tag("card", "email")].map(proposal);
    let unwanted = [tag("loan", "email"), describe("loan", "Loans.")].map(proposal);
    ledger.propose(&[&wanted[..], &unwanted[..]].concat()).await.unwrap();
    walk(ledger, "loan", &[], &wanted[..1]).await;
    for proposal in &wanted {
        assert_eq!(state_of(ledger, proposal).await, ProposalState::Open, "{}", proposal.operation.field);
    }
    for proposal in &unwanted {
        assert_eq!(state_of(ledger, proposal).await, ProposalState::Superseded);
    }
}

pub async fn proposals_are_filtered(ledger: &dyn Ledger) {
    let mut sure = describe("loan", "Loans.");
    sure.confidence = Confidence::new(0.95);
    let sure = proposal(sure);
    let (tagged, mut card) = (proposal(tag("loan", "email")), proposal(describe("card", "Cards.")));
    card.created_at_ms = sure.created_at_ms + 1;
    ledger.propose(&[sure.clone(), tagged.clone(), card.clone()]).await.unwrap();
    ledger.decide(&tagged.id, "ana", &ACCEPT, NOW).await.unwrap();
    let found = async |filter: ProposalFilter| {
        let mut found: Vec<_> = ledger.proposals(&filter).await.unwrap().into_iter().map(|p| p.id).collect();
        found.sort();
        found
    };
    let ids = |proposals: &[&Proposal]| {
        let mut ids: Vec<_> = proposals.iter().map(|p| p.id.clone()).collect();
        ids.sort();
        ids
    };
    let any = ProposalFilter::default;
    assert_eq!(found(any()).await, ids(&[&sure, &tagged, &card]));
    assert_eq!(found(ProposalFilter { state: Some(ProposalState::Open), ..any() }).await, ids(&[&sure, &card]));
    assert_eq!(found(ProposalFilter { kind: Some(ChangeKind::Pii), ..any() }).await, ids(&[&tagged]));
    assert_eq!(found(ProposalFilter { table: Some(table_ref("card").fqn), ..any() }).await, ids(&[&card]));
    assert_eq!(found(ProposalFilter { confidence_min: Some(0.95), ..any() }).await, ids(&[&sure]));
    let later = Some(card.created_at_ms);
    assert_eq!(found(ProposalFilter { created_from_ms: later, ..any() }).await, ids(&[&card]));
    let none = ProposalFilter { kind: Some(ChangeKind::Pii), state: Some(ProposalState::Open), ..any() };
    assert_eq!(found(none).await, ids(&[]));
}

pub async fn proposals_are_paged_by_id(ledger: &dyn Ledger) {
    let all: Vec<Proposal> = (0..5).map(|i| proposal(verify_query("loan", &format!("f{i}")))).collect();
    ledger.propose(&all).await.unwrap();
    let mut ids: Vec<ProposalId> = all.into_iter().map(|p| p.id).collect();
    ids.sort();
    let (mut seen, mut after): (Vec<ProposalId>, _) = (Vec::new(), None);
    loop {
        let filter = ProposalFilter { after: after.clone(), limit: 2, ..ProposalFilter::default() };
        let page = ledger.proposals(&filter).await.unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|p| p.id.clone()));
        after = seen.last().cloned();
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
}

pub async fn proposals_are_counted_whatever_the_page(ledger: &dyn Ledger) {
    let all: Vec<Proposal> = (0..5).map(|i| proposal(verify_query("loan", &format!("f{i}")))).collect();
    ledger.propose(&all).await.unwrap();
    ledger.decide(&all[0].id, "ana", &reject(), NOW).await.unwrap();
    let page = ProposalFilter { after: Some(ProposalId("zz".into())), limit: 1, ..ProposalFilter::default() };
    assert_eq!(ledger.count_proposals(&page).await.unwrap(), 5);
    let open = ProposalFilter { state: Some(ProposalState::Open), ..page };
    assert_eq!(ledger.count_proposals(&open).await.unwrap(), 4);
    assert_eq!(ledger.count_proposals(&ProposalFilter { kind: Some(ChangeKind::Pii), ..open }).await.unwrap(), 0);
}

pub async fn an_accepted_proposal_goes_to_the_outbox_with_its_audit_row(ledger: &dyn Ledger) {
    let proposal = propose(ledger, tag("loan", "email")).await;
    let accepted = ledger.decide(&proposal.id, "ana", &ACCEPT, NOW).await.unwrap();
    assert_eq!((accepted.state, accepted.decided_by.as_deref()), (ProposalState::Accepted, Some("ana")));
    assert_eq!(ledger.proposal(&proposal.id).await.unwrap(), Some(accepted));
    assert_eq!(ledger.pending(10).await.unwrap(), std::slice::from_ref(&proposal.operation));
    let audit = ledger.audit(&AuditFilter::default()).await.unwrap();
    assert_eq!(audit.len(), 1);
    assert_eq!((audit[0].actor.as_str(), audit[0].action.as_str(), audit[0].at_ms), ("ana", "accepted", NOW));
    assert_eq!(audit[0].operation, proposal.operation);
}

pub async fn accepting_twice_is_a_conflict(ledger: &dyn Ledger) {
    let proposal = propose(ledger, describe("loan", "Loans.")).await;
    let accept = |by| ledger.decide(&proposal.id, by, &ACCEPT, NOW);
    let (first, second) = tokio::join!(accept("ana"), accept("ben"));
    let mut kinds = [kind_of(first), kind_of(second)];
    kinds.sort_by_key(Option::is_some);
    assert_eq!(kinds, [None, Some(ErrorKind::Conflict)]);
    assert_eq!(kind_of(ledger.decide(&proposal.id, "eve", &reject(), NOW).await), Some(ErrorKind::Conflict));
    assert_eq!(audit_actions(ledger).await, ["accepted"]);
    assert_eq!(ledger.pending(10).await.unwrap().len(), 1);
}

pub async fn an_accepted_query_goes_to_the_outbox(ledger: &dyn Ledger) {
    let query = propose(ledger, verify_query("loan", "f1")).await;
    assert!(ledger.pending(10).await.unwrap().is_empty(), "nothing goes out before a steward said so");
    ledger.decide(&query.id, "ana", &ACCEPT, NOW).await.unwrap();
    assert_eq!(ledger.pending(10).await.unwrap(), [query.operation]);
    assert_eq!(audit_actions(ledger).await, ["accepted"]);
}

pub async fn an_edited_text_is_another_operation_by_the_steward(ledger: &dyn Ledger) {
    let edited = async |proposed: &str, by: &str, text: &str| -> (OperationId, Operation) {
        let proposal = propose(ledger, describe("loan", proposed)).await;
        let accepted = ledger.decide(&proposal.id, by, &edit(text), NOW).await.unwrap();
        (proposal.operation.id, accepted.operation)
    };
    let (proposed, first) = edited("Loans.", "ana", "Bank loans.").await;
    assert_ne!(first.id, proposed);
    assert_eq!(first.author, "ana");
    assert_eq!(first.after, Some(FieldValue::Text("Bank loans.".into())));
    let (_, second) = edited("The loans.", "ben", "Bank loans.").await;
    assert_ne!(second.id, first.id);
    let (unchanged_id, unchanged) = edited("All loans.", "ana", "All loans.").await;
    assert_eq!((unchanged.id.clone(), unchanged.author.as_str()), (unchanged_id, "rules"));
    assert_eq!(ledger.pending(10).await.unwrap(), [first.clone(), second, unchanged]);
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap()[0].operation, first);
}

pub async fn only_a_text_can_be_edited_and_not_to_nothing(ledger: &dyn Ledger) {
    let (tagged, described) = (proposal(tag("loan", "email")), proposal(describe("loan", "Loans.")));
    ledger.propose(&[tagged.clone(), described.clone()]).await.unwrap();
    let refused = ledger.decide(&tagged.id, "ana", &edit("a text"), NOW).await;
    assert_eq!(kind_of(refused), Some(ErrorKind::InvalidInput));
    let refused = ledger.decide(&described.id, "ana", &edit(" \n"), NOW).await;
    assert_eq!(kind_of(refused), Some(ErrorKind::InvalidInput));
    assert_eq!(state_of(ledger, &tagged).await, ProposalState::Open);
    assert_eq!(state_of(ledger, &described).await, ProposalState::Open);
    assert!(audit_actions(ledger).await.is_empty());
    assert!(ledger.pending(10).await.unwrap().is_empty());
}

pub async fn a_rejection_keeps_its_reason(ledger: &dyn Ledger) {
    let proposal = propose(ledger, describe("loan", "Loans.")).await;
    ledger.decide(&proposal.id, "ana", &reject(), NOW).await.unwrap();
    let rejected = ledger.proposal(&proposal.id).await.unwrap().unwrap();
    assert_eq!(rejected.reason.as_deref(), Some("not what it says"));
    assert_eq!((rejected.state, rejected.decided_by.as_deref()), (ProposalState::Rejected, Some("ana")));
    assert_eq!(audit_actions(ledger).await, ["rejected"]);
    assert!(ledger.pending(10).await.unwrap().is_empty());
}

pub async fn a_superseded_decision_publishes_nothing(ledger: &dyn Ledger) {
    let proposal = propose(ledger, describe("loan", "Loans.")).await;
    ledger.decide(&proposal.id, "catalog-syncd", &Decision::Supersede, NOW).await.unwrap();
    assert_eq!(state_of(ledger, &proposal).await, ProposalState::Superseded);
    assert_eq!(audit_actions(ledger).await, ["superseded"]);
    assert!(ledger.pending(10).await.unwrap().is_empty());
}

pub async fn an_unknown_proposal_cannot_be_decided(ledger: &dyn Ledger) {
    let unknown = ProposalId("unknown".into());
    assert_eq!(kind_of(ledger.decide(&unknown, "ana", &ACCEPT, NOW).await), Some(ErrorKind::NotFound));
    assert_eq!(ledger.proposal(&unknown).await.unwrap(), None);
}
