//! Which fields go back to what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use catalog_core::model::{
    AuditRow, Confidence, CurrentTable, FieldPath, FieldValue, Fqn, Operation, OperationId, RunId, TableId, TableRef,
};

use crate::operation_id;

/// [`Operation::prompt_version`] of an operation that undoes others.
pub const UNDO_VERSION: &str = "undo/1";

/// What is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoScope {
    /// One operation.
    Operation(OperationId),
    /// Several operations, all published at this time or later.
    Operations {
        /// The operations.
        ids: BTreeSet<OperationId>,
        /// Where the audit log is read from, in milliseconds since 1970.
        from_ms: i64,
    },
    /// All that was published to a table.
    Table(Fqn),
    /// All that a run published.
    Run(RunId),
}

impl UndoScope {
    /// Does the row tell of something in this scope that reached the catalog?
    pub fn holds(&self, row: &AuditRow) -> bool {
        let reached = matches!(row.action.as_str(), "published" | "undone");
        reached
            && match self {
                Self::Operation(id) => row.operation.id == *id,
                Self::Operations { ids, .. } => ids.contains(&row.operation.id),
                Self::Table(fqn) => row.operation.table.fqn == *fqn,
                Self::Run(run) => row.run.as_ref() == Some(run),
            }
    }
}

/// One field that goes back.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoStep {
    /// Brings the earlier value back.
    pub operation: Operation,
    /// The change that must not come back by itself: from the earlier value to the one that is undone.
    pub undone: Operation,
}

/// A field that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The table.
    pub table: TableRef,
    /// The field.
    pub field: FieldPath,
    /// Why.
    pub why: WhyNot,
}

/// Why a field is not restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// It holds another value than the one we published.
    ChangedSince,
    /// A person has made the value theirs.
    TakenOver,
    /// The table is gone from the catalog.
    TableGone,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChangedSince => "somebody changed it since",
            Self::TakenOver => "a person has taken it over",
            Self::TableGone => "the table is gone from the catalog",
        })
    }
}

/// What undoing comes to. A field that holds its earlier value already is in neither list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UndoPlan {
    /// Fields that go back, by table and field.
    pub steps: Vec<UndoStep>,
    /// Fields that stay.
    pub refused: Vec<Refusal>,
}

/// Plans to undo `scope`. `rows` are audit rows in order of time, others than those of the scope are passed over;
/// `current` holds the catalog's entries of the tables, where a table that is missing is gone; `by` is who undoes.
///
/// Several changes of one field are undone together as far as each follows the one before it: where somebody else's
/// value stood between two of ours, that value comes back.
pub fn plan(rows: &[AuditRow], scope: &UndoScope, current: &BTreeMap<TableId, CurrentTable>, by: &str) -> UndoPlan {
    let mut fields: BTreeMap<(&TableId, &FieldPath), Vec<&Operation>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in rows.iter().filter(|row| scope.holds(row)) {
        let Operation { id, table, field, .. } = &row.operation;
        if seen.insert(id) {
            fields.entry((&table.id, field)).or_default().push(&row.operation);
        }
    }
    let mut planned = UndoPlan::default();
    for ((table, field), operations) in fields {
        let Some(last) = operations.last() else { continue };
        let earlier = first_of_chain(&operations).before.as_ref();
        if same(earlier, last.after.as_ref()) {
            continue;
        }
        let refuse = |why| Refusal { table: last.table.clone(), field: field.clone(), why };
        let Some(entry) = current.get(table) else {
            planned.refused.push(refuse(WhyNot::TableGone));
            continue;
        };
        let held = entry.get(field);
        let value = held.map(|h| &h.value);
        if same(value, last.after.as_ref()) {
            if held.is_some_and(|h| h.by_human) && !last.by_person() {
                planned.refused.push(refuse(WhyNot::TakenOver));
            } else {
                planned.steps.push(step(last, earlier, by));
            }
        } else if !same(value, earlier) {
            planned.refused.push(refuse(WhyNot::ChangedSince));
        }
    }
    planned
}

/// The earliest operation from which each leads to the next, up to the last.
fn first_of_chain<'a>(operations: &[&'a Operation]) -> &'a Operation {
    let mut first = operations[operations.len() - 1];
    for earlier in operations[..operations.len() - 1].iter().rev() {
        if !same(earlier.after.as_ref(), first.before.as_ref()) {
            break;
        }
        first = earlier;
    }
    first
}

fn same(a: Option<&FieldValue>, b: Option<&FieldValue>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.says_the_same(b),
        _ => false,
    }
}

fn step(last: &Operation, earlier: Option<&FieldValue>, by: &str) -> UndoStep {
    let Operation { table, field, after, .. } = last;
    let undone = Operation {
        id: operation_id(&table.id, field, earlier, after.as_ref()),
        before: earlier.cloned(),
        ..last.clone()
    };
    let operation = Operation {
        id: undo_id(&last.id, &operation_id(&table.id, field, after.as_ref(), earlier)),
        table: table.clone(),
        field: field.clone(),
        before: after.clone(),
        after: earlier.cloned(),
        confidence: Confidence::new(1.0),
        author: by.to_owned(),
        prompt_version: UNDO_VERSION.to_owned(),
        evidence_hash: String::new(),
    };
    UndoStep { operation, undone }
}

/// An id apart from the one that the same change would have as a finding, which a steward may have rejected.
fn undo_id(undone: &OperationId, change: &OperationId) -> OperationId {
    let mut hasher = blake3::Hasher::new();
    for part in ["catalog-sync undo 1", &undone.0, &change.0] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    OperationId(hasher.finalize().to_hex().to_string())
}
