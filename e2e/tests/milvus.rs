//! The collection of table vectors in Milvus.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use catalog_core::ErrorKind;
use catalog_core::model::{IndexEntry, TableId};
use catalog_core::ports::VectorIndex;
use catalog_net::EgressPolicy;
use catalog_publish::{MilvusIndex, MilvusSettings};
use catalog_testkit::index_suite::DIMENSION;
use catalog_testkit::samples;
use e2e::variable;
use serde_json::Value;
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
