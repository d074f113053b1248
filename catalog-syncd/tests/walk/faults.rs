//! Faults in the middle of a walk: one table's trouble is its own, a silent voter never lowers protection, a person's
//! edit between read and write wins, and a broken connection publishes nothing twice.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::model::{DataType, FieldPath, FieldValue, PiiDecision, PiiEvidence, PiiVote, RawCell};
use catalog_core::ports::ledger::{AuditFilter, AuditLog, Outbox, TableStates, WorkQueue};
use catalog_core::ports::{PiiVoter, Publisher};
use catalog_core::{Error, ErrorKind, Result};

use super::bank::{Bank, Trouble};

/// A voter that is down.
struct DownVoter;

#[async_trait]
impl PiiVoter for DownVoter {
    fn name(&self) -> &'static str {
        "down"
    }

    async fn vote(&self, _evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        Err(Error::new(ErrorKind::Unavailable, "vote", "connection refused"))
    }
}

async fn names(bank: &Bank) -> Vec<String> {
    bank.states().await.iter().map(|s| s.table.fqn().name().to_owned()).collect()
}

#[tokio::test]
async fn a_panic_parks_its_table_without_its_message_and_the_others_finish() {
    let bank = Bank::new(Trouble::Panic);
    let outcome = bank.calm_walk().await;
    assert_eq!(names(&bank).await, ["account"]);
    assert_eq!(outcome.summary.tables_parked, 1);
    let parked = bank.ledger.parked().await.unwrap();
    assert_eq!(parked[0].table.fqn, bank.fqn("customer"));
    assert!(!parked[0].reason.contains("4711"), "{}", parked[0].reason);
}

#[tokio::test]
async fn a_table_that_vanishes_midway_is_parked_and_walked_when_it_is_back() {
    let mut bank = Bank::new(Trouble::Vanish);
    let outcome = bank.calm_walk().await;
    assert_eq!((outcome.summary.tables_seen, outcome.summary.tables_parked), (2, 1));
    bank.trouble = Trouble::None;
    let outcome = bank.calm_walk().await;
    assert_eq!(names(&bank).await, ["account", "customer"]);
    assert_eq!((outcome.summary.tables_skipped, outcome.summary.tables_parked), (1, 0));
    assert!(bank.ledger.parked().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_table_seen_is_done_parked_or_queued() {
    for trouble in [Trouble::None, Trouble::Panic, Trouble::Vanish] {
        let bank = Bank::new(trouble);
        let seen = bank.calm_walk().await.summary.tables_seen;
        let counts = bank.ledger.counts().await.unwrap();
        assert_eq!(seen, counts.done + counts.parked + counts.queued, "{counts:?}");
    }
}

#[tokio::test]
async fn a_voter_that_is_down_abstains_and_nothing_becomes_clear() {
    let bank = Bank::new(Trouble::None);
    bank.walk(Arc::new(DownVoter)).await;
    let states = bank.states().await;
    let customer = states.iter().find(|s| s.table.fqn().name() == "customer").unwrap();
    let decisions: Vec<PiiDecision> = customer.verdicts.iter().map(|v| v.decision).collect();
    assert_eq!(decisions, [PiiDecision::Unknown, PiiDecision::Disputed, PiiDecision::Unknown]);
    let stored = bank.ledger.state(&customer.table.table_ref.id).await.unwrap().unwrap();
    let shown = stored.sample.unwrap().rows().concat().concat();
    assert!(!shown.contains("Lyon") && !shown.contains("mail.example"), "what is not clear is redacted: {shown}");
}

#[tokio::test]
async fn a_persons_edit_between_our_read_and_our_write_wins() {
    let bank = Bank::new(Trouble::None);
    let customer = bank.tables.add("bank", "branch", &[("id", DataType::Integer), ("city", DataType::Text)], vec![]);
    let words = FieldValue::Text("Where we meet people.".into());
    bank.publisher.edit_before_write(&customer.table_ref, &FieldPath::Description, words.clone());
    bank.calm_walk().await;
    let current = bank.publisher.read(&customer.table_ref).await.unwrap().unwrap();
    assert_eq!(current.get(&FieldPath::Description).unwrap().value, words);
}

#[tokio::test]
async fn a_storm_of_edits_ends_the_run_with_the_change_still_queued_and_no_edit_overwritten() {
    let bank = Bank::new(Trouble::None);
    let branch = bank.tables.add("bank", "branch", &[("id", DataType::Integer), ("city", DataType::Text)], vec![]);
    // Somebody edits another field of the entry before each of our writes, so that every write meets a newer version.
    let tag = |n: usize| FieldValue::Tag(format!("Tier.Tier{n}"));
    for n in 1..=STORM {
        bank.publisher.edit_before_write(&branch.table_ref, &FieldPath::Tier, tag(n));
    }
    let outcome = bank.calm_walk().await;
    let tier = async || {
        let current = bank.publisher.read(&branch.table_ref).await.unwrap().unwrap();
        (1..=STORM).find(|n| current.get(&FieldPath::Tier).is_some_and(|f| f.value == tag(*n))).unwrap()
    };
    let tried = tier().await;
    assert!((1..=10).contains(&tried), "the run tried {tried} times");
    let failed: Vec<_> = outcome.unpublished.iter().map(|(fqn, error)| (fqn.name(), error.kind())).collect();
    assert_eq!(failed, [("branch", ErrorKind::Conflict)]);
    assert_eq!(bank.ledger.pending_of(&branch.table_ref.id).await.unwrap().len(), 1);

    // Each further run tries a few times more, until the storm is over.
    let mut runs = 1;
    while !bank.ledger.pending_of(&branch.table_ref.id).await.unwrap().is_empty() {
        bank.calm_walk().await;
        runs += 1;
        assert!(runs <= STORM, "it never ends");
    }
    let current = bank.publisher.read(&branch.table_ref).await.unwrap().unwrap();
    assert_eq!(tier().await, STORM, "the last edit stands");
    assert!(current.get(&FieldPath::Description).is_some());
    let of_branch = AuditFilter { table: Some(bank.fqn("branch")), ..AuditFilter::default() };
    assert_eq!(bank.ledger.audit(&of_branch).await.unwrap().len(), 1);
}

/// Edits of a storm.
const STORM: usize = 25;

#[tokio::test]
async fn an_answer_lost_after_the_write_publishes_nothing_twice() {
    let bank = Bank::new(Trouble::None);
    bank.publisher.lose_next_answer();
    bank.calm_walk().await;
    bank.calm_walk().await;
    let rows = bank.ledger.audit(&AuditFilter::default()).await.unwrap();
    let mut ids: Vec<_> = rows.iter().map(|r| r.operation.id.clone()).collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert!(all > 0 && ids.len() == all, "every operation has one audit row");
    let writes = bank.publisher.writes();
    bank.calm_walk().await;
    assert_eq!(bank.publisher.writes(), writes, "nothing is left to write");
}

#[tokio::test]
async fn an_old_profile_is_made_anew_although_nothing_seems_to_have_changed() {
    let bank = Bank::new(Trouble::None);
    bank.calm_walk().await;
    assert_eq!(bank.calm_walk().await.summary.tables_skipped, 2);
    bank.clock.advance_ms(2 * 86_400_000);
    assert_eq!(bank.calm_walk().await.summary.tables_skipped, 0);
}

#[tokio::test]
async fn a_clock_that_steps_back_loses_no_table() {
    let bank = Bank::new(Trouble::None);
    bank.calm_walk().await;
    bank.clock.advance_ms(-500_000);
    bank.tables.add("bank", "branch", &[("id", DataType::Integer)], vec![vec![RawCell::Int(1)]]);
    bank.calm_walk().await;
    assert_eq!(names(&bank).await, ["account", "branch", "customer"]);
}
