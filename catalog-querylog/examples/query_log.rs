//! Figures of mining, for `docs/reference/benchmarks.md`:
//!
//! - `query_log joins FOLDER`: the joined pairs of columns of each query in FOLDER/queries.jsonl, against the tables of
//!   FOLDER/schema.json, as JSON lines (`e2e/python/sqlglot_joins.py` makes the folder and compares);
//! - `query_log speed FOLDER PASSES`: the same queries mined so many times on one core, none remembered;
//! - `query_log events COUNT`: so many made-up events of repeated shapes, mined in one process.
#![allow(clippy::print_stdout, reason = "the figures are its output")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use catalog_core::model::{EngineName, Fqn, MinedQueryLog, QueryEvent, QueryState};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["joins", folder] => joins(Path::new(folder)),
        ["speed", folder, passes] => speed(Path::new(folder), passes.parse()?),
        ["events", count] => {
            events(count.parse()?);
            Ok(())
        }
        _ => Err("usage: query_log joins FOLDER | speed FOLDER PASSES | events COUNT".into()),
    }
}

struct Named {
    name: String,
    sql: String,
}

fn queries(folder: &Path) -> Result<Vec<Named>> {
    let text = fs::read_to_string(folder.join("queries.jsonl"))?;
    let read = |line: &str| -> Result<Named> {
        let row: Value = serde_json::from_str(line)?;
        let field = |name: &str| row[name].as_str().map(str::to_owned).ok_or("a line lacks its name or sql");
        Ok(Named { name: field("name")?, sql: field("sql")? })
    };
    text.lines().map(read).collect()
}

fn schema(folder: &Path) -> Result<Vec<SchemaTable>> {
    let tables: Value = serde_json::from_str(&fs::read_to_string(folder.join("schema.json"))?)?;
    let tables = tables.as_object().ok_or("schema.json is no object of tables")?;
    Ok(tables
        .iter()
        .map(|(name, columns)| SchemaTable {
            fqn: Fqn::from_parts([name.as_str()]),
            engine: EngineName { catalog: String::new(), schema: "s".into(), table: name.clone() },
            columns: columns.as_object().into_iter().flatten().map(|(column, _)| column.clone()).collect(),
        })
        .collect())
}

fn event(id: String, sql: &str) -> QueryEvent {
    QueryEvent {
        query_id: id,
        sql: sql.to_owned(),
        state: QueryState::Finished,
        user_hash: "u".into(),
        source: None,
        catalog: None,
        schema: None,
        inputs: Vec::new(),
        wall_ms: Some(250),
        bytes: Some(1 << 20),
        ended_at_ms: Some(1_769_853_600_000),
    }
}

fn pairs(log: &MinedQueryLog) -> Vec<[String; 2]> {
    let pairs = log.joins.iter().flat_map(|join| {
        join.left_columns.iter().zip(&join.right_columns).map(|(left, right)| {
            let mut pair = [format!("{}.{left}", join.left), format!("{}.{right}", join.right)];
            pair.sort();
            pair
        })
    });
    pairs.collect::<BTreeSet<_>>().into_iter().collect()
}

fn joins(folder: &Path) -> Result<()> {
    let schema = schema(folder)?;
    for query in queries(folder)? {
        let mut miner = QueryMiner::new(schema.clone(), MinerOptions::default());
        miner.observe(&event(String::new(), &query.sql));
        let log = miner.finish();
        let skipped: Vec<String> = log.skipped.keys().map(|reason| format!("{reason:?}")).collect();
        println!("{}", json!({"name": query.name, "pairs": pairs(&log), "skipped": skipped}));
    }
    Ok(())
}

fn speed(folder: &Path, passes: usize) -> Result<()> {
    let queries = queries(folder)?;
    // One remembered analysis is none when the next text is always another one.
    let options = MinerOptions { analyses_max: 1, ..MinerOptions::default() };
    let mut miner = QueryMiner::new(schema(folder)?, options);
    let start = cpu_seconds();
    for _ in 0..passes {
        for query in &queries {
            miner.observe(&event(String::new(), &query.sql));
        }
    }
    let seconds = cpu_seconds() - start;
    let count = passes * queries.len();
    let log = miner.finish();
    let row = json!({
        "queries": count, "cpu_seconds": seconds, "queries_per_cpu_second": count as f64 / seconds,
        "joins": log.joins.len(), "skipped": log.skipped.values().sum::<u64>(),
    });
    println!("{row}");
    Ok(())
}

/// The processor time of this process so far, in seconds: on a busy machine the clock tells little. From Linux's
/// `/proc/self/stat`, whose ticks are hundredths of a second; 0 elsewhere.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses, user and system time are the 12th and 13th fields.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// 2,000 shapes over 200 tables, most runs in few of them, every literal another one.
fn events(count: u64) {
    let table = |i: u64| format!("t{i}");
    let schema = (0..200).map(|i| SchemaTable {
        fqn: Fqn::from_parts(["lake", "core", &table(i)]),
        engine: EngineName { catalog: "lake".into(), schema: "core".into(), table: table(i) },
        columns: (0..20).map(|c| format!("c{c}")).collect(),
    });
    let mut miner = QueryMiner::new(schema.collect(), MinerOptions::default());
    let start = Instant::now();
    for i in 0..count {
        // A skewed choice of shape: half of the runs fall on a sixteenth of them.
        let random = i.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
        let shape = (random % 2_000) * (random / 2_000 % 2_000) / 2_000;
        let (a, b) = (shape % 200, (shape / 10 + 7) % 200);
        let sql = format!(
            "SELECT x.c{}, count(*), sum(y.c3) AS total_{shape} FROM lake.core.t{a} x JOIN lake.core.t{b} y ON x.c1 = y.c2 \
             WHERE x.c4 = 'value {i}' AND y.c5 BETWEEN {i} AND {} AND x.c6 IN ('a{i}', 'b{i}') GROUP BY 1 ORDER BY 2 DESC LIMIT 100",
            shape % 20,
            i + 1000
        );
        let mut event = event(format!("20260131_100000_{i:07}_abcde"), &sql);
        event.user_hash = format!("{:032x}", random % 5_000);
        event.ended_at_ms = Some(1_769_853_600_000 + (i as i64) * 2_000);
        event.inputs = [a, b]
            .iter()
            .map(|t| ("lake".to_owned(), "core".to_owned(), table(*t), vec!["c1".to_owned(), "c2".to_owned()]))
            .collect();
        miner.observe(&event);
    }
    let log = miner.finish();
    let seconds = start.elapsed().as_secs_f64();
    let row = json!({
        "events": log.events, "seconds": seconds, "events_per_second": count as f64 / seconds,
        "queries": log.queries.len(), "joins": log.joins.len(), "stored_bytes": serde_json::to_string(&log).map_or(0, |s| s.len()),
    });
    println!("{row}");
}
