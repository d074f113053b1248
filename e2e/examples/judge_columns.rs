//! Which columns of a warehouse are taken for personal: samples, profiles, votes and tallies as the daemon does, and
//! prints one report with a decision a column.
//!
//! `cargo run --release -p e2e --features live --example judge_columns -- PATH [name-hints] [llm | llm-and-names]`.
//! PATH is what `sync --warehouse` takes. `name-hints` counts hits that only a column's name makes count as evidence
//! of the value side, to show what they are worth. `llm` lets the running model vote instead of the names,
//! `llm-and-names` both.

#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::time::Duration;

use catalog_core::memory::ManualClock;
use catalog_core::model::{PiiEvidence, PiiVerdict, SampleRequest, Table};
use catalog_core::ports::{Discovered, PiiVoter, Profiler};
use catalog_llm::{ConnectionSettings, LlmVoter, ModelClient};
use catalog_local::sources::{self, Warehouse};
use catalog_net::EgressPolicy;
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, TallyOptions, evidence, tally};
use catalog_profile::{ProfileOptions, ScanProfiler};
use e2e::{Result, variable};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or("name a warehouse")?;
    let said = |word: &str| std::env::args().any(|a| a == word);
    let hints = said("name-hints");
    let second: Arc<dyn PiiVoter> = match (said("llm"), said("llm-and-names")) {
        (true, _) => Arc::new(model()?),
        (_, true) => Arc::new(model()?.beside(Arc::new(NameVoter))),
        _ => Arc::new(NameVoter),
    };
    let mut reports = Vec::new();
    for warehouse in sources::open(&path, &EgressPolicy::default()).await? {
        let mut cursor = None;
        loop {
            let page = warehouse.source.list(cursor.as_deref(), 100).await?;
            for entry in page.tables {
                if let Discovered::Table(table) = entry {
                    reports.push(judge(&warehouse, &table, &*second, hints).await?);
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

async fn judge(warehouse: &Warehouse, table: &Table, second: &dyn PiiVoter, hints: bool) -> Result<Value> {
    let sample = warehouse.sampler.sample(table, &SampleRequest::default()).await?;
    let profiler = ScanProfiler::new(Arc::clone(&warehouse.scanner), ProfileOptions::default());
    let profiled = profiler.profile(table, &sample).await?;
    let hits = PatternScanner::default().scan_now(&sample);
    let mut seen = evidence(table, Some(&profiled.profile), &hits, Masker::default().mask(&sample));
    if hints {
        count_hints(&mut seen);
    }
    let pattern = PatternVoter.vote(&seen).await?;
    // A voter that fails abstains.
    let other = second.vote(&seen).await.ok();
    let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let verdicts = tally(&names, Some(&pattern), other.as_deref(), TallyOptions::default());
    Ok(json!({ "fqn": table.fqn().to_string(), "columns": verdicts.iter().map(column).collect::<Vec<_>>() }))
}

fn model() -> Result<LlmVoter> {
    let base: url::Url = variable("CATALOG_TEST_LITELLM_URL")?.parse()?;
    let target = (base.host_str().unwrap_or_default().to_owned(), base.port().unwrap_or(80));
    let settings = ConnectionSettings {
        url: format!("{base}v1"),
        key_file: Some(variable("CATALOG_TEST_LITELLM_KEY_FILE")?.into()),
        deadline: Duration::from_secs(600),
        ..ConnectionSettings::default()
    };
    let client = ModelClient::new(&settings, &EgressPolicy::allowing([target]), Arc::new(ManualClock::at(0)))?;
    Ok(LlmVoter::new(Arc::new(client), "qwen2.5:3b"))
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
