//! The bank is what the truth says.

use std::sync::LazyLock;

use rusqlite::Connection;

use super::*;

static BANK: LazyLock<(tempfile::TempDir, SampleWarehouse)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let made = create(dir.path()).unwrap();
    (dir, made)
});

fn open() -> Connection {
    Connection::open(&BANK.1.database).unwrap()
}

fn count(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn tables(db: &Connection) -> Vec<String> {
    let mut statement = db.prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect()
}

#[test]
fn it_has_the_promised_tables_and_rows_and_declares_no_foreign_key() {
    let db = open();
    let names = tables(&db);
    assert_eq!(names.len(), truth::RELATIONS);
    let rows = |name: &str| count(&db, &format!("SELECT count(*) FROM {name}"));
    let total: i64 = names.iter().map(|name| rows(name)).sum();
    assert!((60_000..=90_000).contains(&total), "{total}");
    assert_eq!(names.iter().filter(|name| rows(name) == 0).count(), 2);
    for name in &names {
        assert_eq!(count(&db, &format!("SELECT count(*) FROM pragma_foreign_key_list('{name}')")), 0, "{name}");
    }
}

#[test]
fn every_true_key_holds_but_for_the_orphans_it_admits() {
    let db = open();
    for key in truth::foreign_keys() {
        let columns = key.child_columns.join(", ");
        let any_null = key.child_columns.iter().map(|c| format!("{c} IS NULL")).collect::<Vec<_>>().join(" OR ");
        let children = format!("SELECT DISTINCT {columns} FROM {} WHERE NOT ({any_null})", key.child);
        let parents = format!("SELECT {} FROM {}", key.parent_columns.join(", "), key.parent);
        let distinct = count(&db, &format!("SELECT count(*) FROM ({children})"));
        let orphans = count(&db, &format!("SELECT count(*) FROM ({children} EXCEPT {parents})"));
        let repeated = count(
            &db,
            &format!("SELECT (SELECT count(*) FROM ({parents})) - count(*) FROM (SELECT DISTINCT * FROM ({parents}))"),
        );
        assert_eq!(repeated, 0, "{key:?}");
        assert_eq!(distinct == 0, key.vacuous, "{key:?}");
        assert_eq!(orphans > 0, key.orphans, "{key:?}");
        assert!(orphans * 20 <= distinct, "{key:?}: {orphans} of {distinct}");
    }
}

#[test]
fn every_named_column_and_table_exists_and_personal_columns_have_values() {
    let db = open();
    for column in truth::personal_columns() {
        assert!(count(&db, &format!("SELECT count({}) FROM {}", column.column, column.table)) > 50, "{column:?}");
    }
    let names = tables(&db);
    for question in truth::questions() {
        assert!(names.iter().any(|name| name == question.table), "{question:?}");
    }
    for [left, right] in truth::joins_that_are_no_keys() {
        for (table, column) in [left, right] {
            count(&db, &format!("SELECT count({column}) FROM {table}"));
        }
    }
}

#[test]
fn two_runs_make_the_same_bank() {
    let other = tempfile::tempdir().unwrap();
    let again = create(other.path()).unwrap();
    assert!(std::fs::read(&again.query_log).unwrap() == std::fs::read(&BANK.1.query_log).unwrap());
    assert!(std::fs::read(&again.database).unwrap() == std::fs::read(&BANK.1.database).unwrap());
}

#[test]
fn writing_over_an_earlier_run_replaces_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(DATABASE_FILE), b"not a database").unwrap();
    let made = create(dir.path()).unwrap();
    assert_eq!(std::fs::metadata(made.database).unwrap().len(), std::fs::metadata(&BANK.1.database).unwrap().len());
}

#[test]
fn a_folder_that_cannot_be_made_is_named_in_the_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = create(&file.join("below")).unwrap_err();
    assert!(error.to_string().contains("below"), "{error}");
}

#[test]
fn the_log_has_the_lines_that_the_truth_counts() {
    let text = std::fs::read_to_string(&BANK.1.query_log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), truth::LOG_LINES);
    let events: Vec<serde_json::Value> = lines.iter().filter_map(|l| serde_json::from_str(l).ok()).collect();
    assert_eq!(lines.len() - events.len(), truth::LOG_TRUNCATED);
    let mut ids: Vec<&str> = events.iter().map(|e| e["metadata"]["queryId"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(events.len() - ids.len(), truth::LOG_DUPLICATES);
    let is_own = |e: &&serde_json::Value| e["context"]["source"] == "akko-catalog-sync";
    assert!(events.iter().filter(is_own).count() >= truth::LOG_OWN);
    assert!(lines.iter().any(|line| line.contains("@example.")));
}
