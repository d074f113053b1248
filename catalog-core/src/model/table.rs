//! A table as its source describes it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Fqn;

/// Which source (warehouse or catalog) a table came from: a file's stem, a database's name, an OM service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub String);

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The catalog's stable id of a table: OpenMetadata's UUID, or a hash of the name for the embedded sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableId(pub String);

impl TableId {
    /// The id of a table whose source has no ids of its own: the first 128 bits of BLAKE3 over the name, in hex.
    pub fn from_fqn(fqn: &Fqn) -> Self {
        Self(blake3::hash(fqn.to_string().as_bytes()).to_hex()[..32].to_owned())
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that the engine knows a table by. Parts are unquoted; an engine without catalogs or schemas leaves
/// the part empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EngineName {
    /// Trino's catalog, the database, or empty.
    pub catalog: String,
    /// The schema (`main` in SQLite), or empty.
    pub schema: String,
    /// The table, exactly as the engine spells it.
    pub table: String,
}

/// A table's three names: in the catalog, to people, and in the engine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableRef {
    /// The source it was discovered in.
    pub source: SourceId,
    /// The catalog's stable id.
    pub id: TableId,
    /// The fully qualified name shown to people and used in reports.
    pub fqn: Fqn,
    /// The name to query it by.
    pub engine: EngineName,
}

/// What kind of relation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A base table.
    Table,
    /// A view; it is sampled and described, and never the parent of a key.
    View,
    /// A materialised view.
    MaterializedView,
    /// A file or a foreign table read in place.
    External,
}

/// The logical type of a column, coarse enough to mean the same in every engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    /// Booleans.
    Boolean,
    /// Whole numbers of any width.
    Integer,
    /// Exact decimals.
    Decimal,
    /// Binary floating point.
    Float,
    /// Text of any length.
    Text,
    /// Calendar dates.
    Date,
    /// Times of day.
    Time,
    /// Timestamps, with or without a zone.
    Timestamp,
    /// Intervals.
    Interval,
    /// UUIDs.
    Uuid,
    /// JSON and other documents.
    Json,
    /// Binary.
    Binary,
    /// Arrays, maps and structs.
    Nested,
    /// No declared type, or one that we do not know (SQLite allows both).
    Unknown,
}

impl DataType {
    /// The type as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Text => "text",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Interval => "interval",
            Self::Uuid => "uuid",
            Self::Json => "json",
            Self::Binary => "binary",
            Self::Nested => "nested",
            Self::Unknown => "unknown",
        }
    }
}

/// A text in the catalog and who wrote it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoredText {
    /// The text.
    pub text: String,
    /// Did a person write it? Such a text is never overwritten (promise I3).
    pub by_human: bool,
}

/// A column as its source declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name, exactly as the engine spells it.
    pub name: String,
    /// The declared type as the engine spells it (`VARCHAR(20)`); empty when none is declared.
    pub native_type: String,
    /// The logical type.
    pub data_type: DataType,
    /// May it be NULL, as far as the schema says?
    pub nullable: bool,
    /// The description in the catalog or the engine's comment.
    pub description: Option<AuthoredText>,
}

/// A foreign key that the schema declares. Both column lists have the same length, in matching order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredKey {
    /// The columns of this table.
    pub columns: Vec<String>,
    /// The table they refer to.
    pub parent: Fqn,
    /// The columns there.
    pub parent_columns: Vec<String>,
}

/// A table as its source describes it: schema, declared constraints, texts; no data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its names.
    pub table_ref: TableRef,
    /// What kind of relation it is.
    pub kind: TableKind,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// Its description in the catalog or the engine's comment.
    pub description: Option<AuthoredText>,
    /// The declared primary key; empty when none is declared.
    pub primary_key: Vec<String>,
    /// Column sets declared unique beside the primary key.
    pub unique_keys: Vec<Vec<String>>,
    /// The foreign keys that the schema declares.
    pub declared_keys: Vec<DeclaredKey>,
    /// Tables this one is made from, as lineage or a view's definition says.
    pub upstream: Vec<Fqn>,
    /// How many rows the source believes it has, if it has an opinion without counting.
    pub row_count_estimate: Option<u64>,
    /// Changes whenever the data may have changed (file size and time, statistics counters); `None` when the
    /// source has no such sign and age alone decides when to look again.
    pub change_token: Option<String>,
    /// When the catalog's entry last changed, in milliseconds since 1970; 0 when the source cannot tell.
    pub updated_at_ms: i64,
}

impl Table {
    /// The fully qualified name shown to people.
    pub fn fqn(&self) -> &Fqn {
        &self.table_ref.fqn
    }

    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// A hash of all that the catalog says of the table (names, types, keys, texts), in hex. `updated_at_ms` and
    /// the change token stay out: a no-op write moves the first, data move the second.
    pub fn content_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut feed = |part: &str| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        feed(&self.table_ref.fqn.to_string());
        feed(match self.kind {
            TableKind::Table => "table",
            TableKind::View => "view",
            TableKind::MaterializedView => "materialized_view",
            TableKind::External => "external",
        });
        for column in &self.columns {
            feed(&column.name);
            feed(&column.native_type);
            feed(column.data_type.as_str());
            feed(if column.nullable { "null" } else { "not null" });
            feed(column.description.as_ref().map_or("", |d| &d.text));
        }
        feed(self.description.as_ref().map_or("", |d| &d.text));
        for name in &self.primary_key {
            feed(name);
        }
        for name in self.unique_keys.iter().flatten() {
            feed(name);
        }
        for key in &self.declared_keys {
            feed(&key.columns.join("\u{1f}"));
            feed(&key.parent.to_string());
            feed(&key.parent_columns.join("\u{1f}"));
        }
        for up in &self.upstream {
            feed(&up.to_string());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}
