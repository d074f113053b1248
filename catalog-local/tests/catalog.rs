//! The embedded catalog keeps the contract of every catalog, and its file survives what happens to files.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;

use async_trait::async_trait;
use catalog_core::ErrorKind;
use catalog_core::model::{FieldPath, FieldValue, Operation, TableRef, WriteOutcome};
use catalog_core::ports::Publisher;
use catalog_local::catalog::LocalCatalog;
use catalog_testkit::publisher_suite::PublisherSubject;
use catalog_testkit::samples;
use tempfile::TempDir;

struct InFile(LocalCatalog, TempDir);

impl InFile {
    fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self(LocalCatalog::open(&folder.path().join("catalog.db")).unwrap(), folder)
    }

    fn again(&self) -> LocalCatalog {
        LocalCatalog::open(&self.1.path().join("catalog.db")).unwrap()
    }
}

#[async_trait]
impl PublisherSubject for InFile {
    fn publisher(&self) -> &dyn Publisher {
        &self.0
    }

    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        // Through another connection, as another process would.
        self.again().set_by_human(table, field, value).await.unwrap();
    }
}

mod contract {
    catalog_testkit::publisher_suite!(super::InFile::fresh());
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

async fn publish(catalog: &LocalCatalog, operation: &Operation) -> WriteOutcome {
    let current = catalog.read(&operation.table).await.unwrap().unwrap();
    catalog.write(&operation.table, &current, std::slice::from_ref(operation)).await.unwrap()
}

#[tokio::test]
async fn what_was_published_is_there_after_a_restart() {
    let subject = InFile::fresh();
    publish(&subject.0, &samples::describe("loan", "Loans.")).await;
    let before = subject.0.read(&samples::table_ref("loan")).await.unwrap();
    assert_eq!(subject.again().read(&samples::table_ref("loan")).await.unwrap(), before);
}

#[tokio::test]
async fn a_forgotten_table_starts_empty_and_its_old_version_never_returns() {
    let subject = InFile::fresh();
    let loan = samples::table_ref("loan");
    publish(&subject.0, &samples::describe("loan", "Loans.")).await;
    let old = subject.0.read(&loan).await.unwrap().unwrap();
    subject.0.table_gone(&loan.id).await.unwrap();
    subject.0.table_gone(&loan.id).await.unwrap();
    assert!(subject.0.read(&loan).await.unwrap().unwrap().fields.is_empty());
    subject.0.set_by_human(&loan, &FieldPath::Description, text("Loans.")).await.unwrap();
    let next = Operation { before: Some(text("Loans.")), ..samples::describe("loan", "Lending.") };
    let outcome = subject.0.write(&loan, &old, &[next]).await.unwrap();
    assert!(matches!(outcome, WriteOutcome::Conflict { current: Some(_) }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_on_one_version_one_wins() {
    let subject = InFile::fresh();
    let loan = samples::table_ref("loan");
    for round in 0..10 {
        let current = subject.0.read(&loan).await.unwrap().unwrap();
        let before = current.get(&FieldPath::Description).map(|f| f.value.clone());
        let writer = |catalog: LocalCatalog, name: &str| {
            let operation =
                Operation { before: before.clone(), ..samples::describe("loan", &format!("{name} {round}")) };
            let (loan, current) = (loan.clone(), current.clone());
            tokio::spawn(async move { catalog.write(&loan, &current, &[operation]).await.unwrap() })
        };
        let (one, two) = (writer(subject.0.clone(), "one"), writer(subject.again(), "two"));
        let outcomes = [one.await.unwrap(), two.await.unwrap()];
        let applied = outcomes.iter().filter(|o| matches!(o, WriteOutcome::Applied { .. })).count();
        let conflicts = outcomes.iter().filter(|o| matches!(o, WriteOutcome::Conflict { .. })).count();
        assert_eq!((applied, conflicts), (1, 1), "{outcomes:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let garbage = "this is not a database, it is a shopping list. ".repeat(40);
    fs::write(&path, &garbage).unwrap();
    let refused = LocalCatalog::open(&path).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Corrupt);
    assert!(refused.to_string().contains("catalog.db"), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), garbage);
}

#[tokio::test]
async fn a_customers_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE sale (id INTEGER)").unwrap();
    let before = fs::read(&path).unwrap();
    let refused = LocalCatalog::open(&path).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_catalog_of_a_newer_release_is_refused() {
    let subject = InFile::fresh();
    let path = subject.1.path().join("catalog.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let refused = LocalCatalog::open(&path).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
    assert!(refused.to_string().contains("newer release"), "{refused}");
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = LocalCatalog::open(&folder.path().join("no").join("catalog.db")).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert!(refused.to_string().contains("check that the directory is there"), "{refused}");
}

#[tokio::test]
async fn a_damaged_entry_is_an_error_and_quotes_nothing() {
    let subject = InFile::fresh();
    publish(&subject.0, &samples::describe("loan", "Loans.")).await;
    let path = subject.1.path().join("catalog.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("UPDATE entry SET fields = '[{\"secret\": 4111}'", []).unwrap();
    let refused = subject.0.read(&samples::table_ref("loan")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Corrupt);
    assert!(!refused.to_string().contains("4111"), "{refused}");
}
