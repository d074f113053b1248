//! What profiling costs on the running Trino, and how right it is; `cargo xtask bench profile`.
//!
//! Prints a line of JSON for each part. Arguments: `schemas` (queries and seconds a table of tpch.tiny, tpch.sf1 and
//! tpcds.tiny, and bytes on the postgresql catalog), `lineitem` (tpch.sf1.lineitem alone), `keys` (profiles and key search
//! over the tiny schemas: long).

#![allow(clippy::print_stdout)]

mod asked;
mod keys;

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{ProfiledTable, SampleRequest, Table};
use catalog_core::ports::{Profiler, Sampler};
use catalog_profile::trino::{
    RunEstimate, SamplerOptions, Statement, TrinoClient, TrinoProfileOptions, TrinoProfiler, TrinoSampler,
};
use e2e::trino_tables::{client, tables};
use e2e::{Result, variable};
use serde_json::{Value, json};

use self::asked::Asked;

/// A table of the postgresql catalog that is made for the measurement.
const COPY: &str = "bench_profile_orders";

#[tokio::main]
async fn main() -> Result<()> {
    let url = variable("CATALOG_TEST_TRINO_URL")?;
    let client = client(&url)?;
    match std::env::args().nth(1).as_deref() {
        Some("lineitem") => println!("{}", json!({ "lineitem": lineitem(&client, &url).await? })),
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
    for table in &tables {
        let (profiled, seconds, asked) = measured(client, url, table).await?;
        queries += asked.queries;
        secs += seconds;
        sample_rows += asked.sample_rows;
        rows += profiled.profile.row_count;
        cpu += asked.cpu_secs;
        each.push(json!({
            "table": table.table_ref.engine.table, "rows": profiled.profile.row_count, "seconds": seconds,
            "queries": asked.queries, "engine_cpu_seconds": asked.cpu_secs, "sample_rows_read": asked.sample_rows,
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
        "estimate": RunEstimate::of(&tables, &TrinoProfileOptions::default()).to_string(),
        "each": each,
    }))
}

async fn lineitem(client: &Arc<TrinoClient>, url: &str) -> Result<Value> {
    let all = tables(client, "tpch", "sf1").await?;
    let table = all.iter().find(|t| t.table_ref.engine.table == "lineitem").ok_or("no lineitem")?;
    let (profiled, seconds, asked) = measured(client, url, table).await?;
    // The tpch connector knows its columns' distinct counts exactly, and has no NULL.
    let answer = client.query(&Statement::new("bench", "read_truth", "SHOW STATS FOR tpch.sf1.lineitem")).await?;
    let mut worst = (0.0_f64, 0.0_f64);
    for (found, truth) in profiled.profile.columns.iter().zip(&answer.rows) {
        let distinct = found.distinct.map_or(0.0, |d| d.value as f64);
        worst.0 = worst.0.max((distinct / truth[2].as_f64().unwrap_or(1.0) - 1.0).abs());
        worst.1 = worst.1.max(found.null_ratio.unwrap_or(1.0));
    }
    Ok(json!({
        "seconds": seconds, "rows": profiled.profile.row_count, "queries": asked.queries,
        "engine_cpu_seconds": asked.cpu_secs, "worst_distinct_error": worst.0, "worst_null_error": worst.1,
    }))
}

/// Bytes that sample and scan read of a table in PostgreSQL, beside the bytes that it has there.
async fn postgresql(client: &Arc<TrinoClient>, url: &str) -> Result<Value> {
    let run = async |sql: String| client.query(&Statement::new("bench", "prepare_table", sql)).await;
    run(format!("DROP TABLE IF EXISTS postgresql.public.{COPY}")).await?;
    run(format!("CREATE TABLE postgresql.public.{COPY} AS SELECT * FROM tpch.tiny.orders")).await?;
    let all = tables(client, "postgresql", "public").await?;
    let table = all.iter().find(|t| t.table_ref.engine.table == COPY).ok_or("the copy is not there")?;
    let measured = measured(client, url, table).await;
    run(format!("DROP TABLE postgresql.public.{COPY}")).await?;
    let (profiled, seconds, asked) = measured?;
    Ok(json!({
        "rows": profiled.profile.row_count, "columns": table.columns.len(), "seconds": seconds,
        "queries": asked.queries, "physical_bytes": asked.physical_bytes, "sample_rows_read": asked.sample_rows,
    }))
}
