//! What part a table plays in its schema.

use catalog_core::model::{DataType, DescribeRequest};

use super::phrase::{Phrase, tokens};
use super::vocabulary::Class;

/// The part that a table plays, as far as its columns and keys show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Links two tables and holds little else.
    Bridge,
    /// A short list of codes with their labels.
    Lookup,
    /// Keeps what was, over time.
    History,
    /// Things or happenings, one a row.
    Entity,
}

/// Names of columns that run a warehouse and describe nothing.
const TECHNICAL: &[&[&str]] = &[
    &["created", "at"],
    &["created", "timestamp"],
    &["created", "ts"],
    &["created", "date"],
    &["created", "on"],
    &["created", "by"],
    &["updated", "at"],
    &["updated", "on"],
    &["updated", "by"],
    &["modified", "at"],
    &["modified", "on"],
    &["modified", "by"],
    &["modified", "date"],
    &["last", "modified"],
    &["last", "update"],
    &["last", "updated"],
    &["deleted", "at"],
    &["is", "deleted"],
    &["row", "hash"],
    &["row", "version"],
    &["row", "num"],
    &["batch", "id"],
    &["load", "dt"],
    &["load", "date"],
    &["load", "ts"],
    &["load", "timestamp"],
    &["inserted", "at"],
    &["insert", "date"],
    &["date", "maj"],
    &["dt", "maj"],
    &["date", "crea"],
    &["dt", "crea"],
    &["dt", "chgt"],
    &["user", "maj"],
    &["other", "details"],
];

/// Does the column serve the machinery rather than a reader?
pub(crate) fn is_technical(name: &str, data_type: DataType) -> bool {
    let tokens = tokens(name);
    let joined: Vec<&str> = tokens.iter().map(String::as_str).collect();
    matches!(data_type, DataType::Binary)
        || joined.is_empty()
        || matches!(joined[0], "etl" | "sdc" | "dbt" | "airbyte" | "fivetran" | "md")
        || TECHNICAL.iter().any(|mark| joined.starts_with(mark) && joined.len() <= mark.len() + 1)
        || joined.iter().all(|token| matches!(*token, "id" | "pk" | "sk" | "uuid" | "guid" | "rowid" | "hash" | "md"))
}

/// The role of a table whose own phrase and remaining attributes are given.
pub(crate) fn role_of(request: &DescribeRequest<'_>, name: &Phrase, attributes: &[Phrase]) -> Role {
    let own = request.table.fqn();
    let mut parents: Vec<_> = request.keys.iter().filter(|k| k.outgoing && k.other != *own).collect();
    parents.sort_by(|a, b| a.columns.cmp(&b.columns));
    parents.dedup_by(|a, b| a.columns == b.columns);
    let referred = request.keys.iter().any(|key| !key.outgoing);
    let has = |class: Class| attributes.iter().any(|a| a.class() == class);
    if name.words.iter().any(|word| matches!(word.en.as_str(), "history" | "audit" | "log" | "snapshot")) {
        Role::History
    } else if parents.len() == 2 && attributes.len() <= 2 && !referred {
        Role::Bridge
    } else if parents.is_empty()
        && (1..=2).contains(&attributes.len())
        && (has(Class::Label) || has(Class::Text))
        && request.table.columns.len() <= 4
        && matches!(name.class(), Class::Category | Class::Label)
    {
        Role::Lookup
    } else {
        Role::Entity
    }
}
