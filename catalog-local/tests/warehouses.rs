//! From what the user gives to the warehouses behind it.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use catalog_core::ErrorKind;
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
