//! Tables in parts: what a condition is asked for, and what may be said of rows that were not read.

use catalog_core::model::{ColumnSet, ConfirmCheck, ConfirmCount, Fqn, SampleMethod, SampleRequest, Table, TableId};
use catalog_core::ports::{KeyCounter, Profiler, Sampler};
use catalog_core::{ErrorKind, Result};
use catalog_profile::trino::{
    CountBudget, SamplerOptions, TableRule, TableRules, TrinoKeyCounter, TrinoOptions, TrinoProfileOptions,
    TrinoProfiler, TrinoSampler,
};
use serde_json::json;

use super::faults::{columns, rows, table};
use super::scripted::{Play, Scripted};

const CONDITION: &str = "day >= DATE '2026-01-01'";

fn rules_for(names: &[&str]) -> TableRules {
    let rule = |name: &&str| TableRule {
        table: (*name).to_owned(),
        condition: Some(CONDITION.to_owned()),
        ..TableRule::default()
    };
    TableRules::new(names.iter().map(rule).collect())
}

fn parent() -> Table {
    let mut parent = table();
    let fqn = Fqn::from_parts(["c", "s", "p"]);
    (parent.table_ref.id, parent.table_ref.fqn) = (TableId::from_fqn(&fqn), fqn);
    parent.table_ref.engine.table = "p".into();
    parent
}

/// Statistics that know only how many rows the condition picks.
fn statistics() -> Play {
    let names = ["column_name", "distinct_values_count", "nulls_fraction", "row_count"];
    Play::Rows(names.map(|name| (name, "double")).to_vec(), vec![json!([null, null, null, 1000.0])])
}

async fn check(server: &Scripted, rules: TableRules) -> Result<ConfirmCount> {
    let set = |table: &Table| ColumnSet { table: table.fqn().clone(), columns: vec!["ID".to_owned()] };
    let (child, parent) = (table(), parent());
    let counter =
        TrinoKeyCounter::new(server.client(TrinoOptions::default()), CountBudget::default()).with_tables(rules);
    counter.count(&ConfirmCheck { child: set(&child), parent: set(&parent) }, &child, &parent).await
}

/// A server whose table `p` wants a filter, and whose check gives these figures: distinct children, orphans, parent's
/// rows, distinct parents.
async fn guarded_parent(figures: [u64; 4]) -> Scripted {
    let plan = Play::Rows(vec![("plan", "varchar")], vec![json!([r#"{"estimate":{"outputRowCount":1000.0}}"#])]);
    let count = Play::Rows(vec![("n", "bigint"); 4], vec![json!(figures)]);
    Scripted::wanting_a_filter("\"p\"", vec![columns(), ("EXPLAIN", plan), ("count_if(c > 0)", count)]).await
}

#[tokio::test]
async fn a_table_that_wants_a_filter_is_profiled_with_one_and_the_profile_says_of_which_rows() {
    let refused = Play::Error("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES");
    let script = vec![columns(), ("SHOW STATS", statistics()), ("make_set_digest", refused), ("BERNOULLI", rows(100))];
    let server = Scripted::wanting_a_filter("\"t\"", script).await;
    let client = server.client(TrinoOptions::default());
    let profile = async |rules: TableRules| {
        let sampling = SamplerOptions { tables: rules.clone(), ..SamplerOptions::default() };
        let sample = TrinoSampler::new(client.clone(), sampling).sample(&table(), &SampleRequest::default()).await?;
        let options = TrinoProfileOptions { tables: rules, ..TrinoProfileOptions::default() };
        TrinoProfiler::new(client.clone(), options).profile(&table(), &sample).await
    };
    let error = profile(TableRules::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`where` in sample.tables"), "it says what to do: {error}");

    let found = profile(rules_for(&["c.s.t"])).await.unwrap().profile;
    assert_eq!((found.rows_seen, found.method), (100, SampleMethod::PartitionSample));
    assert_eq!((found.row_count, found.row_count_exact), (1_000_000, false), "the table's, as its source says");
}

#[tokio::test]
async fn a_child_with_a_condition_is_checked_in_part_and_its_parent_whole() {
    let server = guarded_parent([10, 0, 20, 20]).await;
    let error = check(&server, rules_for(&["c.s.t"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "nobody gave the parent a condition: {error}");

    let plan = Play::Rows(vec![("plan", "varchar")], vec![json!(["{}"])]);
    let count = Play::Rows(vec![("n", "bigint"); 4], vec![json!([10, 3, 20, 20])]);
    let server = Scripted::start(vec![columns(), ("EXPLAIN", plan), ("count_if(c > 0)", count)]).await;
    let found = check(&server, rules_for(&["c.s.*"])).await.unwrap();
    assert_eq!((found.child_distinct, found.orphans, found.sampled), (10, 3, true));
    let journal = server.journal.lock().unwrap();
    let count = &journal.iter().find(|(_, body)| body.contains("count_if")).unwrap().1;
    assert!(
        count.contains(&format!("\"t\" WHERE ({CONDITION}\n)")) && count.matches(CONDITION).count() == 1,
        "{count}"
    );
}

#[tokio::test]
async fn a_parent_that_is_given_up_in_part_only_proves_what_a_part_can_prove() {
    let rules = rules_for(&["c.s.p"]);
    let found = check(&guarded_parent([10, 0, 20, 20]).await, rules.clone()).await.unwrap();
    assert!(found.orphans == 0 && found.sampled, "who has a parent in a part has one");
    let found = check(&guarded_parent([10, 9, 20, 15]).await, rules.clone()).await.unwrap();
    assert!(found.parent_distinct < found.parent_rows, "what repeats in a part is no key");
    let error = check(&guarded_parent([10, 9, 20, 20]).await, rules).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("in part only"), "orphans of a part are no orphans: {error}");
}
