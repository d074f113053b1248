//! What every [`VectorIndex`] must do, as tests to run against an adapter of dimension [`DIMENSION`].
#![expect(clippy::unwrap_used, reason = "a contract suite is a test")]

use catalog_core::ErrorKind;
use catalog_core::model::{IndexEntry, TableId};
use catalog_core::ports::VectorIndex;

use crate::samples;

/// The dimension that the suite's vectors have.
pub const DIMENSION: usize = 3;

/// Runs the suite in the module that calls it; the expression makes a fresh, empty index each time, with whatever it
/// needs to live (`(index, folder)` when it needs a folder: the first part is tested).
#[macro_export]
macro_rules! index_suite {
    // All of it in one test, for an index whose making or removal is dear.
    (in_one_test $index:expr) => {
        $crate::index_suite!(@list @one $index);
    };
    (@list @$how:ident $index:expr) => {
        $crate::index_suite!(@$how $index;
            a_fresh_index_is_empty_and_finds_nothing
            the_nearest_come_first
            ties_are_ordered_by_name
            no_more_than_k_are_found
            an_upsert_replaces_by_id
            doing_it_again_changes_nothing
            of_one_id_twice_in_a_batch_the_last_counts
            what_is_deleted_is_not_found
            an_id_that_is_not_there_is_deleted_without_error
            a_vector_of_another_dimension_is_refused_and_nothing_is_written
            a_vector_that_is_not_finite_is_refused
            a_zero_vector_is_as_near_to_all
            the_length_of_a_vector_does_not_matter
            texts_and_names_come_back_as_they_are
        );
    };
    (@one $index:expr; $($name:ident)+) => {
        $(
            println!(stringify!($name));
            let (index, _needed) = $index;
            $crate::index_suite::$name(&index).await;
        )+
    };
    (@each $index:expr; $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (index, _needed) = $index;
                $crate::index_suite::$name(&index).await;
            }
        )+
    };
    ($index:expr) => {
        $crate::index_suite!(@list @each $index);
    };
}

fn entry(name: &str, embedding: [f32; DIMENSION]) -> IndexEntry {
    let table = samples::table_ref(name);
    IndexEntry { id: table.id, fqn: table.fqn, text: format!("About {name}."), embedding: embedding.to_vec() }
}

async fn names(index: &dyn VectorIndex, vector: [f32; DIMENSION], k: usize) -> Vec<String> {
    index.search(&vector, k).await.unwrap().iter().map(|h| h.fqn.name().to_owned()).collect()
}

async fn fill(index: &dyn VectorIndex) {
    let entries = [entry("card", [0.0, 1.0, 0.0]), entry("loan", [1.0, 0.0, 0.0]), entry("account", [1.0, 1.0, 0.0])];
    index.upsert(&entries).await.unwrap();
}

/// See the name.
pub async fn a_fresh_index_is_empty_and_finds_nothing(index: &dyn VectorIndex) {
    assert_eq!(index.dimension(), DIMENSION);
    assert_eq!(index.count().await.unwrap(), 0);
    assert!(index.search(&[1.0, 0.0, 0.0], 5).await.unwrap().is_empty());
}

/// See the name.
pub async fn the_nearest_come_first(index: &dyn VectorIndex) {
    fill(index).await;
    let hits = index.search(&[1.0, 0.1, 0.0], 5).await.unwrap();
    assert_eq!(hits.iter().map(|h| h.fqn.name()).collect::<Vec<_>>(), ["loan", "account", "card"]);
    assert!(hits[0].score > hits[1].score && hits[1].score > hits[2].score);
    assert!((hits[0].score - 1.0 / 1.01_f32.sqrt()).abs() < 1e-5);
}

/// See the name.
pub async fn ties_are_ordered_by_name(index: &dyn VectorIndex) {
    let same = [1.0, 2.0, 3.0];
    let entries: Vec<IndexEntry> = ["d", "b", "e", "a", "c"].map(|n| entry(n, same)).into();
    index.upsert(&entries).await.unwrap();
    assert_eq!(names(index, same, 9).await, ["a", "b", "c", "d", "e"]);
    assert_eq!(names(index, same, 2).await, ["a", "b"]);
}

/// See the name.
pub async fn no_more_than_k_are_found(index: &dyn VectorIndex) {
    fill(index).await;
    assert_eq!(names(index, [1.0, 0.1, 0.0], 2).await, ["loan", "account"]);
    assert!(names(index, [1.0, 0.1, 0.0], 0).await.is_empty());
}

/// See the name.
pub async fn an_upsert_replaces_by_id(index: &dyn VectorIndex) {
    fill(index).await;
    let moved = IndexEntry { text: "New text.".into(), ..entry("card", [1.0, 0.0, 0.0]) };
    index.upsert(&[moved, entry("branch", [0.0, 0.0, 1.0])]).await.unwrap();
    assert_eq!(index.count().await.unwrap(), 4);
    let hits = index.search(&[1.0, 0.0, 0.0], 1).await.unwrap();
    assert_eq!((hits[0].fqn.name(), hits[0].text.as_str()), ("card", "New text."));
}

/// See the name.
pub async fn doing_it_again_changes_nothing(index: &dyn VectorIndex) {
    fill(index).await;
    let once = index.search(&[0.3, 0.2, 0.1], 5).await.unwrap();
    fill(index).await;
    assert_eq!(index.search(&[0.3, 0.2, 0.1], 5).await.unwrap(), once);
    assert_eq!(index.count().await.unwrap(), 3);
}

/// See the name.
pub async fn of_one_id_twice_in_a_batch_the_last_counts(index: &dyn VectorIndex) {
    index.upsert(&[entry("loan", [1.0, 0.0, 0.0]), entry("loan", [0.0, 1.0, 0.0])]).await.unwrap();
    assert_eq!(index.count().await.unwrap(), 1);
    assert!(index.search(&[0.0, 1.0, 0.0], 1).await.unwrap()[0].score > 0.99);
}

/// See the name.
pub async fn what_is_deleted_is_not_found(index: &dyn VectorIndex) {
    fill(index).await;
    index.delete(&[samples::table_ref("loan").id, samples::table_ref("card").id]).await.unwrap();
    assert_eq!(names(index, [1.0, 0.1, 0.0], 5).await, ["account"]);
    assert_eq!(index.count().await.unwrap(), 1);
}

/// See the name.
pub async fn an_id_that_is_not_there_is_deleted_without_error(index: &dyn VectorIndex) {
    index.delete(&[TableId("nobody".into())]).await.unwrap();
    fill(index).await;
    index.delete(&[TableId("nobody".into())]).await.unwrap();
    assert_eq!(index.count().await.unwrap(), 3);
}

/// Also when the other vectors of the batch are fine.
pub async fn a_vector_of_another_dimension_is_refused_and_nothing_is_written(index: &dyn VectorIndex) {
    let short = IndexEntry { embedding: vec![1.0], ..entry("card", [0.0; DIMENSION]) };
    let refused = index.upsert(&[entry("loan", [1.0, 0.0, 0.0]), short]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(index.count().await.unwrap(), 0);
    assert_eq!(index.search(&[1.0], 5).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// See the name.
pub async fn a_vector_that_is_not_finite_is_refused(index: &dyn VectorIndex) {
    let refused = index.upsert(&[entry("loan", [f32::NAN, 0.0, 0.0])]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(index.search(&[f32::INFINITY, 0.0, 0.0], 1).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// See the name.
pub async fn a_zero_vector_is_as_near_to_all(index: &dyn VectorIndex) {
    fill(index).await;
    index.upsert(&[entry("void", [0.0; DIMENSION])]).await.unwrap();
    let hits = index.search(&[0.0; DIMENSION], 5).await.unwrap();
    assert_eq!(hits.iter().map(|h| h.fqn.name()).collect::<Vec<_>>(), ["account", "card", "loan", "void"]);
    assert!(hits.iter().all(|h| h.score == 0.0));
}

/// See the name.
pub async fn the_length_of_a_vector_does_not_matter(index: &dyn VectorIndex) {
    index.upsert(&[entry("long", [9e18, 0.0, 0.0]), entry("short", [1e-18, 1e-18, 0.0])]).await.unwrap();
    let hits = index.search(&[1e-12, 0.0, 0.0], 2).await.unwrap();
    assert_eq!(hits[0].fqn.name(), "long");
    assert!((hits[0].score - 1.0).abs() < 1e-5 && (hits[1].score - 0.5_f32.sqrt()).abs() < 1e-5);
}

/// See the name.
pub async fn texts_and_names_come_back_as_they_are(index: &dyn VectorIndex) {
    let name = "odd.\"name\" \u{0} é 💳";
    let odd = IndexEntry { text: String::new(), ..entry(name, [1.0, 0.0, 0.0]) };
    index.upsert(std::slice::from_ref(&odd)).await.unwrap();
    let hits = index.search(&[1.0, 0.0, 0.0], 1).await.unwrap();
    assert_eq!((&hits[0].id, &hits[0].fqn, &hits[0].text), (&odd.id, &odd.fqn, &odd.text));
}
