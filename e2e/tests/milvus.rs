//! The collection of table vectors in Milvus.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use catalog_core::ErrorKind;
use catalog_core::memory::{ManualClock, MemoryLedger, WordEmbedder};
use catalog_core::model::{IndexEntry, TableId, VectorTask};
use catalog_core::ports::VectorIndex;
use catalog_core::ports::ledger::VectorQueue;
use catalog_net::EgressPolicy;
use catalog_publish::{IndexOutbound, MilvusIndex, MilvusSettings};
use catalog_testkit::FakeModel;
use catalog_testkit::index_suite::DIMENSION;
use catalog_testkit::samples;
use e2e::{CutProxy, variable};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

/// Milvus's own client, so that nothing of ours is in the way.
const CLIENT: &str = include_str!("../python/milvus_collection.py");
const ADMIN: &str = include_str!("../python/milvus_admin.py");

fn python(script: &str, arguments: &[&str]) -> Vec<u8> {
    let url = variable("CATALOG_TEST_MILVUS_URL").unwrap();
    let python = variable("CATALOG_TEST_MILVUS_PYTHON").unwrap();
    let output = Command::new(python).args(["-c", script, &url]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Collections whose names start so are dropped at the end, also after a failure.
struct Prefix(String);

impl Prefix {
    fn new(test: &str) -> Self {
        Self(format!("catalog_e2e_{}_{test}", std::process::id()))
    }

    fn settings(&self) -> MilvusSettings {
        MilvusSettings::new(variable("CATALOG_TEST_MILVUS_URL").unwrap(), &self.0)
    }

    fn names(&self) -> Value {
        serde_json::from_slice(&python(ADMIN, &["names", &self.0])).unwrap()
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        python(ADMIN, &["drop", &self.0]);
    }
}

fn policy() -> EgressPolicy {
    let url = Url::parse(&variable("CATALOG_TEST_MILVUS_URL").unwrap()).unwrap();
    EgressPolicy::allowing([(url.host_str().unwrap(), url.port().unwrap())])
}

async fn open(settings: MilvusSettings, model: &str) -> catalog_core::Result<MilvusIndex> {
    MilvusIndex::open(settings, DIMENSION, model, &policy()).await
}

fn entry(name: &str, embedding: [f32; DIMENSION]) -> IndexEntry {
    let table = samples::table_ref(name);
    IndexEntry { id: table.id, fqn: table.fqn, text: format!("About {name}."), embedding: embedding.to_vec() }
}

async fn found(index: &MilvusIndex) -> Vec<String> {
    let hits = index.search(&[1.0, 0.0, 0.0], 10).await.unwrap();
    hits.iter().map(|h| h.fqn.name().to_owned()).collect()
}

#[test]
fn a_table_is_upserted_found_as_the_nearest_and_deleted() {
    let collection = format!("catalog_e2e_{}", std::process::id());
    let seen: Value = serde_json::from_slice(&python(CLIENT, &[&collection])).unwrap();
    println!("{seen}");
    assert_eq!(seen["count"], 3, "an upsert of the same ids replaces");
    assert_eq!(seen["nearest"][0]["fqn"], "bank.core.public.loans");
    assert_eq!(seen["nearest"][1]["fqn"], "bank.core.public.accounts");
    let cosine = seen["nearest"][0]["score"].as_f64().unwrap();
    assert!((cosine - 1.0 / 1.04_f64.sqrt()).abs() < 1e-4, "the score {cosine} is the cosine");
    assert_eq!(seen["filtered"].as_array().unwrap().len(), 1);
    assert_eq!(seen["filtered"][0]["meta"]["tier"], 2);
    let left = seen["after_delete"].as_array().unwrap();
    assert!(left.len() == 2 && left.iter().all(|hit| hit["fqn"] != "bank.core.public.loans"));
    assert!(seen["short_vector"].as_str().unwrap().starts_with("refused"));
    assert_eq!(seen["dropped"], true);
}

#[tokio::test]
async fn the_index_keeps_the_contract_of_every_index() {
    let prefix = Prefix::new("suite");
    let mut made = 0;
    let mut fresh = async || {
        made += 1;
        let mut settings = prefix.settings();
        settings.collection = format!("{}_{made}", settings.collection);
        open(settings, "words/1").await.unwrap()
    };
    catalog_testkit::index_suite!(in_one_test(fresh().await, ()));
}

#[tokio::test]
async fn what_was_written_is_found_after_a_restart() {
    let prefix = Prefix::new("restart");
    let index = open(prefix.settings(), "words/1").await.unwrap();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    python(ADMIN, &["release", &prefix.0]);
    assert_eq!(found(&index).await, ["loan"], "a collection that the server forgot is loaded again");
    python(ADMIN, &["release", &prefix.0]);
    let again = open(prefix.settings(), "words/1").await.unwrap();
    assert_eq!((found(&again).await, again.count().await.unwrap()), (vec!["loan".to_owned()], 1));
}

#[tokio::test]
async fn another_dimension_metric_or_model_is_refused_and_nothing_is_written() {
    let prefix = Prefix::new("other");
    let index = open(prefix.settings(), "words/1").await.unwrap();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    let refused = MilvusIndex::open(prefix.settings(), 768, "words/1", &policy()).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Configuration, "{refused}");
    assert!(refused.to_string().contains("768"), "{refused}");
    let refused = open(prefix.settings(), "words/2").await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Configuration, "{refused}");
    assert!(refused.to_string().contains("another model"), "{refused}");
    let mut settings = prefix.settings();
    settings.metric = catalog_publish::Metric::InnerProduct;
    assert_eq!(open(settings, "words/1").await.err().unwrap().kind(), ErrorKind::Configuration);
    let mut settings = prefix.settings();
    settings.owns_collection = true;
    let refused = open(settings, "words/1").await.err().unwrap();
    assert!(refused.to_string().contains("we did not make it"), "{refused}");
    assert_eq!(found(&index).await, ["loan"]);
}

#[tokio::test]
async fn a_collection_of_another_indexer_is_shared() {
    let prefix = Prefix::new("foreign");
    python(ADMIN, &["foreign", &prefix.0]);
    let index = open(prefix.settings(), "words/1").await.unwrap();
    let long = IndexEntry { text: "é".repeat(200), ..entry("card", [0.5, 0.5, 0.0]) };
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0]), long]).await.unwrap();
    assert_eq!(found(&index).await, ["loan", "card", "theirs"]);
    let hits = index.search(&[1.0, 0.0, 0.0], 2).await.unwrap();
    assert_eq!(hits[0].id, samples::table_ref("loan").id, "our id is kept beside their key");
    assert_eq!(hits[1].text, "é".repeat(32), "a text is cut to what the field takes");
    // A rename leaves no row under the old name.
    let renamed = IndexEntry { id: samples::table_ref("loan").id, ..entry("credit", [1.0, 0.0, 0.0]) };
    index.upsert(&[renamed]).await.unwrap();
    assert_eq!(found(&index).await, ["credit", "card", "theirs"]);
    let theirs = TableId::from_fqn(&samples::table_ref("theirs").fqn);
    index.delete(&[samples::table_ref("loan").id, samples::table_ref("theirs").id, theirs]).await.unwrap();
    assert_eq!(found(&index).await, ["card", "theirs"], "only what we wrote is deleted");
    assert_eq!(prefix.names(), serde_json::json!(["bank.main.card", "bank.main.theirs"]));
}

#[tokio::test]
async fn a_new_model_fills_a_generation_while_readers_stay_on_the_old_one() {
    let prefix = Prefix::new("owned");
    let mut settings = prefix.settings();
    settings.owns_collection = true;
    let first = open(settings.clone(), "words/1").await.unwrap();
    assert!(!first.is_building());
    first.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    let second = open(settings.clone(), "words/2").await.unwrap();
    assert!(second.is_building() && second.count().await.unwrap() == 0);
    second.upsert(&[entry("loan", [0.0, 1.0, 0.0]), entry("card", [1.0, 0.0, 0.0])]).await.unwrap();
    assert_eq!(prefix.names(), serde_json::json!(["bank.main.loan"]), "readers of the alias see the old one");
    // A crash before the switch: the same generation goes on.
    drop(second);
    let second = open(settings.clone(), "words/2").await.unwrap();
    assert!(second.is_building() && second.count().await.unwrap() == 2);
    second.activate().await.unwrap();
    assert_eq!(prefix.names(), serde_json::json!(["bank.main.card", "bank.main.loan"]));
    assert_eq!(first.count().await.unwrap_err().kind(), ErrorKind::NotFound, "the old generation is gone");
    second.activate().await.unwrap();
    assert!(!open(settings, "words/2").await.unwrap().is_building());
}

#[tokio::test]
async fn a_server_that_is_not_on_the_list_is_never_dialled() {
    let settings = MilvusSettings::new(variable("CATALOG_TEST_MILVUS_URL").unwrap(), "catalog_e2e_never");
    let refused = MilvusIndex::open(settings, DIMENSION, "words/1", &EgressPolicy::default()).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
}

/// Fault 30: the connection dies in the middle of a batch, at several places of it.
#[tokio::test]
async fn a_batch_that_the_connection_cuts_in_two_is_written_again_and_no_table_is_lost_or_there_twice() {
    let prefix = Prefix::new("cut");
    let service = Url::parse(&variable("CATALOG_TEST_MILVUS_URL").unwrap()).unwrap();
    let proxy = CutProxy::start(format!("{}:{}", service.host_str().unwrap(), service.port().unwrap())).unwrap();
    let through = EgressPolicy::allowing([("127.0.0.1", proxy.port())]);
    let mut settings = prefix.settings();
    settings.url = format!("http://127.0.0.1:{}", proxy.port());
    let index = MilvusIndex::open(settings, DIMENSION, "words/1", &through).await.unwrap();
    let (ledger, embedder, clock) = (MemoryLedger::default(), WordEmbedder::new(DIMENSION), ManualClock::at(0));
    let tasks = (0..300).map(|n| {
        let table = samples::table_ref(&format!("t{n:03}"));
        VectorTask { table: table.id, fqn: table.fqn, text: Some(format!("Table number {n}.")), names: None }
    });
    ledger.queue_vectors(&tasks.collect::<Vec<_>>()).await.unwrap();
    let mut waiting = 300;
    for bytes in [0, 500, 5_000, 20_000] {
        proxy.cut_after(bytes);
        let report = IndexOutbound::drain(&ledger, &index, None, &embedder, &clock).await.unwrap();
        assert!(proxy.is_cut(), "{bytes} bytes are more than a batch");
        assert_eq!(report.stopped.unwrap().kind(), ErrorKind::Unavailable);
        assert_eq!((report.failed, report.lost), (0, 0), "no table is at fault");
        waiting -= report.indexed;
        assert_eq!(ledger.count_vectors().await.unwrap(), waiting, "what is not proven stays queued");
        proxy.heal();
    }
    assert!(waiting > 0, "the last cut was behind the last batch");
    let report = IndexOutbound::drain(&ledger, &index, None, &embedder, &clock).await.unwrap();
    assert_eq!((report.indexed, report.stopped.is_none()), (waiting, true));
    assert_eq!((ledger.count_vectors().await.unwrap(), index.count().await.unwrap()), (0, 300));
}

/// The last of the crash matrix's fail points (fault 3): the real daemon dies when a new model's vectors are all there
/// and no reader sees them.
#[tokio::test]
async fn a_death_before_the_switch_to_a_new_generation_is_put_right_by_the_next_start() {
    let prefix = Prefix::new("switch");
    let folder = TempDir::new().unwrap();
    let shop = rusqlite::Connection::open(folder.path().join("shop.sqlite")).unwrap();
    shop.execute_batch(
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT); INSERT INTO customer VALUES (1, 'Lyon'), (2, 'Nice');
         CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER); INSERT INTO orders VALUES (7, 1), (8, 2);",
    )
    .unwrap();
    let model = FakeModel::start(8).await.unwrap();
    let sync = async |words: &str, point: Option<&str>| {
        let config = format!(
            "[sources]\nwarehouses = [\"shop.sqlite\"]\n[state]\ndir = \"state\"\n[llm]\nurl = \"{}\"\nenabled = false\n\
             [embed]\nmodel = \"{words}\"\ndimension = 8\n\
             [milvus]\nurl = \"{}\"\ncollection = \"{}\"\nnames_collection = \"\"\nowns_collection = true\n",
            model.url(),
            variable("CATALOG_TEST_MILVUS_URL").unwrap(),
            prefix.0,
        );
        std::fs::write(folder.path().join("c.toml"), config).unwrap();
        let mut daemon = Command::new(variable("CATALOG_TEST_DAEMON").unwrap());
        daemon.args(["sync", "--output", "json", "--config", "c.toml"]).env_clear().current_dir(folder.path());
        daemon.env("HOME", folder.path().join("home")).envs(point.map(|point| ("CATALOG_SYNC_ABORT_AT", point)));
        // The model answers on this thread meanwhile.
        tokio::task::spawn_blocking(move || daemon.output().unwrap()).await.unwrap()
    };
    let both = serde_json::json!(["shop.main.customer", "shop.main.orders"]);
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let first = sync("words/1", None).await;
    assert!(first.status.success(), "{}", told(&first));
    assert_eq!(prefix.names(), both);

    shop.execute_batch("CREATE TABLE branch (id INTEGER PRIMARY KEY); INSERT INTO branch VALUES (1);").unwrap();
    let died = sync("words/2", Some("index::before_switch")).await;
    assert!(!died.status.success() && died.status.code().is_none(), "it was to die: {}", told(&died));
    assert_eq!(prefix.names(), both, "readers still see the old generation");
    let asked = model.asked();
    let next = sync("words/2", None).await;
    assert!(next.status.success(), "{}", told(&next));
    let all = serde_json::json!(["shop.main.branch", "shop.main.customer", "shop.main.orders"]);
    assert_eq!((model.asked(), prefix.names()), (asked, all.clone()), "it is shown, and nothing was embedded twice");
    let again = sync("words/2", None).await;
    assert!(again.status.success(), "{}", told(&again));
    assert_eq!((model.asked(), prefix.names()), (asked, all));
}
