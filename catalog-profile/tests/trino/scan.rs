//! The aggregate scan: which columns are counted value by value, and what happens when there are more than was thought.

use std::sync::Arc;

use catalog_core::model::{DistinctEstimate, DistinctMethod, RawSample, SampleMethod, TableProfile};
use catalog_core::ports::Profiler;
use catalog_profile::trino::{TrinoOptions, TrinoProfileOptions, TrinoProfiler};
use serde_json::{Value, json};

use super::faults::{columns, table};
use super::scripted::{Play, Scripted};

/// Statistics that promise ten values of `id`.
fn statistics() -> (&'static str, Play) {
    let names = ["column_name", "distinct_values_count", "nulls_fraction", "row_count"];
    let rows = vec![json!(["id", 10.0, 0.0, null]), json!([null, null, null, 20_000.0])];
    ("SHOW STATS", Play::Rows(names.map(|name| (name, "double")).to_vec(), rows))
}

fn answer(row: &[Value]) -> Play {
    Play::Rows(vec![("f", "bigint"); row.len()], vec![Value::from(row.to_vec())])
}

/// Figures of `id` by its digest: 5,000 values.
const ID: &str = "[20000, 5000, 7, [1, 2, 3], 1, 5000, [250.0, 4750.0]]";
/// Figures of `name`: 20,000 rows of 3 values.
const NAME: &str = "[20000, 3, 9, [4, 5, 6], \"a\", \"c\", 0, 1, 1, 1.0]";

fn row(parts: &[&str]) -> Vec<Value> {
    let parts = parts.iter().flat_map(|part| serde_json::from_str::<Vec<Value>>(part).unwrap());
    [json!(20_000)].into_iter().chain(parts).collect()
}

/// The profile, and the statements that scanned.
async fn profile(rules: Vec<(&'static str, Play)>) -> (TableProfile, Vec<String>) {
    let server = Scripted::start([columns(), statistics()].into_iter().chain(rules).collect()).await;
    let profiler =
        TrinoProfiler::new(Arc::clone(&server.client(TrinoOptions::default())), TrinoProfileOptions::default());
    let nothing = RawSample::new(["ID".to_owned(), "name".to_owned()], SampleMethod::Limit);
    let profile = profiler.profile(&table(), &nothing).await.unwrap().profile;
    let journal = server.journal.lock().unwrap();
    let scans = journal.iter().filter(|(_, body)| body.contains("count(*) AS n")).map(|(_, body)| body.clone());
    (profile, scans.collect())
}

fn exactly(value: u64) -> Option<DistinctEstimate> {
    Some(DistinctEstimate { value, error_bound: 0.0, method: DistinctMethod::Exact })
}

#[tokio::test]
async fn a_column_of_few_values_is_counted_in_the_one_scan_without_a_text_of_each_row() {
    let few = row(&["[19000, 2, {\"7\": 18000, \"8\": 1000}, 7, 8]", NAME]);
    let (profile, scans) = profile(vec![("histogram(", answer(&few))]).await;
    assert_eq!((profile.columns[0].distinct, profile.columns[0].null_ratio), (exactly(2), Some(0.05)));
    let range = profile.columns[0].range.as_ref().unwrap();
    assert_eq!((range.p5.as_str(), range.p95.as_str()), ("7", "8"));
    assert_eq!(profile.columns[1].distinct, exactly(3));
    assert!(scans.len() == 1 && !scans[0].contains("CAST(\"id\" AS varchar)"), "{scans:?}");
}

#[tokio::test]
async fn a_column_of_more_values_than_statistics_promised_is_asked_again_alone() {
    let many = row(&["[20000, 9000, null, 1, 9000]", NAME]);
    let (profile, scans) = profile(vec![("histogram(", answer(&many)), ("make_set_digest", answer(&row(&[ID])))]).await;
    assert_eq!((profile.columns[0].distinct, profile.columns[1].distinct), (exactly(5000), exactly(3)));
    assert!(scans.len() == 2 && !scans[1].contains("\"name\""), "{scans:?}");
}

#[tokio::test]
async fn counts_that_exceed_the_engines_memory_leave_the_digests_of_all_columns() {
    let full = Play::Error("EXCEEDED_LOCAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES");
    let (profile, scans) = profile(vec![("histogram(", full), ("make_set_digest", answer(&row(&[ID, NAME])))]).await;
    assert_eq!((profile.method, profile.row_count), (SampleMethod::FullScan, 20_000));
    assert_eq!((profile.columns[0].distinct, profile.columns[1].distinct), (exactly(5000), exactly(3)));
    assert_eq!(scans.len(), 2);
}
