//! Which candidates a count has to settle, and which the fingerprints settle already.

use catalog_core::model::{ConfirmCheck, ConfirmCount, FkCandidate, Fqn};
use catalog_core::ports::{ConfirmBudget, ConfirmPlan};

use crate::schema::Schema;
use crate::search::containment;

/// The checks inside the budget, likeliest candidate first. A check too large for what is left of the row budget is
/// passed over, so that smaller ones after it still run.
pub(super) fn plan(schema: &Schema<'_>, candidates: &[FkCandidate], budget: ConfirmBudget) -> ConfirmPlan {
    let mut plan = ConfirmPlan::default();
    let mut rows_left = budget.rows_max;
    for candidate in candidates {
        if settled(schema, candidate).is_some() {
            continue;
        }
        let rows = |fqn: &Fqn| schema.table_named(fqn).map_or(0, |t| schema.tables[t].table.row_count);
        let cost = rows(&candidate.child.table).saturating_add(rows(&candidate.parent.table));
        if plan.checks.len() >= budget.checks_max || cost > rows_left {
            plan.beyond_budget += 1;
            continue;
        }
        rows_left -= cost;
        plan.checks.push(ConfirmCheck { child: candidate.child.clone(), parent: candidate.parent.clone() });
    }
    plan
}

/// A column by its names.
pub(super) fn column_of(schema: &Schema<'_>, table: &Fqn, column: &str) -> Option<usize> {
    schema.column_named(schema.table_named(table)?, column)
}

/// The count that complete fingerprints of whole columns give without a query; `None` where they cannot.
pub(super) fn settled(schema: &Schema<'_>, candidate: &FkCandidate) -> Option<ConfirmCount> {
    let ([child], [parent]) = (candidate.child.columns.as_slice(), candidate.parent.columns.as_slice()) else {
        return None;
    };
    let whole = |fqn: &Fqn, name: &str| {
        let column = column_of(schema, fqn, name)?;
        let rows = schema.table_of(column).table.row_count;
        let facts = schema.columns[column].column;
        (facts.complete && facts.distinct_exact && facts.rows >= rows).then_some((column, facts))
    };
    let (child_at, child) = whole(&candidate.child.table, child)?;
    let (parent_at, parent) = whole(&candidate.parent.table, parent)?;
    let (mut of_child, mut of_parent) = (Vec::new(), Vec::new());
    let found = containment(schema.sketch(child_at, &mut of_child), schema.sketch(parent_at, &mut of_parent));
    Some(ConfirmCount {
        child_distinct: child.distinct,
        orphans: found.missing as u64,
        parent_rows: parent.rows - parent.nulls,
        parent_distinct: parent.distinct,
        sampled: false,
    })
}
