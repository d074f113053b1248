//! Tables in parts, on the real engine over a table that PostgreSQL keeps in parts: what a condition saves, and what may
//! be said of the rows that it leaves out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use catalog_core::model::{ColumnSet, ConfirmCheck, ConfirmCount, DistinctMethod, SampleMethod, SampleRequest, Table};
use catalog_core::ports::{KeyCounter, Profiler, Sampler};
use catalog_profile::trino::{
    CountBudget, SamplerOptions, TableRule, TableRules, TrinoClient, TrinoKeyCounter, TrinoProfileOptions,
    TrinoProfiler, TrinoSampler,
};
use e2e::trino_asked::Asked;
use e2e::trino_tables::{client, tables};
use e2e::{trino, variable};

const SCHEMA: &str = "catalog_parts";
const CONDITION: &str = "day >= DATE '1998-01-01'";

fn run(sql: &str) -> trino::Answer {
    trino::query(&variable("CATALOG_TEST_TRINO_URL").unwrap(), sql).unwrap()
}

/// In PostgreSQL itself, which Trino lends a hand to.
fn execute(sql: &str) {
    run(&format!("CALL postgresql.system.execute(query => '{}')", sql.replace('\'', "''")));
}

/// The orders of TPC-H in a table of one part a year, made once.
fn make_parts() {
    static MADE: std::sync::Once = std::sync::Once::new();
    MADE.call_once(|| {
        execute(&format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"));
        execute(&format!("CREATE SCHEMA {SCHEMA}"));
        execute(&format!(
            "CREATE TABLE {SCHEMA}.orders (orderkey bigint, custkey bigint, day date, note text) PARTITION BY RANGE (day)"
        ));
        for year in 1992..1999 {
            execute(&format!(
                "CREATE TABLE {SCHEMA}.orders_{year} PARTITION OF {SCHEMA}.orders FOR VALUES FROM ('{year}-01-01') TO \
                 ('{}-01-01')",
                year + 1
            ));
        }
        run(&format!(
            "INSERT INTO postgresql.{SCHEMA}.orders SELECT orderkey, custkey, orderdate, comment FROM tpch.tiny.orders"
        ));
    });
}

/// A client whose queries the engine lists under this token.
fn connect(token: &str) -> Arc<TrinoClient> {
    let client = client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap();
    client.set_trace_token(token);
    client
}

fn asked(token: &str) -> Asked {
    Asked::under(&variable("CATALOG_TEST_TRINO_URL").unwrap(), token).unwrap()
}

fn token(name: &str) -> String {
    format!("parts-{}-{name}", std::process::id())
}

async fn find(client: &TrinoClient, catalog: &str, schema: &str, name: &str) -> Table {
    let all = tables(client, catalog, schema).await.unwrap();
    all.into_iter().find(|table| table.table_ref.engine.table == name).unwrap()
}

/// What is asked of the table in parts: the rows of one year.
fn of_a_year() -> TableRules {
    let rule = TableRule {
        table: format!("postgresql.{SCHEMA}.*"),
        condition: Some(CONDITION.to_owned()),
        ..TableRule::default()
    };
    TableRules::new(vec![rule])
}

#[tokio::test]
async fn sample_and_scan_of_a_table_in_parts_read_the_parts_that_the_condition_picks() {
    make_parts();
    let of_year = CONDITION.replace("day", "orderdate");
    let year = run(&format!("SELECT count(*), count(DISTINCT custkey) FROM tpch.tiny.orders WHERE {of_year}"));
    let [year_rows, year_customers] = [0, 1].map(|i| year.rows[0][i].as_u64().unwrap());
    let mut rows_read = Vec::new();
    for (name, rules) in [("whole", TableRules::default()), ("year", of_a_year())] {
        let token = token(name);
        let client = connect(&token);
        let table = find(&client, "postgresql", SCHEMA, "orders").await;
        let sampling = SamplerOptions { tables: rules.clone(), ..SamplerOptions::default() };
        let options = TrinoProfileOptions { tables: rules, ..TrinoProfileOptions::default() };
        let sample =
            TrinoSampler::new(Arc::clone(&client), sampling).sample(&table, &SampleRequest::default()).await.unwrap();
        let found = TrinoProfiler::new(Arc::clone(&client), options).profile(&table, &sample).await.unwrap();
        let asked = asked(&token);
        rows_read.push((asked.rows("sample"), asked.rows("profile")));
        let customers = found.profile.columns[1].distinct.unwrap();
        let method = (found.profile.method, found.profile.row_count, found.profile.row_count_exact);
        if name == "whole" {
            assert_eq!(method, (SampleMethod::FullScan, 15_000, true));
            assert_eq!((customers.value, customers.method), (1000, DistinctMethod::Exact));
            continue;
        }
        // The profile says that it speaks of some rows, and how many these are.
        assert_eq!(method, (SampleMethod::Partitions, year_rows, false));
        assert_eq!((customers.value, customers.method), (year_customers, DistinctMethod::Sample), "a lower bound");
        assert!(!found.fingerprints[1].complete);
        for pass in ["sample", "profile"] {
            assert!(
                asked.of_pass(pass).count() > 0 && asked.of_pass(pass).all(|q| q.sql.contains(CONDITION)),
                "{pass}"
            );
        }
        assert!(sample.cells(2).all(|day| matches!(day, catalog_core::model::CellRef::Text(t) if t >= "1998-01-01")));
    }
    let [(_, whole), (year_sample, year)] = rows_read[..] else { panic!("two profiles") };
    assert!(whole >= 15_000, "{whole}");
    assert_eq!(year, year_rows, "PostgreSQL gives the engine the rows of the part alone");
    assert!(year_sample <= year_rows, "{year_sample}");
}

async fn count(token: &str, rules: TableRules, child: (&Table, &str), parent: (&Table, &str)) -> ConfirmCount {
    let set =
        |(table, column): (&Table, &str)| ColumnSet { table: table.fqn().clone(), columns: vec![column.to_owned()] };
    let counter = TrinoKeyCounter::new(connect(token), CountBudget::default()).with_tables(rules);
    counter.count(&ConfirmCheck { child: set(child), parent: set(parent) }, child.0, parent.0).await.unwrap()
}

#[tokio::test]
async fn a_key_check_reads_a_part_of_the_child_and_says_so_and_all_of_the_parent() {
    make_parts();
    let client = connect(&token("find"));
    let orders = find(&client, "postgresql", SCHEMA, "orders").await;
    let customers = find(&client, "tpch", "tiny", "customer").await;
    let lines = find(&client, "tpch", "tiny", "lineitem").await;

    let whole_token = token("child-whole");
    let whole = count(&whole_token, TableRules::default(), (&orders, "custkey"), (&customers, "custkey")).await;
    assert_eq!((whole.child_distinct, whole.orphans, whole.sampled), (1000, 0, false));
    let part_token = token("child-part");
    let part = count(&part_token, of_a_year(), (&orders, "custkey"), (&customers, "custkey")).await;
    assert!(part.child_distinct < 1000 && part.orphans == 0 && part.sampled, "{part:?}");
    assert_eq!((part.parent_rows, part.parent_distinct), (1500, 1500));
    let read = |token: &str| asked(token).rows("keys");
    assert!(read(&part_token) + 10_000 < read(&whole_token), "{} {}", read(&part_token), read(&whole_token));

    // Most lines belong to orders of other years: read in part the parent would make orphans of them.
    let parent_token = token("parent");
    let to_parent = count(&parent_token, of_a_year(), (&lines, "orderkey"), (&orders, "orderkey")).await;
    assert_eq!((to_parent.orphans, to_parent.parent_rows, to_parent.sampled), (0, 15_000, false));
    assert!(asked(&parent_token).of_pass("keys").all(|query| !query.sql.contains(CONDITION)));
}
