//! A SQLite file as a source: what it lists, samples and scans, and what it does with bad input.

#![allow(clippy::unwrap_used)]
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{CellRef, DataType, RawCell, SampleMethod, SampleRequest, Table, TableKind};
use catalog_core::ports::{Discovered, MetadataSource as _, RowSink, Sampler as _, ScanRequest, TableScanner as _};
use catalog_local::sources::sqlite::SqliteWarehouse;
use rusqlite::Connection;
use tempfile::TempDir;

struct Fixture {
    folder: TempDir,
    warehouse: SqliteWarehouse,
}

impl Fixture {
    fn with_schema(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sqlite");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Self { warehouse: SqliteWarehouse::new(path), folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop.sqlite")
    }

    async fn entries(&self) -> Vec<Discovered> {
        self.warehouse.list(None, 10_000).await.unwrap().tables
    }

    async fn table(&self, name: &str) -> Table {
        let fqn = catalog_core::model::Fqn::from_parts(["shop", "main", name]);
        self.warehouse.get(&fqn).await.unwrap().unwrap()
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

fn whole(table: &Table) -> ScanRequest {
    ScanRequest {
        columns: (0..table.columns.len()).collect(),
        rows_max: None,
        cell_bytes_max: 4096,
        deadline: Duration::from_secs(60),
    }
}

async fn scan(warehouse: &SqliteWarehouse, table: &Table) -> catalog_core::Result<Vec<Vec<RawCell>>> {
    let sink = Arc::new(Mutex::new(Collect::default()));
    warehouse.scan(table, &whole(table), sink.clone()).await?;
    Ok(std::mem::take(&mut sink.lock().unwrap().0))
}

fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.display().to_string(), std::fs::read(&p).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn tables_and_views_are_listed_with_their_constraints() {
    let shop = Fixture::with_schema(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL UNIQUE, born DATE);
         CREATE TABLE orders (no INT, line INT, cust REFERENCES customer, note TEXT, PRIMARY KEY (line, no));
         CREATE TABLE parts (no INT, line INT, FOREIGN KEY (line, no) REFERENCES Orders (LINE, no));
         CREATE UNIQUE INDEX live_only ON orders (note) WHERE note IS NOT NULL;
         CREATE UNIQUE INDEX by_expression ON orders (lower(note));
         CREATE VIEW who AS SELECT id, email FROM customer;
         CREATE VIRTUAL TABLE words USING fts5(body);",
    );
    let names: Vec<String> = shop
        .entries()
        .await
        .iter()
        .map(|e| match e {
            Discovered::Table(t) => t.fqn().to_string(),
            Discovered::Unreadable(names, e) => panic!("{}: {e}", names.fqn),
        })
        .collect();
    assert_eq!(
        names,
        ["shop.main.Customer", "shop.main.orders", "shop.main.parts", "shop.main.who", "shop.main.words"]
    );

    let customer = shop.table("Customer").await;
    assert_eq!(customer.primary_key, ["id"]);
    assert_eq!(customer.unique_keys, [["email"]]);
    assert_eq!(customer.column("born").unwrap().data_type, DataType::Date);
    assert!(!customer.column("email").unwrap().nullable);

    let orders = shop.table("orders").await;
    assert_eq!(orders.primary_key, ["line", "no"]);
    assert!(orders.unique_keys.is_empty(), "partial and expression indexes prove nothing");
    assert_eq!(orders.declared_keys[0].parent.to_string(), "shop.main.Customer");
    assert_eq!(orders.declared_keys[0].parent_columns, ["id"]);

    let parts = shop.table("parts").await;
    assert_eq!(parts.declared_keys[0].columns, ["line", "no"]);
    assert_eq!(parts.declared_keys[0].parent_columns, ["line", "no"]);

    assert_eq!(shop.table("who").await.kind, TableKind::View);
}

#[tokio::test]
async fn pages_join_into_the_whole_list() {
    let shop = Fixture::with_schema("CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x);");
    let first = shop.warehouse.list(None, 2).await.unwrap();
    let second = shop.warehouse.list(first.next.as_deref(), 2).await.unwrap();
    assert_eq!((first.tables.len(), second.tables.len(), second.next), (2, 1, None));
}

#[tokio::test]
async fn a_table_made_after_the_first_look_is_seen_and_a_dropped_one_is_gone() {
    let shop = Fixture::with_schema("CREATE TABLE a (x); CREATE TABLE b (x);");
    assert_eq!(shop.entries().await.len(), 2);
    let owner = Connection::open(shop.path()).unwrap();
    owner.execute_batch("CREATE TABLE c (x REFERENCES B (x)); DROP TABLE a;").unwrap();
    assert_eq!(shop.table("c").await.declared_keys[0].parent.to_string(), "shop.main.b");
    let gone = catalog_core::model::Fqn::from_parts(["shop", "main", "a"]);
    assert!(shop.warehouse.get(&gone).await.unwrap().is_none());
    let other_case = catalog_core::model::Fqn::from_parts(["shop", "main", "B"]);
    assert!(shop.warehouse.get(&other_case).await.unwrap().is_none(), "one table has one name");
}

#[tokio::test]
async fn hostile_names_are_only_names() {
    for name in ["\"; DROP TABLE x; --", "select", "Où est la clé ?", "a.b c", "UPPER", "%s", "'"] {
        let quoted = name.replace('"', "\"\"");
        let shop = Fixture::with_schema(&format!(
            "CREATE TABLE x (y); CREATE TABLE \"{quoted}\" (\"{quoted}\" TEXT, \"rowid\" INT); \
             INSERT INTO \"{quoted}\" VALUES ('v', 7);"
        ));
        let table = shop.table(name).await;
        assert!(matches!(scan(&shop.warehouse, &table).await.unwrap()[0][0].as_ref(), CellRef::Text("v")), "{name}");
        let sample = shop.warehouse.sample(&table, &SampleRequest::default()).await.unwrap();
        assert_eq!(sample.row_count(), 1, "{name}");
        assert!(shop.table("x").await.columns.len() == 1);
    }
}

#[tokio::test]
async fn cells_keep_their_stored_type_and_are_cut() {
    let shop = Fixture::with_schema(
        "CREATE TABLE t (a INTEGER, b, c BLOB, d TEXT, e TEXT);
         INSERT INTO t VALUES (1, 1.5, x'00ff00ff', 'née', CAST(x'61ff62' AS TEXT)), ('x', NULL, 2, 3, 'ok');",
    );
    let table = shop.table("t").await;
    let request = ScanRequest { cell_bytes_max: 2, ..whole(&table) };
    let sink = Arc::new(Mutex::new(Collect::default()));
    shop.warehouse.scan(&table, &request, sink.clone()).await.unwrap();
    let rows = std::mem::take(&mut sink.lock().unwrap().0);
    let first: Vec<_> = rows[0].iter().map(RawCell::as_ref).collect();
    assert!(
        first
            == [CellRef::Int(1), CellRef::Real(1.5), CellRef::Bytes(&[0, 255]), CellRef::Text("n"), CellRef::Text("a")]
    );
    let second: Vec<_> = rows[1].iter().map(RawCell::as_ref).collect();
    assert!(second == [CellRef::Text("x"), CellRef::Null, CellRef::Int(2), CellRef::Text("3"), CellRef::Text("ok")]);
}

#[tokio::test]
async fn a_large_table_is_sampled_across_its_whole_length() {
    let shop = Fixture::with_schema(
        "CREATE TABLE t (n INTEGER); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) \
         INSERT INTO t SELECT i FROM c;",
    );
    let table = shop.table("t").await;
    assert_eq!(table.row_count_estimate, Some(5000));
    let sample = shop.warehouse.sample(&table, &SampleRequest::default()).await.unwrap();
    assert_eq!((sample.method(), sample.row_count()), (SampleMethod::RowIdStride, 100));
    let values: Vec<i64> = sample.cells(0).map(|c| if let CellRef::Int(i) = c { i } else { 0 }).collect();
    assert_eq!((values[0], values[99]), (1, 5000));
    assert!(values.windows(2).all(|w| w[1] - w[0] > 40), "evenly spread");
}

#[tokio::test]
async fn uneven_row_ids_views_and_keyed_tables_fall_back_to_a_reservoir() {
    let shop = Fixture::with_schema(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c \
         WHERE i < 5000) INSERT INTO t SELECT i FROM c; INSERT INTO t VALUES (9223372036854775807);
         CREATE TABLE k (id INT PRIMARY KEY) WITHOUT ROWID; INSERT INTO k SELECT id FROM t;
         CREATE VIEW v AS SELECT id FROM t;",
    );
    for name in ["t", "k", "v"] {
        let sample = shop.warehouse.sample(&shop.table(name).await, &SampleRequest::default()).await.unwrap();
        assert_eq!((sample.method(), sample.row_count()), (SampleMethod::Reservoir, 100), "{name}");
    }
}

#[tokio::test]
async fn small_and_empty_tables_are_read_whole() {
    let shop = Fixture::with_schema("CREATE TABLE e (a); CREATE TABLE s (a); INSERT INTO s VALUES (1), (2);");
    for (name, rows) in [("e", 0), ("s", 2)] {
        let sample = shop.warehouse.sample(&shop.table(name).await, &SampleRequest::default()).await.unwrap();
        assert_eq!((sample.method(), sample.row_count()), (SampleMethod::FullScan, rows), "{name}");
    }
}

#[tokio::test]
async fn a_view_that_no_longer_compiles_does_not_hide_the_tables() {
    let shop = Fixture::with_schema(
        "CREATE TABLE a (x); CREATE TABLE b (x); CREATE VIEW v AS SELECT secret FROM b; DROP TABLE b;",
    );
    let entries = shop.entries().await;
    assert!(matches!(&entries[0], Discovered::Table(t) if t.fqn().name() == "a"));
    let Discovered::Unreadable(names, error) = &entries[1] else { panic!("the view cannot be read") };
    assert_eq!(names.fqn.to_string(), "shop.main.v");
    assert!(error.to_string().contains("shop.main.v"), "{error}");
}

#[tokio::test]
async fn a_table_that_vanished_is_not_found_and_one_that_changed_is_a_conflict() {
    let shop = Fixture::with_schema("CREATE TABLE gone (x); CREATE TABLE stays (x);");
    let gone = shop.table("gone").await;
    Connection::open(shop.path()).unwrap().execute_batch("DROP TABLE gone").unwrap();
    let error = scan(&shop.warehouse, &gone).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let error = shop.warehouse.sample(&gone, &SampleRequest::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(error.to_string().contains("shop.main.gone"), "{error}");

    let altered = shop.table("stays").await;
    Connection::open(shop.path()).unwrap().execute_batch("ALTER TABLE stays RENAME x TO y").unwrap();
    assert_eq!(scan(&shop.warehouse, &altered).await.err().unwrap().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn garbage_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("garbage.db");
    std::fs::write(&path, "this is no database, it is a letter to my mother".repeat(100)).unwrap();
    let error = SqliteWarehouse::new(&path).list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("garbage.db"), "{error}");
    let error = SqliteWarehouse::new(folder.path().join("absent.db")).list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("absent.db"), "{error}");
}

const TWO_TABLES: &str = "CREATE TABLE first (x); INSERT INTO first VALUES (1); CREATE TABLE large (x);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2000)
    INSERT INTO large SELECT printf('%0100d', i) FROM c;";

#[tokio::test]
async fn a_damaged_page_fails_its_own_table_only() {
    let shop = Fixture::with_schema(TWO_TABLES);
    let mut bytes = std::fs::read(shop.path()).unwrap();
    let damaged = bytes.len() / 2 / 4096 * 4096;
    bytes[damaged..damaged + 4096].fill(0xa5);
    std::fs::write(shop.path(), bytes).unwrap();
    assert_eq!(shop.entries().await.len(), 2);
    assert_eq!(scan(&shop.warehouse, &shop.table("first").await).await.unwrap().len(), 1);
    let error = scan(&shop.warehouse, &shop.table("large").await).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains("shop.main.large"), "{error}");
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_named_as_damaged() {
    let shop = Fixture::with_schema(TWO_TABLES);
    let file = std::fs::OpenOptions::new().write(true).open(shop.path()).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let error = shop.warehouse.list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains("shop.sqlite"), "{error}");
}

#[tokio::test]
async fn a_locked_file_is_unavailable_for_now() {
    let shop = Fixture::with_schema("CREATE TABLE t (x)");
    let writer = Connection::open(shop.path()).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = shop.warehouse.list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(shop.entries().await.len(), 1);
}

#[tokio::test]
async fn reading_leaves_no_trace_whatever_the_journal() {
    let schema = "CREATE TABLE t (x); INSERT INTO t VALUES (1), (2);";
    let rollback = Fixture::with_schema(schema);
    let closed_wal = Fixture::with_schema(&format!("PRAGMA journal_mode = wal; {schema}"));
    let left_wal = Fixture::with_schema(&format!("PRAGMA journal_mode = wal; {schema}"));
    leave_a_log_behind(&left_wal.path());
    for (shop, rows) in [(rollback, 2), (closed_wal, 2), (left_wal, 3)] {
        let before = files_in(shop.folder.path());
        let table = shop.table("t").await;
        assert_eq!(scan(&shop.warehouse, &table).await.unwrap().len(), rows);
        let folder = shop.folder;
        drop(shop.warehouse);
        assert!(files_in(folder.path()) == before, "no file is written, created or removed");
    }
}

/// The state after a crash or a copy of a running database: a log with a committed row, and no process.
fn leave_a_log_behind(path: &Path) {
    let copy = tempfile::tempdir().unwrap();
    let log = path.with_extension("sqlite-wal");
    let writer = Connection::open(path).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (3)").unwrap();
    std::fs::copy(path, copy.path().join("file")).unwrap();
    std::fs::copy(&log, copy.path().join("log")).unwrap();
    drop(writer);
    std::fs::copy(copy.path().join("file"), path).unwrap();
    std::fs::copy(copy.path().join("log"), &log).unwrap();
}

#[tokio::test]
async fn a_running_writers_rows_are_seen_and_move_the_change_token() {
    let shop = Fixture::with_schema("PRAGMA journal_mode = wal; CREATE TABLE t (x);");
    let before = shop.table("t").await;
    assert_eq!(before.change_token, shop.table("t").await.change_token, "nothing changed");
    let writer = Connection::open(shop.path()).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
    let after = shop.table("t").await;
    assert_ne!(before.change_token, after.change_token);
    assert_eq!(scan(&shop.warehouse, &after).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deadline_ends_a_view_that_never_ends() {
    let shop = Fixture::with_schema(
        "CREATE VIEW endless AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) AS m \
         FROM c;",
    );
    let request = SampleRequest { deadline: Duration::from_millis(50), ..SampleRequest::default() };
    let error = shop.warehouse.sample(&shop.table("endless").await, &request).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("shop.main.endless"), "{error}");
}

#[tokio::test]
async fn two_thousand_columns_and_oversized_cells_are_within_the_limits() {
    let columns: Vec<String> = (0..2000).map(|i| format!("c{i}")).collect();
    let shop = Fixture::with_schema(&format!(
        "CREATE TABLE wide ({}); INSERT INTO wide (c0, c1999) VALUES (1, 2); \
         CREATE TABLE many (x); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 200) \
         INSERT INTO wide (c7) SELECT i FROM c; CREATE TABLE heavy (b); \
         INSERT INTO heavy VALUES (zeroblob(100000000)), ('small'); CREATE TABLE heavier (b); \
         INSERT INTO heavier VALUES (zeroblob(140000000));",
        columns.join(", ")
    ));
    let wide = shop.table("wide").await;
    let sample = shop.warehouse.sample(&wide, &SampleRequest::default()).await.unwrap();
    assert_eq!((sample.method(), sample.cells(1999).count()), (SampleMethod::RowIdStride, 100));
    assert!(matches!(scan(&shop.warehouse, &wide).await.unwrap()[0][1999].as_ref(), CellRef::Int(2)));

    let sample = shop.warehouse.sample(&shop.table("heavy").await, &SampleRequest::default()).await.unwrap();
    assert_eq!(sample.cells(0).map(CellRef::byte_len).collect::<Vec<_>>(), [4096, 5]);
    let error = scan(&shop.warehouse, &shop.table("heavier").await).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
}

#[tokio::test]
async fn a_scan_says_whether_it_saw_every_row() {
    let shop = Fixture::with_schema("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3);");
    let table = shop.table("t").await;
    for (rows_max, complete) in [(None, true), (Some(3), true), (Some(2), false)] {
        let request = ScanRequest { rows_max, ..whole(&table) };
        let sink = Arc::new(Mutex::new(Collect::default()));
        let summary = shop.warehouse.scan(&table, &request, sink).await.unwrap();
        assert_eq!((summary.rows, summary.complete), (rows_max.unwrap_or(3), complete));
    }
}
