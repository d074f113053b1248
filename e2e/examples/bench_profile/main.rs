//! What profiling costs on the running Trino, and how right it is; `cargo xtask bench profile`.
//!
//! Prints a line of JSON for each part. Arguments: `schemas` (queries and seconds a table of tpch.tiny, tpch.sf1 and
//! tpcds.tiny, and bytes on the postgresql catalog), `lineitem` (tpch.sf1.lineitem alone, or another schema's, query by
//! query), `keys` (profiles and key search over the tiny schemas: long).

#![allow(clippy::print_stdout)]

mod keys;
mod truth;

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{ProfiledTable, SampleRequest, Table};
use catalog_core::ports::{Profiler, Sampler};
use catalog_profile::trino::{
    RunEstimate, SamplerOptions, Statement, TrinoClient, TrinoProfileOptions, TrinoProfiler, TrinoSampler,
};
use e2e::trino_asked::{Asked, AskedQuery};
use e2e::trino_tables::{client, tables};
use e2e::{Result, variable};
use serde_json::{Value, json};

use self::truth::{Errors, Truth};

/// A table of the postgresql catalog that is made for the measurement.
const COPY: &str = "bench_profile_orders";

#[tokio::main]
async fn main() -> Result<()> {
    let url = variable("CATALOG_TEST_TRINO_URL")?;
    let client = client(&url)?;
    match std::env::args().nth(1).as_deref() {
        Some("lineitem") => {
            let schema = std::env::args().nth(2).unwrap_or_else(|| "sf1".to_owned());
            println!("{}", json!({ "lineitem": lineitem(&client, &url, &schema).await? }));
        }
        Some("keys") => {
            for catalog in ["tpch", "tpcds"] {
                println!("{}", json!({ "keys": catalog, "found": keys::search(&client, catalog, "tiny").await? }));
            }
        }
        _ => {
            for (catalog, schema) in [("tpch", "tiny"), ("tpcds", "tiny"), ("tpch", "sf1")] {
                println!("{}", self::schema(&client, &url, catalog, schema).await?);
            }
            println!("{}", json!({ "postgresql": postgresql(&client, &url).await? }));
        }
    }
    Ok(())
}

/// Sample, statistics and scan of a table, as a walk takes them.
async fn profile(client: &Arc<TrinoClient>, table: &Table) -> Result<ProfiledTable> {
    let sampler = TrinoSampler::new(Arc::clone(client), SamplerOptions::default());
    let sample = sampler.sample(table, &SampleRequest::default()).await?;
    let profiler = TrinoProfiler::new(Arc::clone(client), TrinoProfileOptions::default());
    Ok(profiler.profile(table, &sample).await?)
}

/// One table with what it took: its profile, seconds of wall, and what the engine says of it.
async fn measured(client: &Arc<TrinoClient>, url: &str, table: &Table) -> Result<(ProfiledTable, f64, Asked)> {
    let token = format!("bench-{}-{}", std::process::id(), table.fqn());
    client.set_trace_token(&token);
    let start = Instant::now();
    let profiled = profile(client, table).await?;
    Ok((profiled, start.elapsed().as_secs_f64(), Asked::under(url, &token)?))
}

async fn schema(client: &Arc<TrinoClient>, url: &str, catalog: &str, schema: &str) -> Result<Value> {
    let tables = tables(client, catalog, schema).await?;
    let mut each = Vec::new();
    let (mut queries, mut secs, mut sample_rows, mut rows, mut cpu) = (0, 0.0, 0, 0, 0.0);
    let mut errors = Errors::default();
    for table in &tables {
        let (profiled, seconds, asked) = measured(client, url, table).await?;
        errors.add(&profiled, &Truth::of(client, table).await?);
        queries += asked.0.len();
        secs += seconds;
        sample_rows += asked.rows("sample");
        rows += profiled.profile.row_count;
        cpu += asked.cpu_secs();
        each.push(json!({
            "table": table.table_ref.engine.table, "rows": profiled.profile.row_count, "seconds": seconds,
            "queries": asked.0.len(), "engine_cpu_seconds": asked.cpu_secs(), "sample_rows_read": asked.rows("sample"),
        }));
    }
    let tables_count = tables.len().max(1) as f64;
    Ok(json!({
        "schema": format!("{catalog}.{schema}"),
        "tables": tables.len(),
        "queries_a_table": queries as f64 / tables_count,
        "seconds_a_table": secs / tables_count,
        "engine_cpu_seconds": cpu,
        "rows": rows,
        "sample_rows_read": sample_rows,
        "errors": errors.shown(),
        "estimate": RunEstimate::of(&tables, &TrinoProfileOptions::default()).to_string(),
        "each": each,
    }))
}

async fn lineitem(client: &Arc<TrinoClient>, url: &str, schema: &str) -> Result<Value> {
    let all = tables(client, "tpch", schema).await?;
    let table = all.iter().find(|t| t.table_ref.engine.table == "lineitem").ok_or("no lineitem")?;
    let (profiled, seconds, asked) = measured(client, url, table).await?;
    let mut errors = Errors::default();
    errors.add(&profiled, &Truth::of(client, table).await?);
    let query = |query: &AskedQuery| {
        json!({
            "pass": query.pass, "begins": query.sql.chars().take(40).collect::<String>(), "seconds": query.secs,
            "engine_cpu_seconds": query.cpu_secs, "rows": query.rows,
        })
    };
    Ok(json!({
        "schema": schema, "seconds": seconds, "rows": profiled.profile.row_count, "columns": table.columns.len(),
        "queries": asked.0.len(), "engine_cpu_seconds": asked.cpu_secs(), "errors": errors.shown(),
        "each": asked.0.iter().map(query).collect::<Vec<_>>(),
    }))
}

/// Bytes that sample and scan read of a table in PostgreSQL, beside the bytes that it has there.
async fn postgresql(client: &Arc<TrinoClient>, url: &str) -> Result<Value> {
    let run = async |sql: String| client.query(&Statement::new("bench", "prepare_table", sql)).await;
    run(format!("DROP TABLE IF EXISTS postgresql.public.{COPY}")).await?;
    run(format!("CREATE TABLE postgresql.public.{COPY} AS SELECT * FROM tpch.tiny.orders")).await?;
    let all = tables(client, "postgresql", "public").await?;
    let table = all.iter().find(|t| t.table_ref.engine.table == COPY).ok_or("the copy is not there")?;
    let size = format!("SELECT pg_table_size('public.{COPY}') AS n");
    let size = run(format!("SELECT n FROM TABLE(postgresql.system.query(query => '{}'))", size.replace('\'', "''")));
    let stored = size.await?.rows.first().and_then(|row| row[0].as_u64());
    let measured = measured(client, url, table).await;
    run(format!("DROP TABLE postgresql.public.{COPY}")).await?;
    let (profiled, seconds, asked) = measured?;
    let bytes = |pass: &str| asked.of_pass(pass).map(|query| query.physical_bytes).sum::<u64>();
    Ok(json!({
        "rows": profiled.profile.row_count, "columns": table.columns.len(), "seconds": seconds,
        "queries": asked.0.len(), "stored_bytes": stored, "physical_bytes": asked.physical_bytes(),
        "sample_physical_bytes": bytes("sample"), "sample_rows_read": asked.rows("sample"),
    }))
}
