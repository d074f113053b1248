//! A daemon over memory, listening on the loopback.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::memory::{
    CountingIds, ManualClock, MemoryLedger, MemoryPublisher, MemoryScanner, MemorySource, MemoryTables,
};
use catalog_core::model::{
    DataType, DescribeRequest, Draft, Proposal, RawCell, RawSample, RefusedExample, SampleRequest, Secret, SourceId,
    Table, WalkStage,
};
use catalog_core::ports::ledger::{WorkPlan, WorkQueue as _};
use catalog_core::ports::{Enricher, Ids as _, Sampler};
use catalog_core::{Error, ErrorKind, Result};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_local::describe::RuleEnricher;
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, HttpResponse, Method};
use catalog_pii::{HouseRules, Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions};
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_querylog::proposals::{RuleQuestions, SemanticModels};
use catalog_querylog::{IntakeBuffer, IntakeLimits};
use catalog_syncd::actions::Desk;
use catalog_syncd::api::auth::{Gatekeeper, Role, new_token};
use catalog_syncd::api::{App, AppParts, WebhookDoor, router};
use catalog_syncd::config::{Config, ConfigSource, SecretRef, load};
use catalog_syncd::daemon::{Board, Engine, EngineParts, Expedition, Intake, IntakeOptions, WalkSetup};
use catalog_syncd::observability::{Metrics, Traces};
use catalog_syncd::walk::{
    Connection, HouseWords, LexicalIndex, Parts, QueryLogInput, Scratch, TableIndex, WalkOptions,
};
use catalog_syncd::wiring;
use catalog_testkit::samples;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &str = "a-secret-of-the-webhook";
pub(crate) const NOW_MS: i64 = 1_800_000_000_000;

/// Lets a sample through when the test says so, and counts how many wait.
pub(crate) struct Gate {
    pub(crate) permits: Semaphore,
    pub(crate) waiting: AtomicUsize,
    /// So many samples fail first, as of an engine that is down.
    pub(crate) failures: AtomicUsize,
}

struct GatedSampler(MemorySource, Arc<Gate>);

#[async_trait]
impl Sampler for GatedSampler {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        self.1.waiting.fetch_add(1, Ordering::SeqCst);
        if self.1.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            return Err(Error::new(ErrorKind::Unavailable, "sample_table", "the engine is down"));
        }
        self.1.permits.acquire().await.unwrap().forget();
        self.0.sample(table, request).await
    }
}

/// The rules, and what they were told of stewards' decisions: `table: rejected text, because reason`.
#[derive(Default)]
pub(crate) struct Describer(Mutex<Vec<String>>);

impl Describer {
    pub(crate) fn told_of_rejections(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Enricher for Describer {
    fn id(&self) -> String {
        RuleEnricher.id()
    }

    async fn describe(&self, request: &DescribeRequest<'_>) -> Result<Option<Draft>> {
        let told = |refused: &RefusedExample| {
            format!("{}: {}, because {}", request.table.fqn().name(), refused.text, refused.reason)
        };
        self.0.lock().unwrap().extend(request.context.refused.iter().map(told));
        RuleEnricher.describe(request).await
    }
}

pub(crate) struct World {
    pub(crate) tables: Arc<MemoryTables>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) publisher: Arc<MemoryPublisher>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) config: Config,
    pub(crate) describer: Arc<Describer>,
    events: Arc<IntakeBuffer>,
    ids: Arc<CountingIds>,
    folder: TempDir,
}

struct Setup(Arc<World>);

#[async_trait]
impl WalkSetup for Setup {
    async fn prepare(&self) -> Result<Expedition> {
        let world = &self.0;
        let source = || MemorySource::new("openmetadata", Arc::clone(&world.tables));
        let scanner = Arc::new(MemoryScanner::new(Arc::clone(&world.tables)));
        let parts = Parts {
            ledger: world.ledger.clone(),
            publisher: world.publisher.clone(),
            connections: vec![Connection {
                source: Arc::new(source()),
                sampler: Arc::new(GatedSampler(source(), Arc::clone(&world.gate))),
                profiler: Arc::new(ScanProfiler::new(scanner.clone(), ProfileOptions::default())),
                scanner: Some(scanner),
                counter: None,
                query_check: None,
                run_begins: None,
            }],
            locations: vec![("bank".into(), vec![SourceId("openmetadata".into())])],
            raw_scanner: Arc::new(PatternScanner::new(ScannerOptions::default())),
            masker: Masker::default(),
            pattern_voter: Arc::new(PatternVoter),
            second_voter: Arc::new(NameVoter),
            house_rules: HouseRules::default(),
            describer: None,
            models: None,
            words: HouseWords::default(),
            enricher: world.describer.clone(),
            questions: Arc::new(RuleQuestions),
            matcher: Arc::new(KeyMatcher::new(KeyOptions::default())),
            index: TableIndex::Lexical(LexicalIndex::in_folder(world.folder.path())),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            scratch: Scratch { folder: world.path("scratch"), held_bytes_max: 0 },
        };
        let backoff = Some(wiring::backoff(&world.config.daemon));
        let options = WalkOptions { alone: false, backoff, ..wiring::options(&world.config, false) };
        let events = Some(&world.events).filter(|events| !events.is_empty());
        let query_log = events.map(|e| QueryLogInput::growing("intake", e.clone(), world.ids.next(), 100));
        Ok(Expedition { parts, options, query_log, failures: Vec::new() })
    }
}

impl World {
    /// A catalog of this many tables of fifty rows, with settings as TOML.
    pub(crate) fn new(tables: usize, settings: &str) -> Arc<Self> {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("c.toml");
        std::fs::write(&file, format!("[daemon]\nsettle_secs = 0\n{settings}")).unwrap();
        let config = load(&ConfigSource { file: Some(file), ..ConfigSource::default() }).unwrap().config;
        let memory = Arc::new(MemoryTables::new());
        for i in 0..tables {
            let columns = [("id", DataType::Integer), ("city", DataType::Text)];
            let rows = (0..50).map(|n| vec![RawCell::Int(1_000 * i as i64 + n), RawCell::Text("Lyon".into())]);
            memory.add("openmetadata", &format!("branch_{i}"), &columns, rows.collect());
        }
        Arc::new(Self {
            tables: memory,
            ledger: Arc::default(),
            publisher: Arc::default(),
            clock: Arc::new(ManualClock::at(NOW_MS)),
            gate: Arc::new(Gate {
                permits: Semaphore::new(100_000),
                waiting: AtomicUsize::new(0),
                failures: AtomicUsize::new(0),
            }),
            config,
            describer: Arc::default(),
            events: Arc::new(IntakeBuffer::new("test", IntakeLimits { events_max: 2, ..IntakeLimits::default() })),
            ids: Arc::default(),
            folder,
        })
    }

    /// Leaves the table in the ledger as a walk would, with these proposals.
    pub(crate) async fn store(&self, table: &str, proposals: &[Proposal]) {
        let item = samples::work_item(table);
        self.ledger.enqueue(std::slice::from_ref(&item), WalkStage::Describe).await.unwrap();
        let leased = self.ledger.lease(WalkStage::Describe, "test", 1, NOW_MS, 60_000).await.unwrap();
        let plan = WorkPlan { state: samples::state(table), publish: Vec::new(), propose: proposals.to_vec() };
        self.ledger.finish(&leased[0], &plan).await.unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of tokens, and a token of each role.
    pub(crate) fn tokens(&self) -> [(Role, String); 4] {
        let made = Role::ALL.map(|role| (role, new_token(role, role.as_str())));
        let lines: Vec<&str> = made.iter().map(|(_, (_, line))| line.as_str()).collect();
        std::fs::write(self.path("tokens"), lines.join("\n")).unwrap();
        made.map(|(role, (token, _))| (role, token))
    }
}

/// The daemon at work on the loopback.
pub(crate) struct Daemon {
    pub(crate) world: Arc<World>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) board: Arc<Board>,
    pub(crate) stop: CancellationToken,
    pub(crate) port: u16,
    pub(crate) serving: tokio::task::JoinHandle<()>,
    /// The API and the page, to be called in this process.
    pub(crate) router: axum::Router,
}

impl Daemon {
    pub(crate) async fn start(world: Arc<World>) -> Self {
        Self::start_with(world, false).await
    }

    /// With `tokens` the API asks for those of [`World::tokens`].
    pub(crate) async fn start_with(world: Arc<World>, tokens: bool) -> Self {
        let stop = CancellationToken::new();
        let (board, metrics) = (Arc::new(Board::default()), Arc::new(Metrics::default()));
        let desk = Desk {
            ledger: world.ledger.clone(),
            publisher: world.publisher.clone(),
            finder: Arc::new(TableIndex::Lexical(LexicalIndex::in_folder(world.folder.path()))),
            clock: world.clock.clone(),
            query_entities: true,
        };
        let parts = EngineParts {
            board: Arc::clone(&board),
            ledger: world.ledger.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            metrics: Arc::clone(&metrics),
            traces: Traces::new(&world.config).unwrap(),
            settle: Duration::ZERO,
            retry: wiring::backoff(&world.config.daemon),
            stop: stop.clone(),
        };
        let engine = Arc::new(Engine::new(Arc::new(Setup(Arc::clone(&world))), parts));
        let options = IntakeOptions { wait: Duration::from_millis(1), queue_max: 20_000 };
        let (intake, work) = Intake::new(world.ledger.clone(), options);
        tokio::spawn(work);
        std::fs::write(world.path("secret"), SECRET).unwrap();
        let secret = SecretRef::try_from(format!("file:{}", world.path("secret").display())).unwrap();
        let source = SourceId("openmetadata".into());
        let door = WebhookDoor::new(secret, SecretRef::default(), "bot".into(), source, intake).unwrap();
        let mut api = world.config.api.clone();
        if tokens {
            api.tokens_file = world.path("tokens").display().to_string();
        }
        let app = AppParts {
            desk,
            engine: Arc::clone(&engine),
            board: Arc::clone(&board),
            metrics,
            gatekeeper: Gatekeeper::new(&api).unwrap(),
            webhooks: Some(door),
            events: Some(world.events.clone()),
            semantic_models: SemanticModels::at(world.path("models")),
            language: world.config.describe.language,
            clock: world.clock.clone(),
            stop: stop.clone(),
        };
        let listener = catalog_net::listen("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = router(&Arc::new(App::new(app, &api)));
        let served = router.clone();
        tokio::spawn(async move { axum::serve(listener, served).await.unwrap() });
        let serving = tokio::spawn(Arc::clone(&engine).serve_owned());
        Self { world, engine, board, stop, port, serving, router }
    }

    fn client(&self, token: Option<&str>) -> HttpClient {
        let policy = EgressPolicy::allowing([("127.0.0.1", self.port)]);
        let credential = token.map_or(Credential::None, |t| Credential::Bearer(Secret::new(t)));
        let options = HttpOptions { credential, attempts_max: 1, ..HttpOptions::default() };
        HttpClient::new(&format!("http://127.0.0.1:{}/", self.port), &policy, options).unwrap()
    }

    pub(crate) async fn send(&self, token: Option<&str>, request: HttpRequest) -> HttpResponse {
        self.client(token).send(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.send(None, HttpRequest::new("test", Method::Get, format!("/{path}"))).await;
        (answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request =
            HttpRequest::new("test", Method::Post, format!("/{path}")).json("application/json", body).unwrap();
        let answer = self.send(None, request).await;
        (answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    /// Asks for a run and waits until it is over.
    pub(crate) async fn run(&self, sweep: bool) -> Value {
        let id = self.engine.ask(sweep, "request");
        self.over(&id.0).await
    }

    /// Waits until a run is over.
    pub(crate) async fn over(&self, id: &str) -> Value {
        let mut bell = self.board.watch();
        loop {
            let run = self.board.run(&catalog_core::model::RunId(id.to_owned())).unwrap();
            if run.is_over() {
                return serde_json::to_value(run).unwrap();
            }
            bell.changed().await.unwrap();
        }
    }
}
