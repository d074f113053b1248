//! From what the user gives to the warehouses behind it.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use catalog_core::ErrorKind;
use catalog_local::catalog::LocalCatalog;
use catalog_local::sources::{Warehouse, open};
use catalog_net::EgressPolicy;
use rusqlite::Connection;

async fn open_path(path: &Path) -> catalog_core::Result<Vec<Warehouse>> {
    open(path.to_str().unwrap(), &EgressPolicy::default()).await
}

fn ids(warehouses: &[Warehouse]) -> Vec<&str> {
    warehouses.iter().map(|w| w.source.id().0.as_str()).collect()
}

#[tokio::test]
async fn a_folder_is_a_warehouse_a_sqlite_file_and_one_for_all_csv_files() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("landing");
    std::fs::create_dir(&folder).unwrap();
    for name in ["b.sqlite", "a.DB", "c.sqlite3", ".hidden.db", "a.DB-wal", "notes.txt", "x.csv", "y.csv"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    assert_eq!(ids(&open_path(&folder).await.unwrap()), ["a", "b", "c", "landing"]);
    assert_eq!(ids(&open_path(&folder.join("b.sqlite")).await.unwrap()), ["b"]);
}

#[tokio::test]
async fn a_damaged_file_does_not_stop_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.sqlite"), "x".repeat(5000)).unwrap();
    Connection::open(folder.path().join("good.sqlite")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let warehouses = open_path(folder.path()).await.unwrap();
    let error = warehouses[0].source.list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("bad.sqlite"), "{error}");
    assert_eq!(warehouses[1].source.list(None, 10).await.unwrap().tables.len(), 1);
}

#[tokio::test]
async fn places_without_a_warehouse_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.sqlite");
    for (location, kind) in [
        (folder.path().to_str().unwrap(), ErrorKind::NotFound),
        (absent.to_str().unwrap(), ErrorKind::NotFound),
        ("mysql://user:s3cret@host/db", ErrorKind::InvalidInput),
        ("postgres:///db", ErrorKind::InvalidInput),
        ("postgres:/user:s3cret@host/db", ErrorKind::InvalidInput),
        ("user:s3cret@host/db", ErrorKind::InvalidInput),
        ("host=db password=s3cret", ErrorKind::InvalidInput),
        ("postgres://user:s3cret@db.example.org/sales", ErrorKind::Forbidden),
    ] {
        let error = open(location, &EgressPolicy::default()).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        let text = error.to_string();
        assert!(!text.contains("s3cret") && text.contains("; "), "{text}");
    }
}

#[tokio::test]
async fn an_unreachable_database_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let egress = EgressPolicy::allowing([("127.0.0.1", port)]);
    let url = format!("postgres://reader:s3cret@127.0.0.1:{port}/sales");
    let warehouses = open(&url, &egress).await.unwrap();
    assert_eq!(ids(&warehouses), ["sales"]);
    let error = warehouses[0].source.list(None, 10).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let text = error.to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}")) && !text.contains("s3cret"), "{text}");
}

fn make_sqlite(path: &Path, sql: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

#[tokio::test]
async fn our_own_ledger_and_catalog_are_not_walked() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    drop(make_sqlite(&path("bank.db"), "PRAGMA application_id = 7; CREATE TABLE t (x);"));
    drop(LocalCatalog::open(&path("catalog.db")).unwrap());
    let wal = "PRAGMA journal_mode = wal; PRAGMA application_id = 0x414b4c47; CREATE TABLE t (x);";
    drop(make_sqlite(&path("closed-ledger.db"), wal));
    let _open = make_sqlite(&path("open-ledger.db"), wal);
    assert_eq!(ids(&open_path(folder.path()).await.unwrap()), ["bank"]);
    let error = open_path(&path("open-ledger.db")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}

/// Runs the test of that name again, in a process that may open 64 files.
#[cfg(unix)]
fn with_few_files(test: &str, body: impl AsyncFnOnce()) {
    if std::env::var_os("CATALOG_TEST_FEW_FILES").is_some() {
        return tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(body());
    }
    let run = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" --exact \"$1\" --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env("CATALOG_TEST_FEW_FILES", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&run.stderr));
}

#[cfg(unix)]
#[test]
fn a_folder_of_more_files_than_the_process_may_open_is_read() {
    with_few_files("a_folder_of_more_files_than_the_process_may_open_is_read", async || {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..100 {
            drop(make_sqlite(&folder.path().join(format!("f{i}.db")), "CREATE TABLE t (x)"));
        }
        let warehouses = open_path(folder.path()).await.unwrap();
        for _ in 0..2 {
            for warehouse in &warehouses {
                assert_eq!(warehouse.source.list(None, 10).await.unwrap().tables.len(), 1);
            }
        }
    });
}

#[cfg(unix)]
#[test]
fn a_process_without_files_left_says_so() {
    with_few_files("a_process_without_files_left_says_so", async || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.db");
        let written = folder.path().join("written.db");
        let _writer = make_sqlite(&written, "PRAGMA journal_mode = wal; CREATE TABLE t (x)");
        std::fs::copy(&written, &path).unwrap();
        std::fs::copy(written.with_extension("db-wal"), path.with_extension("db-wal")).unwrap();
        let warehouses = open_path(&path).await.unwrap();
        let mut taken = Vec::new();
        while let Ok(file) = std::fs::File::open("/") {
            taken.push(file);
        }
        // None left for the file itself, then one left and none for its log.
        for _ in 0..2 {
            let error = warehouses[0].source.list(None, 10).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains("too many files are open"), "{error}");
            taken.pop();
        }
        taken.pop();
        assert_eq!(warehouses[0].source.list(None, 10).await.unwrap().tables.len(), 1);
    });
}
