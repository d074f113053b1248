//! Which members of an entity an answer shows.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::exchange::Answer;
use super::kind::Kind;

/// Members that are shown when asked for.
const ON_DEMAND: [&str; 13] = [
    "owners",
    "tags",
    "followers",
    "dataProducts",
    "domains",
    "votes",
    "tableConstraints",
    "joins",
    "sampleData",
    "profile",
    "schemaDefinition",
    "extension",
    "usageSummary",
];

/// What is shown.
pub(super) enum View {
    /// What creating answers: little that is empty.
    Created,
    /// What writing answers: all that can be written.
    Full,
    /// What reading answers: the ordinary members and those asked for.
    Fields(BTreeSet<String>),
}

impl View {
    /// The members that the parameter `fields` asks for.
    ///
    /// # Errors
    /// 400 for a name that is no member.
    pub(super) fn of_fields(kind: Kind, fields: Option<&str>) -> Result<Self, Answer> {
        let mut asked = BTreeSet::new();
        for field in fields.unwrap_or_default().split(',').map(str::trim).filter(|f| !f.is_empty()) {
            if field == "*" {
                asked.extend(ON_DEMAND.map(str::to_owned));
            } else if kind.has_member(field) {
                asked.insert(field.to_owned());
            } else {
                return Err(Answer::error(400, format!("Invalid field name {field}")));
            }
        }
        Ok(Self::Fields(asked))
    }

    /// The entity as this view shows it.
    pub(super) fn show(&self, kind: Kind, entity: &Value) -> Value {
        let mut shown = entity.clone();
        let Some(members) = shown.as_object_mut() else { return shown };
        match self {
            Self::Full => {}
            Self::Created => {
                for member in ["followers", "dataProducts", "votes"] {
                    members.remove(member);
                }
                if matches!(kind, Kind::DatabaseService | Kind::Database) {
                    members.remove("owners");
                }
                if members.get("tags").is_none_or(|tags| *tags == json!([])) {
                    members.remove("tags");
                }
                strip_labels(&mut shown["columns"], true);
            }
            Self::Fields(asked) => {
                members.retain(|name, _| !ON_DEMAND.contains(&name.as_str()) || asked.contains(name));
                if !asked.contains("tags") {
                    strip_labels(&mut shown["columns"], false);
                }
            }
        }
        if kind != Kind::Table
            && let Some(members) = shown.as_object_mut()
        {
            members.remove("columns");
        }
        shown
    }
}

/// Takes the labels off columns: all, or those lists that are empty.
fn strip_labels(columns: &mut Value, only_empty: bool) {
    for column in columns.as_array_mut().into_iter().flatten() {
        if let Some(members) = column.as_object_mut()
            && (!only_empty || members.get("tags") == Some(&json!([])))
        {
            members.remove("tags");
        }
        strip_labels(&mut column["children"], only_empty);
        // Indexing made a member of what was not there.
        if let Some(members) = column.as_object_mut()
            && members.get("children") == Some(&Value::Null)
        {
            members.remove("children");
        }
    }
}
