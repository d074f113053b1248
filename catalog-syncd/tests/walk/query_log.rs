//! What a query log gives: questions for the steward, tiers, usage for the catalog; and what it never gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::memory::{MemoryQueryLog, ScriptedQueryCheck, ScriptedQuestions};
use catalog_core::model::{
    ChangeKind, DataType, Day, FieldPath, FieldValue, Proposal, ProposalState, QueryEvent, QueryState, RawCell,
};
use catalog_core::ports::ledger::{Decision, ProposalFilter, Proposals};
use catalog_core::ports::{Publisher, QueryLogPage, QueryLogSource};
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::undo::{self, UndoScope};
use catalog_syncd::walk::QueryLogInput;

use super::bank::{Bank, Trouble};

const DAY_MS: i64 = 86_400_000;
/// The bank's clock stands at the third of January 1970.
const NOW_MS: i64 = 2 * DAY_MS + 1_000_000;

fn event(id: usize, user: &str, sql: &str, ended_at_ms: i64) -> QueryEvent {
    QueryEvent {
        query_id: format!("q{id}"),
        sql: sql.into(),
        state: QueryState::Finished,
        user_hash: user.into(),
        source: None,
        catalog: Some("bank".into()),
        schema: Some("main".into()),
        inputs: Vec::new(),
        wall_ms: Some(10),
        bytes: None,
        ended_at_ms: Some(ended_at_ms),
    }
}

/// Twenty-five runs of one query by three people, on the first and the second of January.
fn asked_often(sql: &str) -> Vec<QueryEvent> {
    (0..25).map(|i| event(i, ["ann", "bob", "eve"][i % 3], sql, (i as i64 % 2) * DAY_MS + 1_000)).collect()
}

fn log(events: Vec<QueryEvent>, token: &str) -> QueryLogInput {
    QueryLogInput::growing("log", Arc::new(MemoryQueryLog { events }), token, 100)
}

async fn bank() -> Bank {
    let bank = Bank::new(Trouble::None);
    bank.clock.advance_ms(NOW_MS - 1_000_000);
    bank.calm_walk().await;
    bank
}

async fn proposals(bank: &Bank, kind: ChangeKind) -> Vec<Proposal> {
    bank.ledger.proposals(&ProposalFilter { kind: Some(kind), ..ProposalFilter::default() }).await.unwrap()
}

fn asked(proposal: &Proposal) -> (&str, &str) {
    match &proposal.operation.after {
        Some(FieldValue::Query { sql, question, .. }) => (sql, question),
        other => panic!("no query: {other:?}"),
    }
}

const BALANCES: &str = "SELECT sum(balance) FROM account WHERE customer_id = 4711";

#[tokio::test]
async fn a_query_of_several_people_becomes_a_question_for_the_steward_without_its_values() {
    let bank = bank().await;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    let open = proposals(&bank, ChangeKind::Query).await;
    let (sql, question) = asked(&open[0]);
    assert_eq!((open.len(), question), (1, "What is the total balance in account, for a given customer id?"));
    assert!(!sql.contains("4711") && sql.contains(":p1"), "{sql}");
}

#[tokio::test]
async fn a_public_code_stays_and_any_other_value_does_not() {
    let bank = bank().await;
    let status = |i: i64| RawCell::Text(if i % 2 == 0 { "open".into() } else { "closed".into() });
    let rows = (0..60).map(|i| vec![RawCell::Int(i), status(i)]).collect();
    bank.tables.add("bank", "contract", &[("id", DataType::Integer), ("status", DataType::Text)], rows);
    bank.calm_walk().await;
    let state = bank.states().await.into_iter().find(|s| s.table.fqn().name() == "contract").unwrap();
    assert_eq!(state.public_codes[1], ["open", "closed"], "the test rests on codes being public");
    let sql = |code: &str| format!("SELECT count(*) FROM contract WHERE status = '{code}'");
    let mut events = asked_often(&sql("open"));
    events.extend((0..25).map(|i| event(100 + i, ["ann", "bob"][i % 2], &sql("mine"), 1_000)));
    bank.walk_with_log(log(events, "1")).await;
    let open = proposals(&bank, ChangeKind::Query).await;
    let texts: Vec<&str> = open.iter().map(|p| asked(p).0).collect();
    assert!(texts.iter().any(|sql| sql.contains("= 'open'")), "{texts:?}");
    assert!(texts.iter().all(|sql| !sql.contains("mine")), "{texts:?}");
}

#[tokio::test]
async fn a_query_that_the_engine_refuses_is_not_proposed() {
    let mut bank = bank().await;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    let sql = asked(&proposals(&bank, ChangeKind::Query).await[0]).0.to_owned();
    bank = self::bank().await;
    let refused = BTreeMap::from([(sql, "COLUMN_NOT_FOUND".to_owned())]);
    bank.query_check = Some(Arc::new(ScriptedQueryCheck { refused, down: None }));
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    assert!(proposals(&bank, ChangeKind::Query).await.is_empty());
}

#[tokio::test]
async fn an_engine_that_cannot_be_asked_proposes_nothing_and_the_next_run_asks_again() {
    let mut bank = bank().await;
    bank.query_check = Some(Arc::new(ScriptedQueryCheck { down: Some(ErrorKind::Unavailable), ..Default::default() }));
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    assert!(proposals(&bank, ChangeKind::Query).await.is_empty());
    bank.query_check = None;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    assert_eq!(proposals(&bank, ChangeKind::Query).await.len(), 1, "the same log, asked again");
}

#[tokio::test]
async fn a_rejected_query_does_not_come_back_in_other_words() {
    let mut bank = bank().await;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    let open = proposals(&bank, ChangeKind::Query).await.remove(0);
    let no = Decision::Reject { reason: "nobody asks so".into() };
    bank.ledger.decide(&open.id, "steward", &no, NOW_MS).await.unwrap();
    let FieldPath::VerifiedQuery { fingerprint } = open.operation.field else { panic!("a query") };
    let questions = BTreeMap::from([(fingerprint, "How much money is there?".to_owned())]);
    bank.questions = Arc::new(ScriptedQuestions { questions });
    bank.walk_with_log(log(asked_often(BALANCES), "2")).await;
    assert_eq!(proposals(&bank, ChangeKind::Query).await.len(), 1);
}

#[tokio::test]
async fn an_accepted_query_reaches_the_catalog_once_and_an_undone_one_stays_away() {
    let bank = bank().await;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    let open = proposals(&bank, ChangeKind::Query).await.remove(0);
    let (table, field) = (&open.operation.table, &open.operation.field);
    let held = async || bank.publisher.read(table).await.unwrap().unwrap().get(field).cloned();
    assert_eq!(held().await, None, "nothing goes out unseen");
    bank.ledger.decide(&open.id, "steward", &Decision::Accept { edited: None }, NOW_MS).await.unwrap();
    bank.walk_with_log(log(asked_often(BALANCES), "2")).await;
    let published = held().await.unwrap();
    assert_eq!((Some(&published.value), published.by_human), (open.operation.after.as_ref(), false));
    let FieldValue::Query { sql, tables, .. } = &published.value else { panic!("a query") };
    assert!(!sql.contains('\'') && tables.len() == 1, "{sql}");
    let writes = bank.publisher.writes();
    bank.walk_with_log(log(asked_often(BALANCES), "3")).await;
    assert_eq!(bank.publisher.writes(), writes, "the next runs leave it alone");

    let scope = UndoScope::Operation(open.operation.id.clone());
    let plan = undo::load(&*bank.ledger, &*bank.publisher, &scope, "steward").await.unwrap();
    undo::apply(&*bank.ledger, &plan, "steward", NOW_MS).await.unwrap();
    bank.walk_with_log(log(asked_often(BALANCES), "4")).await;
    assert_eq!(held().await, None);
    bank.walk_with_log(log(asked_often(BALANCES), "5")).await;
    let left = proposals(&bank, ChangeKind::Query).await;
    assert!(left.iter().all(|p| p.state != ProposalState::Open) && held().await.is_none(), "{left:?}");
}

#[tokio::test]
async fn a_used_table_gets_a_tier_to_review_and_its_complete_days_once() {
    let bank = bank().await;
    bank.walk_with_log(log(asked_often(BALANCES), "1")).await;
    let tiers = proposals(&bank, ChangeKind::Tier).await;
    assert_eq!(tiers.len(), 1);
    assert_eq!(tiers[0].operation.after, Some(FieldValue::Tag("Tier3".into())));
    assert_eq!(tiers[0].why, "25 queries by 3 people, 0 tables made from it");
    let account = bank.states().await.into_iter().find(|s| s.table.fqn().name() == "account").unwrap();
    let current = bank.publisher.read(&account.table.table_ref).await.unwrap().unwrap();
    for (day, runs) in [(0, 13), (1, 12)] {
        let date = Day(day).to_string();
        let held = current.get(&FieldPath::Usage { date }).map(|field| field.value.clone());
        assert!(matches!(held, Some(FieldValue::Usage(usage)) if usage.runs == runs), "day {day}");
    }
    let writes = bank.publisher.writes();
    bank.walk_with_log(log(asked_often(BALANCES), "2")).await;
    assert_eq!(bank.publisher.writes(), writes, "told once");
}

#[tokio::test]
async fn our_own_users_queries_teach_nothing() {
    let bank = bank().await;
    let events = (0..20).map(|i| event(i, &catalog_querylog::user_hash("robot"), BALANCES, 1_000)).collect();
    bank.walk_with_log(log(events, "1")).await;
    assert!(proposals(&bank, ChangeKind::Tier).await.is_empty());
}

/// A log that breaks off after its first page.
struct BrokenOff(MemoryQueryLog);

#[async_trait]
impl QueryLogSource for BrokenOff {
    async fn page(&self, cursor: Option<&str>, _: usize) -> Result<QueryLogPage> {
        match cursor {
            None => self.0.page(None, 20).await,
            Some(_) => Err(Error::new(ErrorKind::Unavailable, "poll_query_log", "connection refused")),
        }
    }
}

#[tokio::test]
async fn a_log_that_breaks_off_is_named_and_read_on_by_the_next_run() {
    let bank = bank().await;
    let whole = MemoryQueryLog { events: asked_often(BALANCES) };
    let broken = QueryLogInput::growing("log", Arc::new(BrokenOff(whole.clone())), "1", 100);
    let outcome = bank.walk_with_log(broken).await;
    assert_eq!((outcome.failures.len(), outcome.queries.events), (1, 20));
    let outcome = bank.walk_with_log(QueryLogInput::growing("log", Arc::new(whole), "1", 100)).await;
    assert_eq!((outcome.failures.len(), outcome.queries.events), (0, 25), "nothing twice, nothing left out");
}
