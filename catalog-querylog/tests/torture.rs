//! The torture set: constructs of Trino's grammar that the real engine accepts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use catalog_core::model::{EngineName, Fqn, QueryEvent, QueryState};
use catalog_querylog::sql::{parse, tokenize};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};

const SET: &str = include_str!("torture.sql");

/// What does not parse. Such an event is counted by its reason, and its tables and columns come from what the engine
/// says.
const NOT_READ: &[&str] = &[];

/// Names and texts.
fn statements() -> Vec<(&'static str, &'static str)> {
    let body = SET.split("\n-- ").skip(1).filter_map(|part| part.split_once('\n'));
    body.filter_map(|(name, text)| Some((name, text.trim().strip_suffix(';')?))).collect()
}

#[test]
fn nine_tenths_of_the_set_parse_and_the_rest_is_named() {
    let all = statements();
    assert!(all.len() >= 80, "{} statements", all.len());
    let failed: Vec<&str> =
        all.iter().filter(|(_, sql)| tokenize(sql).and_then(parse).is_err()).map(|(name, _)| *name).collect();
    assert_eq!(failed, NOT_READ, "of {}", all.len());
    assert!(failed.len() * 10 <= all.len());
}

#[test]
fn an_event_that_does_not_parse_is_mined_from_what_the_engine_read() {
    let table = |name: &str, columns: &[&str]| SchemaTable {
        fqn: Fqn::from_parts(["tpch", "tiny", name]),
        engine: EngineName { catalog: "tpch".into(), schema: "tiny".into(), table: name.into() },
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    let mut miner = QueryMiner::new(vec![table("orders", &["custkey"])], MinerOptions::default());
    miner.observe(&QueryEvent {
        query_id: "q".into(),
        sql: "SELECT custkey FROM tpch.tiny.orders SIDEWAYS BY (custkey) AND BACK".into(),
        state: QueryState::Finished,
        user_hash: "u".into(),
        source: None,
        catalog: None,
        schema: None,
        inputs: vec![("tpch".into(), "tiny".into(), "orders".into(), vec!["custkey".into()])],
        wall_ms: None,
        bytes: None,
        ended_at_ms: Some(0),
    });
    let log = miner.finish();
    assert_eq!((log.columns[0].column.as_str(), log.columns[0].projections), ("custkey", 1));
    assert_eq!((log.usage.totals[0].queries, log.usage.tables[0].queries), (1, 1));
}
