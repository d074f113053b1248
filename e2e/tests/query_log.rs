//! The query log against the real Trino: the torture set is Trino's, and what is proposed still runs.

#![allow(clippy::unwrap_used)]

use catalog_core::model::{QueryEvent, QueryState, QueryVerdict};
use catalog_core::ports::QueryCheck;
use catalog_profile::trino::TrinoQueryCheck;
use catalog_querylog::sql::{parse, tokenize};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};
use e2e::{http, trino, trino_tables, variable};

const SET: &str = include_str!("../../catalog-querylog/tests/torture.sql");

fn statements() -> Vec<(&'static str, &'static str)> {
    let body = SET.split("\n-- ").skip(1).filter_map(|part| part.split_once('\n'));
    body.filter_map(|(name, text)| Some((name, text.trim().strip_suffix(';')?))).collect()
}

#[test]
fn trino_accepts_every_statement_of_the_torture_set() {
    let url = variable("CATALOG_TEST_TRINO_URL").unwrap();
    // The target of the INSERT in the set.
    let target = "CREATE TABLE IF NOT EXISTS memory.default.torture (nationkey bigint, name varchar(25))";
    trino::query(&url, target).unwrap();
    let refused: Vec<String> = statements()
        .into_iter()
        .filter_map(|(name, sql)| {
            let error = trino::query(&url, &format!("EXPLAIN (TYPE VALIDATE) {sql}")).err()?;
            Some(format!("{name}: {error}"))
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_normal_form_of_the_torture_sets_queries_runs_with_nulls_for_its_parameters() {
    let client = trino_tables::client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap();
    let tables = trino_tables::tables(&client, "tpch", "tiny").await.unwrap();
    let schema: Vec<SchemaTable> = tables
        .iter()
        .map(|table| SchemaTable {
            fqn: table.fqn().clone(),
            engine: table.table_ref.engine.clone(),
            columns: table.columns.iter().map(|column| column.name.clone()).collect(),
        })
        .collect();
    let check = TrinoQueryCheck::new(client);
    let (mut checked, mut refused) = (0, Vec::new());
    for (name, sql) in statements() {
        let mut miner = QueryMiner::new(schema.clone(), MinerOptions::default());
        miner.observe(&event(sql));
        for query in miner.finish().queries {
            checked += 1;
            if let QueryVerdict::Refused { error } = check.check(&query.sql, &query.parameters).await.unwrap() {
                refused.push(format!("{name}: {error}: {}", query.sql));
            }
        }
    }
    assert!(checked >= 60 && refused.is_empty(), "{} of {checked}: {refused:#?}", refused.len());
}

#[test]
fn every_statement_that_the_lane_ran_with_success_parses() {
    let url = format!("{}/select/logsql/query", variable("CATALOG_TEST_VICTORIALOGS_URL").unwrap());
    let query = "metadata.queryState:=FINISHED | uniq by (_msg) limit 20000";
    let found = http::post_form(&url, &[("query", query)]).unwrap();
    let texts: Vec<String> = found
        .lines()
        .filter_map(|line| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["_msg"].as_str()?.to_owned()))
        .collect();
    // What the other tests here validate is judged by them.
    let ran = texts.iter().filter(|sql| !sql.starts_with("EXPLAIN (TYPE VALIDATE)"));
    let failed: Vec<&String> = ran.filter(|sql| tokenize(sql).and_then(parse).is_err()).collect();
    assert!(!texts.is_empty() && failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), texts.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_column_is_gone_is_refused_by_name() {
    let client = trino_tables::client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap();
    let check = TrinoQueryCheck::new(client);
    let parameters = [("p1".to_owned(), "text".to_owned())];
    let refused = |error: &str| QueryVerdict::Refused { error: error.to_owned() };
    let sql = "SELECT gone FROM tpch.tiny.nation WHERE name = :p1";
    assert_eq!(check.check(sql, &parameters).await.unwrap(), refused("COLUMN_NOT_FOUND"));
    let sql = "SELECT name FROM tpch.tiny.gone WHERE name = :p1";
    assert_eq!(check.check(sql, &parameters).await.unwrap(), refused("TABLE_NOT_FOUND"));
    let sql = "SELECT name FROM tpch.tiny.nation WHERE name = :p1";
    assert_eq!(check.check(sql, &parameters).await.unwrap(), QueryVerdict::Runs);
}

fn event(sql: &str) -> QueryEvent {
    QueryEvent {
        query_id: String::new(),
        sql: sql.to_owned(),
        state: QueryState::Finished,
        user_hash: String::new(),
        source: None,
        catalog: None,
        schema: None,
        inputs: Vec::new(),
        wall_ms: None,
        bytes: None,
        ended_at_ms: None,
    }
}
