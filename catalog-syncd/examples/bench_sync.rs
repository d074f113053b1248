//! Syncs many tables of an OpenMetadata, read through a Trino and indexed by a model, all three stand-ins of this
//! process, with the real binary, twice; prints for each run its seconds, its own processor time and memory, and what
//! it asked of others, as JSON.
//!
//! `cargo build --release --bin catalog-syncd` first, then
//! `cargo run --release -p catalog-syncd --example bench_sync -- target/release/catalog-syncd 10000 FOLDER`

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use catalog_testkit::fake_om::{FakeOm, Generation, Options, Request};
use catalog_testkit::{FakeModel, FakeTable, FakeTrino};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const ROWS: usize = 40;
const DIMENSION: usize = 768;
/// Tables in one schema.
const SCHEMA: usize = 1_000;
/// How often the child is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Ticks of a second in `/proc` (USER_HZ on Linux).
const TICKS: f64 = 100.0;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [binary, tables, folder] = arguments.as_slice() else { return Err("expected BINARY TABLES FOLDER".into()) };
    let (tables, folder): (usize, &Path) = (tables.parse()?, Path::new(folder));
    std::fs::create_dir_all(folder)?;
    let catalog = FakeOm::start(Options::of(Generation::V2_0), 0).await?;
    let (engine, model) = (FakeTrino::start().await?, FakeModel::start(DIMENSION).await?);
    fill(&catalog, &engine, tables)?;
    std::fs::write(folder.join("token"), "ingestion-bot-token")?;
    let config = folder.join("c.toml");
    let text = format!(
        "[openmetadata]\nurl = \"{}/api\"\ntoken = \"file:{}\"\nbot_user = \"ingestion-bot\"\npage_size = 1000\n\
         [trino]\nurl = \"{}\"\nper_minute = 10000000\nconcurrent = 16\n[llm]\nurl = \"{}\"\nenabled = false\n\
         [embed]\nmodel = \"words\"\n[state]\ndir = \"{}\"\n[sync]\nworkers = 8\n",
        catalog.url(),
        folder.join("token").display(),
        engine.url(),
        model.url(),
        folder.join("state").display(),
    );
    std::fs::write(&config, text)?;
    for run in ["first", "again"] {
        let before = (requests(&catalog), engine.asked(), model.asked());
        let begun = Instant::now();
        let output = folder.join(format!("{run}.json"));
        let child = Command::new(binary)
            .args(["sync", "--output", "json", "--config"])
            .arg(&config)
            .stdout(std::fs::File::create(&output)?)
            .stdin(Stdio::null())
            .spawn()?;
        let used = watch(child).await?;
        let seconds = begun.elapsed().as_secs_f64();
        let report: Value = serde_json::from_reader(std::fs::File::open(&output)?)?;
        let line = json!({
            "run": run, "tables": tables, "seconds": seconds, "tables_a_second": tables as f64 / seconds,
            "own_cpu_seconds": used.cpu, "own_cpu_ms_a_table": used.cpu * 1_000.0 / tables as f64, "peak_mib": used.peak_mib,
            "catalog_requests": requests(&catalog) - before.0, "engine_statements": engine.asked() - before.1,
            "model_requests": model.asked() - before.2, "summary": report["run"],
        });
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(())
}

/// Orders with a number, a customer's number, a city, a status and an amount.
fn fill(catalog: &FakeOm, engine: &FakeTrino, tables: usize) -> Result<()> {
    let create = |path: &str, body: &Value| -> Result<()> {
        let answer = catalog
            .with(|om| om.handle(&om.authorised(Request::new("POST", &format!("/api/v1/{path}")).json(body), "admin")));
        if answer.status < 300 { Ok(()) } else { Err(format!("{path}: {}", answer.status).into()) }
    };
    create("services/databaseServices", &json!({"name": "lake", "serviceType": "Trino"}))?;
    create("databases", &json!({"name": "iceberg", "service": "lake"}))?;
    let kinds = [
        ("id", "BIGINT", "bigint"),
        ("customer_id", "BIGINT", "bigint"),
        ("city", "STRING", "varchar"),
        ("status", "STRING", "varchar"),
        ("amount", "DOUBLE", "double"),
    ];
    for i in 0..tables {
        let schema = format!("area_{}", i / SCHEMA);
        if i % SCHEMA == 0 {
            create("databaseSchemas", &json!({"name": schema, "database": "lake.iceberg"}))?;
        }
        let name = format!("orders_{i:06}");
        let columns: Vec<Value> = kinds.iter().map(|(name, kind, _)| json!({"name": name, "dataType": kind})).collect();
        create(
            "tables",
            &json!({"name": name, "databaseSchema": format!("lake.iceberg.{schema}"), "columns": columns}),
        )?;
        let columns = kinds.iter().map(|(name, _, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
        let row = |n: usize| {
            let id = i * 1_000 + n;
            vec![
                json!(id),
                json!(id * 7 % 5_000_000),
                json!(format!("City {}", n % 17)),
                json!(["open", "paid"][n % 2]),
                json!(n as f64 * 1.5),
            ]
        };
        engine.add(&format!("iceberg.{schema}.{name}"), FakeTable { columns, rows: (0..ROWS).map(row).collect() });
    }
    Ok(())
}

fn requests(catalog: &FakeOm) -> u64 {
    catalog.with(|om| om.requests())
}

struct Used {
    /// Processor seconds, user and system.
    cpu: f64,
    /// The largest resident set.
    peak_mib: f64,
}

/// Looks at the child until it ends; what it used after the last look is missed.
async fn watch(mut child: Child) -> Result<Used> {
    let mut used = Used { cpu: 0.0, peak_mib: 0.0 };
    loop {
        let process = format!("/proc/{}", child.id());
        if let Ok(stat) = std::fs::read_to_string(format!("{process}/stat")) {
            // After the name in brackets: the state, then numbers; user and system ticks are the 12th and 13th.
            let numbers: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
            let ticks = |at: usize| numbers.get(at).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
            used.cpu = used.cpu.max((ticks(11) + ticks(12)) / TICKS);
        }
        if let Ok(status) = std::fs::read_to_string(format!("{process}/status")) {
            let peak = status
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
            used.peak_mib = used.peak_mib.max(peak.unwrap_or(0.0) / 1_024.0);
        }
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(used),
            Some(status) => return Err(format!("the sync ended with {status}").into()),
            None => tokio::time::sleep(LOOK).await,
        }
    }
}
