//! Profiles and key search over a whole schema, by the engine alone.

use std::sync::Arc;
use std::time::Instant;

use catalog_core::model::{ConfirmCheck, KeyColumn, KeyTable, RelateInput};
use catalog_core::ports::{ConfirmBudget, FkMatcher, KeyCounter};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_profile::trino::{CountBudget, TrinoClient, TrinoKeyCounter};
use e2e::Result;
use e2e::trino_tables::tables;
use serde_json::{Value, json};

use super::profile;

/// The keys of a schema, with what they took.
pub(crate) async fn search(client: &Arc<TrinoClient>, catalog: &str, schema: &str) -> Result<Value> {
    let tables = tables(client, catalog, schema).await?;
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
        "candidates": found,
        "checks": checks,
        "check_seconds": start.elapsed().as_secs_f64(),
        "keys": keys,
    }))
}
