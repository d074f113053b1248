//! A bank in memory that is walked as often as a test wants.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::memory::{
    CountingIds, ManualClock, MemoryLedger, MemoryPublisher, MemoryScanner, MemorySource, MemoryTables,
};
use catalog_core::model::{DataType, Fqn, Language, RawCell, RawSample, SampleRequest, SourceId, Table, TableState};
use catalog_core::ports::ledger::TableStates;
use catalog_core::ports::{ConfirmBudget, FkMatcher, PiiVoter, QueryCheck, QuestionWriter, Sampler};
use catalog_core::{Error, ErrorKind, Result};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_local::describe::RuleEnricher;
use catalog_pii::{HouseRules, Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions};
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_publish::Policy;
use catalog_querylog::proposals::RuleQuestions;
use catalog_syncd::walk::{
    Connection, HouseWords, LexicalIndex, Parts, QueryLogInput, Quiet, Scratch, TableIndex, Walk, WalkOptions,
    WalkOutcome,
};
use tempfile::TempDir;

/// A bank in memory that can be walked again and again.
pub(crate) struct Bank {
    pub(crate) tables: Arc<MemoryTables>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) publisher: Arc<MemoryPublisher>,
    pub(crate) clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
    index: TempDir,
    pub(crate) trouble: Trouble,
    pub(crate) questions: Arc<dyn QuestionWriter>,
    pub(crate) query_check: Option<Arc<dyn QueryCheck>>,
    pub(crate) matcher: Arc<dyn FkMatcher>,
    pub(crate) scratch: Scratch,
    /// Whether tables are made findable by words, which writes files.
    pub(crate) indexed: bool,
}

/// What goes wrong when the table `customer` is sampled.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
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

impl Bank {
    pub(crate) fn new(trouble: Trouble) -> Self {
        let tables = Arc::new(MemoryTables::new());
        let text = |s: String| RawCell::Text(s.into());
        let columns = [("id", DataType::Integer), ("email", DataType::Text), ("city", DataType::Text)];
        let customers = (0..50).map(|i| vec![RawCell::Int(i), text(format!("p{i}@mail.example")), text("Lyon".into())]);
        tables.add("bank", "customer", &columns, customers.collect());
        let columns = [("id", DataType::Integer), ("customer_id", DataType::Integer), ("balance", DataType::Float)];
        let accounts = (0..80).map(|i| vec![RawCell::Int(700 + i), RawCell::Int(i % 50), RawCell::Real(i as f64)]);
        tables.add("bank", "account", &columns, accounts.collect());
        let index = TempDir::new().unwrap();
        Self {
            tables,
            ledger: Arc::default(),
            publisher: Arc::default(),
            clock: Arc::new(ManualClock::at(1_000_000)),
            ids: Arc::default(),
            scratch: Scratch::in_folder(index.path().to_owned()),
            index,
            matcher: Arc::new(KeyMatcher::new(KeyOptions::default())),
            indexed: true,
            trouble,
            questions: Arc::new(RuleQuestions),
            query_check: None,
        }
    }

    /// A walk with another second voter.
    pub(crate) async fn walk(&self, second_voter: Arc<dyn PiiVoter>) -> WalkOutcome {
        self.walk_with(second_voter, None).await
    }

    /// A walk that mines a query log too.
    pub(crate) async fn walk_with_log(&self, log: QueryLogInput) -> WalkOutcome {
        self.walk_with(Arc::new(NameVoter), Some(log)).await
    }

    async fn walk_with(&self, second_voter: Arc<dyn PiiVoter>, log: Option<QueryLogInput>) -> WalkOutcome {
        self.prepared(second_voter, log).run().await.unwrap()
    }

    /// A walk that has not begun.
    pub(crate) fn prepared(&self, second_voter: Arc<dyn PiiVoter>, log: Option<QueryLogInput>) -> Arc<Walk> {
        let source = || MemorySource::new("bank", Arc::clone(&self.tables));
        let scanner = Arc::new(MemoryScanner::new(Arc::clone(&self.tables)));
        let connection = Connection {
            source: Arc::new(source()),
            sampler: Arc::new(TroubledSampler(source(), self.trouble)),
            profiler: Arc::new(ScanProfiler::new(scanner.clone(), ProfileOptions::default())),
            scanner: Some(scanner),
            counter: None,
            query_check: self.query_check.clone(),
            run_begins: None,
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
            describer: None,
            models: None,
            words: HouseWords::default(),
            questions: self.questions.clone(),
            matcher: self.matcher.clone(),
            index: TableIndex::Lexical(LexicalIndex::in_folder(self.index.path())),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            scratch: self.scratch.clone(),
        };
        let options = WalkOptions { index: self.indexed, ..options() };
        Arc::new(Walk::new(parts, options, log, Arc::new(Quiet)))
    }

    pub(crate) async fn calm_walk(&self) -> WalkOutcome {
        self.walk(Arc::new(NameVoter)).await
    }

    pub(crate) async fn states(&self) -> Vec<TableState> {
        let mut all = self.ledger.facts(None, 100).await.unwrap();
        all.sort_by(|a, b| a.table.fqn().cmp(b.table.fqn()));
        all
    }

    pub(crate) fn fqn(&self, name: &str) -> Fqn {
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
        sampling: String::new(),
        max_age_ms: 86_400_000,
        prompt_rows: 5,
        language: Language::En,
        checksum_alone: false,
        ignore_declared_keys: false,
        key_options: String::new(),
        confirm: ConfirmBudget { checks_max: 100, rows_max: 1_000_000 },
        policy: Policy { propose_below: 0.5, ..Policy::default() },
        own_users: vec![catalog_querylog::user_hash("robot")],
        query_proposals_max: 5,
        describe: true,
        describe_columns: false,
        pii: true,
        keys: true,
        query_log: true,
        index: true,
    }
}
