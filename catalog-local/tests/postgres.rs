//! A Postgres database as a source. Needs the feature `live` and `CATALOG_TEST_POSTGRES_URL`, a user who may create
//! databases; every test makes a database of its own and drops it.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{
    CellRef, ColumnSet, ConfirmCheck, DataType, Fqn, RawCell, SampleMethod, SampleRequest, Table, TableKind,
};
use catalog_core::ports::{Discovered, RowSink, ScanRequest};
use catalog_local::sources::{Warehouse, open};
use catalog_net::EgressPolicy;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

struct Database {
    name: String,
    url: Url,
    warehouse: Warehouse,
}

fn admin_url() -> Url {
    let text = std::env::var("CATALOG_TEST_POSTGRES_URL")
        .expect("set CATALOG_TEST_POSTGRES_URL to run the tests of feature `live`");
    text.parse().unwrap()
}

async fn run(url: &Url, sql: String) {
    let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

impl Database {
    async fn with_schema(name: &str, sql: &str) -> Self {
        let admin = admin_url();
        let name = format!("catalog_test_{name}");
        run(&admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&admin, format!("CREATE DATABASE {name}")).await;
        let mut url = admin;
        url.set_path(&name);
        run(&url, sql.to_owned()).await;
        let egress = EgressPolicy::allowing([(url.host_str().unwrap(), url.port().unwrap_or(5432))]);
        let warehouse = open(url.as_str(), &egress).await.unwrap().remove(0);
        Self { name, url, warehouse }
    }

    async fn table(&self, schema: &str, name: &str) -> Table {
        let fqn = Fqn::from_parts([self.name.as_str(), schema, name]);
        self.warehouse.source.get(&fqn).await.unwrap().unwrap()
    }

    async fn rows(&self, table: &Table, cell_bytes_max: usize) -> catalog_core::Result<Vec<Vec<RawCell>>> {
        let sink = Arc::new(Mutex::new(Collect::default()));
        let request = ScanRequest {
            columns: (0..table.columns.len()).collect(),
            rows_max: None,
            cell_bytes_max,
            deadline: Duration::from_secs(60),
        };
        self.warehouse.scanner.scan(table, &request, sink.clone()).await?;
        Ok(std::mem::take(&mut sink.lock().unwrap().0))
    }

    async fn drop(self) {
        run(&admin_url(), format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

#[derive(Default)]
struct Collect(Vec<Vec<RawCell>>);

impl RowSink for Collect {
    fn row(&mut self, cells: &[CellRef<'_>]) -> ControlFlow<()> {
        self.0.push(cells.iter().copied().map(CellRef::to_owned).collect());
        ControlFlow::Continue(())
    }
}

#[tokio::test]
async fn relations_are_listed_with_constraints_comments_and_lineage() {
    let db = Database::with_schema(
        "listing",
        "CREATE SCHEMA \"Sales Data\"; CREATE DOMAIN amount AS numeric(10, 2); CREATE TYPE mood AS ENUM ('a');
         CREATE TABLE customer (id int PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, m mood, tags text[]);
         COMMENT ON TABLE customer IS 'People who buy'; COMMENT ON COLUMN customer.email IS 'Where to write';
         CREATE TABLE \"Sales Data\".\"Order\" (line int, no int, cust int REFERENCES customer, total amount,
             PRIMARY KEY (no, line));
         CREATE UNIQUE INDEX partial ON \"Sales Data\".\"Order\" (cust) WHERE cust > 1;
         CREATE VIEW v AS SELECT email FROM customer; CREATE MATERIALIZED VIEW mv AS SELECT * FROM v;
         CREATE TABLE parts (d date) PARTITION BY RANGE (d);
         CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    )
    .await;
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let page = db.warehouse.source.list(cursor.as_deref(), 2).await.unwrap();
        names.extend(page.tables.iter().map(|e| match e {
            Discovered::Table(t) => t.fqn().parts()[1..].join("."),
            Discovered::Unreadable(names, e) => panic!("{}: {e}", names.fqn),
        }));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["Sales Data.Order", "public.customer", "public.mv", "public.parts", "public.v"]);

    let customer = db.table("public", "customer").await;
    assert_eq!(
        (customer.primary_key.as_slice(), &customer.unique_keys),
        (&["id".to_owned()][..], &vec![vec!["email".to_owned()]])
    );
    assert!(customer.description.as_ref().is_some_and(|d| d.by_human && d.text == "People who buy"));
    assert!(customer.columns[1].description.as_ref().is_some_and(|d| d.text == "Where to write"));
    let types: Vec<_> = customer.columns.iter().map(|c| c.data_type).collect();
    assert_eq!(types, [DataType::Integer, DataType::Text, DataType::Text, DataType::Nested]);

    let order = db.table("Sales Data", "Order").await;
    assert_eq!(order.primary_key, ["no", "line"]);
    assert!(order.unique_keys.is_empty());
    assert_eq!(order.columns[3].data_type, DataType::Decimal);
    assert_eq!(order.declared_keys[0].parent, *customer.fqn());
    assert_eq!(order.declared_keys[0].parent_columns, ["id"]);

    let view = db.table("public", "v").await;
    assert_eq!((view.kind, view.upstream), (TableKind::View, vec![customer.fqn().clone()]));
    assert_eq!(db.table("public", "mv").await.kind, TableKind::MaterializedView);
    db.drop().await;
}

#[tokio::test]
async fn cells_arrive_typed_and_cut() {
    let db = Database::with_schema(
        "cells",
        "CREATE TABLE \"\"\"; DROP TABLE x; --\" (a smallint, b float4, c bool, d bytea, e text, f numeric, g timestamptz,
             h uuid, i int, j int[], k interval, \"select\" text);
         INSERT INTO \"\"\"; DROP TABLE x; --\" VALUES (-7, 1.5, true, '\\x00ff00', 'née', 12.50, '2024-02-29 12:00+01',
             '67e55044-10b1-426f-9247-bb680e5fe0c8', NULL, '{1,2}', '1 day', repeat('x', 1000000));",
    )
    .await;
    let table = db.table("public", "\"; DROP TABLE x; --").await;
    let rows = db.rows(&table, 64).await.unwrap();
    let cells: Vec<_> = rows[0].iter().map(RawCell::as_ref).collect();
    let long = "x".repeat(64);
    let expected = [
        CellRef::Int(-7),
        CellRef::Real(1.5),
        CellRef::Bool(true),
        CellRef::Bytes(&[0, 255, 0]),
        CellRef::Text("née"),
        CellRef::Text("12.50"),
        CellRef::Text("2024-02-29 11:00:00+00"),
        CellRef::Text("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        CellRef::Null,
        CellRef::Text("{1,2}"),
        CellRef::Text("P1D"),
        CellRef::Text(&long),
    ];
    for (index, (cell, expected)) in cells.iter().zip(&expected).enumerate() {
        assert!(cell == expected, "column {index}");
    }
    assert!(db.rows(&table, 2).await.unwrap()[0][4].as_ref() == CellRef::Text("n"));
    db.drop().await;
}

#[tokio::test]
async fn large_small_and_empty_tables_and_views_are_sampled() {
    let db = Database::with_schema(
        "samples",
        "CREATE TABLE big AS SELECT i FROM generate_series(1, 20000) i; CREATE TABLE small AS SELECT 1 AS i;
         CREATE TABLE empty (i int); CREATE VIEW v AS SELECT i FROM big; ANALYZE;",
    )
    .await;
    for (name, method, rows) in [
        ("big", SampleMethod::Bernoulli, 100),
        ("small", SampleMethod::FullScan, 1),
        ("empty", SampleMethod::FullScan, 0),
        ("v", SampleMethod::Limit, 100),
    ] {
        let table = db.table("public", name).await;
        let sample = db.warehouse.sampler.sample(&table, &SampleRequest::default()).await.unwrap();
        assert_eq!((sample.method(), sample.row_count()), (method, rows), "{name}");
    }
    assert_eq!(db.table("public", "big").await.row_count_estimate, Some(20000));
    db.drop().await;
}

#[tokio::test]
async fn orphans_are_counted_without_the_null_trap_and_across_types() {
    let db = Database::with_schema(
        "orphans",
        "CREATE TABLE parent (id int, code varchar(10)); INSERT INTO parent VALUES (1, '1 '), (2, '2.0'), (NULL, NULL);
         CREATE TABLE child (ref int, text_ref text, num numeric);
         INSERT INTO child VALUES (1, '1', 1.0), (1, '2', 2), (3, '007', 3), (NULL, NULL, NULL);",
    )
    .await;
    let (child, parent) = (db.table("public", "child").await, db.table("public", "parent").await);
    let counter = db.warehouse.counter.clone().unwrap();
    for (ours, theirs, distinct, orphans) in
        [("ref", "id", 2, 1), ("text_ref", "code", 3, 1), ("num", "code", 3, 1), ("text_ref", "id", 3, 1)]
    {
        let side = |table: &Table, column: &str| ColumnSet { table: table.fqn().clone(), columns: vec![column.into()] };
        let check = ConfirmCheck { child: side(&child, ours), parent: side(&parent, theirs) };
        let count = counter.count(&check, &child, &parent).await.unwrap();
        assert_eq!((count.child_distinct, count.orphans), (distinct, orphans), "{ours} {theirs}");
        assert_eq!((count.parent_rows, count.parent_distinct), (2, 2), "{ours} {theirs}");
    }
    db.drop().await;
}

#[tokio::test]
async fn the_change_token_moves_with_the_data_only() {
    let db = Database::with_schema("tokens", "CREATE TABLE t AS SELECT 1 AS i; CREATE VIEW v AS SELECT 1 AS i;").await;
    let before = db.table("public", "t").await.change_token;
    assert!(before.is_some());
    assert_eq!(before, db.table("public", "t").await.change_token);
    run(&db.url, "INSERT INTO t VALUES (2); SELECT pg_stat_force_next_flush();".to_owned()).await;
    assert_ne!(before, db.table("public", "t").await.change_token);
    assert_eq!(db.table("public", "v").await.change_token, None);
    db.drop().await;
}

#[tokio::test]
async fn vanished_forbidden_slow_and_failing_relations_are_told_apart() {
    let db = Database::with_schema(
        "errors",
        "CREATE TABLE gone (i int); CREATE TABLE bad (t text); INSERT INTO bad VALUES ('s3cret');
         CREATE VIEW failing AS SELECT t::int AS n FROM bad;
         CREATE VIEW endless AS SELECT count(*) AS n FROM generate_series(1, 1000000000000) i;",
    )
    .await;
    let gone = db.table("public", "gone").await;
    run(&db.url, "DROP TABLE gone".to_owned()).await;
    let error = db.rows(&gone, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(error.to_string().contains("public.gone"), "{error}");

    let error = db.rows(&db.table("public", "failing").await, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");

    let request = SampleRequest { deadline: Duration::from_millis(200), ..SampleRequest::default() };
    let endless = db.table("public", "endless").await;
    let error = db.warehouse.sampler.sample(&endless, &request).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    db.drop().await;
}

#[tokio::test]
async fn only_approved_hosts_are_dialled_and_an_absent_database_is_named() {
    let url = admin_url();
    let error = open(url.as_str(), &EgressPolicy::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let egress = EgressPolicy::allowing([(url.host_str().unwrap(), url.port().unwrap_or(5432))]);
    let elsewhere = format!("{url}?host=example.org");
    assert_eq!(open(&elsewhere, &egress).await.err().unwrap().kind(), ErrorKind::Forbidden);
    let mut absent = url.clone();
    absent.set_path("catalog_test_absent");
    let error = open(absent.as_str(), &egress).await.unwrap()[0].source.list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(error.to_string().contains("catalog_test_absent"), "{error}");
}
