//! What a query in normal form asks, as far as its outermost select tells.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, LimitClause,
    OrderByKind, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Value, Visit, Visitor,
};

use crate::sql;

/// What is computed over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Count,
    CountDistinct,
    Sum,
    Average,
    Smallest,
    Largest,
}

/// The parts of a question. Columns are in the catalog's spelling, unqualified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct QueryShape {
    /// Figures with their column; none for the number of rows.
    pub(super) figures: Vec<(Figure, Option<String>)>,
    /// Columns returned as they are.
    pub(super) columns: Vec<String>,
    /// What the figures are given by.
    pub(super) groups: Vec<String>,
    /// Columns compared with a parameter.
    pub(super) given: Vec<String>,
    /// Columns compared with a public code, and the code.
    pub(super) codes: Vec<(String, String)>,
    /// Tables and common table expressions of FROM, in order.
    pub(super) tables: Vec<String>,
    /// Only so many rows, of the largest or the smallest.
    pub(super) first: Option<u64>,
}

impl QueryShape {
    /// The shape of a query; `None` when it does not parse or is no query over tables.
    pub(super) fn of(text: &str) -> Option<Self> {
        let statements = sql::tokenize(text).and_then(sql::parse).ok()?;
        let [Statement::Query(query)] = statements.as_slice() else { return None };
        let mut shape = Self::default();
        let mut compared = Compared::default();
        let _ = query.visit(&mut compared);
        (shape.given, shape.codes, shape.tables) = (compared.given, compared.codes, compared.tables);
        let select = outermost(query)?;
        shape.read_projection(select);
        shape.first = first_rows(query);
        (!shape.tables.is_empty()).then_some(shape)
    }

    fn read_projection(&mut self, select: &Select) {
        let expressions: Vec<Option<&Expr>> = select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
                _ => None,
            })
            .collect();
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            for key in keys {
                let expr = ordinal(key).map_or(Some(key), |n| expressions.get(n.checked_sub(1)?).copied().flatten());
                push_new(&mut self.groups, expr.and_then(main_column));
            }
        }
        for expr in expressions.into_iter().flatten() {
            match figure(expr) {
                Some(figure) if !self.figures.contains(&figure) => self.figures.push(figure),
                Some(_) => {}
                None => {
                    let column = main_column(expr).filter(|column| !self.groups.contains(column));
                    push_new(&mut self.columns, column);
                }
            }
        }
    }
}

fn push_new(into: &mut Vec<String>, name: Option<String>) {
    if let Some(name) = name
        && !into.contains(&name)
    {
        into.push(name);
    }
}

fn outermost(query: &Query) -> Option<&Select> {
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::Query(inner) => inner.body.as_ref(),
            SetExpr::SetOperation { left, .. } => left,
            _ => return None,
        }
    }
}

/// The rows of LIMIT or FETCH, where an order makes them the first of something.
fn first_rows(query: &Query) -> Option<u64> {
    let ordered = matches!(&query.order_by.as_ref()?.kind, OrderByKind::Expressions(keys) if !keys.is_empty());
    let limit = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => limit.as_ref(),
        _ => None,
    };
    let limit = limit.or_else(|| query.fetch.as_ref()?.quantity.as_ref());
    ordered.then(|| ordinal(limit?).map(|n| n as u64))?
}

fn ordinal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The figure that an expression computes, seen through arithmetic and rounding.
fn figure(expr: &Expr) -> Option<(Figure, Option<String>)> {
    match expr {
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => figure(inner),
        Expr::BinaryOp { left, right, .. } => figure(left).or_else(|| figure(right)),
        Expr::Function(function) if function.over.is_none() => {
            let name = function.name.0.last()?.as_ident()?.value.to_lowercase();
            let argument = arguments(function).next();
            let distinct =
                matches!(&function.args, FunctionArguments::List(list) if list.duplicate_treatment.is_some());
            let kind = match name.as_str() {
                "count" if distinct => Figure::CountDistinct,
                "count" | "count_if" => return Some((Figure::Count, None)),
                "approx_distinct" => Figure::CountDistinct,
                "sum" => Figure::Sum,
                "avg" => Figure::Average,
                "min" | "min_by" => Figure::Smallest,
                "max" | "max_by" => Figure::Largest,
                _ => return argument.and_then(figure),
            };
            Some((kind, Some(argument.and_then(main_column)?)))
        }
        _ => None,
    }
}

fn arguments(function: &Function) -> impl Iterator<Item = &Expr> {
    let list = match &function.args {
        FunctionArguments::List(list) => list.args.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    })
}

/// The first column in an expression.
fn main_column(expr: &Expr) -> Option<String> {
    struct First(Option<String>);
    impl Visitor for First {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            self.0 = column(expr);
            if self.0.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let mut first = First(None);
    let _ = expr.visit(&mut first);
    first.0
}

fn column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.clone()),
        _ => None,
    }
}

/// What columns are compared with, and the tables, anywhere in the query.
#[derive(Default)]
struct Compared {
    given: Vec<String>,
    codes: Vec<(String, String)>,
    tables: Vec<String>,
}

impl Compared {
    fn note(&mut self, compared: &Expr, with: &[&Expr]) {
        let Some(column) = main_column(compared) else { return };
        let values = with.iter().filter_map(|expr| match expr {
            Expr::Value(value) => Some(&value.value),
            _ => None,
        });
        let mut codes = Vec::new();
        for value in values {
            match value {
                Value::Placeholder(_) => push_new(&mut self.given, Some(column.clone())),
                Value::SingleQuotedString(code) => codes.push(code.clone()),
                _ => {}
            }
        }
        if !codes.is_empty() && !self.codes.iter().any(|(known, _)| *known == column) {
            self.codes.push((column, codes.join(", ")));
        }
    }
}

impl Visitor for Compared {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, .. } = factor {
            let last = name.0.last().and_then(|part| part.as_ident());
            push_new(&mut self.tables, last.map(|ident| ident.value.clone()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::BinaryOp { left, op, right } if compares(op) => {
                self.note(left, &[right.as_ref()]);
                self.note(right, &[left.as_ref()]);
            }
            Expr::InList { expr, list, .. } => self.note(expr, &list.iter().collect::<Vec<_>>()),
            Expr::Between { expr, low, high, .. } => self.note(expr, &[low.as_ref(), high.as_ref()]),
            Expr::Like { expr, pattern, .. } => self.note(expr, &[pattern.as_ref()]),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn compares(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}
