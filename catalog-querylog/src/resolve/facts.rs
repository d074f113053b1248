//! What one statement taught.

use std::collections::{BTreeMap, BTreeSet};

use catalog_core::model::JoinKind;
use sqlparser::tokenizer::Location;

use super::schema::{ColumnIndex, Schema, TableIndex};

/// Most equalities of one statement that are kept.
const EQUALITIES_MAX: usize = 2_000;

/// Most literals of one statement whose column is noted.
pub(super) const COMPARED_MAX: usize = 2_000;

/// A column of a base table.
pub(crate) type Place = (TableIndex, ColumnIndex);

/// A join in canonical form: the side that sorts first by name is left, pairs are sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Join {
    pub(crate) left: TableIndex,
    pub(crate) right: TableIndex,
    pub(crate) pairs: Vec<(ColumnIndex, ColumnIndex)>,
    pub(crate) kind: JoinKind,
}

/// Everything that the miner counts of a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) tables: BTreeSet<TableIndex>,
    pub(crate) joins: Vec<Join>,
    pub(crate) filters: BTreeSet<Place>,
    pub(crate) projections: BTreeSet<Place>,
    /// Does it name a table that the catalog does not know?
    pub(crate) unknown_tables: bool,
    /// Does it name a column that no table in sight has? It may be a text in the wrong quotes, or in none.
    pub(crate) doubtful_names: bool,
    /// Is it a query that returns rows, and not an INSERT or a CREATE TABLE that reads?
    pub(crate) is_query: bool,
    /// Subqueries and common table expressions.
    pub(crate) subqueries: usize,
    /// Is it a look at a few rows of one table: no condition, no join, no figure?
    pub(crate) preview: bool,
    /// Tables in FROM clauses, as written.
    pub(crate) names: Vec<NamedTable>,
    /// Literals that are compared with a column.
    pub(crate) compared: Vec<ComparedLiteral>,
}

/// A table's name as a query writes it.
#[derive(Debug, Clone)]
pub(crate) struct NamedTable {
    pub(crate) at: Location,
    pub(crate) parts: usize,
    pub(crate) table: TableIndex,
}

/// `status = 'L'` or `status IN ('L', …)`: the literal, or the first of a list, and the columns that it is compared with.
#[derive(Debug, Clone)]
pub(crate) struct ComparedLiteral {
    pub(crate) at: Location,
    pub(crate) columns: Vec<Place>,
}

/// `a.x = b.y` between two entries of FROM clauses, traced to base tables.
pub(super) struct Equality {
    /// Ids of the two entries.
    pub(super) relations: (u32, u32),
    pub(super) places: (Place, Place),
    pub(super) expression: bool,
    /// Does it stand under OR, where it need not hold together with its neighbours?
    pub(super) alternative: bool,
}

/// Collects equalities and puts those between the same two entries together.
#[derive(Default)]
pub(super) struct Equalities(Vec<Equality>);

impl Equalities {
    pub(super) fn push(&mut self, mut equality: Equality) {
        if equality.relations.0 > equality.relations.1 {
            equality.relations = (equality.relations.1, equality.relations.0);
            equality.places = (equality.places.1, equality.places.0);
        }
        // A table joined to itself on one and the same column relates nothing.
        if equality.places.0 != equality.places.1 && self.0.len() < EQUALITIES_MAX {
            self.0.push(equality);
        }
    }

    /// One join for each pair of entries, composite when several of their columns must be equal together.
    pub(super) fn into_joins(self, schema: &Schema) -> Vec<Join> {
        type Group = BTreeMap<(ColumnIndex, ColumnIndex), bool>;
        let mut groups: BTreeMap<(u32, u32, TableIndex, TableIndex), Group> = BTreeMap::new();
        let mut joins = BTreeSet::new();
        for equality in self.0 {
            let ((left, left_column), (right, right_column)) = equality.places;
            let pair = (left_column, right_column);
            if equality.alternative {
                joins.insert(canonical(schema, left, right, vec![pair], equality.expression));
            } else {
                let (a, b) = equality.relations;
                *groups.entry((a, b, left, right)).or_default().entry(pair).or_insert(true) &= equality.expression;
            }
        }
        for ((_, _, left, right), group) in groups {
            let lefts: BTreeSet<_> = group.keys().map(|pair| pair.0).collect();
            let rights: BTreeSet<_> = group.keys().map(|pair| pair.1).collect();
            if lefts.len() == group.len() && rights.len() == group.len() {
                let expression = group.values().any(|e| *e);
                joins.insert(canonical(schema, left, right, group.into_keys().collect(), expression));
            } else {
                // One column compared with two others is no composite key.
                for (pair, expression) in group {
                    joins.insert(canonical(schema, left, right, vec![pair], expression));
                }
            }
        }
        joins.into_iter().collect()
    }
}

fn canonical(
    schema: &Schema,
    left: TableIndex,
    right: TableIndex,
    mut pairs: Vec<(ColumnIndex, ColumnIndex)>,
    expression: bool,
) -> Join {
    let names = |table: TableIndex, columns: Vec<ColumnIndex>| -> Vec<&str> {
        let mut names: Vec<&str> = columns.into_iter().map(|c| schema.column_name(table, c)).collect();
        names.sort_unstable();
        names
    };
    let left_key = (schema.fqn(left), names(left, pairs.iter().map(|p| p.0).collect()));
    let right_key = (schema.fqn(right), names(right, pairs.iter().map(|p| p.1).collect()));
    let swap = right_key < left_key;
    let (left, right) = if swap { (right, left) } else { (left, right) };
    if swap {
        pairs.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
    }
    pairs.sort_by_key(|pair| schema.column_name(left, pair.0));
    Join { left, right, pairs, kind: if expression { JoinKind::Expression } else { JoinKind::Equality } }
}
