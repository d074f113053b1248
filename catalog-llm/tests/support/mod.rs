//! A table to describe, and models that answer as they were told.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "tests say so when something is missing")]

pub(crate) mod chat;
pub(crate) mod server;

use catalog_core::model::*;

/// What a request borrows from.
pub(crate) struct Case {
    pub(crate) table: Table,
    pub(crate) profile: TableProfile,
    pub(crate) verdicts: Vec<PiiVerdict>,
    pub(crate) sample: PromptSample,
    pub(crate) public_codes: Vec<Vec<String>>,
    pub(crate) keys: Vec<KeyFact>,
    pub(crate) neighbours: Vec<Neighbour>,
}

impl Case {
    pub(crate) fn request(&self, language: Language) -> DescribeRequest<'_> {
        DescribeRequest {
            table: &self.table,
            profile: Some(&self.profile),
            verdicts: &self.verdicts,
            sample: Some(&self.sample),
            public_codes: &self.public_codes,
            keys: &self.keys,
            neighbours: &self.neighbours,
            language,
            context: DescribeContext::default(),
        }
    }
}

fn fqn(name: &str) -> Fqn {
    Fqn::from_parts(["bank", "main", name])
}

fn column(name: &str, data_type: DataType) -> (Column, ColumnProfile) {
    let column =
        Column { name: name.to_owned(), native_type: String::new(), data_type, nullable: true, description: None };
    let profile = ColumnProfile {
        name: name.to_owned(),
        null_ratio: Some(0.0),
        empty_ratio: 0.0,
        distinct: None,
        unique: false,
        lengths: None,
        shapes: Vec::new(),
        range: None,
        numeric_ratio: 0.0,
        mean_words: 1.0,
    };
    (column, profile)
}

/// Loans of a bank, with a status of three public codes and a customer's e-mail.
pub(crate) fn loans() -> Case {
    let (mut columns, mut profiles): (Vec<_>, Vec<_>) = [
        column("loan_id", DataType::Integer),
        column("account_id", DataType::Integer),
        column("amount", DataType::Decimal),
        column("status", DataType::Text),
        column("email", DataType::Text),
    ]
    .into_iter()
    .unzip();
    columns[2].description = Some(AuthoredText { text: "granted sum".to_owned(), by_human: true });
    profiles[0].unique = true;
    profiles[2].range = Some(RoundedRange { p5: "1000".to_owned(), p95: "90000".to_owned() });
    profiles[3].shapes = vec![ShapeShare { shape: "a".to_owned(), share: 1.0 }];
    profiles[4].null_ratio = Some(0.4);
    let name = fqn("loan");
    Case {
        table: Table {
            table_ref: TableRef {
                source: SourceId("bank".to_owned()),
                id: TableId::from_fqn(&name),
                fqn: name,
                engine: EngineName { catalog: String::new(), schema: "main".to_owned(), table: "loan".to_owned() },
            },
            kind: TableKind::Table,
            columns,
            description: None,
            primary_key: vec!["loan_id".to_owned()],
            unique_keys: Vec::new(),
            declared_keys: Vec::new(),
            upstream: Vec::new(),
            row_count_estimate: None,
            change_token: None,
            updated_at_ms: 0,
        },
        profile: TableProfile {
            row_count: 700,
            row_count_exact: true,
            rows_seen: 700,
            method: SampleMethod::FullScan,
            columns: profiles,
        },
        verdicts: vec![PiiVerdict {
            column: "email".to_owned(),
            decision: PiiDecision::Disputed,
            entity: Some(PiiEntity::Email),
            checksum_alone: false,
            votes: vec![PiiVote {
                voter: "name".to_owned(),
                verdict: Verdict::Yes,
                score: 0.9,
                entity: Some(PiiEntity::Email),
            }],
        }],
        sample: PromptSample::from_redaction(
            ["loan_id", "account_id", "amount", "status", "email"].map(str::to_owned).to_vec(),
            vec![["<NUMBER>", "<NUMBER>", "<NUMBER>", "late", "<EMAIL>"].map(str::to_owned).to_vec()],
        ),
        public_codes: vec![vec![], vec![], vec![], ["open", "paid", "late"].map(str::to_owned).to_vec(), vec![]],
        keys: vec![KeyFact { columns: vec!["account_id".to_owned()], other: fqn("account"), outgoing: true }],
        neighbours: vec![Neighbour { fqn: fqn("account"), description: Some("Current accounts.".to_owned()) }],
    }
}
