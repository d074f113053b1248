//! What a profile says of good and of strange columns.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::memory::{MemoryScanner, MemorySource, MemoryTables};
use catalog_core::model::{
    CellRef, ColumnProfile, DataType, DistinctMethod, ProfiledTable, RawCell, RawColumnValues, RawSample, SampleMethod,
    SampleRequest, Table, ValueFamily,
};
use catalog_core::ports::{Profiler, Sampler, ScanRequest, ScanSummary, SharedSink, TableScanner};
use catalog_core::{Error, ErrorKind, Result};
use catalog_profile::{ProfileOptions, ScanProfiler, VALUE_BYTES_MAX};
use proptest::prelude::*;

/// The profile of a one-column table.
async fn column(data_type: DataType, cells: Vec<RawCell>) -> (ColumnProfile, RawColumnValues, ProfiledTable) {
    let rows = cells.into_iter().map(|cell| vec![cell]).collect();
    let profiled = table(&[("c", data_type)], rows, ProfileOptions::default()).await;
    (profiled.profile.columns[0].clone(), profiled.values[0].clone(), profiled)
}

async fn table(columns: &[(&str, DataType)], rows: Vec<Vec<RawCell>>, options: ProfileOptions) -> ProfiledTable {
    let tables = Arc::new(MemoryTables::new());
    let table = tables.add("mem", "t", columns, rows);
    let sample = MemorySource::new("mem", Arc::clone(&tables)).sample(&table, &SampleRequest::default()).await.unwrap();
    ScanProfiler::new(Arc::new(MemoryScanner::new(tables)), options).profile(&table, &sample).await.unwrap()
}

fn text(value: &str) -> RawCell {
    RawCell::Text(value.into())
}

#[tokio::test]
async fn an_empty_table_has_no_ratio_rather_than_a_ratio_of_zero() {
    let (c, values, profiled) = column(DataType::Text, vec![]).await;
    assert_eq!((profiled.profile.row_count, profiled.profile.row_count_exact), (0, true));
    assert!(c.null_ratio.is_none() && c.distinct.is_none() && c.lengths.is_none() && c.range.is_none() && !c.unique);
    assert!(values.top.is_empty() && values.top_complete && values.min.is_none());
}

#[tokio::test]
async fn one_row_is_unique() {
    let (c, values, _) = column(DataType::Integer, vec![RawCell::Int(-42)]).await;
    assert!(c.unique && c.null_ratio == Some(0.0) && c.distinct.unwrap().value == 1);
    assert!(values.min == Some(RawCell::Int(-42)) && values.top == [(RawCell::Int(-42), 1)]);
    assert_eq!((c.shapes[0].shape.as_str(), c.shapes[0].share), ("-99", 1.0));
}

#[tokio::test]
async fn a_column_of_nulls_is_neither_unique_nor_measured() {
    let (c, values, profiled) = column(DataType::Text, vec![RawCell::Null; 5]).await;
    assert_eq!((c.null_ratio, c.distinct.unwrap().value, c.unique, c.lengths), (Some(1.0), 0, false, None));
    assert!(values.top.is_empty() && profiled.fingerprints[0].family == ValueFamily::Empty);
}

#[tokio::test]
async fn empties_words_and_lengths_are_those_of_text() {
    let cells = vec![text(""), text("  "), text("deux mots"), text("Été"), RawCell::Null];
    let (c, _, _) = column(DataType::Text, cells).await;
    assert_eq!((c.null_ratio, c.empty_ratio, c.mean_words), (Some(0.2), 0.5, 0.75));
    let lengths = c.lengths.unwrap();
    assert_eq!((lengths.min, lengths.max), (0, 9));
    assert!((lengths.mean - 3.0).abs() < 1e-6, "trailing spaces are padding");
}

#[tokio::test]
async fn mixed_types_in_one_column_are_all_counted() {
    let cells = vec![
        RawCell::Int(1),
        RawCell::Real(1.0),
        text("1"),
        RawCell::Real(2.5),
        RawCell::Bool(true),
        RawCell::Bytes(Box::new([1, 2, 3])),
        text("abc"),
    ];
    let (c, values, _) = column(DataType::Unknown, cells).await;
    assert_eq!(c.distinct.unwrap().value, 5, "1, 1.0 and '1' are one value");
    assert!((c.numeric_ratio - 4.0 / 7.0).abs() < 1e-9 && !c.unique);
    assert!(values.min == Some(RawCell::Int(1)) && values.max == Some(RawCell::Bytes(Box::new([1, 2, 3]))));
}

#[tokio::test]
async fn nan_and_infinity_are_values_and_no_numbers() {
    let cells = vec![RawCell::Real(f64::NAN), RawCell::Real(f64::INFINITY), RawCell::Real(0.5)];
    let (c, values, _) = column(DataType::Float, cells).await;
    assert_eq!(c.distinct.unwrap().value, 3);
    assert!((c.numeric_ratio - 1.0 / 3.0).abs() < 1e-9);
    assert!(values.min.is_some() && !matches!(values.min, Some(RawCell::Real(v)) if v.is_nan()));
}

#[tokio::test]
async fn huge_cells_are_kept_in_part_only() {
    let huge = "x".repeat(1 << 20);
    let cells = vec![text(&huge), RawCell::Bytes(vec![7; 1 << 20].into())];
    let (c, values, _) = column(DataType::Text, cells).await;
    assert_eq!(c.lengths.unwrap().max, 4096, "cells are cut before they are looked at");
    assert!(values.top.iter().all(|(cell, _)| cell.as_ref().byte_len() <= VALUE_BYTES_MAX));
}

#[tokio::test]
async fn counts_are_exact_while_few_and_estimated_beyond() {
    let (small, _, _) = column(DataType::Integer, (0..4_000).map(RawCell::Int).collect()).await;
    let distinct = small.distinct.unwrap();
    assert_eq!((distinct.value, distinct.error_bound, distinct.method), (4_000, 0.0, DistinctMethod::Exact));

    let (large, values, profiled) = column(DataType::Integer, (0..30_000).map(RawCell::Int).collect()).await;
    let distinct = large.distinct.unwrap();
    assert_eq!(distinct.method, DistinctMethod::HyperLogLog);
    assert!(distinct.error_bound <= 0.025 && (distinct.value as f64 / 30_000.0 - 1.0).abs() <= distinct.error_bound);
    assert!(large.unique && !values.top_complete && !profiled.fingerprints[0].complete);
}

#[tokio::test]
async fn one_repetition_among_many_keys_that_is_seen_denies_uniqueness() {
    let mut cells: Vec<RawCell> = (0..20_000).map(RawCell::Int).collect();
    cells.push(RawCell::Int(19_999));
    assert!(!column(DataType::Integer, cells).await.0.unique);
}

#[tokio::test]
async fn public_codes_come_with_exact_counts() {
    let cells = (0..1_000).map(|i| text(["NEW", "PAID", "LATE"][usize::from(i % 10 == 0) + usize::from(i % 100 == 0)]));
    let (_, values, _) = column(DataType::Text, cells.collect()).await;
    assert!(values.top_complete);
    assert!(values.top == [(text("NEW"), 900), (text("PAID"), 90), (text("LATE"), 10)]);
}

#[tokio::test]
async fn ranges_are_rounded_and_digits_in_text_have_none() {
    let (amounts, _, _) = column(DataType::Decimal, (0..1_000).map(|i| text(&format!("{i}.50"))).collect()).await;
    let range = amounts.range.unwrap();
    assert_eq!((range.p5.as_str(), range.p95.as_str()), ("50", "900"));

    let days = (0..400).map(|i| text(&format!("{}-06-15", 1950 + i / 10))).collect();
    let range = column(DataType::Text, days).await.0.range.unwrap();
    assert_eq!((range.p5.as_str(), range.p95.as_str()), ("1952", "1987"));

    let cards = (0..400).map(|i| text(&format!("4111111111{i:06}"))).collect();
    assert!(column(DataType::Text, cards).await.0.range.is_none());
}

#[tokio::test]
async fn wide_tables_are_read_in_batches_with_the_same_result() {
    let names: Vec<String> = (0..2_000).map(|i| format!("c{i}")).collect();
    let columns: Vec<(&str, DataType)> = names.iter().map(|n| (n.as_str(), DataType::Integer)).collect();
    let rows = (0..3).map(|r| (0..2_000).map(|c| RawCell::Int(c * 10 + r)).collect()).collect();
    let profiled = table(&columns, rows, ProfileOptions::default()).await;
    assert_eq!(profiled.profile.columns.len(), 2_000);
    assert_eq!(profiled.fingerprints[1_999].integer_range, Some((19_990, 19_992)));
    assert!(profiled.profile.row_count == 3 && profiled.profile.method == SampleMethod::FullScan);
}

#[tokio::test]
async fn a_part_of_the_rows_makes_nothing_complete() {
    let rows = (0..100).map(|i| vec![RawCell::Int(i)]).collect();
    let options = ProfileOptions { rows_max: Some(10), ..ProfileOptions::default() };
    let profiled = table(&[("c", DataType::Integer)], rows, options).await;
    assert_eq!((profiled.profile.rows_seen, profiled.profile.row_count_exact), (10, false));
    assert_eq!(profiled.profile.columns[0].distinct.unwrap().method, DistinctMethod::Sample);
    let fingerprint = &profiled.fingerprints[0];
    assert!(!fingerprint.complete && !fingerprint.distinct_exact && !profiled.values[0].top_complete);
}

/// Fails every scan with one kind of error.
struct Refusing(ErrorKind);

#[async_trait]
impl TableScanner for Refusing {
    async fn scan(&self, _: &Table, _: &ScanRequest, sink: SharedSink) -> Result<ScanSummary> {
        let _: ControlFlow<()> = sink.lock().unwrap().row(&[CellRef::Int(1)]);
        Err(Error::new(self.0, "scan_table", "refused"))
    }
}

#[tokio::test]
async fn a_refused_scan_falls_back_to_the_sample_and_says_so() {
    let tables = MemoryTables::new();
    let mut table = tables.add("mem", "t", &[("a", DataType::Integer), ("b", DataType::Text)], vec![]);
    table.row_count_estimate = Some(5_000);
    let mut sample = RawSample::new(["b", "a"], SampleMethod::Bernoulli);
    (0..20).for_each(|i| sample.push_row([RawCell::Null, RawCell::Int(i)]));
    for kind in [ErrorKind::Unsupported, ErrorKind::Timeout] {
        let profiler = ScanProfiler::new(Arc::new(Refusing(kind)), ProfileOptions::default());
        let profile = profiler.profile(&table, &sample).await.unwrap().profile;
        assert_eq!((profile.method, profile.rows_seen, profile.row_count), (SampleMethod::Bernoulli, 20, 5_000));
        assert_eq!((profile.columns[0].null_ratio, profile.columns[1].null_ratio), (Some(0.0), Some(1.0)));
        assert!(!profile.row_count_exact);
    }
}

#[tokio::test]
async fn a_vanished_table_is_an_error_and_no_empty_profile() {
    let table = MemoryTables::new().add("mem", "t", &[("a", DataType::Integer)], vec![]);
    let profiler = ScanProfiler::new(Arc::new(Refusing(ErrorKind::NotFound)), ProfileOptions::default());
    let sample = RawSample::new(["a"], SampleMethod::Limit);
    assert_eq!(profiler.profile(&table, &sample).await.err().unwrap().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn no_cell_value_is_in_the_public_profile() {
    let canaries = ["Zyxwvut", "zyxwvut@canary.example", "FR7630006000011234567890189", "4539578763621486", "ZYX"];
    let cells: Vec<RawCell> =
        (0..200).map(|i| text(canaries[i % canaries.len()])).chain([RawCell::Int(918_273_645)]).collect();
    for data_type in [DataType::Text, DataType::Integer, DataType::Unknown, DataType::Date] {
        let (_, _, profiled) = column(data_type, cells.clone()).await;
        let json = serde_json::to_string(&profiled.profile).unwrap();
        for canary in canaries.into_iter().chain(["918273645", "canary"]) {
            assert!(!json.contains(canary), "{canary} in {json}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn counts_agree_with_brute_force(values in prop::collection::vec(prop::option::of(0_i64..50), 0..300)) {
        let cells = values.iter().map(|v| v.map_or(RawCell::Null, RawCell::Int)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (c, raw, _) = runtime.block_on(column(DataType::Integer, cells));
        let filled: Vec<i64> = values.iter().flatten().copied().collect();
        let distinct: std::collections::BTreeSet<i64> = filled.iter().copied().collect();
        if !values.is_empty() {
            prop_assert_eq!(c.null_ratio.unwrap(), (values.len() - filled.len()) as f64 / values.len() as f64);
            prop_assert_eq!(c.distinct.unwrap().value, distinct.len() as u64);
        }
        prop_assert_eq!(c.unique, !filled.is_empty() && filled.len() == distinct.len());
        prop_assert!(raw.min == filled.iter().min().map(|v| RawCell::Int(*v)));
        prop_assert!(raw.max == filled.iter().max().map(|v| RawCell::Int(*v)));
        for (cell, count) in raw.top {
            let real = filled.iter().filter(|v| cell == RawCell::Int(**v)).count() as u64;
            prop_assert_eq!(count, real);
        }
    }
}
