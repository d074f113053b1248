//! Figures of the ledger for `docs/reference/benchmarks.md`: seconds and peak memory of
//! `bench_ledger PLACE queue N` (N queued tables, some leased), `… states N` (N table states of ten columns, then all
//! compact reads), `… names N` (N states of two columns, then lookups by name), `… commits N WORKERS` (N tables advanced
//! and finished by so many workers) and `… outbox N WORKERS` (N operations claimed and recorded). PLACE is a file that
//! is not there yet, or the URL of a Postgres server, in which a schema of that kind is made anew.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{Column, DataType, Operation, Secret, TableId, TableState, WalkStage, WorkItem};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::WorkPlan;
use catalog_net::EgressPolicy;
use catalog_store::{LedgerKey, PostgresLedger, PostgresSettings, SqliteLedger};
use catalog_testkit::samples;
use url::Url;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
type Shared = Arc<dyn Ledger>;

const PAGE: usize = 500;
const COLUMNS: usize = 10;
const LEASE_MS: i64 = 600_000;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [place, kind, count, rest @ ..] = arguments.as_slice() else {
        return Err("usage: bench_ledger FILE|URL queue|states|names|commits|outbox N [WORKERS]".into());
    };
    let (count, workers): (usize, usize) = (count.parse()?, rest.first().map_or(Ok(8), |w| w.parse())?);
    let ledger = open(place, kind, workers).await?;
    match kind.as_str() {
        "queue" => queue(&*ledger, count).await?,
        "states" => states(&ledger, count).await?,
        "names" => names_of(&ledger, count).await?,
        "commits" => commits(&ledger, count, workers).await?,
        "outbox" => outbox(&ledger, count, workers).await?,
        other => return Err(format!("unknown kind {other}").into()),
    }
    Ok(())
}

async fn open(place: &str, kind: &str, workers: usize) -> Outcome<Shared> {
    let key = LedgerKey::from_secret(&Secret::new("b".repeat(64)))?;
    let Ok(url) = Url::parse(place) else { return Ok(Arc::new(SqliteLedger::open(Path::new(place), &key)?)) };
    let egress = EgressPolicy::allowing([(url.host_str().unwrap_or_default(), url.port().unwrap_or(5432))]);
    let settings = PostgresSettings {
        schema: format!("bench_{kind}_{}", std::process::id()),
        pool_size: workers,
        statement_timeout: std::time::Duration::from_secs(600),
        ..PostgresSettings::new(Secret::new(place))
    };
    PostgresLedger::migrate(&settings, &egress, None).await?;
    println!("schema {}", settings.schema);
    Ok(Arc::new(PostgresLedger::connect(&settings, &egress, &key).await?))
}

/// Prints what was done, how fast and the most memory so far.
fn told(what: &str, count: usize, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    println!("{what}: {count} in {seconds:.2} s, {:.0}/s, peak {} MiB", count as f64 / seconds, peak_mib());
}

/// `VmHWM` of Linux; 0 elsewhere.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

async fn queue(ledger: &dyn Ledger, count: usize) -> Outcome<()> {
    let start = Instant::now();
    for from in (0..count).step_by(PAGE) {
        let items: Vec<WorkItem> = names(from, count).map(|name| samples::work_item(&name)).collect();
        ledger.enqueue(&items, WalkStage::Inspect).await?;
    }
    told("queued", count, start);
    let start = Instant::now();
    let leases = 200;
    for _ in 0..leases {
        ledger.lease(WalkStage::Inspect, "bench", 8, 0, LEASE_MS).await?;
    }
    told("leases of 8", leases, start);
    let start = Instant::now();
    println!("{:?}", ledger.counts().await?);
    told("counts", 1, start);
    let (start, mut known, mut after) = (Instant::now(), 0, None);
    loop {
        let page = ledger.known_page(&samples::source(), after.as_ref(), PAGE).await?;
        known += page.len();
        match page.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    told("ids paged", known, start);
    Ok(())
}

fn names(from: usize, count: usize) -> impl Iterator<Item = String> {
    (from..count.min(from + PAGE)).map(|i| format!("table_{i}"))
}

/// A state as wide as common tables are.
fn wide(name: &str) -> TableState {
    let mut state = samples::state(name);
    let more = |i: usize| Column {
        name: format!("column_{i}"),
        native_type: "VARCHAR(80)".into(),
        data_type: DataType::Text,
        nullable: true,
        description: None,
    };
    state.table.columns.extend((2..COLUMNS).map(more));
    let shape = state.profile.as_ref().and_then(|profile| profile.columns.last().cloned());
    if let (Some(profile), Some(shape)) = (&mut state.profile, shape) {
        profile.columns.extend((2..COLUMNS).map(|_| shape.clone()));
    }
    state.fingerprints = (0..COLUMNS).map(|i| samples::fingerprint(i64::MIN + i as i64)).collect();
    state.verdicts.extend((2..COLUMNS).map(|i| samples::verdict(&format!("column_{i}"), false)));
    state
}

/// Takes all tables through both stages; gives how many.
async fn walk(ledger: &Shared, workers: usize, publish: bool) -> Outcome<usize> {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let ledger = Arc::clone(ledger);
        running.spawn(async move {
            let mut done = 0;
            for stage in [WalkStage::Inspect, WalkStage::Describe] {
                loop {
                    let leased = ledger.lease(stage, "bench", 4, 0, LEASE_MS).await?;
                    if leased.is_empty() {
                        break;
                    }
                    for item in leased {
                        let name = item.item.table.fqn.name();
                        match stage {
                            WalkStage::Inspect => ledger.advance(&item, &wide(name)).await?,
                            WalkStage::Describe => {
                                let publish = if publish { operations(name) } else { Vec::new() };
                                let plan = WorkPlan { state: wide(name), publish, propose: Vec::new() };
                                ledger.finish(&item, &plan).await?;
                            }
                        }
                        done += 1;
                    }
                }
            }
            Outcome::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(worker) = running.join_next().await {
        done += worker??;
    }
    Ok(done)
}

fn operations(table: &str) -> Vec<Operation> {
    vec![samples::describe(table, "One row per thing."), samples::tag(table, "email"), samples::tag(table, "id")]
}

async fn fill(ledger: &Shared, count: usize) -> Outcome<()> {
    for from in (0..count).step_by(PAGE) {
        let items: Vec<WorkItem> = names(from, count).map(|name| samples::work_item(&name)).collect();
        ledger.enqueue(&items, WalkStage::Inspect).await?;
    }
    Ok(())
}

async fn commits(ledger: &Shared, count: usize, workers: usize) -> Outcome<()> {
    fill(ledger, count).await?;
    let start = Instant::now();
    let done = walk(ledger, workers, true).await?;
    told(&format!("advanced or finished by {workers} workers"), done, start);
    Ok(())
}

async fn states(ledger: &Shared, count: usize) -> Outcome<()> {
    fill(ledger, count).await?;
    let start = Instant::now();
    told("stored twice", walk(ledger, 8, false).await?, start);
    let (start, mut read, mut after) = (Instant::now(), 0, None::<TableId>);
    while let Some(last) = ledger.links(after.as_ref(), PAGE).await?.pop() {
        (read, after) = (read + PAGE, Some(last.table.id));
    }
    told("links paged", read.min(count), start);
    let (start, mut read, mut after) = (Instant::now(), 0, None::<TableId>);
    while let Some(last) = ledger.facts(after.as_ref(), PAGE).await?.pop() {
        (read, after) = (read + PAGE, Some(last.table.table_ref.id));
    }
    told("facts paged", read.min(count), start);
    let (start, mut read, mut after) = (Instant::now(), 0, None::<TableId>);
    while let Some((last, _)) = ledger.fingerprints(after.as_ref(), PAGE).await?.pop() {
        (read, after) = (read + PAGE, Some(last));
    }
    told("fingerprints paged", read.min(count), start);
    let start = Instant::now();
    told("gates in one", ledger.gates(&samples::source()).await?.len(), start);
    Ok(())
}

/// States of two columns, then tables asked for by their names.
async fn names_of(ledger: &Shared, count: usize) -> Outcome<()> {
    let start = Instant::now();
    for from in (0..count).step_by(PAGE) {
        let items: Vec<WorkItem> = names(from, count).map(|name| samples::work_item(&name)).collect();
        ledger.enqueue(&items, WalkStage::Describe).await?;
        let leased = ledger.lease(WalkStage::Describe, "bench", PAGE, 0, LEASE_MS).await?;
        let stored = leased.into_iter().map(|item| {
            let (ledger, name) = (Arc::clone(ledger), item.item.table.fqn.name().to_owned());
            tokio::spawn(async move {
                let plan = WorkPlan { state: samples::state(&name), publish: Vec::new(), propose: Vec::new() };
                ledger.finish(&item, &plan).await
            })
        });
        for done in stored.collect::<Vec<_>>() {
            done.await??;
        }
    }
    told("stored", count, start);
    lookups(&**ledger, count).await
}

/// Tables asked for by name: whole names, ends of names, and names that nobody has.
async fn lookups(ledger: &dyn Ledger, count: usize) -> Outcome<()> {
    const ASKED: usize = 1_000;
    let names: Vec<String> = (0..ASKED).map(|i| format!("table_{}", i * 7_919 % count)).collect();
    for (what, prefix, suffix) in
        [("by whole name", "bank.main.", ""), ("by the end of the name", "", ""), ("of no table", "bank.main.", "_not")]
    {
        let (start, mut found, mut slowest) = (Instant::now(), 0, 0.0_f64);
        for name in &names {
            let (asked, since) = (format!("{prefix}{name}{suffix}").parse()?, Instant::now());
            let exact = usize::from(ledger.named(&asked).await?.is_some());
            found += if exact > 0 { exact } else { ledger.named_like(&asked, 2).await?.len() };
            slowest = slowest.max(since.elapsed().as_secs_f64());
        }
        told(&format!("looked up {what}, {found} found, slowest {:.2} ms", slowest * 1e3), ASKED, start);
    }
    Ok(())
}

async fn outbox(ledger: &Shared, count: usize, workers: usize) -> Outcome<()> {
    let each = operations("any").len();
    fill(ledger, count / each).await?;
    walk(ledger, workers, true).await?;
    let start = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let ledger = Arc::clone(ledger);
        running.spawn(async move {
            let mut sent = 0;
            loop {
                let claim = ledger.claim(90, 0, LEASE_MS).await?;
                if claim.operations.is_empty() {
                    return Outcome::Ok(sent);
                }
                for table in claim.operations.chunk_by(|a, b| a.table.id == b.table.id) {
                    if let Some(first) = table.first() {
                        ledger.extend_claim(claim.fence, &first.table.id, LEASE_MS).await?;
                    }
                    let receipts: Vec<_> = table.iter().map(|operation| samples::receipt(operation, 1)).collect();
                    ledger.record(&receipts).await?;
                    sent += table.len();
                }
            }
        });
    }
    let mut sent = 0;
    while let Some(worker) = running.join_next().await {
        sent += worker??;
    }
    told(&format!("claimed, checked and recorded by {workers} drainers, a table at a time"), sent, start);
    Ok(())
}
