//! The recognisers beside Presidio's: 100,000 generated cells in English and French, both engines on the same cells in
//! one run.
//!
//! `cargo run --release -p catalog-pii --example bench_pii -- PYTHON [CELLS]`, where PYTHON is an interpreter
//! that has presidio-analyzer (`cargo xtask stack up presidio` installs one below `installed/presidio-*/python/bin`).
//!
//! Ours is asked twice: for every cell alone, and for columns of 100 cells of one kind under a name that says nothing,
//! which is how the product sees them. A cell counts as found when its kind is reported for it at all; precision is
//! over all cells for which a kind is reported. Presidio has no recogniser for French social security numbers, and
//! none for cards and US numbers in French text: those two are added to it, so that both engines look for the same.

#![allow(clippy::print_stdout)]

mod cells;

use std::fs;
use std::process::Command;

use catalog_core::model::{PiiEntity, RawCell, RawSample, SampleMethod};
use catalog_core::ports::ScanHits;
use catalog_pii::PatternScanner;
use cells::{Cell, generate};
use serde_json::{Value, json};

/// The kinds that are compared, with Presidio's names.
const KINDS: [(PiiEntity, &str); 6] = [
    (PiiEntity::Email, "EMAIL_ADDRESS"),
    (PiiEntity::Iban, "IBAN_CODE"),
    (PiiEntity::Phone, "PHONE_NUMBER"),
    (PiiEntity::UsSsn, "US_SSN"),
    (PiiEntity::Card, "CREDIT_CARD"),
    (PiiEntity::FrNir, "FR_NIR"),
];
const COLUMN: usize = 100;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let python = arguments.next().ok_or("name a python that has presidio-analyzer")?;
    let count = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let cells = generate(count, COLUMN);
    let started = cpu_seconds();
    let alone: Vec<Vec<PiiEntity>> = cells.iter().map(|c| found(&scan(std::slice::from_ref(c)))).collect();
    let alone_secs = cpu_seconds() - started;
    let started = cpu_seconds();
    let columns: Vec<ScanHits> = cells.chunks(COLUMN).map(scan).collect();
    let column_secs = cpu_seconds() - started;
    let report = |what: &str, secs: f64, figures: Value| {
        println!(
            "{}",
            json!({"engine": what, "cells": cells.len(), "cpu_seconds": secs,
            "cells_per_cpu_second": cells.len() as f64 / secs, "kinds": figures})
        );
    };
    report("ours, a cell alone", alone_secs, by_cell(&cells, |i, kind| alone[i].contains(&KINDS[kind].0)));
    report("ours, columns of 100", column_secs, by_column(&cells, &columns));
    let (secs, named) = presidio(&python, &cells)?;
    report("presidio, a cell alone", secs, by_cell(&cells, |i, kind| named[i].iter().any(|n| n == KINDS[kind].1)));
    Ok(())
}

/// Seconds that this thread has been on a processor, as Linux counts them: a busy machine does not slow them.
fn cpu_seconds() -> f64 {
    let times = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    times.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn scan(cells: &[Cell]) -> ScanHits {
    let mut sample = RawSample::new(["c1"], SampleMethod::Limit);
    for cell in cells {
        sample.push_row([RawCell::Text(cell.text.as_str().into())]);
    }
    PatternScanner::default().scan_now(&sample).remove(0)
}

fn found(hits: &ScanHits) -> Vec<PiiEntity> {
    hits.hits.iter().filter(|h| h.inside_share > 0.0).map(|h| h.entity).collect()
}

/// Precision and recall a kind, given whether it is reported for the cell at an index.
fn by_cell(cells: &[Cell], reported: impl Fn(usize, usize) -> bool) -> Value {
    let rows = KINDS.iter().enumerate().map(|(kind, (entity, _))| {
        let (mut right, mut wrong, mut all) = (0.0, 0.0, 0.0);
        for (i, cell) in cells.iter().enumerate() {
            let is = cell.kind == Some(*entity);
            all += f64::from(u8::from(is));
            match reported(i, kind) {
                true if is => right += 1.0,
                true => wrong += 1.0,
                false => {}
            }
        }
        figures(*entity, right, wrong, all)
    });
    rows.collect()
}

/// The same from the shares of columns, each of which holds cells of one kind.
fn by_column(cells: &[Cell], columns: &[ScanHits]) -> Value {
    let rows = KINDS.iter().map(|(entity, _)| {
        let (mut right, mut wrong, mut all) = (0.0, 0.0, 0.0);
        for (column, hits) in cells.chunks(COLUMN).zip(columns) {
            let share = hits.hits.iter().find(|h| h.entity == *entity).map_or(0.0, |h| h.inside_share);
            let reported = share * hits.cells_seen as f64;
            if column[0].kind == Some(*entity) {
                all += column.len() as f64;
                right += reported;
            } else {
                wrong += reported;
            }
        }
        figures(*entity, right, wrong, all)
    });
    rows.collect()
}

fn figures(entity: PiiEntity, right: f64, wrong: f64, all: f64) -> Value {
    let ratio = |a: f64, b: f64| if b > 0.0 { (a / b * 1000.0).round() / 1000.0 } else { 0.0 };
    json!({"kind": entity.as_str(), "precision": ratio(right, right + wrong), "recall": ratio(right, all)})
}

/// Presidio's CPU seconds, and what it calls each cell.
fn presidio(python: &str, cells: &[Cell]) -> Result<(f64, Vec<Vec<String>>)> {
    let folder = tempfile::tempdir()?;
    let (input, output) = (folder.path().join("cells.jsonl"), folder.path().join("found.json"));
    let lines: Vec<String> =
        cells.iter().map(|c| json!({"text": c.text, "language": c.language}).to_string()).collect();
    fs::write(&input, lines.join("\n"))?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/python/presidio_cells.py");
    let status = Command::new(python).arg(script).arg(&input).arg(&output).status()?;
    if !status.success() {
        return Err("presidio_cells.py failed".into());
    }
    let answer: Value = serde_json::from_slice(&fs::read(&output)?)?;
    let named = serde_json::from_value(answer["found"].clone())?;
    Ok((answer["cpu_seconds"].as_f64().ok_or("no seconds")?, named))
}
