//! The search for keys over a ledger of many tables, and the report after it: prints for each stage the largest memory
//! and the seconds. The states are written straight into the ledger, as the walk leaves them once it has looked at the
//! tables: two columns of a hundred and of forty values that are keys or refer to one, and three that are neither.
//!
//! `cargo run --release -p catalog-syncd --example bench_relate -- FOLDER 100000`

#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use catalog_core::memory::{MemoryScanner, MemorySource, MemoryTables};
use catalog_core::model::{
    CellRef, Column, DataType, Fqn, SourceId, TableId, TableState, WakeReason, WalkStage, WorkItem,
};
use catalog_core::ports::Ledger;
use catalog_fk::fingerprint::FingerprintBuilder;
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_syncd::config::{ConfigSource, load};
use catalog_syncd::walk::{Connection, Progress, Selection, Walk};
use catalog_syncd::{report, wiring};
use catalog_testkit::samples;
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SOURCE: &str = "bench";
const ROWS: i64 = 100;
/// Tables of orders that refer to one table of customers.
const ORDERS: usize = 9;
const PAGE: usize = 500;
const LEASE_MS: i64 = 60_000;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, tables] = arguments.as_slice() else { return Err("expected FOLDER TABLES".into()) };
    let (folder, tables): (&Path, usize) = (Path::new(folder), tables.parse()?);
    std::fs::create_dir_all(folder)?;
    let file = folder.join("c.toml");
    std::fs::write(&file, format!("[state]\ndir = \"{}\"\n[passes]\nindex = false\n", folder.display()))?;
    let config = load(&ConfigSource { file: Some(file), ..ConfigSource::default() })?.config;
    let (mut parts, _) = wiring::parts(&config, &[]).await?;
    if parts.ledger.facts(None, 1).await?.is_empty() {
        fill(&parts.ledger, tables).await?;
    }
    let empty = Arc::new(MemoryTables::new());
    let scanner = Arc::new(MemoryScanner::new(Arc::clone(&empty)));
    parts.connections.push(Connection {
        source: Arc::new(MemorySource::new(SOURCE, Arc::clone(&empty))),
        sampler: Arc::new(MemorySource::new(SOURCE, empty)),
        profiler: Arc::new(ScanProfiler::new(scanner, ProfileOptions::default())),
        scanner: None,
        counter: None,
        query_check: None,
        run_begins: None,
    });
    let stop = CancellationToken::new();
    let stages = Arc::new(Stages { stop: stop.clone(), at: Mutex::new(("start", Instant::now())) });
    stages.enter("start");
    let walk = Walk::new(parts, wiring::options(&config, false), None, Arc::clone(&stages) as _).stopped_by(stop);
    let walk = Arc::new(walk);
    let outcome = Arc::clone(&walk).run_for(Selection::Queued).await?;
    stages.enter("report");
    report::stream(&walk, &outcome, &mut std::io::BufWriter::new(std::fs::File::create(folder.join("report.json"))?))
        .await?;
    stages.enter("end");
    Ok(())
}

/// Tells what each stage took, and ends the walk before it describes.
struct Stages {
    stop: CancellationToken,
    at: Mutex<(&'static str, Instant)>,
}

impl Stages {
    fn enter(&self, name: &'static str) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, since) = std::mem::replace(&mut *at, (name, Instant::now()));
        println!("{before}: {:.1} s, at most {} MiB", since.elapsed().as_secs_f64(), peak_mib());
        // From here on the largest is counted anew (`man 5 proc`).
        let _ = std::fs::write("/proc/self/clear_refs", "5");
    }
}

impl Progress for Stages {
    fn stage(&self, name: &'static str, _total: Option<u64>) {
        self.enter(name);
        if name == "describe" {
            self.stop.cancel();
        }
    }

    fn advance(&self, _n: u64) {}

    fn finish(&self) {}
}

/// `VmHWM` of Linux; 0 elsewhere.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

async fn fill(ledger: &Arc<dyn Ledger>, tables: usize) -> Outcome<()> {
    for from in (0..tables).step_by(PAGE) {
        let items: Vec<WorkItem> = (from..tables.min(from + PAGE))
            .map(|i| WorkItem::new(state(i).table.table_ref, WakeReason::Sweep))
            .collect();
        ledger.enqueue(&items, WalkStage::Inspect).await?;
        let items = ledger.lease(WalkStage::Inspect, "bench", PAGE, 0, LEASE_MS).await?;
        let stored = items.iter().map(|item| async move {
            let number = item.item.table.fqn.name().rsplit('_').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            ledger.advance(item, &state(number)).await
        });
        futures_util::future::try_join_all(stored).await?;
        // Described already: only keys are looked for.
        let items = ledger.lease(WalkStage::Describe, "bench", PAGE, 0, LEASE_MS).await?;
        let plans = items.iter().map(|item| async move {
            let number = item.item.table.fqn.name().rsplit('_').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let plan = catalog_core::ports::ledger::WorkPlan {
                state: state(number),
                publish: Vec::new(),
                propose: Vec::new(),
            };
            ledger.finish(item, &plan).await
        });
        futures_util::future::try_join_all(plans).await?;
    }
    Ok(())
}

/// The `i`-th table: customers, or orders of the customers before them.
fn state(i: usize) -> TableState {
    let (group, place) = (i / (ORDERS + 1), i % (ORDERS + 1));
    let kind = if place == 0 { "customers" } else { "orders" };
    let mut state = samples::state("bench");
    let first = group as i64 * 10_000;
    let column = |name: &str, data_type| Column {
        name: name.to_owned(),
        native_type: String::new(),
        data_type,
        nullable: true,
        description: None,
    };
    let numbers = |values: &mut dyn Iterator<Item = i64>| {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        values.for_each(|value| {
            builder.push(CellRef::Int(value));
        });
        builder.finish()
    };
    let texts = |count: i64| {
        let mut builder = FingerprintBuilder::new(DataType::Text);
        (0..ROWS).for_each(|n| {
            builder.push(CellRef::Text(&format!("Word {}", n % count)));
        });
        builder.finish()
    };
    let id = if place == 0 { first } else { first + place as i64 * 1_000 };
    state.fingerprints = vec![
        numbers(&mut (id..id + ROWS)),
        numbers(&mut (0..ROWS).map(|n| first + n * 7 % 40)),
        texts(17),
        texts(2),
        texts(60),
    ];
    state.table.columns = vec![
        column("id", DataType::Integer),
        column(if place == 0 { "rank" } else { "customer_id" }, DataType::Integer),
        column("city", DataType::Text),
        column("status", DataType::Text),
        column("comment", DataType::Text),
    ];
    state.verdicts = state.table.columns.iter().map(|c| samples::verdict(&c.name, false)).collect();
    state.keys = Vec::new();
    state.table.primary_key = Vec::new();
    if let Some(profile) = &mut state.profile {
        profile.row_count = ROWS as u64;
        let shape = profile.columns[0].clone();
        profile.columns = vec![shape; 5];
    }
    let table = &mut state.table.table_ref;
    table.source = SourceId(SOURCE.to_owned());
    table.id = TableId(format!("{SOURCE}-{i:08}-0123456789abcdef"));
    table.fqn = Fqn::from_parts(["lake", "iceberg", &format!("area_{}", group / 100), &format!("{kind}_{i:06}")]);
    state
}
