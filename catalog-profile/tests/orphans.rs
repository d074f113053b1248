//! Orphan counts against brute force, and the traps of NULL, type and memory.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog_core::ErrorKind;
use catalog_core::memory::{MemoryScanner, MemoryTables};
use catalog_core::model::{ColumnSet, ConfirmCheck, ConfirmCount, DataType, RawCell, Table};
use catalog_core::ports::KeyCounter;
use catalog_profile::{KeyCountOptions, ScanKeyCounter};
use proptest::prelude::*;

const COLUMNS: [(&str, DataType); 2] = [("a", DataType::Unknown), ("b", DataType::Unknown)];

struct Fixture {
    counter: ScanKeyCounter,
    child: Table,
    parent: Table,
}

impl Fixture {
    fn new(child: Vec<Vec<RawCell>>, parent: Vec<Vec<RawCell>>) -> Self {
        let tables = Arc::new(MemoryTables::new());
        let child = tables.add("mem", "child", &COLUMNS, child);
        let parent = tables.add("mem", "parent", &COLUMNS, parent);
        let scanner = Arc::new(MemoryScanner::new(tables));
        Self { counter: ScanKeyCounter::new(scanner.clone(), scanner), child, parent }
    }

    fn check(&self, child: &[&str], parent: &[&str]) -> ConfirmCheck {
        let side = |table: &Table, columns: &[&str]| ColumnSet {
            table: table.fqn().clone(),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        ConfirmCheck { child: side(&self.child, child), parent: side(&self.parent, parent) }
    }

    fn count(&self, columns: &[&str]) -> ConfirmCount {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let check = self.check(columns, columns);
        runtime.block_on(self.counter.count(&check, &self.child, &self.parent)).unwrap()
    }

    fn failure(&self, child: &[&str], parent: &[&str]) -> ErrorKind {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let check = self.check(child, parent);
        runtime.block_on(self.counter.count(&check, &self.child, &self.parent)).unwrap_err().kind()
    }
}

fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Vec<RawCell>> {
    values.into_iter().map(|v| vec![RawCell::Int(v)]).collect()
}

fn text(value: &str) -> RawCell {
    RawCell::Text(value.into())
}

#[test]
fn a_null_in_the_parent_does_not_hide_an_orphan() {
    let mut parent = ints([1, 2]);
    parent.push(vec![RawCell::Null]);
    let mut child = ints([1, 2, 99]);
    child.push(vec![RawCell::Null]);
    let count = Fixture::new(child, parent).count(&["a"]);
    assert_eq!((count.child_distinct, count.orphans, count.parent_rows, count.parent_distinct), (3, 1, 2, 2));
    assert!(!count.sampled && !count.vacuous());
}

#[test]
fn a_number_meets_its_text() {
    let child = vec![vec![RawCell::Int(42)], vec![RawCell::Real(7.0)], vec![text("007")]];
    let parent = vec![vec![text("42")], vec![text("7  ")]];
    let count = Fixture::new(child, parent).count(&["a"]);
    assert_eq!((count.child_distinct, count.orphans), (3, 1));
}

#[test]
fn tuples_are_compared_whole_and_not_as_joined_text() {
    let child = vec![
        vec![text("a"), text("bc")],
        vec![text("ab"), text("c")],
        vec![text("a"), RawCell::Null],
        vec![RawCell::Int(1), RawCell::Int(2)],
    ];
    let parent = vec![vec![text("ab"), text("c")], vec![text("1"), text("2")], vec![RawCell::Null, text("bc")]];
    let count = Fixture::new(child, parent).count(&["a", "b"]);
    assert_eq!((count.child_distinct, count.orphans, count.parent_rows, count.parent_distinct), (3, 1, 2, 2));
}

#[test]
fn a_parent_with_repetition_is_seen_to_be_no_key() {
    let count = Fixture::new(ints([1]), ints([1, 1, 2])).count(&["a"]);
    assert_eq!((count.parent_rows, count.parent_distinct), (3, 2));
}

#[test]
fn an_empty_side_is_vacuous() {
    assert!(Fixture::new(ints([1]), vec![]).count(&["a"]).vacuous());
    assert!(Fixture::new(vec![], ints([1])).count(&["a"]).vacuous());
}

#[test]
fn missing_columns_and_unequal_sides_are_said_before_anything_is_read() {
    let fixture = Fixture::new(ints([1]), ints([1]));
    assert_eq!(fixture.failure(&["gone"], &["a"]), ErrorKind::NotFound);
    assert_eq!(fixture.failure(&["a"], &["gone"]), ErrorKind::NotFound);
    assert_eq!(fixture.failure(&["a"], &["a", "b"]), ErrorKind::InvalidInput);
    assert_eq!(fixture.failure(&[], &[]), ErrorKind::InvalidInput);
}

#[test]
fn too_little_memory_is_an_error_and_no_wrong_count() {
    let mut fixture = Fixture::new(ints(0..1_000), ints(0..1_000));
    let options = KeyCountOptions { memory_bytes: 1_000, passes_max: 3, ..KeyCountOptions::default() };
    fixture.counter = fixture.counter.with_options(options);
    assert_eq!(fixture.failure(&["a"], &["a"]), ErrorKind::LimitExceeded);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_agree_with_brute_force_whatever_the_memory(
        child in prop::collection::vec(prop::option::of(0_i64..400), 0..500),
        parent in prop::collection::vec(prop::option::of(0_i64..400), 0..500),
        memory_bytes in prop::sample::select(vec![1_024_usize, 4_096, 1 << 20]),
    ) {
        let rows = |side: &[Option<i64>]| side.iter().map(|v| vec![v.map_or(RawCell::Null, RawCell::Int)]).collect();
        let mut fixture = Fixture::new(rows(&child), rows(&parent));
        fixture.counter = fixture.counter.with_options(KeyCountOptions { memory_bytes, ..KeyCountOptions::default() });
        let count = fixture.count(&["a"]);
        let children: BTreeSet<i64> = child.iter().flatten().copied().collect();
        let parents: BTreeSet<i64> = parent.iter().flatten().copied().collect();
        let expected = ConfirmCount {
            child_distinct: children.len() as u64,
            orphans: children.difference(&parents).count() as u64,
            parent_rows: parent.iter().flatten().count() as u64,
            parent_distinct: parents.len() as u64,
            sampled: false,
        };
        prop_assert_eq!(count, expected);
    }
}
