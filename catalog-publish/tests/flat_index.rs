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
async fn one_table_more_appends_and_what_was_replaced_is_dropped_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let wide = 4_096;
    let index = FlatIndex::open(file(&folder), wide, EMBEDDER).unwrap();
    let entry = |name: &str, x: f32| {
        let table = samples::table_ref(name);
        IndexEntry { id: table.id, fqn: table.fqn, text: String::new(), embedding: vec![x; wide] }
    };
    let many: Vec<IndexEntry> = (0..40).map(|i| entry(&format!("t{i:02}"), 1.0)).collect();
    index.upsert(&many).await.unwrap();
    let size = || fs::metadata(file(&folder)).unwrap().len();
    let full = size();
    let before = fs::read(file(&folder)).unwrap();
    index.upsert(&[entry("t00", -1.0)]).await.unwrap();
    assert!(size() - full < 4 * wide as u64 + 200, "one record more");
    assert_eq!(fs::read(file(&folder)).unwrap()[8_192..full as usize], before[8_192..], "nothing else was written");
    for round in 1..=4 {
        let again: Vec<IndexEntry> =
            (0..40).map(|i| IndexEntry { text: format!("{round}"), ..entry(&format!("t{i:02}"), 1.0) }).collect();
        index.upsert(&again).await.unwrap();
        assert!(size() < 3 * full + (1 << 20), "round {round}: {} bytes of {full}", size());
    }
    assert_eq!(index.count().await.unwrap(), 40);
    let fresh = FlatIndex::open(file(&folder), wide, EMBEDDER).unwrap();
    assert_eq!(fresh.search(&vec![1.0; wide], 1).await.unwrap()[0].text, "4");
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

/// Both tables, and nothing else.
async fn holds_both(index: &FlatIndex) -> bool {
    let hits = index.search(&[1.0, 0.5, 0.0], 5).await.unwrap();
    hits.iter().map(|h| (h.fqn.name(), h.text.as_str())).eq([("loan", "About loan."), ("card", "About card.")])
}

#[tokio::test]
async fn a_flipped_byte_is_noticed_or_does_no_harm_and_every_cut_is_noticed() {
    let (index, folder) = fresh();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    index.upsert(&[entry("card", [0.0, 1.0, 0.0])]).await.unwrap();
    let good = fs::read(file(&folder)).unwrap();
    let mut harmless = 0;
    // Header, slots and frames whole; of the padding between them a byte each.
    let places = [0..77, 4_000..4_001, 4_096..4_200, 4_500..4_501, 4_608..4_712, 5_100..5_101, 5_120..good.len()];
    for at in places.into_iter().flatten() {
        fs::write(file(&folder), &good[..at]).unwrap();
        assert!(FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).is_err(), "cut at {at}");
        assert!(index.count().await.is_err(), "cut at {at}");
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        fs::write(file(&folder), &bad).unwrap();
        if let Ok(index) = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER) {
            harmless += 1;
            assert!(holds_both(&index).await, "byte {at}");
            if at % 8 > 0 {
                continue;
            }
            index.upsert(&[entry("new", [1.0, 0.0, 0.0])]).await.unwrap();
            let again = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap();
            assert_eq!(again.count().await.unwrap(), 3, "byte {at}");
        }
    }
    assert!(harmless <= 211, "padding and the two slots: {harmless}");
    fs::write(file(&folder), &good).unwrap();
    assert!(holds_both(&index).await);
}

#[tokio::test]
async fn a_write_that_broke_off_anywhere_leaves_the_state_before_or_after_it() {
    let (index, folder) = fresh();
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0])]).await.unwrap();
    let before = fs::read(file(&folder)).unwrap();
    index.upsert(&[entry("card", [0.0, 1.0, 0.0])]).await.unwrap();
    let after = fs::read(file(&folder)).unwrap();
    // The frame goes first, the slot last; each may arrive in part.
    let mut broken: Vec<Vec<u8>> = (before.len()..=after.len())
        .map(|length| before.iter().chain(&after[before.len()..length]).copied().collect())
        .collect();
    broken.extend((4_096..5_120).map(|slot| after[..slot].iter().chain(&before[slot..]).copied().collect()));
    broken.extend(
        (4_096..5_120).map(|slot| [&after[..slot], &before[slot..before.len()], &after[before.len()..]].concat()),
    );
    for (i, bytes) in broken.into_iter().enumerate() {
        let slot_alone = bytes.len() < after.len() && bytes[..5_120] != before[..5_120];
        fs::write(file(&folder), &bytes).unwrap();
        match FlatIndex::open(file(&folder), DIMENSION, EMBEDDER) {
            Ok(index) => {
                assert!((1..=2).contains(&index.count().await.unwrap()), "case {i}");
                if i % 8 > 0 {
                    continue;
                }
                index.upsert(&[entry("card", [0.0, 1.0, 0.0])]).await.unwrap();
                let again = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap();
                assert!(holds_both(&again).await, "case {i}");
            }
            // The disk wrote the slot before the frame that was brought there first: it lied, and that is noticed.
            Err(error) => assert!(slot_alone && error.kind() == ErrorKind::Corrupt, "case {i}: {error}"),
        }
    }
}

#[tokio::test]
async fn another_process_sees_each_write_and_a_new_file() {
    let (writer, folder) = with_two_tables().await;
    let reader = FlatIndex::open(file(&folder), DIMENSION, EMBEDDER).unwrap();
    writer.upsert(&[entry("new", [0.0, 0.0, 1.0])]).await.unwrap();
    assert_eq!(reader.search(&[0.0, 0.0, 1.0], 1).await.unwrap()[0].fqn.name(), "new");
    writer.delete(&[samples::table_ref("new").id]).await.unwrap();
    assert_eq!(reader.count().await.unwrap(), 2);
    let fresh = FlatIndex::rebuild(file(&folder), DIMENSION, EMBEDDER).unwrap();
    assert_eq!((reader.count().await.unwrap(), fresh.count().await.unwrap()), (0, 0));
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
