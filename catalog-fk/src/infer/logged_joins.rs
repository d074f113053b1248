//! Joins of single columns that people run.

use std::collections::HashMap;

use catalog_core::model::{Fqn, JoinKind, RelateInput};

use crate::schema::Schema;

/// Joins of single columns in the log, in both directions.
pub(super) struct LoggedJoins {
    /// By child: parents with the runs of queries that join the two.
    by_child: HashMap<usize, Vec<(usize, u64)>>,
}

impl LoggedJoins {
    pub(super) fn new(schema: &Schema<'_>, input: &RelateInput) -> Self {
        let mut by_child: HashMap<usize, Vec<(usize, u64)>> = HashMap::new();
        let find = |table: &Fqn, column: &str| schema.column_named(schema.table_named(table)?, column);
        for join in &input.joins {
            let weight = if join.kind == JoinKind::Equality { join.runs } else { join.runs.div_ceil(4) };
            for (left, right) in join.left_columns.iter().zip(&join.right_columns) {
                if let Some((a, b)) = find(&join.left, left).zip(find(&join.right, right)) {
                    for (child, parent) in [(a, b), (b, a)] {
                        let runs = by_child.entry(child).or_default();
                        match runs.iter_mut().find(|(p, _)| *p == parent) {
                            Some((_, sum)) => *sum += weight,
                            None => runs.push((parent, weight)),
                        }
                    }
                }
            }
        }
        Self { by_child }
    }

    /// What a column is joined with.
    pub(super) fn parents_of(&self, child: usize) -> impl Iterator<Item = usize> + '_ {
        self.by_child.get(&child).into_iter().flatten().map(|(parent, _)| *parent)
    }

    /// Runs of queries that join the two.
    pub(super) fn runs(&self, child: usize, parent: usize) -> u64 {
        let joined = self.by_child.get(&child).and_then(|joins| joins.iter().find(|(p, _)| *p == parent));
        joined.map_or(0, |(_, runs)| *runs)
    }
}
