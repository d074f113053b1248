//! The statements that sampling, keys and fingerprints are made of, against the real engine.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use catalog_fk::fingerprint::hash_canonical;
use e2e::trino::{Answer, query};
use e2e::variable;

fn run(sql: &str) -> Answer {
    query(&variable("CATALOG_TEST_TRINO_URL").unwrap(), sql).unwrap()
}

fn numbers(sql: &str) -> Vec<i64> {
    run(sql).rows[0].iter().map(|cell| cell.as_i64().unwrap()).collect()
}

/// Distinct child values and those of them that the parent lacks; a NULL on either side is no match and no orphan.
fn anti_join(child: &str, parent: &str) -> Vec<i64> {
    numbers(&format!(
        "SELECT count(*), count_if(p.v IS NULL)
         FROM (SELECT DISTINCT v FROM ({child}) AS c(v) WHERE v IS NOT NULL) AS c
         LEFT JOIN (SELECT DISTINCT v FROM ({parent}) AS p(v) WHERE v IS NOT NULL) AS p ON p.v = c.v"
    ))
}

#[test]
fn a_sample_of_orders_has_a_hundred_rows_of_nine_columns() {
    let sample = run("SELECT * FROM tpch.tiny.orders TABLESAMPLE BERNOULLI(5) LIMIT 100");
    assert_eq!(sample.rows.len(), 100);
    assert!(sample.rows.iter().all(|row| row.len() == 9));
    let keys: BTreeSet<i64> = sample.rows.iter().map(|row| row[0].as_i64().unwrap()).collect();
    assert_eq!(keys.len(), 100, "no order is drawn twice");
}

#[test]
fn orders_all_have_a_customer_and_order_numbers_are_no_customers() {
    let customers = "SELECT custkey FROM tpch.tiny.customer";
    assert_eq!(anti_join("SELECT custkey FROM tpch.tiny.orders", customers), [1000, 0]);
    assert_eq!(anti_join("SELECT orderkey FROM tpch.tiny.orders", customers), [15_000, 14_625]);
}

#[test]
fn a_null_in_the_parent_hides_no_orphan_though_not_in_would() {
    let (child, parent) = ("VALUES 1, 2, 99, NULL", "VALUES 1, 2, NULL");
    assert_eq!(anti_join(child, parent), [3, 1]);
    let not_in = format!("SELECT count(*) FROM ({child}) AS c(v) WHERE v NOT IN (SELECT v FROM ({parent}) AS p(v))");
    assert_eq!(numbers(&not_in), [0]);
}

#[test]
fn the_engines_digest_holds_the_very_hashes_that_fingerprints_do() {
    let texts = [
        "1",
        "42",
        "-7",
        "12.5",
        "2024-02-29",
        "née",
        "O''Brien",
        " padded ",
        "",
        "日本語",
        "a longer text of more than sixteen bytes",
    ];
    let values: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
    let digest =
        run(&format!("SELECT map_keys(hash_counts(make_set_digest(v))) FROM (VALUES {}) AS t(v)", values.join(", ")));
    let theirs: BTreeSet<i64> = digest.rows[0][0].as_array().unwrap().iter().map(|h| h.as_i64().unwrap()).collect();
    let ours: BTreeSet<i64> = texts.iter().map(|text| hash_canonical(&text.replace("''", "'"))).collect();
    assert_eq!(theirs, ours);
}

#[test]
fn the_smallest_hashes_of_a_column_are_those_of_its_values_one_by_one() {
    let digest =
        run("SELECT slice(array_sort(map_keys(hash_counts(make_set_digest(CAST(custkey AS varchar))))), 1, 128)
                      FROM tpch.tiny.customer");
    let theirs: Vec<i64> = digest.rows[0][0].as_array().unwrap().iter().map(|h| h.as_i64().unwrap()).collect();
    let mut ours: Vec<i64> = (1..=1500).map(|key: i32| hash_canonical(&key.to_string())).collect();
    ours.sort_unstable();
    assert_eq!(theirs, ours[..128]);
}

#[test]
fn postgres_is_a_catalog_of_the_engine() {
    let schemas: BTreeSet<String> =
        run("SHOW SCHEMAS FROM postgresql").rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    assert!(schemas.contains("public"), "{schemas:?}");
}
