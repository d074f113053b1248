//! Every inclusion between two columns of TPC-H, and its keys, from CSV files:
//! `cargo run --release -p catalog-fk --example tpch_files FOLDER`.
//!
//! The fingerprints rule pairs out; what is left is compared exactly, on the sorted hashes of all distinct values.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use catalog_core::model::{
    CellRef, ConfirmCount, DataType, Fingerprint, Fqn, KeyColumn, KeyStatus, KeyTable, RelateInput, TableKind,
};
use catalog_core::ports::{ConfirmBudget, FkMatcher};
use catalog_fk::fingerprint::FingerprintBuilder;
use catalog_fk::{KeyMatcher, containment};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The nine references of single columns (TPC-H specification 3.0.1, 1.4.2).
const KEYS: [(&str, &str); 9] = [
    ("n_regionkey", "r_regionkey"),
    ("s_nationkey", "n_nationkey"),
    ("c_nationkey", "n_nationkey"),
    ("ps_partkey", "p_partkey"),
    ("ps_suppkey", "s_suppkey"),
    ("o_custkey", "c_custkey"),
    ("l_orderkey", "o_orderkey"),
    ("l_partkey", "p_partkey"),
    ("l_suppkey", "s_suppkey"),
];

struct Column {
    name: String,
    fingerprint: Fingerprint,
    /// Hashes of all distinct values, ascending.
    values: Vec<i64>,
}

#[allow(clippy::print_stdout)] // an example talks to its reader
fn main() -> Result<()> {
    let folder = std::env::args().nth(1).ok_or("give a folder of CSV files")?;
    let start = Instant::now();
    let (input, columns) = read(Path::new(&folder))?;
    let read_seconds = start.elapsed().as_secs_f64();
    let inclusions = inclusions(&columns);
    let inclusion_seconds = start.elapsed().as_secs_f64();
    let keys = keys(&input, &columns);
    let is_key = |pair: &(&str, &str)| KEYS.contains(pair);
    println!(
        "{{\"read_seconds\": {read_seconds:.2}, \"inclusion_seconds\": {inclusion_seconds:.2}, \"inclusions\": {}, \
         \"true_keys\": {}, \"keys_seconds\": {:.2}, \"keys_confirmed\": {}, \"keys_right\": {}, \"peak_mib\": {}}}",
        inclusions.len(),
        inclusions.iter().filter(|pair| is_key(pair)).count(),
        start.elapsed().as_secs_f64(),
        keys.len(),
        keys.iter().filter(|(child, parent)| is_key(&(child, parent))).count(),
        peak_mib()
    );
    Ok(())
}

/// All pairs of different columns where the second holds every value of the first.
fn inclusions(columns: &[Column]) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for child in columns.iter().filter(|c| !c.values.is_empty()) {
        for parent in columns.iter().filter(|p| p.name != child.name && p.values.len() >= child.values.len()) {
            let possible = containment(&child.fingerprint, &parent.fingerprint).missing == 0;
            if possible && orphans(child, parent) == 0 {
                found.push((child.name.as_str(), parent.name.as_str()));
            }
        }
    }
    found
}

fn orphans(child: &Column, parent: &Column) -> u64 {
    let mut rest = parent.values.as_slice();
    let missing = |value: &&i64| {
        rest = &rest[rest.partition_point(|v| v < *value)..];
        rest.first() != Some(*value)
    };
    child.values.iter().filter(missing).count() as u64
}

/// The confirmed keys of single columns.
fn keys(input: &RelateInput, columns: &[Column]) -> Vec<(String, String)> {
    let by_name: HashMap<&str, &Column> = columns.iter().map(|c| (c.name.as_str(), c)).collect();
    let matcher = KeyMatcher::default();
    let candidates = matcher.candidates(input);
    let budget = ConfirmBudget { checks_max: usize::MAX, rows_max: u64::MAX };
    let mut counts = Vec::new();
    for check in matcher.plan(input, &candidates, budget).checks {
        let ([child], [parent]) = (check.child.columns.as_slice(), check.parent.columns.as_slice()) else { continue };
        let (child, parent) = (by_name[child.as_str()], by_name[parent.as_str()]);
        let count = ConfirmCount {
            child_distinct: child.values.len() as u64,
            orphans: orphans(child, parent),
            parent_rows: parent.fingerprint.rows - parent.fingerprint.nulls,
            parent_distinct: parent.values.len() as u64,
            sampled: false,
        };
        counts.push((check, Some(count)));
    }
    let keys = matcher.conclude(input, candidates, &counts);
    let confirmed = keys.into_iter().filter(|key| key.status == KeyStatus::Confirmed);
    confirmed.map(|mut key| (key.child.columns.remove(0), key.parent.columns.remove(0))).collect()
}

fn read(folder: &Path) -> Result<(RelateInput, Vec<Column>)> {
    let (mut input, mut all) = (RelateInput::default(), Vec::new());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let table = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = csv::Reader::from_path(&path)?;
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let mut builders: Vec<_> = names.iter().map(|_| FingerprintBuilder::new(DataType::Unknown)).collect();
        let mut values = vec![Vec::new(); names.len()];
        let (mut row, mut row_count) = (csv::StringRecord::new(), 0);
        while reader.read_record(&mut row)? {
            row_count += 1;
            for ((field, builder), values) in row.iter().zip(&mut builders).zip(&mut values) {
                values.extend(builder.push(if field.is_empty() { CellRef::Null } else { CellRef::Text(field) }));
            }
        }
        let columns = names.into_iter().zip(builders).zip(values).map(|((name, builder), mut values)| {
            values.sort_unstable();
            values.dedup();
            values.shrink_to_fit();
            Column { name, fingerprint: builder.finish_with_distinct(values.len() as u64, true), values }
        });
        let columns: Vec<Column> = columns.collect();
        input.tables.push(KeyTable {
            fqn: Fqn::from_parts(["tpch", "files", table.as_str()]),
            catalog: "tpch".to_owned(),
            kind: TableKind::Table,
            row_count,
            columns: columns
                .iter()
                .map(|c| KeyColumn::new(c.name.as_str(), DataType::Unknown, c.fingerprint.clone()))
                .collect(),
            primary_key: Vec::new(),
            declared: Vec::new(),
        });
        all.extend(columns);
    }
    Ok((input, all))
}

/// The process's peak memory so far, where Linux tells.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
