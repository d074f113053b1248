//! Conditions: equalities between columns of two entries are joins, everything else filters.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, UnaryOperator, Visit,
    Visitor,
};

use super::facts::{Equality, Place};
use super::relation::{Origin, Resolved, Scope};
use super::walk::{Ctes, Walk, lower};

/// Functions that keep a value recognisable: their first argument is the column that is compared.
const TRANSPARENT: [&str; 13] = [
    "lower",
    "upper",
    "trim",
    "ltrim",
    "rtrim",
    "lpad",
    "rpad",
    "coalesce",
    "nullif",
    "replace",
    "normalize",
    "date",
    "try",
];

/// Words that stand where a column may and are none.
const NIL_FUNCTIONS: [&str; 14] = [
    "current_catalog",
    "current_date",
    "current_path",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "nfc",
    "nfd",
    "nfkc",
    "nfkd",
];

impl Walk<'_> {
    /// Reads a condition.
    pub(super) fn predicate(&mut self, expr: &Expr, ctes: Ctes<'_>, scope: &Scope<'_>) {
        self.condition(expr, ctes, scope, false);
    }

    fn condition(&mut self, expr: &Expr, ctes: Ctes<'_>, scope: &Scope<'_>, alternative: bool) {
        // Chains of AND and OR lean to the left and may be long: read them without recursion.
        let mut pending = vec![(expr, alternative)];
        while let Some((expr, alternative)) = pending.pop() {
            self.compared_literals(expr, scope);
            match expr {
                Expr::Nested(inner) => pending.push((inner, alternative)),
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                    pending.extend([(right.as_ref(), alternative), (left.as_ref(), alternative)]);
                }
                Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                    pending.extend([(right.as_ref(), true), (left.as_ref(), true)]);
                }
                Expr::BinaryOp { left, op: BinaryOperator::Eq, right } | Expr::IsNotDistinctFrom(left, right) => {
                    self.equality(left, right, ctes, scope, alternative);
                }
                Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                    self.equality(left, right, ctes, scope, alternative);
                }
                Expr::InSubquery { expr, subquery, .. } => self.membership(expr, subquery, ctes, scope, alternative),
                Expr::Exists { subquery, .. } => {
                    self.query(subquery, ctes, Some(scope), false);
                }
                Expr::UnaryOp { op: UnaryOperator::Not, expr } => match strip(expr) {
                    Expr::InSubquery { .. } | Expr::Exists { .. } => pending.push((expr, alternative)),
                    _ => self.filter(expr, ctes, scope),
                },
                _ => self.filter(expr, ctes, scope),
            }
        }
    }

    fn filter(&mut self, expr: &Expr, ctes: Ctes<'_>, scope: &Scope<'_>) {
        let places = self.scan(expr, ctes, scope);
        self.facts.filters.extend(places);
    }

    fn equality(&mut self, left: &Expr, right: &Expr, ctes: Ctes<'_>, scope: &Scope<'_>, alternative: bool) {
        let (left, right) = (strip(left), strip(right));
        match (left, right) {
            (Expr::Tuple(lefts), Expr::Tuple(rights)) if lefts.len() == rights.len() => {
                for (left, right) in lefts.iter().zip(rights) {
                    self.equality(left, right, ctes, scope, alternative);
                }
            }
            (value, Expr::Subquery(query)) | (Expr::Subquery(query), value) => {
                self.membership(value, query, ctes, scope, alternative);
            }
            _ => match (self.operand(left, scope), self.operand(right, scope)) {
                (Some(a), Some(b)) if a.relation != b.relation => {
                    self.record(a.relation, &a.origins, b.relation, &b.origins, alternative);
                }
                (Some(_), Some(_)) => {}
                _ => {
                    self.filter(left, ctes, scope);
                    self.filter(right, ctes, scope);
                }
            },
        }
    }

    /// `x IN (SELECT y …)`: x joins y. A tuple joins column by column.
    fn membership(&mut self, value: &Expr, query: &Query, ctes: Ctes<'_>, scope: &Scope<'_>, alternative: bool) {
        let outputs = self.query(query, ctes, Some(scope), false);
        let id = self.fresh_id();
        let values = match strip(value) {
            Expr::Tuple(values) => values.iter().collect(),
            one => vec![one],
        };
        for (value, output) in values.into_iter().zip(&outputs.columns) {
            match self.operand(value, scope) {
                Some(found) => self.record(found.relation, &found.origins, id, &output.origins, alternative),
                None => self.filter(value, ctes, scope),
            }
        }
    }

    /// Notes that two columns are compared.
    pub(super) fn record(&mut self, left: u32, lefts: &[Origin], right: u32, rights: &[Origin], alternative: bool) {
        for a in lefts {
            for b in rights {
                self.equalities.push(Equality {
                    relations: (left, right),
                    places: (a.place, b.place),
                    expression: a.expression || b.expression,
                    alternative,
                });
            }
        }
    }

    /// The column that an expression is, seen through casts and functions that keep the value recognisable.
    pub(super) fn operand(&mut self, expr: &Expr, scope: &Scope<'_>) -> Option<Resolved> {
        let (mut expr, mut expression) = (expr, false);
        loop {
            expr = match expr {
                Expr::Nested(inner) => inner,
                Expr::Cast { expr: inner, .. } | Expr::Trim { expr: inner, .. } | Expr::Collate { expr: inner, .. } => {
                    expression = true;
                    inner
                }
                Expr::Function(function) => {
                    expression = true;
                    transparent_argument(function)?
                }
                _ => break,
            };
        }
        let mut found = self.column(expr, scope)?;
        found.origins.iter_mut().for_each(|origin| origin.expression |= expression);
        Some(found)
    }

    /// The column that an expression names.
    fn column(&mut self, expr: &Expr, scope: &Scope<'_>) -> Option<Resolved> {
        let found = self.plain_column(expr, scope);
        if let (None, Expr::Identifier(ident)) = (&found, expr) {
            let name = lower(ident);
            let a_word = NIL_FUNCTIONS.contains(&name.as_str()) || self.lambda_names.contains(&name);
            self.facts.doubtful_names |= !a_word && (ident.quote_style.is_some() || !scope.open());
        }
        found
    }

    /// The same, without a doubt about a name that nobody knows.
    pub(super) fn plain_column(&self, expr: &Expr, scope: &Scope<'_>) -> Option<Resolved> {
        let mut expr = expr;
        while let Expr::Nested(inner) = expr {
            expr = inner;
        }
        scope.resolve(self.schema, self.session, &column_parts(expr)?)
    }

    /// The base columns in an expression. Subqueries in it are read on their own and do not count.
    pub(super) fn scan(&mut self, expr: &Expr, ctes: Ctes<'_>, scope: &Scope<'_>) -> Vec<Place> {
        let mut scan = Scan { walk: self, ctes, scope, depth: 0, places: Vec::new() };
        let _ = expr.visit(&mut scan);
        scan.places
    }
}

struct Scan<'w, 's, 'c, 'p> {
    walk: &'w mut Walk<'s>,
    ctes: Ctes<'c>,
    scope: &'w Scope<'p>,
    /// Subqueries around the visited node.
    depth: usize,
    places: Vec<Place>,
}

impl Visitor for Scan<'_, '_, '_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.depth == 0 {
            self.walk.query(query, self.ctes, Some(self.scope), false);
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        if let Expr::Lambda(lambda) = expr {
            self.walk.lambda_names.extend(lambda.params.iter().map(|param| lower(&param.name)));
        }
        self.walk.compared_literals(expr, self.scope);
        if let Some(found) = self.walk.column(expr, self.scope) {
            self.places.extend(found.origins.iter().map(|origin| origin.place));
        }
        ControlFlow::Continue(())
    }
}

/// The expression inside parentheses.
fn strip(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// The lower-case parts of a column's name.
fn column_parts(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Identifier(ident) => Some(vec![lower(ident)]),
        Expr::CompoundIdentifier(parts) => Some(parts.iter().map(lower).collect()),
        _ => None,
    }
}

/// The first argument of a function that keeps a value recognisable.
fn transparent_argument(function: &Function) -> Option<&Expr> {
    let name = function.name.0.last()?.as_ident()?;
    if function.over.is_some() || !TRANSPARENT.iter().any(|known| name.value.eq_ignore_ascii_case(known)) {
        return None;
    }
    match &function.args {
        FunctionArguments::List(list) => match list.args.first()? {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        },
        _ => None,
    }
}
