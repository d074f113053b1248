//! Labels of a table or column: what is taken off and what is put on.

use std::collections::{BTreeMap, BTreeSet};

use catalog_core::model::{FieldValue, Sensitivity};
use catalog_core::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use super::current::PII;
use crate::wire::OmLabel;

/// OpenMetadata's classification of the special categories of GDPR article 9, made when absent.
pub(super) const SPECIAL: &str = "SpecialCategory";

/// A label as we write it: as a program's suggestion, or as a person's word when a steward decided.
pub(super) fn label(tag: &str, by_person: bool) -> Value {
    let (label_type, state) = if by_person { ("Manual", "Confirmed") } else { ("Automated", "Suggested") };
    json!({ "tagFQN": tag, "source": "Classification", "labelType": label_type, "state": state })
}

/// The tags that say a value of a PII field.
///
/// # Errors
/// `InvalidInput` for a value that is none of such a field.
pub(super) fn pii_tags(value: &FieldValue, entity_classification: &str) -> Result<Vec<String>> {
    match value {
        FieldValue::Pii { entity, sensitivity } => {
            let level = match sensitivity {
                Sensitivity::Sensitive => "Sensitive",
                Sensitivity::NonSensitive => "NonSensitive",
            };
            let mut tags = vec![format!("{PII}.{level}"), format!("{entity_classification}.{}", entity.as_str())];
            tags.extend(entity.special_category().map(|special| format!("{SPECIAL}.{}", special.tag_name())));
            Ok(tags)
        }
        FieldValue::Tag(name) => Ok(vec![format!("{PII}.{name}")]),
        _ => Err(wrong_value("a pii field")),
    }
}

pub(super) fn wrong_value(of: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, "write_entry", format!("the value is none of {of}"))
}

/// The edits of one list of labels.
struct Edit {
    held: Vec<OmLabel>,
    /// Does the entity have the member at all?
    listed: bool,
    taken_off: BTreeSet<usize>,
    put_on: Vec<Value>,
}

/// The edits of all lists of a table's labels, by the pointer to who carries them (`""`, `/columns/1`).
#[derive(Default)]
pub(super) struct LabelEdits(BTreeMap<String, Edit>);

impl LabelEdits {
    /// Lets the labels for which `in_field` holds be exactly `wanted` at the pointer. A label that is there stays as
    /// it is.
    pub(super) fn set(
        &mut self,
        pointer: &str,
        held: Option<&[OmLabel]>,
        in_field: impl Fn(&OmLabel) -> bool,
        wanted: &[String],
        by_person: bool,
    ) {
        let edit = self.0.entry(pointer.to_owned()).or_insert_with(|| Edit {
            held: held.unwrap_or_default().to_vec(),
            listed: held.is_some(),
            taken_off: BTreeSet::new(),
            put_on: Vec::new(),
        });
        for (i, label) in edit.held.iter().enumerate() {
            if in_field(label) && !wanted.contains(&label.tag_fqn) {
                edit.taken_off.insert(i);
            }
        }
        let there = |tag: &&String| edit.held.iter().any(|label| label.tag_fqn == **tag);
        edit.put_on.extend(wanted.iter().filter(|tag| !there(tag)).map(|tag| label(tag, by_person)));
    }

    /// The tests on what is taken off, and the changes: first off, the last first, then on at the end.
    pub(super) fn finish(self, tests: &mut Vec<Value>, changes: &mut Vec<Value>) {
        for (pointer, edit) in self.0 {
            for i in edit.taken_off.iter().rev() {
                let tag = &edit.held[*i].tag_fqn;
                tests.push(json!({ "op": "test", "path": format!("{pointer}/tags/{i}/tagFQN"), "value": tag }));
                changes.push(json!({ "op": "remove", "path": format!("{pointer}/tags/{i}") }));
            }
            if edit.listed {
                let one = |label| json!({ "op": "add", "path": format!("{pointer}/tags/-"), "value": label });
                changes.extend(edit.put_on.into_iter().map(one));
            } else if !edit.put_on.is_empty() {
                changes.push(json!({ "op": "add", "path": format!("{pointer}/tags"), "value": edit.put_on }));
            }
        }
    }
}
