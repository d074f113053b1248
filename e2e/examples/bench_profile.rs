//! What profiling and key search cost on the running Trino, and how right they are; `cargo xtask bench profile`.
//!
//! Prints a line of JSON for each part. With the argument `lineitem` it profiles `tpch.sf1.lineitem` alone.

#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{ConfirmCheck, KeyColumn, KeyTable, ProfiledTable, RelateInput, SampleRequest, Table};
use catalog_core::ports::{ConfirmBudget, FkMatcher, KeyCounter, Profiler, Sampler};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_profile::trino::{
    CountBudget, RunEstimate, SamplerOptions, Statement, TrinoClient, TrinoKeyCounter, TrinoProfileOptions,
    TrinoProfiler, TrinoSampler,
};
use e2e::trino_tables::{client, tables};
use e2e::{Result, variable};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<()> {
    let client = client(&variable("CATALOG_TEST_TRINO_URL")?)?;
    println!("{}", json!({"lineitem_sf1": lineitem(&client).await?}));
    if std::env::args().nth(1).as_deref() != Some("lineitem") {
        println!("{}", json!({"tpch_tiny": schema(&client, "tpch", "tiny").await?}));
        println!("{}", json!({"tpcds_tiny": schema(&client, "tpcds", "tiny").await?}));
    }
    Ok(())
}

/// Queries that the server has seen from us and still remembers.
async fn asked(client: &TrinoClient) -> Result<u64> {
    let sql = "SELECT count(*) FROM system.runtime.queries WHERE source = 'akko-catalog-sync'";
    let answer = client.query(&Statement::new("bench", "count_queries", sql)).await?;
    Ok(answer.rows.first().and_then(|row| row[0].as_u64()).unwrap_or(0))
}

async fn profile(client: &Arc<TrinoClient>, table: &Table) -> Result<ProfiledTable> {
    let sampler = TrinoSampler::new(Arc::clone(client), SamplerOptions::default());
    let sample = sampler.sample(table, &SampleRequest::default()).await?;
    let profiler = TrinoProfiler::new(Arc::clone(client), TrinoProfileOptions::default());
    Ok(profiler.profile(table, &sample).await?)
}

async fn lineitem(client: &Arc<TrinoClient>) -> Result<Value> {
    let all = tables(client, "tpch", "sf1").await?;
    let table = all.iter().find(|t| t.table_ref.engine.table == "lineitem").ok_or("no lineitem")?;
    let start = Instant::now();
    let profiled = profile(client, table).await?;
    let secs = start.elapsed().as_secs_f64();
    // The tpch connector knows its columns' distinct counts exactly, and has no NULL.
    let answer = client.query(&Statement::new("bench", "read_truth", "SHOW STATS FOR tpch.sf1.lineitem")).await?;
    let mut worst = (0.0_f64, 0.0_f64);
    for (found, truth) in profiled.profile.columns.iter().zip(&answer.rows) {
        let distinct = found.distinct.map_or(0.0, |d| d.value as f64);
        worst.0 = worst.0.max((distinct / truth[2].as_f64().unwrap_or(1.0) - 1.0).abs());
        worst.1 = worst.1.max(found.null_ratio.unwrap_or(1.0));
    }
    Ok(
        json!({"seconds": secs, "rows": profiled.profile.row_count, "worst_distinct_error": worst.0, "worst_null_error": worst.1}),
    )
}

async fn schema(client: &Arc<TrinoClient>, catalog: &str, schema: &str) -> Result<Value> {
    let tables = tables(client, catalog, schema).await?;
    let before = asked(client).await?;
    let start = Instant::now();
    let mut input = RelateInput::default();
    for table in &tables {
        let profiled = profile(client, table).await?;
        let names = table.columns.iter().map(|c| (c.name.clone(), c.data_type));
        input.tables.push(KeyTable {
            fqn: table.fqn().clone(),
            catalog: catalog.to_owned(),
            kind: table.kind,
            row_count: profiled.profile.row_count,
            columns: names.zip(profiled.fingerprints).map(|((n, t), f)| KeyColumn::new(n, t, f)).collect(),
            primary_key: Vec::new(),
            declared: Vec::new(),
        });
    }
    let profile_secs = start.elapsed().as_secs_f64();
    let queries = asked(client).await?.saturating_sub(before + 1);
    let start = Instant::now();
    let matcher = KeyMatcher::new(KeyOptions::default());
    let candidates = matcher.candidates(&input);
    let plan = matcher.plan(&input, &candidates, ConfirmBudget { checks_max: 500, rows_max: 200_000_000 });
    let counter = TrinoKeyCounter::new(Arc::clone(client), CountBudget::default());
    let mut counts: Vec<(ConfirmCheck, _)> = Vec::new();
    for check in plan.checks {
        let find = |name| tables.iter().find(|t| t.fqn() == name).ok_or("no such table");
        let count = counter.count(&check, find(&check.child.table)?, find(&check.parent.table)?).await.ok();
        counts.push((check, count));
    }
    let (found, checks) = (candidates.len(), counts.len());
    let keys: Vec<Value> = matcher
        .conclude(&input, candidates, &counts)
        .iter()
        .map(|key| {
            json!({
                "child": format!("{}({})", key.child.table.name(), key.child.columns.join(",")),
                "parent": format!("{}({})", key.parent.table.name(), key.parent.columns.join(",")),
                "status": key.status.as_str(),
                "score": key.score,
            })
        })
        .collect();
    Ok(json!({
        "tables": tables.len(),
        "profile_seconds": profile_secs,
        "profile_queries": queries,
        "estimate": RunEstimate::of(&tables, &TrinoProfileOptions::default()).to_string(),
        "candidates": found,
        "checks": checks,
        "check_seconds": start.elapsed().as_secs_f64(),
        "keys": keys,
    }))
}
