//! Changes to the catalog: one operation is one field of one entity.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Confidence, ForeignKey, Fqn, MinedJoin, PiiEntity, RunId, Sensitivity, TableRef};

/// The kinds of change that an operator sets a policy for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A table's description.
    Description,
    /// A column's description.
    ColumnDescription,
    /// A PII tag on a column.
    Pii,
    /// A domain tag.
    Domain,
    /// A tier tag.
    Tier,
    /// An inferred foreign key.
    Key,
    /// Usage counts and joins.
    Usage,
    /// A verified query; always reviewed. An accepted one becomes a query entity, where the operator wants that.
    Query,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Description,
        Self::ColumnDescription,
        Self::Pii,
        Self::Domain,
        Self::Tier,
        Self::Key,
        Self::Usage,
        Self::Query,
    ];

    /// The kind as it stands in configuration and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::ColumnDescription => "column_description",
            Self::Pii => "pii",
            Self::Domain => "domain",
            Self::Tier => "tier",
            Self::Key => "key",
            Self::Usage => "usage",
            Self::Query => "query",
        }
    }
}

/// Which field of a table's catalog entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldPath {
    /// The table's description.
    Description,
    /// A column's description.
    ColumnDescription {
        /// The column.
        column: String,
    },
    /// The PII tag of a column.
    ColumnPii {
        /// The column.
        column: String,
    },
    /// A foreign key, named by its child columns.
    ForeignKey {
        /// The referring columns.
        columns: Vec<String>,
    },
    /// The table's domain tag.
    Domain,
    /// The table's tier tag.
    Tier,
    /// How much the table was used on one day.
    Usage {
        /// The day in UTC, as `YYYY-MM-DD`.
        date: String,
    },
    /// A verified query, named by its fingerprint.
    VerifiedQuery {
        /// Hash of the normal form.
        fingerprint: String,
    },
}

impl FieldPath {
    /// The kind whose policy governs the field.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Description => ChangeKind::Description,
            Self::ColumnDescription { .. } => ChangeKind::ColumnDescription,
            Self::ColumnPii { .. } => ChangeKind::Pii,
            Self::ForeignKey { .. } => ChangeKind::Key,
            Self::Domain => ChangeKind::Domain,
            Self::Tier => ChangeKind::Tier,
            Self::Usage { .. } => ChangeKind::Usage,
            Self::VerifiedQuery { .. } => ChangeKind::Query,
        }
    }
}

/// Prints as a short path: `description`, `columns.email.pii`, `keys.customer_id`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Description => f.write_str("description"),
            Self::ColumnDescription { column } => write!(f, "columns.{column}.description"),
            Self::ColumnPii { column } => write!(f, "columns.{column}.pii"),
            Self::ForeignKey { columns } => write!(f, "keys.{}", columns.join("+")),
            Self::Domain => f.write_str("domain"),
            Self::Tier => f.write_str("tier"),
            Self::Usage { date } => write!(f, "usage.{date}"),
            Self::VerifiedQuery { fingerprint } => write!(f, "queries.{fingerprint}"),
        }
    }
}

/// The value of a field. None of them can hold a cell value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// A description.
    Text(String),
    /// A PII tag.
    Pii {
        /// What the column holds.
        entity: PiiEntity,
        /// OpenMetadata's level.
        sensitivity: Sensitivity,
    },
    /// A foreign key.
    Key(Box<ForeignKey>),
    /// A tag by its name below its classification: `Finance` for `Domain.Finance`, `Tier1` for `Tier.Tier1`. In a PII
    /// field it is a label that says no entity, such as a person's `Sensitive` or `None`.
    Tag(String),
    /// Runs and joins of one day.
    Usage(Box<DailyUsage>),
    /// A query in normal form.
    Query {
        /// The SQL with parameters.
        sql: String,
        /// The question it answers.
        question: String,
        /// The tables it reads, by name in the catalog. They follow from the SQL and make no other query.
        #[serde(default)]
        tables: Vec<Fqn>,
    },
}

impl FieldValue {
    /// Do both say the same? A key is its two column lists: score and evidence move with every sample and make no
    /// other key. A query is its text and its question.
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(a), Self::Key(b)) => a.child == b.child && a.parent == b.parent,
            (Self::Query { sql, question, .. }, Self::Query { sql: other, question: asked, .. }) => {
                sql == other && question == asked
            }
            _ => self == other,
        }
    }
}

/// How much a table was used on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyUsage {
    /// Runs of queries that read the table.
    pub runs: u64,
    /// Joins of the table with others, with their runs that day; the table is on either side.
    pub joins: Vec<MinedJoin>,
}

/// Prints for people: a text as it is, a tag by its name, a key as `a → b`.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Pii { entity, sensitivity } => write!(f, "{} ({sensitivity:?})", entity.as_str()),
            Self::Key(key) => {
                write!(f, "{} → {}({})", key.child.columns.join(", "), key.parent.table, key.parent.columns.join(", "))
            }
            Self::Tag(name) => f.write_str(name),
            Self::Usage(usage) => write!(f, "{} runs, {} joins", usage.runs, usage.joins.len()),
            Self::Query { sql, .. } => f.write_str(sql),
        }
    }
}

/// Names one change for ever: the same change planned again has the same id, so that it is made once (promise I2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub String);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One field of one entity, from one value to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its deterministic id.
    pub id: OperationId,
    /// The table.
    pub table: TableRef,
    /// The field.
    pub field: FieldPath,
    /// The value it replaces; `None` when the field is empty.
    pub before: Option<FieldValue>,
    /// The new value; `None` empties the field.
    pub after: Option<FieldValue>,
    /// How sure its author is.
    pub confidence: Confidence,
    /// Who made it: `rules`, `model:<name>`, `vote`, `keys`, `querylog`, `catalog-syncd` (a removal of what nobody
    /// finds any more), or a steward's name.
    pub author: String,
    /// Version of the rules or the prompt behind it.
    pub prompt_version: String,
    /// Hash of the evidence it rests on.
    pub evidence_hash: String,
}

impl Operation {
    /// Is its author a person (a steward who edited the text) and not one of ours? A catalog that keeps no authors
    /// of its own marks the field accordingly, so that the text is never overwritten.
    pub fn by_person(&self) -> bool {
        let ours = matches!(self.author.as_str(), "rules" | "vote" | "keys" | "querylog" | "catalog-syncd");
        !ours && !self.author.starts_with("model:")
    }
}

/// The operations planned for one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// The operations, each on another field.
    pub operations: Vec<Operation>,
    /// Fields that a person wrote last: left alone (promise I3).
    pub kept_human: Vec<FieldPath>,
}

/// A field as the catalog holds it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogField {
    /// The field.
    pub field: FieldPath,
    /// Its value and author.
    pub current: CurrentField,
}

/// The value of a field and whether a person wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrentField {
    /// The value.
    pub value: FieldValue,
    /// Did a person write it last?
    pub by_human: bool,
}

/// A table's entry as the catalog holds it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrentTable {
    /// The catalog's version of the entry, for optimistic locking.
    pub version: String,
    /// The fields that are set.
    pub fields: Vec<CatalogField>,
}

impl CurrentTable {
    /// The field's value, if it is set.
    pub fn get(&self, field: &FieldPath) -> Option<&CurrentField> {
        self.fields.iter().find(|f| f.field == *field).map(|f| &f.current)
    }

    /// Does the field hold what the operation replaces?
    pub fn holds_before(&self, operation: &Operation) -> bool {
        self.holds(&operation.field, operation.before.as_ref())
    }

    /// Does the field hold what the operation brings?
    pub fn holds_after(&self, operation: &Operation) -> bool {
        self.holds(&operation.field, operation.after.as_ref())
    }

    fn holds(&self, field: &FieldPath, value: Option<&FieldValue>) -> bool {
        match (self.get(field), value) {
            (None, None) => true,
            (Some(current), Some(value)) => current.value.says_the_same(value),
            _ => false,
        }
    }

    /// Sets the field, or empties it with `None`. The version stays as it is.
    pub fn set(&mut self, field: &FieldPath, current: Option<CurrentField>) {
        self.fields.retain(|f| f.field != *field);
        if let Some(current) = current {
            self.fields.push(CatalogField { field: field.clone(), current });
        }
    }

    /// Does what the operation says to its field, without looking at what it holds. The version stays as it is.
    pub fn apply(&mut self, operation: &Operation) {
        let current = |value: &FieldValue| CurrentField { value: value.clone(), by_human: operation.by_person() };
        self.set(&operation.field, operation.after.as_ref().map(current));
    }
}

/// What came of a guarded write.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteOutcome {
    /// Written, and seen in the catalog when read back; the entry's new version.
    Applied {
        /// The entry's version after the write.
        version: String,
    },
    /// The catalog held these values already: nothing was written.
    AlreadyThere,
    /// Somebody changed the entry meanwhile: plan again from this state. `None`: the table is gone.
    Conflict {
        /// The entry as it is now.
        current: Option<CurrentTable>,
    },
}

/// Proof that an operation was seen in the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The operation.
    pub operation: OperationId,
    /// The entry's version in which it was seen.
    pub version: String,
    /// When it was seen, in milliseconds since 1970.
    pub at_ms: i64,
}

/// A line of the append-only audit log. It holds no cell value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The run it happened in, if any.
    pub run: Option<RunId>,
    /// Who or what did it: `catalog-syncd` or a steward's name.
    pub actor: String,
    /// What: `published`, `proposed`, `accepted`, `rejected`, `undone`.
    pub action: String,
    /// The operation.
    pub operation: Operation,
}
