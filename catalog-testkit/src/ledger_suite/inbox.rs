//! What the steward's page asks of the queue.

use std::collections::BTreeMap;

use catalog_core::ErrorKind;
use catalog_core::model::{
    ChangeKind, Confidence, FieldPath, FieldValue, MinedQueryLog, Operation, PiiEntity, Proposal, ProposalState,
    TableTotal, UsageFacts,
};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{
    CoverageRow, Decision, InboxFilter, ProposalFilter, ProposalOrder, TallyRow, group_of,
};

use super::{MINUTE, NOW, kind_of, walk};
use crate::samples::{describe, operation, proposal, receipt, state as samples_state, table_ref, tag, verify_query};

fn sure(confidence: f64, mut operation: Operation) -> Proposal {
    operation.confidence = Confidence::new(confidence);
    proposal(operation)
}

async fn mine_queries(ledger: &dyn Ledger, table: &str, queries: u64) {
    let totals = vec![TableTotal { table: table_ref(table).fqn, queries, users: 1 }];
    let usage = UsageFacts { totals, ..UsageFacts::default() };
    ledger.set_query_log("hash", &MinedQueryLog { usage, ..MinedQueryLog::default() }).await.unwrap();
}

async fn inbox(ledger: &dyn Ledger, filter: InboxFilter) -> Vec<String> {
    ledger.inbox(&filter).await.unwrap().into_iter().map(|row| row.fqn.name().to_owned()).collect()
}

pub async fn tables_come_by_usage_and_doubt_and_in_pages(ledger: &dyn Ledger) {
    let (loan, card) = (sure(0.5, describe("loan", "Loans.")), sure(0.25, describe("card", "Cards.")));
    let more =
        [sure(0.875, tag("loan", "email")), sure(0.25, describe("asset", "Assets.")), sure(0.75, tag("loan", "id"))];
    ledger.propose(&[&[loan, card], &more[..]].concat()).await.unwrap();
    ledger.decide(&more[2].id, "ana", &Decision::Supersede, NOW).await.unwrap();
    mine_queries(ledger, "loan", 9).await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = ledger.inbox(&InboxFilter { after, limit: 1, ..InboxFilter::default() }).await.unwrap();
        let Some(row) = page.into_iter().next() else { break };
        after = Some(row.place());
        seen.push(row);
    }
    let names: Vec<&str> = seen.iter().map(|row| row.fqn.name()).collect();
    let mut equal = ["card", "asset"];
    equal.sort_by_key(|name| table_ref(name).id);
    assert_eq!(names, ["loan", equal[0], equal[1]]);
    assert_eq!(seen[0].kinds, BTreeMap::from([(ChangeKind::Description, 1), (ChangeKind::Pii, 1)]));
    assert_eq!((seen[0].queries, seen[0].confidence_min, seen[0].priority()), (9, 0.5, 5.0));
    mine_queries(ledger, "asset", 100).await;
    assert_eq!(inbox(ledger, InboxFilter::default()).await, ["asset", "card", "loan"]);
}

pub async fn the_inbox_is_filtered_by_kind_name_and_confidence(ledger: &dyn Ledger) {
    let all = [sure(0.5, describe("loan", "Loans.")), sure(0.9, tag("loan", "email")), sure(0.7, tag("card", "email"))];
    ledger.propose(&all).await.unwrap();
    let any = InboxFilter::default;
    assert_eq!(inbox(ledger, InboxFilter { kind: Some(ChangeKind::Description), ..any() }).await, ["loan"]);
    assert_eq!(inbox(ledger, InboxFilter { name_holds: Some("MAIN.car".into()), ..any() }).await, ["card"]);
    assert_eq!(inbox(ledger, InboxFilter { confidence_min: Some(0.8), ..any() }).await, ["loan"]);
    assert!(inbox(ledger, InboxFilter { name_holds: Some("%".into()), ..any() }).await.is_empty());
    let named = ProposalFilter { name_holds: Some("CARD".into()), ..ProposalFilter::default() };
    assert_eq!(ledger.proposals(&named).await.unwrap(), all[2..]);
    assert_eq!(ledger.count_proposals(&named).await.unwrap(), 1);
}

pub async fn the_same_change_of_many_columns_is_one_group(ledger: &dyn Ledger) {
    let tags = ["loan", "card", "asset"].map(|table| proposal(tag(table, "email")));
    let others =
        [proposal(tag("loan", "id")), proposal(describe("loan", "Same.")), proposal(describe("card", "Same."))];
    ledger.propose(&[&tags[..], &others[..]].concat()).await.unwrap();
    let groups = ledger.groups(10).await.unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].tables, groups[0].confidence_min), (3, 0.7));
    assert_eq!(groups[0].first, *tags.iter().min_by_key(|p| &p.id).unwrap());
    assert_eq!(Some(&groups[0].key), group_of(&tags[0].operation).as_ref());
    let members = ProposalFilter { group: Some(groups[0].key.clone()), ..ProposalFilter::default() };
    assert_eq!(ledger.count_proposals(&members).await.unwrap(), 3);
    for tag in &tags[1..] {
        ledger.decide(&tag.id, "ana", &Decision::Accept { edited: None }, NOW).await.unwrap();
    }
    assert!(ledger.groups(10).await.unwrap().is_empty());
    assert!(ledger.groups(0).await.unwrap().is_empty());
}

pub async fn the_least_sure_proposals_come_first_and_in_pages(ledger: &dyn Ledger) {
    let all = [(0.9, "f1"), (0.1, "f2"), (0.5, "f3"), (0.5, "f4")].map(|(c, f)| sure(c, verify_query("loan", f)));
    ledger.propose(&all).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let order = ProposalOrder::LeastSure;
        let filter =
            ProposalFilter { state: Some(ProposalState::Open), order, after, limit: 1, ..ProposalFilter::default() };
        let Some(next) = ledger.proposals(&filter).await.unwrap().pop() else { break };
        // The page goes on behind a proposal that was decided meanwhile.
        ledger.decide(&next.id, "ana", &Decision::Supersede, NOW).await.unwrap();
        after = Some(next.id.clone());
        seen.push(next);
    }
    let mut expected = all.to_vec();
    expected.sort_by(|a, b| {
        a.operation.confidence.value().total_cmp(&b.operation.confidence.value()).then(a.id.cmp(&b.id))
    });
    assert_eq!(seen, expected);
}

pub async fn the_newest_proposals_come_first_and_in_pages(ledger: &dyn Ledger) {
    let mut all = [(1, "f1"), (3, "f2"), (2, "f3"), (2, "f4")].map(|(minute, f)| {
        let at = NOW + minute * MINUTE;
        Proposal { created_at_ms: at, ..proposal(verify_query("loan", f)) }
    });
    ledger.propose(&all).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = ProposalFilter { order: ProposalOrder::Newest, after, limit: 1, ..ProposalFilter::default() };
        let Some(next) = ledger.proposals(&filter).await.unwrap().pop() else { break };
        after = Some(next.id.clone());
        seen.push(next);
    }
    all.sort_by(|a, b| (b.created_at_ms, &b.id).cmp(&(a.created_at_ms, &a.id)));
    assert_eq!(seen, all);
}

pub async fn proposals_are_tallied_by_kind_state_and_confidence(ledger: &dyn Ledger) {
    let tags = [(0.71, "a"), (0.79, "b"), (1.0, "c")].map(|(c, column)| sure(c, tag("loan", column)));
    let mut text = sure(0.25, describe("loan", "Loans."));
    text.created_at_ms = NOW + 5;
    ledger.propose(&[&tags[..], &[text.clone()]].concat()).await.unwrap();
    ledger.decide(&tags[1].id, "ana", &Decision::Accept { edited: None }, NOW).await.unwrap();
    ledger.decide(&text.id, "ana", &Decision::Accept { edited: Some("Bank loans.".into()) }, NOW).await.unwrap();
    let row = |kind, state, tenths, oldest_ms| TallyRow { kind, state, tenths, proposals: 1, oldest_ms };
    let expected = [
        row(ChangeKind::Description, ProposalState::Accepted, 10, NOW + 5),
        row(ChangeKind::Pii, ProposalState::Accepted, 7, NOW),
        row(ChangeKind::Pii, ProposalState::Open, 7, NOW),
        row(ChangeKind::Pii, ProposalState::Open, 10, NOW),
    ];
    assert_eq!(ledger.tally().await.unwrap(), expected);
}

pub async fn coverage_counts_each_walked_table_once_under_its_domain_or_schema(ledger: &dyn Ledger) {
    let draft = |table: &str| samples_state(table).draft.unwrap().text;
    let placed = |table: &str, domain: &str, minute| {
        let tag = operation(&table_ref(table), FieldPath::Domain, FieldValue::Tag(domain.into()));
        Proposal { created_at_ms: NOW + minute * MINUTE, ..proposal(tag) }
    };
    let waits = proposal(describe("loan", "Loans."));
    let refused = proposal(describe("card", &draft("card")));
    let refused_before = proposal(describe("asset", "Something else."));
    for (table, proposals) in [
        ("loan", vec![waits]),
        ("card", vec![refused.clone()]),
        ("asset", vec![refused_before.clone()]),
        ("bond", vec![]),
        ("odd \"name.x", vec![]),
    ] {
        walk(ledger, table, &[], &proposals).await;
    }
    for one in [&refused, &refused_before] {
        ledger.decide(&one.id, "ana", &Decision::Reject { reason: "no".into() }, NOW).await.unwrap();
    }
    let row = |name: &str, described, proposed, cold| CoverageRow { name: name.into(), described, proposed, cold };
    assert_eq!(ledger.coverage(9).await.unwrap(), [row("bank.main", 3, 1, 1)]);
    // The later of two placements counts; one that was not accepted does not.
    for domain in [placed("bond", "Trading", 2), placed("bond", "Lending", 1), placed("loan", "Lending", 0)] {
        ledger.propose(std::slice::from_ref(&domain)).await.unwrap();
        ledger.decide(&domain.id, "ana", &Decision::Accept { edited: None }, NOW).await.unwrap();
    }
    ledger.propose(&[placed("card", "Lending", 0)]).await.unwrap();
    let all = [row("bank.main", 2, 0, 1), row("Lending", 0, 1, 0), row("Trading", 1, 0, 0)];
    assert_eq!(ledger.coverage(9).await.unwrap(), all);
    assert_eq!(ledger.coverage(1).await.unwrap(), all[..1]);
    ledger.forget(&["bond", "loan"].map(|table| table_ref(table).id)).await.unwrap();
    assert_eq!(ledger.coverage(9).await.unwrap(), all[..1]);
}

pub async fn a_rejected_proposal_is_reopened_and_a_published_one_is_not(ledger: &dyn Ledger) {
    let (text, query) = (proposal(describe("loan", "Loans.")), proposal(verify_query("loan", "f")));
    ledger.propose(&[text.clone(), query.clone()]).await.unwrap();
    let reject = Decision::Reject { reason: "a slip".into() };
    ledger.decide(&text.id, "ana", &reject, NOW).await.unwrap();
    assert_eq!(ledger.decide(&text.id, "ana", &Decision::Reopen, NOW).await.unwrap(), text);
    assert_eq!(ledger.proposal(&text.id).await.unwrap(), Some(text.clone()));
    let accept = Decision::Accept { edited: None };
    for accepted in [&text, &query] {
        ledger.decide(&accepted.id, "ana", &accept, NOW).await.unwrap();
        let refused = ledger.decide(&accepted.id, "ana", &Decision::Reopen, NOW).await;
        assert_eq!(kind_of(refused), Some(ErrorKind::Conflict));
    }
    ledger.record(&[receipt(&query.operation, NOW)]).await.unwrap();
    let refused = ledger.decide(&query.id, "ana", &Decision::Reopen, NOW).await;
    assert_eq!(kind_of(refused), Some(ErrorKind::Conflict));
}

/// A query may be meant for the semantic model alone; nothing else may be accepted and not published.
pub async fn a_kept_query_goes_nowhere_and_may_be_reopened(ledger: &dyn Ledger) {
    let (text, query) = (proposal(describe("loan", "Loans.")), proposal(verify_query("loan", "f")));
    ledger.propose(&[text.clone(), query.clone()]).await.unwrap();
    let kept = ledger.decide(&query.id, "ana", &Decision::Keep, NOW).await.unwrap();
    assert_eq!((kept.state, kept.decided_by.as_deref()), (ProposalState::Accepted, Some("ana")));
    assert_eq!(ledger.pending(10).await.unwrap(), []);
    assert_eq!(ledger.decide(&query.id, "ana", &Decision::Reopen, NOW).await.unwrap().state, ProposalState::Open);
    ledger.decide(&query.id, "ana", &Decision::Accept { edited: None }, NOW).await.unwrap();
    assert_eq!(ledger.pending(10).await.unwrap(), [query.operation]);
    assert_eq!(kind_of(ledger.decide(&text.id, "ana", &Decision::Keep, NOW).await), Some(ErrorKind::InvalidInput));
}

pub async fn a_reopened_proposal_supersedes_what_took_its_place(ledger: &dyn Ledger) {
    let (first, second) = (proposal(describe("loan", "Loans.")), proposal(describe("loan", "Bank loans.")));
    walk(ledger, "loan", &[], std::slice::from_ref(&first)).await;
    ledger.decide(&first.id, "ana", &Decision::Reject { reason: "a slip".into() }, NOW).await.unwrap();
    walk(ledger, "loan", &[], std::slice::from_ref(&second)).await;
    ledger.decide(&first.id, "ana", &Decision::Reopen, NOW).await.unwrap();
    let state = async |p: &Proposal| ledger.proposal(&p.id).await.unwrap().unwrap().state;
    assert_eq!((state(&first).await, state(&second).await), (ProposalState::Open, ProposalState::Superseded));
}

pub async fn another_entity_may_be_chosen_for_a_tag(ledger: &dyn Ledger) {
    let tagged = proposal(tag("loan", "contact"));
    ledger.propose(std::slice::from_ref(&tagged)).await.unwrap();
    let choose = |entity: &str| Decision::Accept { edited: Some(entity.into()) };
    let refused = ledger.decide(&tagged.id, "ana", &choose("SOMETHING"), NOW).await;
    assert_eq!(kind_of(refused), Some(ErrorKind::InvalidInput));
    let accepted = ledger.decide(&tagged.id, "ana", &choose("BIC"), NOW).await.unwrap();
    let entity = PiiEntity::Bic;
    assert_eq!(accepted.operation.after, Some(FieldValue::Pii { entity, sensitivity: entity.sensitivity() }));
    assert_eq!(accepted.operation.author, "ana");
    assert_ne!(accepted.operation.id, tagged.operation.id);
    assert_eq!(ledger.pending(10).await.unwrap(), [accepted.operation]);
}
