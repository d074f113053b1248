//! The keys of TPC-H and TPC-DS, found through Trino's connectors from names, fingerprints and counts alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the figure is for the benchmarks: run with --nocapture")]

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog_core::model::{ColumnSet, ConfirmCheck, KeyColumn, KeyStatus, KeyTable, RelateInput, SampleRequest, Table};
use catalog_core::ports::{ConfirmBudget, FkMatcher, KeyCounter, Profiler, Sampler};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_profile::trino::{
    CountBudget, SamplerOptions, TrinoClient, TrinoKeyCounter, TrinoProfileOptions, TrinoProfiler, TrinoSampler,
};
use e2e::trino_tables::{client, tables};
use e2e::{trino, variable};
use serde_json::Value;

/// Keys as `child(columns) parent(columns)`.
type Keys = BTreeSet<String>;

/// F1 of the confirmed keys, and what is wrong with them.
fn score(found: &Keys, truth: &Keys) -> (f64, String) {
    let right = found.intersection(truth).count() as f64;
    let (wrong, missed): (Vec<_>, Vec<_>) = (found.difference(truth).collect(), truth.difference(found).collect());
    let f1 = 2.0 * right / (found.len() + truth.len()) as f64;
    let report = format!("F1 {f1:.3} of {} keys, wrong {wrong:?}, missed {missed:?}", truth.len());
    println!("{report}");
    (f1, report)
}

async fn key_table(client: &Arc<TrinoClient>, table: &Table) -> KeyTable {
    let sampler = TrinoSampler::new(Arc::clone(client), SamplerOptions::default());
    let sample = sampler.sample(table, &SampleRequest::default()).await.unwrap();
    let profiler = TrinoProfiler::new(Arc::clone(client), TrinoProfileOptions::default());
    let profiled = profiler.profile(table, &sample).await.unwrap();
    let names = table.columns.iter().map(|c| (c.name.clone(), c.data_type));
    KeyTable {
        fqn: table.fqn().clone(),
        catalog: table.table_ref.engine.catalog.clone(),
        kind: table.kind,
        row_count: profiled.profile.row_count,
        columns: names
            .zip(profiled.fingerprints)
            .map(|((name, kind), print)| KeyColumn::new(name, kind, print))
            .collect(),
        primary_key: Vec::new(),
        declared: Vec::new(),
    }
}

/// The confirmed keys of a schema.
async fn confirmed(catalog: &str, schema: &str) -> Keys {
    let client = client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap();
    let tables = tables(&client, catalog, schema).await.unwrap();
    let mut input = RelateInput::default();
    for table in &tables {
        input.tables.push(key_table(&client, table).await);
    }
    let matcher = KeyMatcher::new(KeyOptions::default());
    let candidates = matcher.candidates(&input);
    let plan = matcher.plan(&input, &candidates, ConfirmBudget { checks_max: 500, rows_max: 500_000_000 });
    let counter = TrinoKeyCounter::new(Arc::clone(&client), CountBudget::default());
    let mut counts: Vec<(ConfirmCheck, _)> = Vec::new();
    for check in plan.checks {
        let find = |name| tables.iter().find(|t| t.fqn() == name).unwrap();
        let count = counter.count(&check, find(&check.child.table), find(&check.parent.table)).await.ok();
        counts.push((check, count));
    }
    let keys = matcher.conclude(&input, candidates, &counts);
    keys.iter()
        .filter(|key| key.status == KeyStatus::Confirmed)
        .map(|key| {
            let side = |set: &ColumnSet| format!("{}({})", set.table.name(), set.columns.join(", "));
            format!("{} {}", side(&key.child), side(&key.parent))
        })
        .collect()
}

#[tokio::test]
async fn every_key_of_tpch_is_confirmed_and_no_other() {
    let (f1, errors) = score(&confirmed("tpch", "tiny").await, &tpch_keys());
    assert!(f1 == 1.0, "{errors}");
}

#[tokio::test]
async fn nearly_every_key_of_tpcds_is_confirmed_and_nearly_no_other() {
    let (f1, errors) = score(&confirmed("tpcds", "tiny").await, &tpcds_keys());
    assert!(f1 >= 0.9, "{errors}");
}

/// Trino writes the texts, hashes and sketches that the product's own fingerprints are held to.
#[test]
fn the_engine_meets_the_vectors_of_fingerprints() {
    let url = variable("CATALOG_TEST_TRINO_URL").unwrap();
    let vectors: Value = serde_json::from_str(include_str!("../../catalog-fk/vectors/fingerprint.json")).unwrap();
    for vector in vectors["values"].as_array().unwrap() {
        let text = vector["trino"].as_str().unwrap();
        let hash = format!("from_big_endian_64(reverse(substr(murmur3(to_utf8({text})), 1, 8)))");
        let row = trino::query(&url, &format!("SELECT {text}, {hash}")).unwrap().rows.remove(0);
        assert!(row[0] == vector["canonical"] && row[1] == vector["hash"], "{text}: {row:?}");
    }
    for vector in vectors["columns"].as_array().unwrap() {
        let last = vector["integers_from_1_to"].as_i64().unwrap();
        let sql = format!(
            "SELECT slice(array_sort(map_keys(hash_counts(make_set_digest(CAST(n AS varchar))))), 1, 128) FROM \
             (SELECT a * 1000 + b AS n FROM UNNEST(sequence(0, {last} / 1000)) t(a) CROSS JOIN \
             UNNEST(sequence(0, 999)) u(b)) WHERE n BETWEEN 1 AND {last}"
        );
        let kept = trino::query(&url, &sql).unwrap().rows.remove(0).remove(0);
        let kept = kept.as_array().unwrap();
        assert_eq!(kept[..4], vector["smallest_hashes"].as_array().unwrap()[..]);
        assert_eq!(kept.last(), Some(&vector["last_hash"]));
    }
}

/// The references of TPC-H (specification 3.0.1, 1.4.2), under the names of Trino's connector.
fn tpch_keys() -> Keys {
    [
        "nation(regionkey) region(regionkey)",
        "supplier(nationkey) nation(nationkey)",
        "customer(nationkey) nation(nationkey)",
        "partsupp(partkey) part(partkey)",
        "partsupp(suppkey) supplier(suppkey)",
        "orders(custkey) customer(custkey)",
        "lineitem(orderkey) orders(orderkey)",
        "lineitem(partkey) part(partkey)",
        "lineitem(suppkey) supplier(suppkey)",
        "lineitem(partkey, suppkey) partsupp(partkey, suppkey)",
    ]
    .map(str::to_owned)
    .into()
}

const DATE: &str = "date_dim(d_date_sk)";
const TIME: &str = "time_dim(t_time_sk)";
const ITEM: &str = "item(i_item_sk)";
const CUSTOMER: &str = "customer(c_customer_sk)";
const DEMOGRAPHICS: &str = "customer_demographics(cd_demo_sk)";
const HOUSEHOLD: &str = "household_demographics(hd_demo_sk)";
const ADDRESS: &str = "customer_address(ca_address_sk)";
const CENTER: &str = "call_center(cc_call_center_sk)";
const CATALOG: &str = "catalog_page(cp_catalog_page_sk)";
const SHIP: &str = "ship_mode(sm_ship_mode_sk)";
const HOUSE: &str = "warehouse(w_warehouse_sk)";
const REASON: &str = "reason(r_reason_sk)";
const PROMOTION: &str = "promotion(p_promo_sk)";
const STORE: &str = "store(s_store_sk)";
const PAGE: &str = "web_page(wp_web_page_sk)";
const SITE: &str = "web_site(web_site_sk)";
const INCOME: &str = "income_band(ib_income_band_sk)";

/// The references of TPC-DS (specification 3.2.0, 2.3 and 2.4): a table, and its columns by what they refer to.
const TPCDS: &[(&str, &[(&str, &str)])] = &[
    ("call_center", &[("cc_closed_date_sk cc_open_date_sk", DATE)]),
    ("catalog_page", &[("cp_start_date_sk cp_end_date_sk", DATE)]),
    (
        "catalog_returns",
        &[
            ("cr_returned_date_sk", DATE),
            ("cr_returned_time_sk", TIME),
            ("cr_item_sk", ITEM),
            ("cr_refunded_customer_sk cr_returning_customer_sk", CUSTOMER),
            ("cr_refunded_cdemo_sk cr_returning_cdemo_sk", DEMOGRAPHICS),
            ("cr_refunded_hdemo_sk cr_returning_hdemo_sk", HOUSEHOLD),
            ("cr_refunded_addr_sk cr_returning_addr_sk", ADDRESS),
            ("cr_call_center_sk", CENTER),
            ("cr_catalog_page_sk", CATALOG),
            ("cr_ship_mode_sk", SHIP),
            ("cr_warehouse_sk", HOUSE),
            ("cr_reason_sk", REASON),
        ],
    ),
    (
        "catalog_sales",
        &[
            ("cs_sold_date_sk cs_ship_date_sk", DATE),
            ("cs_sold_time_sk", TIME),
            ("cs_bill_customer_sk cs_ship_customer_sk", CUSTOMER),
            ("cs_bill_cdemo_sk cs_ship_cdemo_sk", DEMOGRAPHICS),
            ("cs_bill_hdemo_sk cs_ship_hdemo_sk", HOUSEHOLD),
            ("cs_bill_addr_sk cs_ship_addr_sk", ADDRESS),
            ("cs_call_center_sk", CENTER),
            ("cs_catalog_page_sk", CATALOG),
            ("cs_ship_mode_sk", SHIP),
            ("cs_warehouse_sk", HOUSE),
            ("cs_item_sk", ITEM),
            ("cs_promo_sk", PROMOTION),
        ],
    ),
    (
        "customer",
        &[
            ("c_current_cdemo_sk", DEMOGRAPHICS),
            ("c_current_hdemo_sk", HOUSEHOLD),
            ("c_current_addr_sk", ADDRESS),
            ("c_first_shipto_date_sk c_first_sales_date_sk c_last_review_date_sk", DATE),
        ],
    ),
    ("household_demographics", &[("hd_income_band_sk", INCOME)]),
    ("inventory", &[("inv_date_sk", DATE), ("inv_item_sk", ITEM), ("inv_warehouse_sk", HOUSE)]),
    ("promotion", &[("p_start_date_sk p_end_date_sk", DATE), ("p_item_sk", ITEM)]),
    ("store", &[("s_closed_date_sk", DATE)]),
    (
        "store_returns",
        &[
            ("sr_returned_date_sk", DATE),
            ("sr_return_time_sk", TIME),
            ("sr_item_sk", ITEM),
            ("sr_customer_sk", CUSTOMER),
            ("sr_cdemo_sk", DEMOGRAPHICS),
            ("sr_hdemo_sk", HOUSEHOLD),
            ("sr_addr_sk", ADDRESS),
            ("sr_store_sk", STORE),
            ("sr_reason_sk", REASON),
        ],
    ),
    (
        "store_sales",
        &[
            ("ss_sold_date_sk", DATE),
            ("ss_sold_time_sk", TIME),
            ("ss_item_sk", ITEM),
            ("ss_customer_sk", CUSTOMER),
            ("ss_cdemo_sk", DEMOGRAPHICS),
            ("ss_hdemo_sk", HOUSEHOLD),
            ("ss_addr_sk", ADDRESS),
            ("ss_store_sk", STORE),
            ("ss_promo_sk", PROMOTION),
        ],
    ),
    ("web_page", &[("wp_creation_date_sk wp_access_date_sk", DATE), ("wp_customer_sk", CUSTOMER)]),
    (
        "web_returns",
        &[
            ("wr_returned_date_sk", DATE),
            ("wr_returned_time_sk", TIME),
            ("wr_item_sk", ITEM),
            ("wr_refunded_customer_sk wr_returning_customer_sk", CUSTOMER),
            ("wr_refunded_cdemo_sk wr_returning_cdemo_sk", DEMOGRAPHICS),
            ("wr_refunded_hdemo_sk wr_returning_hdemo_sk", HOUSEHOLD),
            ("wr_refunded_addr_sk wr_returning_addr_sk", ADDRESS),
            ("wr_web_page_sk", PAGE),
            ("wr_reason_sk", REASON),
        ],
    ),
    (
        "web_sales",
        &[
            ("ws_sold_date_sk ws_ship_date_sk", DATE),
            ("ws_sold_time_sk", TIME),
            ("ws_item_sk", ITEM),
            ("ws_bill_customer_sk ws_ship_customer_sk", CUSTOMER),
            ("ws_bill_cdemo_sk ws_ship_cdemo_sk", DEMOGRAPHICS),
            ("ws_bill_hdemo_sk ws_ship_hdemo_sk", HOUSEHOLD),
            ("ws_bill_addr_sk ws_ship_addr_sk", ADDRESS),
            ("ws_web_page_sk", PAGE),
            ("ws_web_site_sk", SITE),
            ("ws_ship_mode_sk", SHIP),
            ("ws_warehouse_sk", HOUSE),
            ("ws_promo_sk", PROMOTION),
        ],
    ),
    ("web_site", &[("web_open_date_sk web_close_date_sk", DATE)]),
];

/// The keys of [`TPCDS`], and the composite ones: returns refer to lines of sales.
fn tpcds_keys() -> Keys {
    let single = TPCDS.iter().flat_map(|(table, columns)| {
        columns
            .iter()
            .flat_map(move |(names, parent)| names.split(' ').map(move |column| format!("{table}({column}) {parent}")))
    });
    let composite = [
        "catalog_returns(cr_item_sk, cr_order_number) catalog_sales(cs_item_sk, cs_order_number)",
        "store_returns(sr_item_sk, sr_ticket_number) store_sales(ss_item_sk, ss_ticket_number)",
        "web_returns(wr_item_sk, wr_order_number) web_sales(ws_item_sk, ws_order_number)",
    ];
    single.chain(composite.map(str::to_owned)).collect()
}
