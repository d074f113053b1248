//! Samples, profiles, fingerprints and key counts through the real engine.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{
    CellRef, ColumnSet, ConfirmCheck, ConfirmCount, DistinctMethod, ProfiledTable, RawSample, SampleMethod,
    SampleRequest, Table,
};
use catalog_core::ports::{KeyCounter, Profiler, Sampler};
use catalog_fk::fingerprint::FingerprintBuilder;
use catalog_profile::trino::{
    CountBudget, SamplerOptions, Statement, TrinoClient, TrinoKeyCounter, TrinoProfileOptions, TrinoProfiler,
    TrinoSampler,
};
use e2e::trino_tables::{client, tables};
use e2e::variable;

fn connect() -> Arc<TrinoClient> {
    client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap()
}

async fn find(client: &TrinoClient, catalog: &str, schema: &str, name: &str) -> Table {
    let all = tables(client, catalog, schema).await.unwrap();
    all.into_iter().find(|table| table.table_ref.engine.table == name).unwrap()
}

async fn make(client: &TrinoClient, name: &str, select: &str) -> Table {
    for sql in [
        format!("DROP TABLE IF EXISTS memory.default.{name}"),
        format!("CREATE TABLE memory.default.{name} AS {select}"),
    ] {
        client.query(&Statement::new("test", "make_table", sql)).await.unwrap();
    }
    find(client, "memory", "default", name).await
}

async fn sample(client: &Arc<TrinoClient>, table: &Table) -> RawSample {
    let sampler = TrinoSampler::new(Arc::clone(client), SamplerOptions::default());
    sampler.sample(table, &SampleRequest::default()).await.unwrap()
}

/// Profiles by the scan alone: the sample says nothing.
async fn profile(client: &Arc<TrinoClient>, table: &Table) -> ProfiledTable {
    let profiler = TrinoProfiler::new(Arc::clone(client), TrinoProfileOptions::default());
    let nothing = RawSample::new(table.columns.iter().map(|c| c.name.clone()), SampleMethod::Limit);
    profiler.profile(table, &nothing).await.unwrap()
}

#[tokio::test]
async fn orders_are_sampled_by_chance_and_regions_whole() {
    let client = connect();
    let orders = sample(&client, &find(&client, "tpch", "tiny", "orders").await).await;
    assert_eq!((orders.row_count(), orders.method(), orders.column_names().count()), (100, SampleMethod::Bernoulli, 9));
    let regions = sample(&client, &find(&client, "tpch", "tiny", "region").await).await;
    assert_eq!((regions.row_count(), regions.method()), (5, SampleMethod::FullScan));
}

#[tokio::test]
async fn an_empty_table_gives_an_empty_sample_and_no_null_ratio() {
    let client = connect();
    let table = make(&client, "nothing", "SELECT custkey, name FROM tpch.tiny.customer WHERE false").await;
    let sample = sample(&client, &table).await;
    assert_eq!((sample.row_count(), sample.method()), (0, SampleMethod::FullScan));
    let profile = profile(&client, &table).await.profile;
    assert_eq!((profile.row_count, profile.columns[0].null_ratio, profile.columns[0].distinct), (0, None, None));
}

#[tokio::test]
async fn a_huge_cell_is_cut_in_the_engine() {
    let client = connect();
    let select =
        "SELECT rpad('é', 900000, 'é') AS long, ARRAY[rpad('x', 900000, 'x')] AS list, JSON '{\"a\": 1}' AS doc,
                  to_utf8(rpad('y', 900000, 'y')) AS bytes, TIMESTAMP '2024-02-29 10:30:00.5 +02:00' AS moment,
                  CAST(NULL AS varchar) AS nothing, MAP(ARRAY['a'], ARRAY[x'00']) AS bad";
    let table = make(&client, "huge", select).await;
    let sample = sample(&client, &table).await;
    let cells: Vec<CellRef<'_>> = (0..7).map(|i| sample.cells(i).next().unwrap()).collect();
    assert!((4000..=4096).contains(&cells[0].byte_len()) && cells[1].byte_len() == 4096 && cells[3].byte_len() == 4096);
    assert!(cells[2] == CellRef::Text("{\"a\":1}") && cells[4] == CellRef::Text("2024-02-29 08:30:00.5"));
    assert!(cells[5] == CellRef::Null && matches!(cells[6], CellRef::Text(t) if t.starts_with('{')));
}

#[tokio::test]
async fn two_thousand_columns_are_sampled_in_batches() {
    let client = connect();
    let columns: Vec<String> = (0..2000).map(|i| format!("custkey + {i} AS c{i}")).collect();
    let table =
        make(&client, "wide", &format!("SELECT {} FROM tpch.tiny.customer LIMIT 300", columns.join(", "))).await;
    let sample = sample(&client, &table).await;
    assert_eq!((sample.row_count(), sample.column_names().count()), (100, 2000));
    let profile = profile(&client, &table).await.profile;
    assert_eq!(profile.columns.len(), 2000);
    assert!(profile.columns.iter().all(|c| c.distinct.unwrap().value == 300 && c.null_ratio == Some(0.0)));
}

/// The engine's canonical text of a column hashes as ours does, value by value.
async fn hashes_meet(name: &str, select: &str) {
    let client = connect();
    let table = make(&client, name, select).await;
    let sampled = sample(&client, &table).await;
    assert_eq!(sampled.method(), SampleMethod::FullScan, "the sample holds every value");
    let theirs = profile(&client, &table).await;
    for (i, column) in table.columns.iter().enumerate() {
        for cell in sampled.cells(i) {
            let mut ours = FingerprintBuilder::new(column.data_type);
            if let Some(hash) = ours.push(cell) {
                let text = ours.last_canonical();
                assert!(
                    theirs.fingerprints[i].hashes.contains(&hash),
                    "{}: {text:?} of {}",
                    column.name,
                    column.native_type
                );
            }
        }
        let distinct: BTreeSet<i64> =
            sampled.cells(i).filter_map(|cell| FingerprintBuilder::new(column.data_type).push(cell)).collect();
        assert_eq!(theirs.fingerprints[i].hashes, distinct.into_iter().collect::<Vec<_>>(), "{}", column.name);
    }
}

#[tokio::test]
async fn texts_in_canonical_form_hash_alike_in_both_worlds() {
    let texts = [
        "1",
        "42",
        "42.0",
        "42.50 ",
        "-0",
        "-0.00",
        "-0.5",
        "0.10",
        "100",
        "100.00",
        "007",
        "1.",
        ".5",
        "1e5",
        "--1",
        "-",
        "",
        "  x  ",
        "née",
        "日本語",
        "true",
        "2024-02-29",
        "2024-02-29T08:30",
        "2024-02-29 08:30:00.500",
        "2024-13-01T08:30",
        "2024-02-29T00:00:00.000Z",
        "2024-02-29 00:00",
        "2024-02-29 08:30:00 +02:00",
        "2024-02-29 08:30:00+00",
        "2024-02-29 08:30.5",
        "2024-02-29T08:30:00.050-0530",
        "2024-02-29 00:00:00+01",
        "2024-02-29 25:00",
        "{123E4567-E89B-12D3-A456-426614174000}",
        "123E4567-e89b-12d3-a456-426614174000",
        "{123e4567-e89b-12d3-a456-426614174000",
        "a\n42.0",
        "42.0\n",
        "1.5.0",
        "10.10.10.10",
    ];
    let rows: Vec<String> = texts.iter().map(|t| format!("('{t}')")).collect();
    hashes_meet("texts", &format!("SELECT v FROM (VALUES {}) AS t(v)", rows.join(", "))).await;
}

#[tokio::test]
async fn every_other_type_hashes_alike_in_both_worlds() {
    let select = "SELECT * FROM (VALUES
        (true, TINYINT '-7', 42, 9223372036854775807, 1.5e0, REAL '0.25', DECIMAL '12.50', DECIMAL '7', CHAR 'ab  ', x'0fa0',
         DATE '2024-02-29', TIME '08:30:00.500', TIMESTAMP '2024-02-29 08:30:00.500000', TIMESTAMP '2024-02-29 10:00:00 +02:00',
         UUID '123e4567-e89b-12d3-a456-426614174000', IPADDRESS '10.0.0.1', INTERVAL '2' DAY),
        (false, 0, -1, 0, 17668.6e0, REAL '3', DECIMAL '-0.30', DECIMAL '0', CHAR '7', x'', DATE '0001-01-01', TIME '00:00:00.000',
         TIMESTAMP '2024-02-29 00:00:00.000000', TIMESTAMP '2024-02-29 00:00:00 UTC', UUID '00000000-0000-0000-0000-000000000000',
         IPADDRESS '::1', INTERVAL '-3' HOUR),
        (NULL, NULL, NULL, NULL, -0.05e0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
        AS t(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)";
    hashes_meet("all_types", select).await;
}

#[tokio::test]
async fn figures_of_orders_are_those_of_every_row() {
    let client = connect();
    let table = find(&client, "tpch", "tiny", "orders").await;
    let profiler = TrinoProfiler::new(Arc::clone(&client), TrinoProfileOptions::default());
    let orders = profiler.profile(&table, &sample(&client, &table).await).await.unwrap();
    assert_eq!((orders.profile.row_count, orders.profile.row_count_exact), (15_000, true));
    let column = |name: &str| table.columns.iter().position(|c| c.name == name).unwrap();
    let customers = &orders.profile.columns[column("custkey")];
    assert_eq!(customers.distinct.unwrap().value, 1000);
    assert_eq!(customers.distinct.unwrap().method, DistinctMethod::Exact);
    let keys = orders.profile.columns[column("orderkey")].distinct.unwrap();
    assert!((keys.value as f64 / 15_000.0 - 1.0).abs() <= keys.error_bound && keys.method == DistinctMethod::Engine);
    assert!(orders.profile.columns[column("orderkey")].unique);
    assert_eq!(orders.fingerprints[column("orderkey")].integer_range, Some((1, 60_000)));
    let status = &orders.values[column("orderstatus")];
    assert!(status.top_complete && status.top.iter().map(|(_, n)| n).sum::<u64>() == 15_000);
}

#[tokio::test]
async fn a_column_whose_values_are_counted_has_the_hashes_of_their_canonical_texts() {
    let client = connect();
    let table = find(&client, "tpch", "tiny", "lineitem").await;
    let lines = profile(&client, &table).await;
    let column = |name: &str| table.columns.iter().position(|c| c.name == name).unwrap();
    let discounts = &lines.fingerprints[column("discount")];
    let texts = ["0", "0.01", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07", "0.08", "0.09", "0.1"];
    let mut hashes: Vec<i64> = texts.iter().map(|text| catalog_fk::fingerprint::hash_canonical(text)).collect();
    hashes.sort_unstable();
    assert_eq!((discounts.distinct, discounts.complete, &discounts.hashes), (11, true, &hashes));
    let values = &lines.values[column("discount")];
    assert!(values.top_complete && values.top.iter().map(|(_, n)| n).sum::<u64>() == 60_175);
    let sql = "SELECT count(DISTINCT shipdate) FROM tpch.tiny.lineitem";
    let days = e2e::trino::query(&variable("CATALOG_TEST_TRINO_URL").unwrap(), sql).unwrap().rows[0][0].as_u64();
    let shipped = lines.profile.columns[column("shipdate")].clone();
    assert_eq!(shipped.distinct.map(|d| (d.value, d.method)), days.map(|n| (n, DistinctMethod::Exact)));
    let years = shipped.range.unwrap();
    assert_eq!((years.p5.as_str(), years.p95.as_str()), ("1992", "1998"));
}

#[tokio::test]
async fn a_table_over_the_budget_is_profiled_from_statistics_and_says_so() {
    let client = connect();
    let table = find(&client, "tpch", "tiny", "orders").await;
    let options = TrinoProfileOptions { scan_rows_max: 1000, ..TrinoProfileOptions::default() };
    let sample = sample(&client, &table).await;
    let profile = TrinoProfiler::new(Arc::clone(&client), options).profile(&table, &sample).await.unwrap().profile;
    assert_eq!((profile.row_count, profile.row_count_exact, profile.rows_seen), (15_000, false, 100));
    let distinct = profile.columns[0].distinct.unwrap();
    assert_eq!((distinct.value, distinct.method), (15_000, DistinctMethod::Engine));
}

async fn count(
    child: (&Table, &[&str]),
    parent: (&Table, &[&str]),
    budget: CountBudget,
) -> catalog_core::Result<ConfirmCount> {
    let set = |(table, columns): (&Table, &[&str])| ColumnSet {
        table: table.fqn().clone(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    let check = ConfirmCheck { child: set(child), parent: set(parent) };
    TrinoKeyCounter::new(connect(), budget).count(&check, child.0, parent.0).await
}

#[tokio::test]
async fn orphans_are_counted_past_nulls_and_across_types() {
    let client = connect();
    let child =
        make(&client, "child", "SELECT * FROM (VALUES (1, '1.0'), (2, '2'), (99, 'x'), (NULL, NULL)) AS t(n, s)").await;
    let parent = make(&client, "parent", "SELECT * FROM (VALUES 1, 2, 2, NULL) AS t(k)").await;
    let expected = ConfirmCount { child_distinct: 3, orphans: 1, parent_rows: 3, parent_distinct: 2, sampled: false };
    for column in ["n", "s"] {
        assert_eq!(count((&child, &[column]), (&parent, &["k"]), CountBudget::default()).await.unwrap(), expected);
    }
    let lines = find(&client, "tpch", "tiny", "lineitem").await;
    let supplies = find(&client, "tpch", "tiny", "partsupp").await;
    let keys: &[&str] = &["partkey", "suppkey"];
    let found = count((&lines, keys), (&supplies, keys), CountBudget::default()).await.unwrap();
    assert_eq!((found.orphans, found.parent_rows, found.parent_distinct), (0, 8000, 8000));
}

#[tokio::test]
async fn a_check_beyond_the_budget_is_sampled_or_refused() {
    let client = connect();
    let orders = find(&client, "tpch", "tiny", "orders").await;
    let customers = find(&client, "tpch", "tiny", "customer").await;
    let small = CountBudget { rows_per_check: 5000, ..CountBudget::default() };
    let found = count((&orders, &["custkey"]), (&customers, &["custkey"]), small.clone()).await.unwrap();
    assert!(found.sampled && found.orphans == 0 && found.child_distinct > 0);
    let refused = count((&customers, &["custkey"]), (&orders, &["custkey"]), small).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    let none = CountBudget { checks: 0, ..CountBudget::default() };
    let refused = count((&orders, &["custkey"]), (&customers, &["custkey"]), none).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn a_table_that_is_gone_is_not_found_and_a_long_query_times_out() {
    let client = connect();
    let mut table = find(&client, "tpch", "tiny", "orders").await;
    table.table_ref.engine.table = "gone".into();
    let sampler = TrinoSampler::new(Arc::clone(&client), SamplerOptions::default());
    let error = sampler.sample(&table, &SampleRequest::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let mut endless =
        Statement::new("test", "count_rows", "SELECT count(*) FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b");
    endless.deadline = Duration::from_secs(2);
    assert_eq!(client.query(&endless).await.err().unwrap().kind(), ErrorKind::Timeout);
    client.shutdown().await;
    let running = e2e::trino::query(
        &variable("CATALOG_TEST_TRINO_URL").unwrap(),
        "SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%sf1.lineitem a%' AND source = 'akko-catalog-sync'",
    );
    assert_eq!(running.unwrap().rows[0][0], 0);
}
