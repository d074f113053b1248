//! Our source and publisher against the server: the contract of every catalog, and OpenMetadata's own models as the
//! judge of what we wrote.

use std::process::Command;

use async_trait::async_trait;
use catalog_core::model::{
    ChangeKind, Confidence, DailyUsage, FieldPath, FieldValue, ForeignKey, Operation, OperationId, PiiEntity, TableRef,
    WriteOutcome,
};
use catalog_core::ports::{Discovered, MetadataSource, Publisher};
use catalog_om::OmPublisher;
use catalog_testkit::publisher_suite::PublisherSubject;
use catalog_testkit::{RenamedPublisher, samples};
use e2e::variable;
use serde_json::{Value, json};

use crate::server::Service;

/// OpenMetadata's models, which forbid members that they do not know.
const JUDGE: &str = include_str!("../../python/openmetadata_judge.py");

struct Subject {
    service: Service,
    publisher: RenamedPublisher<OmPublisher>,
}

impl Subject {
    async fn new(test: &str) -> Self {
        let mut service = Service::new(&format!("catalog_contract_{test}")).await;
        let mut tables = Vec::new();
        for table in ["loan", "card", "account"] {
            tables.push((samples::table_ref(table), service.table(table).await.table_ref));
        }
        let publisher = RenamedPublisher::new(service.take_publisher(), tables);
        Self { service, publisher }
    }
}

#[async_trait]
impl PublisherSubject for Subject {
    fn publisher(&self) -> &dyn Publisher {
        &self.publisher
    }

    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        let (FieldPath::Description, FieldValue::Text(text)) = (field, value) else {
            panic!("the suite edits descriptions only");
        };
        self.service.describe_by_hand(table.fqn.name(), &text).await;
    }

    fn keeps_authors(&self) -> bool {
        !self.service.server.version.starts_with("1.")
    }

    fn keeps_entries(&self) -> bool {
        false
    }
}

mod contract {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(&unique()).await);

    /// A name of its own for each test's service.
    fn unique() -> String {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed).to_string()
    }
}

fn operation(table: &TableRef, field: FieldPath, after: FieldValue) -> Operation {
    Operation {
        id: OperationId(format!("{field} of {}", table.fqn)),
        table: table.clone(),
        field,
        before: None,
        after: Some(after),
        confidence: Confidence::new(0.9),
        author: "rules".into(),
        prompt_version: "rules/1".into(),
        evidence_hash: "e".into(),
    }
}

/// Names the query entity.
const FINGERPRINT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One change of each kind that a catalog takes.
fn one_of_each(table: &TableRef, parent: &TableRef, today: &str) -> Vec<Operation> {
    let entity = PiiEntity::Health;
    let key = samples::foreign_key("loan", "account_id", "account", "id");
    let side = |set: &catalog_core::model::ColumnSet, table: &TableRef| catalog_core::model::ColumnSet {
        table: table.fqn.clone(),
        columns: set.columns.clone(),
    };
    let key = ForeignKey { child: side(&key.child, table), parent: side(&key.parent, parent), ..key };
    [
        (FieldPath::Description, FieldValue::Text("One row per loan.".into())),
        (FieldPath::ColumnDescription { column: "email".into() }, FieldValue::Text("Where to write to.".into())),
        (
            FieldPath::ColumnPii { column: "email".into() },
            FieldValue::Pii { entity, sensitivity: entity.sensitivity() },
        ),
        (FieldPath::Domain, FieldValue::Tag("Lending".into())),
        (FieldPath::Tier, FieldValue::Tag("Tier2".into())),
        (FieldPath::ForeignKey { columns: vec!["account_id".into()] }, FieldValue::Key(Box::new(key))),
        (
            FieldPath::Usage { date: today.to_owned() },
            FieldValue::Usage(Box::new(DailyUsage { runs: 12, joins: Vec::new() })),
        ),
        (
            FieldPath::VerifiedQuery { fingerprint: FINGERPRINT.into() },
            FieldValue::Query {
                sql: "SELECT count(*) FROM main.loan t1 WHERE t1.account_id = :p1".into(),
                question: "How many loans has an account?".into(),
                tables: vec![table.fqn.clone(), parent.fqn.clone()],
            },
        ),
    ]
    .map(|(field, value)| operation(table, field, value))
    .to_vec()
}

#[tokio::test]
async fn what_we_write_of_every_kind_is_valid_to_openmetadatas_own_models() {
    let mut service = Service::new("catalog_kinds").await;
    let publisher = service.take_publisher();
    let (loan, account) = (service.table("loan").await, service.table("account").await);
    let operations = one_of_each(&loan.table_ref, &account.table_ref, "2026-01-01");
    let fields: Vec<FieldPath> = operations.iter().map(|operation| operation.field.clone()).collect();
    let current = publisher.read_with(&loan.table_ref, &fields).await.unwrap().unwrap();
    let written = publisher.write(&loan.table_ref, &current, &operations).await.unwrap();
    assert!(matches!(written, WriteOutcome::Applied { .. }), "{written:?}");
    let query = operations.iter().find(|o| o.field.kind() == ChangeKind::Query).unwrap();
    let again = publisher.read_with(&loan.table_ref, &fields).await.unwrap().unwrap();
    assert!(again.holds_after(query) && !again.get(&query.field).unwrap().by_human, "seen, and seen as ours");
    let suggested = [operation(&account.table_ref, FieldPath::Description, FieldValue::Text("Accounts.".into()))];
    assert_eq!(publisher.suggest(&account.table_ref, &suggested).await.unwrap().len(), 1);

    let url = variable("CATALOG_TEST_OPENMETADATA_URL").unwrap();
    let token_file = variable("CATALOG_TEST_OPENMETADATA_TOKEN_FILE").unwrap();
    let python = variable("CATALOG_TEST_OPENMETADATA_PYTHON").unwrap();
    let names = [loan.fqn().to_string(), account.fqn().to_string()];
    let query_name = format!("{}.{FINGERPRINT}", service.name);
    let arguments = ["-W", "ignore", "-c", JUDGE, &url, &token_file, &names[0], &names[1], &query_name];
    let output = Command::new(python).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["description"], "One row per loan.");
    assert_eq!(seen["tags"], json!(["Domain.Lending", "Tier.Tier2"]));
    assert_eq!(seen["column_tags"]["email"], json!(["PII.Sensitive", "PIIEntity.HEALTH", "SpecialCategory.Health"]));
    assert_eq!(seen["referred"], json!([account.fqn().child("id").to_string()]));
    assert_eq!(seen["lineage_columns"], 1);
    assert_eq!(seen["open_suggestions"], 1);
    assert_eq!(seen["query"]["text"], "SELECT count(*) FROM main.loan t1 WHERE t1.account_id = :p1");
    assert_eq!(seen["query"]["question"], "How many loans has an account?");
    assert_eq!(seen["query"]["used_in"], json!(["account", "loan"]));
    assert_eq!(seen["query"]["listed"], 1, "it is shown beside the table");

    let undo = Operation { before: query.after.clone(), after: None, ..query.clone() };
    let written = publisher.write(&loan.table_ref, &again, std::slice::from_ref(&undo)).await.unwrap();
    assert!(matches!(written, WriteOutcome::Applied { .. }), "{written:?}");
    let gone = publisher.read_with(&loan.table_ref, &fields).await.unwrap().unwrap();
    assert!(gone.get(&query.field).is_none());
}

#[tokio::test]
async fn our_tables_are_found_and_no_others() {
    let service = Service::new("catalog_listed").await;
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let page = service.source.list(cursor.as_deref(), 2).await.unwrap();
        for found in page.tables {
            let Discovered::Table(table) = found else { panic!("an unreadable table") };
            names.push(table.fqn().clone());
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    names.sort();
    assert_eq!(names, ["account", "card", "loan"].map(|table| service.fqn(table)));
}
