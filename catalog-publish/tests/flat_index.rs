//! The flat index keeps the contract of every index, and its file survives what happens to files.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;

use catalog_core::ErrorKind;
use catalog_core::model::{IndexEntry, SearchHit, TableId};
use catalog_core::ports::VectorIndex;
use catalog_publish::FlatIndex;
use catalog_testkit::index_suite::DIMENSION;
use catalog_testkit::samples;
use proptest::prelude::*;
use tempfile::TempDir;

const EMBEDDER: &str = "lexical/1";

fn fresh() -> (FlatIndex, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (FlatIndex::open(folder.path().join("tables.vec"), DIMENSION, EMBEDDER).unwrap(), folder)
}

fn entry(name: &str, embedding: [f32; DIMENSION]) -> IndexEntry {
    let table = samples::table_ref(name);
    IndexEntry { id: table.id, fqn: table.fqn, text: format!("About {name}."), embedding: embedding.to_vec() }
}

async fn with_two_tables() -> (FlatIndex, TempDir) {
    let (index, folder) = fresh();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0]), entry("card", [0.0, 1.0, 0.0])]).await.unwrap();
    (index, folder)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("tables.vec")
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

mod contract {
    catalog_testkit::index_suite!(super::fresh());
}

#[tokio::test]
async fn it_is_found_again_after_a_restart() {
    let (index, folder) = with_two_tables().await;
    drop(index);
    let index = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap();
    assert_eq!(index.count().await.unwrap(), 2);
    assert_eq!(index.search(&[1.0, 0.0, 0.0], 1).await.unwrap()[0].fqn.name(), "loan");
    assert_eq!(names_in(folder.path()), ["tables.vec", "tables.vec.lock"]);
}

#[tokio::test]
async fn an_upsert_that_changes_nothing_leaves_the_file_alone() {
    let (index, folder) = with_two_tables().await;
    let before = fs::metadata(file(&folder)).unwrap().modified().unwrap();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    index.delete(&[TableId("nobody".into())]).await.unwrap();
    assert_eq!(fs::metadata(file(&folder)).unwrap().modified().unwrap(), before);
    assert_eq!(names_in(folder.path()), ["tables.vec", "tables.vec.lock"]);
}

#[tokio::test]
async fn the_same_tables_make_the_same_bytes_in_any_order() {
    let (index, one) = with_two_tables().await;
    drop(index);
    let (index, two) = fresh();
    index.upsert(&[entry("card", [0.0, 1.0, 0.0])]).await.unwrap();
    index.upsert(&[entry("gone", [0.5, 0.5, 0.0]), entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    index.delete(&[samples::table_ref("gone").id]).await.unwrap();
    assert_eq!(fs::read(file(&one)).unwrap(), fs::read(file(&two)).unwrap());
}

#[tokio::test]
async fn another_embedder_or_dimension_is_refused_until_rebuilt() {
    let (_index, folder) = with_two_tables().await;
    for (dimension, embedder) in [(DIMENSION, "lexical/2"), (DIMENSION + 1, EMBEDDER)] {
        let refused = FlatIndex::open(file(&folder), dimension, embedder).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        assert!(refused.to_string().contains("index the tables again"), "{refused}");
    }
    let index = FlatIndex::rebuild(file(&folder), DIMENSION + 1, "lexical/2").unwrap();
    assert_eq!(index.count().await.unwrap(), 0);
    assert_eq!(FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_handle_from_before_a_rebuild_cannot_mix_vectors() {
    let (old, folder) = with_two_tables().await;
    FlatIndex::rebuild(file(&folder), DIMENSION, "lexical/2").unwrap();
    let refused = old.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
    assert_eq!(old.search(&[1.0, 0.0, 0.0], 1).await.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_foreign_file_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for foreign in [&b"id,name\n1,Ada\n"[..], b"", b"AKKO"] {
        fs::write(file(&folder), foreign).unwrap();
        let refused = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Corrupt);
        assert!(refused.to_string().contains("tables.vec"), "{refused}");
        assert_eq!(fs::read(file(&folder)).unwrap(), foreign);
    }
}

#[tokio::test]
async fn every_flipped_byte_and_every_cut_is_noticed() {
    let (index, folder) = with_two_tables().await;
    let good = fs::read(file(&folder)).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        fs::write(file(&folder), &bad).unwrap();
        assert!(index.search(&[1.0, 0.0, 0.0], 5).await.is_err(), "byte {at}");
        assert!(index.upsert(&[entry("new", [1.0, 0.0, 0.0])]).await.is_err(), "byte {at}");
        fs::write(file(&folder), &good[..at]).unwrap();
        assert!(index.search(&[1.0, 0.0, 0.0], 5).await.is_err(), "cut at {at}");
        assert!(index.count().await.is_err(), "cut at {at}");
    }
    fs::write(file(&folder), &good).unwrap();
    assert_eq!(index.count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_leftover_of_a_crashed_write_does_no_harm() {
    let (index, folder) = with_two_tables().await;
    fs::write(folder.path().join("tables.vec.new"), b"half a fi").unwrap();
    index.upsert(&[entry("new", [0.0, 0.0, 1.0])]).await.unwrap();
    assert_eq!(index.count().await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_at_the_same_time_lose_nothing() {
    let (index, _folder) = fresh();
    let writers: Vec<_> = (0..8)
        .map(|i| {
            let index = index.clone();
            tokio::spawn(async move { index.upsert(&[entry(&format!("t{i}"), [1.0, 0.0, 0.0])]).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(index.count().await.unwrap(), 8);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let index = FlatIndex::open(folder.path().join("no").join("tables.vec"), DIMENSION, EMBEDDER).unwrap();
    let refused = index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    assert!(refused.to_string().contains("create it"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_the_index_in_memory_finds(
        vectors in prop::collection::vec(prop::array::uniform3(-2_i8..=2), 0..30),
        query in prop::array::uniform3(-2_i8..=2),
        k in 0_usize..12,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (flat, _folder) = fresh();
            let memory = catalog_core::memory::MemoryIndex::new(DIMENSION);
            let entries: Vec<IndexEntry> =
                vectors.iter().enumerate().map(|(i, v)| entry(&format!("t{i}"), v.map(f32::from))).collect();
            flat.upsert(&entries).await.unwrap();
            memory.upsert(&entries).await.unwrap();
            let query = query.map(f32::from);
            // Equal scores may part by a rounding, so only scores are compared; ties have a test of their own.
            let scores = |hits: Vec<SearchHit>| hits.iter().map(|h| (h.score * 1e5).round() as i32).collect::<Vec<_>>();
            let found = scores(flat.search(&query, k).await.unwrap());
            prop_assert_eq!(found, scores(memory.search(&query, k).await.unwrap()));
            Ok(())
        })?;
    }
}
