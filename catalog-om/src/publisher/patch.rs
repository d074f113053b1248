//! The operations of one table as one JSON Patch that fails when anything is not as it was read.

use std::collections::BTreeSet;

use catalog_core::model::{FieldPath, FieldValue, ForeignKey, Fqn, Operation};
use catalog_core::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use super::OmPublisher;
use super::current::{PII, Snapshot, column_at, foreign};
use super::labels::{LabelEdits, SPECIAL, pii_tags, wrong_value};
use crate::settings::FkAs;
use crate::source::path_name;
use crate::wire::{OmColumn, OmLabel, OmTable};

/// A patch in the making.
#[derive(Default)]
pub(super) struct Patch {
    tests: Vec<Value>,
    changes: Vec<Value>,
    labels: LabelEdits,
    /// The tags that it puts on; they must exist before it is sent.
    pub(super) tags: BTreeSet<String>,
    /// Does a person answer for a text in it?
    pub(super) by_person: bool,
}

impl Patch {
    /// The body, or `None` when there is nothing to change. All tests stand before the first change. The time of the
    /// last write is tested too: a version can span a user's session, and older servers look at no condition at all.
    pub(super) fn body(mut self, table: &OmTable) -> Option<Value> {
        std::mem::take(&mut self.labels).finish(&mut self.tests, &mut self.changes);
        if self.changes.is_empty() {
            return None;
        }
        let mut body = Vec::with_capacity(self.tests.len() + self.changes.len() + 1);
        if table.updated_at > 0 {
            body.push(json!({ "op": "test", "path": "/updatedAt", "value": table.updated_at }));
        }
        body.extend(self.tests);
        body.extend(self.changes);
        Some(Value::Array(body))
    }

    /// Sets or empties the description at the pointer.
    fn text(&mut self, pointer: &str, held: Option<&String>, after: Option<&FieldValue>) -> Result<()> {
        let path = format!("{pointer}/description");
        if let Some(held) = held {
            self.tests.push(json!({ "op": "test", "path": path, "value": held }));
        }
        match (held, after) {
            (_, Some(FieldValue::Text(text))) => {
                self.changes.push(json!({ "op": "add", "path": path, "value": text }));
            }
            (_, Some(_)) => return Err(wrong_value("a description")),
            (Some(_), None) => self.changes.push(json!({ "op": "remove", "path": path })),
            (None, None) => {}
        }
        Ok(())
    }

    /// The pointer to a column, with a test on every name along it: columns are addressed by number, and a number may
    /// mean another column by now (OpenMetadata's #15563, #30886).
    fn column<'a>(&mut self, table: &'a OmTable, fqn: &Fqn, name: &str) -> Result<(String, &'a OmColumn)> {
        let gone = || {
            Error::new(ErrorKind::NotFound, "write_entry", "the table has no such column any more")
                .with("table", fqn)
                .with("column", name)
                .hint("the next look at the table plans anew")
        };
        let path = find_path(&table.columns, name).ok_or_else(gone)?;
        let (mut pointer, mut columns) = (String::new(), table.columns.as_slice());
        let mut found = None;
        for (depth, part) in path.iter().enumerate() {
            let at = columns.iter().position(|c| c.name == *part).ok_or_else(gone)?;
            pointer.push_str(&format!("/{}/{at}", if depth == 0 { "columns" } else { "children" }));
            let test = json!({ "op": "test", "path": format!("{pointer}/name"), "value": part });
            if !self.tests.contains(&test) {
                self.tests.push(test);
            }
            found = Some(&columns[at]);
            columns = columns[at].children();
        }
        found.map(|column| (pointer, column)).ok_or_else(gone)
    }
}

/// The path that a field names: a column of the table, else the nested field at the quoted path.
fn find_path(columns: &[OmColumn], name: &str) -> Option<Vec<String>> {
    if columns.iter().any(|c| c.name == name) {
        return Some(vec![name.to_owned()]);
    }
    let path = name.parse::<Fqn>().ok().map(|fqn| fqn.parts().to_vec()).filter(|path| path.len() > 1)?;
    (path_name(&path) == name && column_at(columns, &path).is_some()).then_some(path)
}

impl OmPublisher {
    /// The patch for those operations that change the entry itself.
    ///
    /// # Errors
    /// `NotFound` for a column that is gone, `InvalidInput` for a value that does not fit its field.
    pub(super) fn patch(&self, snapshot: &Snapshot, operations: &[Operation]) -> Result<Patch> {
        let mut patch = Patch::default();
        for operation in operations {
            self.add(&mut patch, snapshot, operation)?;
        }
        Ok(patch)
    }

    fn add(&self, patch: &mut Patch, snapshot: &Snapshot, operation: &Operation) -> Result<()> {
        let table = &snapshot.table;
        let after = operation.after.as_ref();
        match &operation.field {
            FieldPath::Description => {
                patch.by_person |= operation.by_person();
                patch.text("", table.description.as_ref(), after)?;
            }
            FieldPath::ColumnDescription { column } => {
                patch.by_person |= operation.by_person();
                let (pointer, column) = patch.column(table, &snapshot.fqn, column)?;
                patch.text(&pointer, column.description.as_ref(), after)?;
            }
            FieldPath::ColumnPii { column } => {
                let (pointer, column) = patch.column(table, &snapshot.fqn, column)?;
                let family = &self.settings.entity_classification;
                let tags_of = |value: Option<&FieldValue>| match value {
                    Some(value) => pii_tags(value, family),
                    None => Ok(Vec::new()),
                };
                let (held, wanted) = (tags_of(operation.before.as_ref())?, tags_of(after)?);
                let in_field = |label: &OmLabel| {
                    let special = label.below(SPECIAL).is_some() && label.is_automatic();
                    let ours = special || held.contains(&label.tag_fqn);
                    label.below(PII).is_some() || label.below(family).is_some() || ours
                };
                patch.labels.set(&pointer, column.tags.as_deref(), in_field, &wanted, operation.by_person());
                patch.tags.extend(wanted);
            }
            FieldPath::Domain => self.tag(patch, table, &self.settings.domain_classification, operation)?,
            FieldPath::Tier => self.tag(patch, table, &self.settings.tier_classification, operation)?,
            FieldPath::ForeignKey { columns } => {
                if self.settings.fk_as.contains(&FkAs::TableConstraint) {
                    constrain(patch, table, columns, after)?;
                }
            }
            FieldPath::Usage { .. } | FieldPath::VerifiedQuery { .. } => {}
        }
        Ok(())
    }

    /// Lets the table carry one tag of a classification, or none.
    fn tag(&self, patch: &mut Patch, table: &OmTable, classification: &str, operation: &Operation) -> Result<()> {
        let wanted = match &operation.after {
            None => Vec::new(),
            Some(FieldValue::Tag(name)) => vec![Fqn::from_parts([classification, name]).to_string()],
            Some(_) => return Err(wrong_value("a tag")),
        };
        let in_field = |label: &OmLabel| label.below(classification).is_some();
        patch.labels.set("", table.tags.as_deref(), in_field, &wanted, operation.by_person());
        patch.tags.extend(wanted);
        Ok(())
    }
}

/// Lets the key of those columns be among the constraints, or no key of them.
fn constrain(patch: &mut Patch, table: &OmTable, columns: &[String], after: Option<&FieldValue>) -> Result<()> {
    let wanted = match after {
        None => None,
        Some(FieldValue::Key(key)) => Some(key),
        Some(_) => return Err(wrong_value("a key")),
    };
    let mut there = false;
    for (i, constraint) in table.constraints().iter().enumerate().rev() {
        let Some((held, parent, parent_columns)) = foreign(constraint) else { continue };
        if held != columns {
            continue;
        }
        if wanted.is_some_and(|key| key.parent.table == parent && key.parent.columns == parent_columns) {
            there = true;
            continue;
        }
        let pointer = format!("/tableConstraints/{i}");
        patch.tests.push(json!({ "op": "test", "path": format!("{pointer}/columns"), "value": columns }));
        patch.changes.push(json!({ "op": "remove", "path": pointer }));
    }
    if let Some(key) = wanted.filter(|_| !there) {
        let constraint = constraint_of(key);
        // The member is made by the first constraint of a patch and added to by the others.
        let made = patch.changes.iter().any(|c| c["path"] == "/tableConstraints");
        patch.changes.push(match table.table_constraints.is_some() || made {
            true => json!({ "op": "add", "path": "/tableConstraints/-", "value": constraint }),
            false => json!({ "op": "add", "path": "/tableConstraints", "value": [constraint] }),
        });
    }
    Ok(())
}

fn constraint_of(key: &ForeignKey) -> Value {
    let referred: Vec<String> = key.parent.columns.iter().map(|c| key.parent.table.child(c).to_string()).collect();
    json!({ "constraintType": "FOREIGN_KEY", "columns": key.child.columns, "referredColumns": referred })
}
