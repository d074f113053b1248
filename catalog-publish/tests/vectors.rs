//! The queue of vectors outlives an index that is down, refuses or takes a part (fault 30).
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use catalog_core::memory::{ManualClock, MemoryIndex, MemoryLedger, WordEmbedder};
use catalog_core::model::{Embedding, IndexEntry, SearchHit, TableId, VectorTask, centroid};
use catalog_core::ports::ledger::VectorQueue;
use catalog_core::ports::{Embedder, VectorIndex};
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::{IndexOutbound, IndexReport, search_best_of_two};
use catalog_testkit::samples;

const DIMENSION: usize = 256;

fn task(name: &str, text: Option<&str>) -> VectorTask {
    let table = samples::table_ref(name);
    VectorTask { table: table.id, fqn: table.fqn, text: text.map(str::to_owned), names: Some(name.to_owned()) }
}

fn tasks(count: usize) -> Vec<VectorTask> {
    (0..count).map(|i| task(&format!("t{i:03}"), Some("A table."))).collect()
}

async fn drain(ledger: &MemoryLedger, index: &dyn VectorIndex) -> IndexReport {
    drain_at(0, ledger, index).await
}

async fn drain_at(now_ms: i64, ledger: &MemoryLedger, index: &dyn VectorIndex) -> IndexReport {
    let clock = ManualClock::at(now_ms);
    IndexOutbound::drain(ledger, index, None, &WordEmbedder::new(DIMENSION), &clock).await.unwrap()
}

fn figures(report: &IndexReport) -> (u64, u64, u64) {
    (report.indexed, report.deleted, report.failed)
}

/// An index that takes so many batches and then refuses with an error of that kind; a text with the word `bad` it
/// never takes.
struct Faulty {
    inner: MemoryIndex,
    batches: AtomicUsize,
    kind: ErrorKind,
}

impl Faulty {
    fn after(batches: usize, kind: ErrorKind) -> Self {
        Self { inner: MemoryIndex::new(DIMENSION), batches: AtomicUsize::new(batches), kind }
    }

    fn heal(&self) {
        self.batches.store(usize::MAX, Ordering::SeqCst);
    }
}

#[async_trait]
impl VectorIndex for Faulty {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        let left = self.batches.load(Ordering::SeqCst);
        if left == 0 {
            // A part of the batch arrives.
            self.inner.upsert(&entries[..entries.len() / 2]).await?;
            return Err(Error::new(self.kind, "upsert_vectors", "told to fail"));
        }
        if entries.iter().any(|e| e.text.contains("bad")) {
            return Err(Error::new(ErrorKind::LimitExceeded, "upsert_vectors", "too long"));
        }
        self.batches.store(left - 1, Ordering::SeqCst);
        self.inner.upsert(entries).await
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        self.inner.delete(ids).await
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.inner.search(vector, k).await
    }

    async fn count(&self) -> Result<usize> {
        self.inner.count().await
    }
}

#[tokio::test]
async fn what_waits_is_indexed_once_and_the_queue_is_empty() {
    let (ledger, index) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION));
    ledger.queue_vectors(&tasks(300)).await.unwrap();
    assert_eq!(figures(&drain(&ledger, &index).await), (300, 0, 0));
    assert_eq!((index.count().await.unwrap(), ledger.count_vectors().await.unwrap()), (300, 0));
    assert_eq!(figures(&drain(&ledger, &index).await), (0, 0, 0));
}

#[tokio::test]
async fn a_dropped_table_leaves_the_index() {
    let (ledger, index) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION));
    ledger.queue_vectors(&tasks(2)).await.unwrap();
    drain(&ledger, &index).await;
    ledger.queue_vectors(&[task("t000", None)]).await.unwrap();
    assert_eq!(figures(&drain(&ledger, &index).await), (0, 1, 0));
    assert_eq!(index.count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_index_that_is_down_keeps_the_rest_queued_until_it_is_back() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::RateLimited, ErrorKind::Configuration] {
        let (ledger, index) = (MemoryLedger::default(), Faulty::after(1, kind));
        ledger.queue_vectors(&tasks(300)).await.unwrap();
        let report = drain(&ledger, &index).await;
        assert_eq!((figures(&report), report.stopped.unwrap().kind()), ((128, 0, 0), kind));
        assert_eq!(ledger.count_vectors().await.unwrap(), 172, "a part that arrived is not counted");
        index.heal();
        assert_eq!(figures(&drain(&ledger, &index).await), (172, 0, 0));
        assert_eq!(index.count().await.unwrap(), 300);
    }
}

#[tokio::test]
async fn a_text_that_no_index_takes_holds_nobody_up() {
    let (ledger, index) = (MemoryLedger::default(), Faulty::after(usize::MAX, ErrorKind::Unavailable));
    let mut all = tasks(140);
    all[7] = task("t007", Some("bad text"));
    ledger.queue_vectors(&all).await.unwrap();
    let report = drain(&ledger, &index).await;
    assert_eq!(figures(&report), (139, 0, 1));
    assert_eq!((report.failures[0].0.name(), report.failures[0].1.kind()), ("t007", ErrorKind::LimitExceeded));
    assert_eq!(ledger.count_vectors().await.unwrap(), 1);
}

#[tokio::test]
async fn an_index_of_another_dimension_takes_nothing_and_loses_nothing() {
    let (ledger, index) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION + 1));
    ledger.queue_vectors(&tasks(3)).await.unwrap();
    let report = drain(&ledger, &index).await;
    assert_eq!((figures(&report), report.stopped.unwrap().kind()), ((0, 0, 0), ErrorKind::Configuration));
    assert_eq!((ledger.count_vectors().await.unwrap(), index.count().await.unwrap()), (3, 0));
}

#[tokio::test]
async fn the_better_of_two_vectors_decides() {
    let ledger = MemoryLedger::default();
    let (texts, names) = (MemoryIndex::new(DIMENSION), MemoryIndex::new(DIMENSION));
    let embedder = WordEmbedder::new(DIMENSION);
    let described = VectorTask { names: Some("ln_mstr".into()), ..task("loan", Some("Overdue loans of clients")) };
    let named = VectorTask { names: Some("branch city".into()), ..task("branch", Some("Places that the bank runs")) };
    ledger.queue_vectors(&[described, named, task("card", None)]).await.unwrap();
    let report = IndexOutbound::drain(&ledger, &texts, Some(&names), &embedder, &ManualClock::at(0)).await.unwrap();
    assert_eq!(figures(&report), (2, 1, 0));
    assert_eq!((texts.count().await.unwrap(), names.count().await.unwrap()), (2, 2));
    for (question, best) in [("overdue loans", "loan"), ("branch city", "branch")] {
        let vector = embedder.embed_query(question).await.unwrap();
        let hits = search_best_of_two(&texts, &names, &vector, 5).await.unwrap();
        assert_eq!((hits.len(), hits[0].fqn.name()), (2, best), "no table is found twice");
    }
}

/// An index in which another drain, hours later, does its work while the first one writes: the first was stopped.
struct Overtaken<'a> {
    inner: MemoryIndex,
    ledger: &'a MemoryLedger,
}

#[async_trait]
impl VectorIndex for Overtaken<'_> {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        assert_eq!(drain_at(HOURS_LATER, self.ledger, &self.inner).await.indexed, 3);
        self.inner.upsert(entries).await
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        self.inner.delete(ids).await
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.inner.search(vector, k).await
    }

    async fn count(&self) -> Result<usize> {
        self.inner.count().await
    }
}

/// As [`Overtaken`], while it embeds.
struct SlowEmbedder<'a>(&'a MemoryLedger, &'a MemoryIndex);

#[async_trait]
impl Embedder for SlowEmbedder<'_> {
    fn id(&self) -> String {
        "slow".to_owned()
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    async fn embed_documents(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        drain_at(HOURS_LATER, self.0, self.1).await;
        WordEmbedder::new(DIMENSION).embed_documents(texts).await
    }

    async fn embed_query(&self, text: &str) -> Result<Embedding> {
        WordEmbedder::new(DIMENSION).embed_query(text).await
    }
}

const HOURS_LATER: i64 = 7_200_000;

#[tokio::test]
async fn a_drain_that_was_overtaken_before_it_writes_writes_nothing() {
    let (ledger, index, late) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION), MemoryIndex::new(DIMENSION));
    ledger.queue_vectors(&tasks(3)).await.unwrap();
    let (embedder, clock) = (SlowEmbedder(&ledger, &index), ManualClock::at(0));
    let report = IndexOutbound::drain(&ledger, &late, None, &embedder, &clock).await.unwrap();
    assert_eq!((figures(&report), report.lost, report.stopped.is_none()), ((0, 0, 0), 0, true));
    assert_eq!((index.count().await.unwrap(), late.count().await.unwrap()), (3, 0));
}

#[tokio::test]
async fn a_drain_that_was_overtaken_while_it_writes_says_so() {
    let ledger = MemoryLedger::default();
    ledger.queue_vectors(&tasks(3)).await.unwrap();
    let index = Overtaken { inner: MemoryIndex::new(DIMENSION), ledger: &ledger };
    let report = drain(&ledger, &index).await;
    assert_eq!((figures(&report), report.lost), ((0, 0, 0), 3));
    assert_eq!((index.inner.count().await.unwrap(), ledger.count_vectors().await.unwrap()), (3, 0));
}

#[tokio::test]
async fn two_drains_at_once_share_the_work_and_index_each_table_once() {
    let (ledger, index) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION));
    ledger.queue_vectors(&tasks(1_000)).await.unwrap();
    let (one, two) = tokio::join!(drain(&ledger, &index), drain(&ledger, &index));
    assert_eq!((one.indexed + two.indexed, one.lost + two.lost), (1_000, 0));
    assert_eq!((index.count().await.unwrap(), ledger.count_vectors().await.unwrap()), (1_000, 0));
}

#[tokio::test]
async fn each_line_of_a_text_is_a_view_and_the_vector_lies_between_them() {
    let (ledger, index) = (MemoryLedger::default(), MemoryIndex::new(DIMENSION));
    let tasks = [
        task("one", Some("loans of clients\nshort credits granted to very many people in every town")),
        task("two", Some("cars")),
        task("three", Some("loans of clients short credits granted to very many people in every town")),
    ];
    ledger.queue_vectors(&tasks).await.unwrap();
    assert_eq!(figures(&drain(&ledger, &index).await), (3, 0, 0));
    let embedder = WordEmbedder::new(DIMENSION);
    let score = async |question: &str, name: &str| {
        let vector = embedder.embed_query(question).await.unwrap();
        let hits = index.search(&vector, 3).await.unwrap();
        hits.iter().find(|hit| hit.id == samples::table_ref(name).id).unwrap().score
    };
    assert!((score("cars", "two").await - 1.0).abs() < 1e-5);
    // In one text the short view would drown in the long one.
    assert!(score("loans of clients", "one").await > score("loans of clients", "three").await + 0.1);
    let views: Vec<String> = tasks[0].text.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    let between = centroid(&embedder.embed_documents(&views).await.unwrap());
    let own = index.search(&between, 1).await.unwrap();
    assert!(own[0].id == tasks[0].table && (own[0].score - 1.0).abs() < 1e-5);
}
