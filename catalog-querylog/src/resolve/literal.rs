//! Which literals are compared with which column: only there may a public code stay.

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::tokenizer::Location;

use super::facts::{COMPARED_MAX, ComparedLiteral};
use super::relation::Scope;
use super::walk::Walk;

impl Walk<'_> {
    /// Notes the literals of `column = literal`, `column <> literal` and `column IN (literals)`.
    pub(super) fn compared_literals(&mut self, expr: &Expr, scope: &Scope<'_>) {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right } => {
                match (literal(left), literal(right)) {
                    (None, Some(at)) => self.note(left, at, scope),
                    (Some(at), None) => self.note(right, at, scope),
                    _ => {}
                }
            }
            Expr::InList { expr: column, list, .. } => {
                for at in list.iter().filter_map(literal) {
                    self.note(column, at, scope);
                }
            }
            Expr::Case { operand: Some(column), conditions, .. } => {
                for at in conditions.iter().filter_map(|when| literal(&when.condition)) {
                    self.note(column, at, scope);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, column: &Expr, at: Location, scope: &Scope<'_>) {
        if self.facts.compared.len() >= COMPARED_MAX {
            return;
        }
        let Some(found) = self.plain_column(column, scope) else { return };
        // A value that went through an expression is no code of the column any more.
        if found.origins.is_empty() || found.origins.iter().any(|origin| origin.expression) {
            return;
        }
        let columns = found.origins.iter().map(|origin| origin.place).collect();
        self.facts.compared.push(ComparedLiteral { at, columns });
    }
}

fn literal(expr: &Expr) -> Option<Location> {
    match expr {
        Expr::Value(value) => Some(value.span.start),
        Expr::Nested(inner) => literal(inner),
        _ => None,
    }
}
