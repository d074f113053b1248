//! Faults in the middle of a walk, over in-memory parts: one table's trouble is its own, a silent voter never lowers
//! protection, a person's edit between read and write wins, and a broken connection publishes nothing twice.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::memory::{
    CountingIds, ManualClock, MemoryLedger, MemoryPublisher, MemoryScanner, MemorySource, MemoryTables,
};
use catalog_core::model::{
    DataType, FieldPath, FieldValue, Fqn, Language, PiiDecision, PiiEvidence, PiiVote, RawCell, RawSample,
    SampleRequest, SourceId, Table, TableState,
};
use catalog_core::ports::ledger::{AuditFilter, AuditLog, TableStates, WorkQueue};
use catalog_core::ports::{ConfirmBudget, PiiVoter, Publisher, Sampler};
use catalog_core::{Error, ErrorKind, Result};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_local::describe::RuleEnricher;
use catalog_pii::{HouseRules, Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions};
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_publish::Policy;
use catalog_syncd::walk::{
    Connection, HouseWords, LexicalIndex, Parts, Quiet, TableIndex, Walk, WalkOptions, WalkOutcome,
};
use tempfile::TempDir;

/// A bank in memory that can be walked again and again.
struct Bank {
    tables: Arc<MemoryTables>,
    ledger: Arc<MemoryLedger>,
    publisher: Arc<MemoryPublisher>,
    clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
    index: TempDir,
    trouble: Trouble,
}

/// What goes wrong when the table `customer` is sampled.
#[derive(Clone, Copy)]
enum Trouble {
    None,
    Panic,
    Vanish,
}

struct TroubledSampler(MemorySource, Trouble);

#[async_trait]
impl Sampler for TroubledSampler {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        if table.fqn().name() == "customer" {
            match self.1 {
                Trouble::None => {}
                Trouble::Panic => panic!("a value such as secret-4711 may stand in a panic"),
                Trouble::Vanish => return Err(Error::new(ErrorKind::NotFound, "sample_table", "no such table")),
            }
        }
        self.0.sample(table, request).await
    }
}

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

impl Bank {
    fn new(trouble: Trouble) -> Self {
        let tables = Arc::new(MemoryTables::new());
        let text = |s: String| RawCell::Text(s.into());
        let columns = [("id", DataType::Integer), ("email", DataType::Text), ("city", DataType::Text)];
        let customers = (0..50).map(|i| vec![RawCell::Int(i), text(format!("p{i}@mail.example")), text("Lyon".into())]);
        tables.add("bank", "customer", &columns, customers.collect());
        let columns = [("id", DataType::Integer), ("customer_id", DataType::Integer), ("balance", DataType::Float)];
        let accounts = (0..80).map(|i| vec![RawCell::Int(700 + i), RawCell::Int(i % 50), RawCell::Real(i as f64)]);
        tables.add("bank", "account", &columns, accounts.collect());
        Self {
            tables,
            ledger: Arc::default(),
            publisher: Arc::default(),
            clock: Arc::new(ManualClock::at(1_000_000)),
            ids: Arc::default(),
            index: TempDir::new().unwrap(),
            trouble,
        }
    }

    async fn walk(&self, second_voter: Arc<dyn PiiVoter>) -> WalkOutcome {
        let source = || MemorySource::new("bank", Arc::clone(&self.tables));
        let scanner = Arc::new(MemoryScanner::new(Arc::clone(&self.tables)));
        let connection = Connection {
            source: Arc::new(source()),
            sampler: Arc::new(TroubledSampler(source(), self.trouble)),
            profiler: Arc::new(ScanProfiler::new(scanner.clone(), ProfileOptions::default())),
            scanner: Some(scanner),
            counter: None,
        };
        let parts = Parts {
            ledger: self.ledger.clone(),
            publisher: self.publisher.clone(),
            connections: vec![connection],
            locations: vec![("bank".into(), vec![SourceId("bank".into())])],
            raw_scanner: Arc::new(PatternScanner::new(ScannerOptions::default())),
            masker: Masker::default(),
            pattern_voter: Arc::new(PatternVoter),
            second_voter,
            house_rules: HouseRules::default(),
            enricher: Arc::new(RuleEnricher),
            words: HouseWords::default(),
            matcher: Arc::new(KeyMatcher::new(KeyOptions::default())),
            index: TableIndex::Lexical(LexicalIndex::in_folder(self.index.path())),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        Arc::new(Walk::new(parts, options(), None, Arc::new(Quiet))).run().await.unwrap()
    }

    async fn calm_walk(&self) -> WalkOutcome {
        self.walk(Arc::new(NameVoter)).await
    }

    async fn states(&self) -> Vec<TableState> {
        let mut all = self.ledger.facts(None, 100).await.unwrap();
        all.sort_by(|a, b| a.table.fqn().cmp(b.table.fqn()));
        all
    }

    fn fqn(&self, name: &str) -> Fqn {
        Fqn::from_parts(["bank", "main", name])
    }
}

fn options() -> WalkOptions {
    WalkOptions {
        alone: true,
        workers: 2,
        page_size: 10,
        lease_ms: 60_000,
        backoff: None,
        sample: SampleRequest { deadline: Duration::from_secs(5), ..SampleRequest::default() },
        max_age_ms: 86_400_000,
        prompt_rows: 5,
        language: Language::En,
        checksum_alone: false,
        ignore_declared_keys: false,
        key_options: String::new(),
        confirm: ConfirmBudget { checks_max: 100, rows_max: 1_000_000 },
        policy: Policy { propose_below: 0.5, ..Policy::default() },
        query_proposals_max: 5,
        describe: true,
        describe_columns: false,
        pii: true,
        keys: true,
        query_log: true,
        index: true,
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
