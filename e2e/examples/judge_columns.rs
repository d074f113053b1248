//! Which columns of a warehouse are taken for personal: samples, profiles, votes and tallies as the daemon does, and
//! prints one report with a decision a column.
//!
//! `cargo run --release -p e2e --features live --example judge_columns -- PATH [name-hints]`. PATH is what `sync
//! --warehouse` takes. `name-hints` counts hits that only a column's name makes count as evidence of the value side,
//! to show what they are worth.

#![allow(clippy::print_stdout)]

use std::sync::Arc;

use catalog_core::model::{PiiEvidence, PiiVerdict, SampleRequest, Table};
use catalog_core::ports::{Discovered, PiiVoter, Profiler};
use catalog_local::sources::{self, Warehouse};
use catalog_net::EgressPolicy;
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, TallyOptions, evidence, tally};
use catalog_profile::{ProfileOptions, ScanProfiler};
use e2e::Result;
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or("name a warehouse")?;
    let hints = std::env::args().any(|a| a == "name-hints");
    let mut reports = Vec::new();
    for warehouse in sources::open(&path, &EgressPolicy::default()).await? {
        let mut cursor = None;
        loop {
            let page = warehouse.source.list(cursor.as_deref(), 100).await?;
            for entry in page.tables {
                if let Discovered::Table(table) = entry {
                    reports.push(judge(&warehouse, &table, hints).await?);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    println!("{}", json!({ "tables": reports }));
    Ok(())
}

async fn judge(warehouse: &Warehouse, table: &Table, hints: bool) -> Result<Value> {
    let sample = warehouse.sampler.sample(table, &SampleRequest::default()).await?;
    let profiler = ScanProfiler::new(Arc::clone(&warehouse.scanner), ProfileOptions::default());
    let profiled = profiler.profile(table, &sample).await?;
    let hits = PatternScanner::default().scan_now(&sample);
    let mut seen = evidence(table, Some(&profiled.profile), &hits, Masker::default().mask(&sample));
    if hints {
        count_hints(&mut seen);
    }
    let pattern = PatternVoter.vote(&seen).await?;
    let name = NameVoter.vote(&seen).await?;
    let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let verdicts = tally(&names, Some(&pattern), Some(&name), TallyOptions::default());
    Ok(json!({ "fqn": table.fqn().to_string(), "columns": verdicts.iter().map(column).collect::<Vec<_>>() }))
}

fn count_hints(evidence: &mut PiiEvidence) {
    for hit in evidence.columns.iter_mut().flat_map(|c| &mut c.hits) {
        hit.whole_cell_share = hit.whole_cell_share.max(hit.hinted_share);
    }
}

fn column(verdict: &PiiVerdict) -> Value {
    json!({
        "name": verdict.column,
        "pii": { "decision": verdict.decision.as_str(), "entity": verdict.entity.map(|e| e.as_str()),
                 "votes": verdict.votes },
    })
}
