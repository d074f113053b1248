//! Handmade tables in a line each.

use catalog_core::model::*;
use catalog_core::ports::Enricher;
use catalog_llm::guard::{GuardEvidence, check};
use catalog_local::describe::RuleEnricher;

/// A table to describe.
pub(crate) struct Case {
    pub(crate) table: Table,
    pub(crate) keys: Vec<KeyFact>,
    pub(crate) public_codes: Vec<Vec<String>>,
    pub(crate) rows: u64,
    pub(crate) glossary: Vec<GlossaryTerm>,
}

fn fqn(name: &str) -> Fqn {
    Fqn::from_parts(["bank", "main", name])
}

/// The type that a name suggests, so that a case stays one line.
fn type_of(column: &str) -> DataType {
    let lower = column.to_lowercase();
    let any = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    if any(&["is_", "has_"]) {
        DataType::Boolean
    } else if any(&["_at", "time"]) {
        DataType::Timestamp
    } else if any(&["date", "dt_"]) {
        DataType::Date
    } else if any(&["amount", "price", "mt"]) {
        DataType::Decimal
    } else if any(&["id", "nb", "qty"]) {
        DataType::Integer
    } else {
        DataType::Text
    }
}

/// A table of that name and those columns, separated by spaces; the first column is the primary key. A column
/// written `name>table` refers to the table.
pub(crate) fn table(name: &str, columns: &str) -> Case {
    let fqn_of_table = fqn(name);
    let mut keys = Vec::new();
    let columns: Vec<Column> = columns
        .split_whitespace()
        .map(|spelled| {
            let (name, parent) = spelled.split_once('>').unwrap_or((spelled, ""));
            if !parent.is_empty() {
                keys.push(KeyFact { columns: vec![name.to_owned()], other: fqn(parent), outgoing: true });
            }
            let (native_type, data_type) = (String::new(), type_of(name));
            Column { name: name.to_owned(), native_type, data_type, nullable: true, description: None }
        })
        .collect();
    let table = Table {
        table_ref: TableRef {
            source: SourceId("bank".to_owned()),
            id: TableId::from_fqn(&fqn_of_table),
            fqn: fqn_of_table,
            engine: EngineName { catalog: String::new(), schema: "main".to_owned(), table: name.to_owned() },
        },
        kind: TableKind::Table,
        primary_key: columns.first().map(|c| c.name.clone()).into_iter().collect(),
        columns,
        description: None,
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    };
    Case { public_codes: vec![Vec::new(); table.columns.len()], table, keys, rows: 100, glossary: Vec::new() }
}

impl Case {
    /// The same with public codes for one column.
    pub(crate) fn codes(mut self, column: &str, codes: &[&str]) -> Self {
        for (at, _) in self.table.columns.iter().enumerate().filter(|(_, c)| c.name == column) {
            self.public_codes[at] = codes.iter().map(|code| (*code).to_owned()).collect();
        }
        self
    }

    /// The same in a house with these words.
    pub(crate) fn glossary(mut self, terms: &[(&str, &str)]) -> Self {
        let term = |(term, meaning): &(&str, &str)| GlossaryTerm { term: (*term).into(), meaning: (*meaning).into() };
        self.glossary = terms.iter().map(term).collect();
        self
    }

    /// The draft, guarded.
    pub(crate) fn draft(&self, language: Language) -> Option<Draft> {
        let profile = TableProfile {
            row_count: self.rows,
            row_count_exact: true,
            rows_seen: self.rows,
            method: SampleMethod::FullScan,
            columns: Vec::new(),
        };
        let request = DescribeRequest {
            table: &self.table,
            profile: Some(&profile),
            verdicts: &[],
            sample: None,
            public_codes: &self.public_codes,
            keys: &self.keys,
            neighbours: &[],
            language,
            context: DescribeContext { glossary: &self.glossary, ..DescribeContext::default() },
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let draft = runtime.ok()?.block_on(RuleEnricher.describe(&request)).ok()??;
        let verdict = check(&draft.text, &GuardEvidence::of(&request, &[]));
        assert_eq!(verdict, Ok(()), "{}", draft.text);
        assert!((0.30..=0.75).contains(&draft.confidence.value()));
        Some(draft)
    }

    pub(crate) fn english(&self) -> String {
        self.draft(Language::En).map_or_else(String::new, |draft| draft.text)
    }

    pub(crate) fn french(&self) -> String {
        self.draft(Language::Fr).map_or_else(String::new, |draft| draft.text)
    }
}
