//! Small, complete values of the domain's types: tables of the source `bank`, named after the table alone, with
//! everything that a walk would leave behind. The same arguments always give the same value.

use catalog_core::ErrorKind;
use catalog_core::model::{
    AuditRow, AuthoredText, Column, ColumnProfile, ColumnSet, Confidence, DataType, DistinctEstimate, DistinctMethod,
    Draft, DraftSource, EngineName, FieldPath, FieldValue, Fingerprint, ForeignKey, Fqn, JoinKind, KeyEvidence,
    KeyStatus, LengthStats, MinedJoin, MinedQueryLog, Operation, OperationId, ParkedTable, PiiDecision, PiiEntity,
    PiiVerdict, PiiVote, PromptSample, Proposal, ProposalId, ProposalState, Receipt, RunSummary, SampleMethod,
    ShapeShare, SourceId, Table, TableId, TableKind, TableProfile, TableRef, TableState, ValueFamily, Verdict,
    WakeReason, Watermark, WorkItem,
};

/// The source that the samples belong to.
pub fn source() -> SourceId {
    SourceId("bank".into())
}

/// Reference to `bank.main.<name>`.
pub fn table_ref(name: &str) -> TableRef {
    table_ref_in("bank", name)
}

/// Reference to `<source>.main.<name>`.
pub fn table_ref_in(source: &str, name: &str) -> TableRef {
    let fqn = Fqn::from_parts([source, "main", name]);
    TableRef {
        source: SourceId(source.into()),
        id: TableId::from_fqn(&fqn),
        fqn,
        engine: EngineName { catalog: String::new(), schema: "main".into(), table: name.into() },
    }
}

/// A table of two columns: `id`, its primary key, and `email`, with a comment that a person wrote.
pub fn table(name: &str) -> Table {
    let column = |name: &str, native_type: &str, data_type, description: Option<&str>| Column {
        name: name.into(),
        native_type: native_type.into(),
        data_type,
        nullable: name != "id",
        description: description.map(|text| AuthoredText { text: text.into(), by_human: true }),
    };
    Table {
        table_ref: table_ref(name),
        kind: TableKind::Table,
        columns: vec![
            column("id", "INTEGER", DataType::Integer, None),
            column("email", "VARCHAR(80)", DataType::Text, Some("Where to write to.")),
        ],
        description: None,
        primary_key: vec!["id".into()],
        unique_keys: vec![vec!["email".into()]],
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: Some(1_000),
        change_token: Some("4096-1700000000".into()),
        updated_at_ms: 1_700_000_000_000,
    }
}

/// The state of [`table`] after a walk: profile, two fingerprints, verdicts, codes, redacted rows, draft and a key.
pub fn state(name: &str) -> TableState {
    let table = table(name);
    TableState {
        gate: format!("gate-{name}"),
        evidence: format!("evidence-{name}"),
        sampled_at_ms: 1_700_000_000_000,
        profile: Some(profile()),
        fingerprints: vec![fingerprint(-4_000_000_000_000_000_000), fingerprint(-8_000_000_000_000_000_000)],
        verdicts: vec![verdict("id", false), verdict("email", true)],
        public_codes: vec![Vec::new(), Vec::new()],
        sample: Some(PromptSample::from_redaction(
            vec!["id".into(), "email".into()],
            vec![vec!["<NUMBER>".into(), "<EMAIL>".into()]],
        )),
        draft: Some(Draft {
            text: format!("One row per {name}, with its e-mail address."),
            confidence: Confidence::new(0.7),
            source: DraftSource::Rules,
            prompt_version: "rules/1".into(),
        }),
        reading: Some(format!("{name}, with email.")),
        keys: vec![foreign_key(name, "id", "account", "id")],
        indexed_text: None,
        table,
    }
}

/// A profile of [`table`]'s two columns.
pub fn profile() -> TableProfile {
    let column = |name: &str, shape: &str, numeric_ratio| ColumnProfile {
        name: name.into(),
        null_ratio: Some(1.0 / 3.0),
        empty_ratio: 0.0,
        distinct: Some(DistinctEstimate { value: 1_000, error_bound: 0.1 + 0.2, method: DistinctMethod::HyperLogLog }),
        unique: true,
        lengths: Some(LengthStats { min: 1, max: 40, mean: 17.3 }),
        shapes: vec![ShapeShare { shape: shape.into(), share: 1.0 }],
        range: None,
        numeric_ratio,
        mean_words: 1.0,
    };
    TableProfile {
        row_count: 1_000,
        row_count_exact: true,
        rows_seen: 1_000,
        method: SampleMethod::FullScan,
        columns: vec![column("id", "9", 1.0), column("email", "a@a.a", 0.0)],
    }
}

/// A fingerprint of 128 hashes that ascend from `first` in large uneven steps.
pub fn fingerprint(first: i64) -> Fingerprint {
    let hashes = (0..128).map(|i: i64| first.wrapping_add(i * 9_007_199_254_740_881 + i * i)).collect();
    Fingerprint {
        version: 1,
        rows: 1_000,
        nulls: 7,
        distinct: 993,
        distinct_exact: true,
        hashes,
        complete: false,
        family: ValueFamily::Integer,
        family_share: 0.97,
        integer_range: Some((-5, i64::MAX)),
        length_range: Some((1, 19)),
        shape: "-9".into(),
    }
}

/// A verdict with two equal votes: flagged as an e-mail address, or clear.
pub fn verdict(column: &str, flagged: bool) -> PiiVerdict {
    let entity = flagged.then_some(PiiEntity::Email);
    let vote = |voter: &str| PiiVote {
        voter: voter.into(),
        verdict: if flagged { Verdict::Yes } else { Verdict::No },
        score: 0.9,
        entity,
    };
    PiiVerdict {
        column: column.into(),
        decision: if flagged { PiiDecision::Flagged } else { PiiDecision::Clear },
        entity,
        checksum_alone: false,
        votes: vec![vote("pattern"), vote("name")],
    }
}

/// A confirmed key between two tables of the source.
pub fn foreign_key(child: &str, child_column: &str, parent: &str, parent_column: &str) -> ForeignKey {
    let side = |table: &str, column: &str| ColumnSet { table: table_ref(table).fqn, columns: vec![column.into()] };
    ForeignKey {
        child: side(child, child_column),
        parent: side(parent, parent_column),
        score: 0.93,
        status: KeyStatus::Confirmed,
        orphans: Some(0),
        vacuous: false,
        sampled: false,
        evidence: KeyEvidence::from([("containment", 1.0), ("name", 0.8)]),
    }
}

/// An operation that sets an empty field, with the id that its content deserves.
pub fn operation(table: &TableRef, field: FieldPath, after: FieldValue) -> Operation {
    let content = format!("{}|{field}|{after}", table.id);
    Operation {
        id: OperationId(blake3::hash(content.as_bytes()).to_hex().to_string()),
        table: table.clone(),
        field,
        before: None,
        after: Some(after),
        confidence: Confidence::new(0.7),
        author: "rules".into(),
        prompt_version: "rules/1".into(),
        evidence_hash: "evidence".into(),
    }
}

/// An operation that gives `bank.main.<table>` a description.
pub fn describe(table: &str, text: &str) -> Operation {
    operation(&table_ref(table), FieldPath::Description, FieldValue::Text(text.into()))
}

/// An operation that tags `bank.main.<table>`'s column as an e-mail address.
pub fn tag(table: &str, column: &str) -> Operation {
    let entity = PiiEntity::Email;
    let value = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
    operation(&table_ref(table), FieldPath::ColumnPii { column: column.into() }, value)
}

/// An operation that proposes a verified query on `bank.main.<table>`.
pub fn verify_query(table: &str, fingerprint: &str) -> Operation {
    let value = FieldValue::Query {
        sql: format!("SELECT count(*) FROM {table} -- {fingerprint}"),
        question: "How many?".into(),
        tables: vec![table_ref(table).fqn],
    };
    operation(&table_ref(table), FieldPath::VerifiedQuery { fingerprint: fingerprint.into() }, value)
}

/// An open proposal of the operation.
pub fn proposal(operation: Operation) -> Proposal {
    Proposal {
        id: ProposalId(operation.id.0.chars().take(12).collect()),
        operation,
        why: "confidence 0.70 is below 0.80".into(),
        state: ProposalState::Open,
        decided_by: None,
        reason: None,
        created_at_ms: 1_700_000_000_000,
    }
}

/// A sweep's item for `bank.main.<name>`.
pub fn work_item(name: &str) -> WorkItem {
    WorkItem::new(table_ref(name), WakeReason::Sweep)
}

/// `bank.main.<name>`, parked because a row was damaged.
pub fn parked(name: &str) -> ParkedTable {
    ParkedTable {
        table: table_ref(name),
        stage: "sample".into(),
        kind: ErrorKind::Corrupt,
        reason: "failed to sample table: row 7 is damaged; repair the file".into(),
        at_ms: 1_700_000_000_000,
    }
}

/// A receipt for the operation and the audit row that belongs to it.
pub fn receipt(operation: &Operation, at_ms: i64) -> (Receipt, AuditRow) {
    let receipt = Receipt { operation: operation.id.clone(), version: "0.2".into(), at_ms };
    let row = AuditRow {
        at_ms,
        run: None,
        actor: "catalog-syncd".into(),
        action: "published".into(),
        operation: operation.clone(),
    };
    (receipt, row)
}

/// A watermark at that time.
pub fn watermark(updated_at_ms: i64, table_id: &str) -> Watermark {
    Watermark { updated_at_ms, table_id: table_id.into() }
}

/// The figures of a run that saw so many tables.
pub fn run_summary(tables_seen: u64) -> RunSummary {
    RunSummary { sources: vec![source()], tables_seen, seconds: 1.25, ..RunSummary::default() }
}

/// What a log of one join between two tables gives.
pub fn mined_query_log() -> MinedQueryLog {
    let join = MinedJoin {
        left: table_ref("account").fqn,
        left_columns: vec!["id".into()],
        right: table_ref("loan").fqn,
        right_columns: vec!["account_id".into()],
        kind: JoinKind::Equality,
        runs: 12,
        users: 3,
    };
    MinedQueryLog { events: 12, joins: vec![join], ..MinedQueryLog::default() }
}
