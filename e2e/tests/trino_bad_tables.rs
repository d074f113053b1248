//! Tables that cannot be read, on the real engine: each says why, and the walk of the others goes on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::{DataType, EngineName, ProfiledTable, SampleMethod, SampleRequest, Table};
use catalog_core::ports::{Profiler, Sampler};
use catalog_core::{ErrorKind, Result, Retry};
use catalog_profile::trino::{
    SamplerOptions, Statement, TrinoClient, TrinoProfileOptions, TrinoProfiler, TrinoSampler,
};
use catalog_testkit::FakeModel;
use catalog_testkit::fake_om::{FakeOm, Generation, Options, Request};
use e2e::trino_tables::{client, tables};
use e2e::{trino, variable};
use serde_json::{Value, json};
use tempfile::TempDir;

const SCHEMA: &str = "catalog_bad";

fn url() -> String {
    variable("CATALOG_TEST_TRINO_URL").unwrap()
}

fn run(sql: &str) -> trino::Answer {
    trino::query(&url(), sql).unwrap()
}

/// In PostgreSQL itself, which Trino lends a hand to.
fn execute(sql: &str) {
    run(&format!("CALL postgresql.system.execute(query => '{}')", sql.replace('\'', "''")));
}

/// A schema of PostgreSQL with one sound table and those that cannot be read, made once.
fn make() {
    static MADE: std::sync::Once = std::sync::Once::new();
    MADE.call_once(|| {
        let role = format!("{SCHEMA}_nobody");
        for sql in [
            format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"),
            format!("DROP ROLE IF EXISTS {role}"),
            format!("CREATE SCHEMA {SCHEMA}"),
            format!("CREATE ROLE {role}"),
            format!("CREATE TABLE {SCHEMA}.sound AS SELECT n, 'City ' || n AS city FROM generate_series(1, 300) AS t(n)"),
            format!("CREATE TABLE {SCHEMA}.lists AS SELECT n, ARRAY['a', 'b'] AS tags, point(n, n) AS place FROM generate_series(1, 30) AS t(n)"),
            // Every row of it fails.
            format!("CREATE VIEW {SCHEMA}.failing AS SELECT n, 1 / (n - n) AS ratio FROM {SCHEMA}.sound"),
            // A view reads with its owner's rights, and this owner has none.
            format!("CREATE VIEW {SCHEMA}.forbidden AS SELECT n, city FROM {SCHEMA}.sound"),
            format!("ALTER VIEW {SCHEMA}.forbidden OWNER TO {role}"),
            // Whoever reads it loses the connection.
            format!("CREATE VIEW {SCHEMA}.down AS SELECT n, pg_terminate_backend(pg_backend_pid()) AS gone FROM {SCHEMA}.sound"),
        ] {
            execute(&sql);
        }
    });
}

async fn find(client: &TrinoClient, catalog: &str, schema: &str, name: &str) -> Table {
    let all = tables(client, catalog, schema).await.unwrap();
    all.into_iter().find(|table| table.table_ref.engine.table == name).unwrap()
}

/// Sample and profile of a table, as a walk takes them.
async fn inspect(client: &Arc<TrinoClient>, table: &Table) -> Result<ProfiledTable> {
    let sampler = TrinoSampler::new(Arc::clone(client), SamplerOptions::default());
    let sample = sampler.sample(table, &SampleRequest::default()).await?;
    TrinoProfiler::new(Arc::clone(client), TrinoProfileOptions::default()).profile(table, &sample).await
}

#[tokio::test]
async fn a_view_that_fails_a_table_without_permission_and_a_source_that_is_down_each_say_so() {
    make();
    let client = client(&url()).unwrap();
    for (name, kind) in
        [("failing", ErrorKind::Unavailable), ("forbidden", ErrorKind::Unavailable), ("down", ErrorKind::Unavailable)]
    {
        let table = find(&client, "postgresql", SCHEMA, name).await;
        let error = inspect(&client, &table).await.err().unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.to_string().contains(name) && error.to_string().contains("JDBC_ERROR"), "{error}");
    }
    // The engine's own views: one whose table is gone, one that fails on its rows.
    for sql in [
        "CREATE TABLE memory.default.bad_base AS SELECT 1 AS n",
        "CREATE OR REPLACE VIEW memory.default.bad_stale AS SELECT n FROM memory.default.bad_base",
        "DROP TABLE memory.default.bad_base",
        "CREATE OR REPLACE VIEW memory.default.bad_rows AS SELECT regionkey / (regionkey - regionkey) AS n FROM tpch.tiny.region",
    ] {
        run(sql);
    }
    for name in ["bad_stale", "bad_rows"] {
        let mut table = find(&client, "postgresql", SCHEMA, "sound").await;
        table.table_ref.engine = EngineName { catalog: "memory".into(), schema: "default".into(), table: name.into() };
        table.columns.truncate(1);
        let error = inspect(&client, &table).await.err().unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
    }
    let mut elsewhere = find(&client, "postgresql", SCHEMA, "sound").await;
    elsewhere.table_ref.engine.catalog = "nowhere".into();
    assert_eq!(inspect(&client, &elsewhere).await.err().unwrap().kind(), ErrorKind::NotFound);
    // After all of them a sound table is read as if nothing had been.
    let sound = find(&client, "postgresql", SCHEMA, "sound").await;
    assert_eq!(inspect(&client, &sound).await.unwrap().profile.row_count, 300);
}

#[tokio::test]
async fn columns_of_types_that_nobody_reads_leave_the_other_columns_their_figures() {
    make();
    let client = client(&url()).unwrap();
    run("DROP TABLE IF EXISTS memory.default.bad_types");
    run("CREATE TABLE memory.default.bad_types AS SELECT custkey, approx_set(custkey) AS sketch, \
         MAP(ARRAY['a'], ARRAY[x'00']) AS bytes_by_name, ARRAY[TIME '10:00:00'] AS times, \
         CAST(ROW(1, INTERVAL '2' DAY) AS ROW(a integer, b INTERVAL DAY TO SECOND)) AS span \
         FROM tpch.tiny.customer WHERE custkey <= 500 GROUP BY custkey");
    let table = find(&client, "memory", "default", "bad_types").await;
    let found = inspect(&client, &table).await.unwrap();
    assert_eq!((found.profile.columns.len(), found.profile.row_count), (5, 500));
    assert_eq!(found.profile.columns[0].distinct.unwrap().value, 500);
    assert!(found.profile.columns.iter().all(|column| column.null_ratio == Some(0.0)));
    // PostgreSQL's own types that Trino does not show: the catalog knows the columns, the engine does not.
    let mut lists = find(&client, "postgresql", SCHEMA, "lists").await;
    if !lists.columns.iter().any(|column| column.name == "tags") {
        let mut tags = lists.columns[0].clone();
        (tags.name, tags.data_type) = ("tags".into(), DataType::Nested);
        lists.columns.push(tags);
    }
    let found = inspect(&client, &lists).await.unwrap();
    assert_eq!(found.profile.columns[0].distinct.unwrap().value, 30);
    assert!(found.profile.columns.iter().any(|column| column.name == "tags" && column.null_ratio.is_none()));
}

#[tokio::test]
async fn a_table_of_one_row_is_read_whole() {
    run("DROP TABLE IF EXISTS memory.default.bad_single");
    run("CREATE TABLE memory.default.bad_single AS SELECT 7 AS n, CAST(NULL AS varchar) AS nothing");
    let client = client(&url()).unwrap();
    let found = inspect(&client, &find(&client, "memory", "default", "bad_single").await).await.unwrap().profile;
    assert_eq!((found.row_count, found.method), (1, SampleMethod::FullScan));
    assert_eq!(found.columns.iter().map(|c| c.null_ratio).collect::<Vec<_>>(), [Some(0.0), Some(1.0)]);
}

#[tokio::test]
async fn a_query_that_an_administrator_kills_ends_with_that_reason_and_is_not_run_again() {
    let client = client(&url()).unwrap();
    let mark = format!("killed_{}", std::process::id());
    let endless = format!("SELECT count(*) AS {mark} FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b");
    let mut statement = Statement::new("test", "count_rows", endless);
    statement.deadline = Duration::from_secs(60);
    let kill = async {
        // The list itself holds the mark, too, and must not be killed in the other's place.
        let running = format!(
            "SELECT query_id FROM system.runtime.queries WHERE state = 'RUNNING' AND source = 'akko-catalog-sync' \
             AND query LIKE '%{mark}%' AND query NOT LIKE '%system.runtime%'"
        );
        for _ in 0..100 {
            let admin = Statement::new("test", "list_queries", running.clone());
            if let Some(row) = client.query(&admin).await.unwrap().rows.first() {
                let id = row[0].as_str().unwrap();
                let kill = format!("CALL system.runtime.kill_query(query_id => '{id}', message => 'too long')");
                return client.query(&Statement::new("test", "kill_query", kill)).await.map(|_| ());
            }
        }
        panic!("the query was never seen running")
    };
    let (error, killed) = tokio::join!(client.query(&statement), kill);
    killed.unwrap();
    let error = error.err().unwrap();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Persistent), "{error}");
    assert!(
        error.to_string().contains("ADMINISTRATIVELY_KILLED") && !error.to_string().contains("too long"),
        "{error}"
    );
}

/// The tables of the schema in a stand-in of OpenMetadata, and the configuration of a walk over them without a model.
async fn site(catalog: &FakeOm, model: &FakeModel, folder: &TempDir) {
    let create = |path: &str, body: &Value| {
        let answer = catalog.with(|om| {
            let request = om.authorised(Request::new("POST", &format!("/api/v1/{path}")).json(body), "admin");
            om.handle(&request)
        });
        assert!(answer.status < 300, "{path}: {}", answer.status);
    };
    create("services/databaseServices", &json!({"name": "bad", "serviceType": "Trino"}));
    create("databases", &json!({"name": "postgresql", "service": "bad"}));
    create("databaseSchemas", &json!({"name": SCHEMA, "database": "bad.postgresql"}));
    let trino = client(&url()).unwrap();
    for table in tables(&trino, "postgresql", SCHEMA).await.unwrap() {
        let columns: Vec<Value> = table.columns.iter().map(|c| json!({"name": c.name, "dataType": "STRING"})).collect();
        let name = &table.table_ref.engine.table;
        create(
            "tables",
            &json!({"name": name, "databaseSchema": format!("bad.postgresql.{SCHEMA}"), "columns": columns}),
        );
    }
    let dir = folder.path().display();
    std::fs::write(folder.path().join("token"), "ingestion-bot-token").unwrap();
    let config = format!(
        "[openmetadata]\nurl = \"{}/api\"\ntoken = \"file:{dir}/token\"\nbot_user = \"ingestion-bot\"\n\
         [trino]\nurl = \"{}\"\nper_minute = 6000\n[llm]\nurl = \"{}\"\nenabled = false\n\
         [embed]\nmodel = \"words\"\ndimension = 16\n[state]\ndir = \"{dir}/state\"\nkey_file = \"{dir}/key/ledger.key\"\n",
        catalog.url(),
        url(),
        model.url(),
    );
    std::fs::write(folder.path().join("c.toml"), config).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_parks_or_puts_back_what_it_cannot_read_with_the_reason_and_finishes_the_others() {
    make();
    let catalog = FakeOm::start(Options::of(Generation::V2_0), 0).await.unwrap();
    let (model, folder) = (FakeModel::start(16).await.unwrap(), TempDir::new().unwrap());
    site(&catalog, &model, &folder).await;
    let daemon = |arguments: &[&str]| {
        let output = Command::new(variable("CATALOG_TEST_DAEMON").unwrap())
            .args(arguments)
            .args(["--config", "c.toml", "--output", "json"])
            .env_clear()
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(), errors)
    };
    let (code, report, errors) = tokio::task::block_in_place(|| daemon(&["sync"]));
    let run = &report["run"];
    assert_eq!((&run["tables_seen"], &run["tables_parked"], &run["tables_queued"]), (&5.into(), &3.into(), &0.into()));
    assert_eq!(code, Some(3), "the exit code says that something was left out: {errors}");
    let parked = report["parked"].as_array().unwrap();
    for name in ["failing", "forbidden", "down"] {
        let entry = parked.iter().find(|entry| entry["name"].as_str().unwrap().ends_with(name)).unwrap();
        assert!(entry["reason"].as_str().unwrap().contains("the source behind the catalog failed"), "{entry}");
    }
    for name in ["sound", "lists"] {
        let table = report["tables"].as_array().unwrap().iter().find(|t| t["fqn"].as_str().unwrap().ends_with(name));
        assert!(table.is_some_and(|t| t["description"].is_object()), "{name}");
    }
    assert!(!report.to_string().contains("division by zero") && !errors.contains("division by zero"), "{errors}");
}
