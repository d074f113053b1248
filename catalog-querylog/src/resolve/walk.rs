//! Statements, queries, selects and FROM clauses.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor, TableObject, TableWithJoins,
};

use super::facts::{Equalities, Facts, NamedTable};
use super::relation::{Output, Outputs, Relation, Scope, Source};
use super::schema::{Schema, Session};

/// Most columns that a natural join is expanded to.
const NATURAL_COLUMNS_MAX: usize = 32;

/// Reads all statements of one text. `None` when none of them reads a table.
pub(crate) fn read_statements(statements: &[Statement], schema: &Schema, session: &Session) -> Option<Facts> {
    let mut walk = Walk {
        schema,
        session,
        facts: Facts::default(),
        equalities: Equalities::default(),
        lambda_names: HashSet::new(),
        next_id: 0,
    };
    for statement in statements {
        walk.statement(statement);
    }
    let Walk { mut facts, equalities, .. } = walk;
    facts.joins = equalities.into_joins(schema);
    facts.preview &= facts.is_query && facts.joins.is_empty() && facts.tables.len() == 1;
    (facts.unknown_tables || !facts.tables.is_empty()).then_some(facts)
}

/// Common table expressions in sight, innermost first.
#[derive(Clone, Copy, Default)]
pub(super) struct Ctes<'a>(Option<&'a CteFrame<'a>>);

pub(super) struct CteFrame<'a> {
    named: HashMap<String, Rc<Outputs>>,
    outer: Ctes<'a>,
}

impl Ctes<'_> {
    fn get(&self, name: &str) -> Option<Rc<Outputs>> {
        let frame = self.0?;
        frame.named.get(name).cloned().or_else(|| frame.outer.get(name))
    }
}

/// The state of reading one text.
pub(super) struct Walk<'s> {
    pub(super) schema: &'s Schema,
    pub(super) session: &'s Session,
    pub(super) facts: Facts,
    pub(super) equalities: Equalities,
    /// Parameters of the lambdas met so far, in lower case.
    pub(super) lambda_names: HashSet<String>,
    next_id: u32,
}

pub(super) fn lower(ident: &Ident) -> String {
    ident.value.to_lowercase()
}

fn name_parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(|part| part.as_ident().map(lower)).collect()
}

impl Walk<'_> {
    fn statement(&mut self, statement: &Statement) {
        let none = Ctes::default();
        match statement {
            Statement::Query(query) => {
                self.facts.is_query = true;
                self.facts.preview = is_preview(query);
                self.query(query, none, None, true);
            }
            Statement::Insert(insert) if !matches!(insert.table, TableObject::TableQuery(_)) => {
                if let Some(source) = &insert.source {
                    self.query(source, none, None, false);
                }
            }
            Statement::CreateTable(create) => {
                if let Some(query) = &create.query {
                    self.query(query, none, None, false);
                }
            }
            Statement::CreateView(create) => {
                self.query(&create.query, none, None, false);
            }
            Statement::Merge(merge) => {
                let mut scope = Scope::inside(None);
                self.table_factor(&merge.table, none, &mut scope);
                self.table_factor(&merge.source, none, &mut scope);
                self.predicate(&merge.on, none, &scope);
            }
            _ => {}
        }
    }

    /// An id for an entry of a FROM clause.
    pub(super) fn fresh_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// Reads a query. `top` is true where its columns are what the statement returns.
    pub(super) fn query(&mut self, query: &Query, outer: Ctes<'_>, parent: Option<&Scope<'_>>, top: bool) -> Outputs {
        self.facts.subqueries += usize::from(!top);
        let mut frame = CteFrame { named: HashMap::new(), outer };
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                let name = lower(&cte.alias.name);
                let names = alias_columns(&cte.alias);
                if with.recursive {
                    // The expression may name itself: until it is read, its columns are unknown.
                    let mut unknown = Outputs { columns: Vec::new(), open: true };
                    unknown.rename(&names);
                    frame.named.insert(name.clone(), Rc::new(unknown));
                }
                let mut outputs = self.query(&cte.query, Ctes(Some(&frame)), parent, false);
                outputs.rename(&names);
                frame.named.insert(name, Rc::new(outputs));
            }
        }
        self.set_expr(&query.body, Ctes(Some(&frame)), parent, top)
    }

    fn set_expr(&mut self, body: &SetExpr, ctes: Ctes<'_>, parent: Option<&Scope<'_>>, top: bool) -> Outputs {
        // A chain of set operations leans to the left and may be long: read it without recursion.
        let mut branches = Vec::new();
        let mut rest = body;
        while let SetExpr::SetOperation { left, right, .. } = rest {
            branches.push(right.as_ref());
            rest = left.as_ref();
        }
        let mut outputs = self.set_operand(rest, ctes, parent, top);
        for branch in branches.into_iter().rev() {
            let other = match branch {
                SetExpr::SetOperation { .. } => self.set_expr(branch, ctes, parent, top),
                _ => self.set_operand(branch, ctes, parent, top),
            };
            outputs.merge(other);
        }
        outputs
    }

    fn set_operand(&mut self, body: &SetExpr, ctes: Ctes<'_>, parent: Option<&Scope<'_>>, top: bool) -> Outputs {
        match body {
            SetExpr::Select(select) => self.select(select, ctes, parent, top),
            SetExpr::Query(query) => self.query(query, ctes, parent, top),
            SetExpr::Table(table) => {
                let parts = [&table.schema_name, &table.table_name].into_iter().flatten().map(|p| p.to_lowercase());
                let parts: Vec<String> = parts.collect();
                let relation = self.named_relation(&parts, ctes);
                relation.outputs(self.schema)
            }
            SetExpr::Values(values) => {
                let width = values.rows.first().map_or(0, |row| row.content.len());
                Outputs { columns: vec![Output::default(); width], open: false }
            }
            _ => Outputs { columns: Vec::new(), open: true },
        }
    }

    fn select(&mut self, select: &Select, ctes: Ctes<'_>, parent: Option<&Scope<'_>>, top: bool) -> Outputs {
        let mut scope = Scope::inside(parent);
        for entry in &select.from {
            self.table_with_joins(entry, ctes, &mut scope);
        }
        for condition in [&select.selection, &select.having, &select.qualify].into_iter().flatten() {
            self.predicate(condition, ctes, &scope);
        }
        let mut outputs = Outputs::default();
        for item in &select.projection {
            self.select_item(item, ctes, &scope, &mut outputs, top);
        }
        outputs
    }

    fn select_item(&mut self, item: &SelectItem, ctes: Ctes<'_>, scope: &Scope<'_>, into: &mut Outputs, top: bool) {
        match item {
            SelectItem::UnnamedExpr(expr)
            | SelectItem::ExprWithAlias { expr, .. }
            | SelectItem::ExprWithAliases { expr, .. } => {
                let places = self.scan(expr, ctes, scope);
                if top {
                    self.facts.projections.extend(places);
                }
                let name = match item {
                    SelectItem::ExprWithAlias { alias, .. } => Some(lower(alias)),
                    _ => column_name(expr),
                };
                let origins = self.operand(expr, scope).map(|found| found.origins).unwrap_or_default();
                into.columns.push(Output { name, origins });
            }
            SelectItem::Wildcard(_) => {
                for relation in &scope.relations {
                    self.all_columns(relation, into, top);
                }
            }
            SelectItem::QualifiedWildcard(kind, _) => {
                let name = match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => name_parts(name).pop(),
                    SelectItemQualifiedWildcardKind::Expr(_) => None,
                };
                match scope.relations.iter().find(|r| name.is_some() && r.name == name) {
                    Some(relation) => self.all_columns(relation, into, top),
                    None => into.open = true,
                }
            }
        }
    }

    fn all_columns(&mut self, relation: &Relation, into: &mut Outputs, top: bool) {
        let outputs = relation.outputs(self.schema);
        if top {
            self.facts.projections.extend(outputs.columns.iter().flat_map(|c| &c.origins).map(|o| o.place));
        }
        into.open |= outputs.open;
        into.columns.extend(outputs.columns);
    }

    fn table_with_joins(&mut self, entry: &TableWithJoins, ctes: Ctes<'_>, scope: &mut Scope<'_>) {
        self.table_factor(&entry.relation, ctes, scope);
        for join in &entry.joins {
            let before = scope.relations.len();
            self.table_factor(&join.relation, ctes, scope);
            match constraint(join) {
                Some(JoinConstraint::On(condition)) => self.predicate(condition, ctes, scope),
                Some(JoinConstraint::Using(columns)) => {
                    for column in columns.iter().filter_map(|c| name_parts(c).pop()) {
                        self.equal_by_name(scope, before, &column);
                    }
                }
                Some(JoinConstraint::Natural) => {
                    let right = scope.relations[before..].iter().flat_map(|r| r.outputs(self.schema).columns);
                    let names: Vec<String> = right.filter_map(|c| c.name).take(NATURAL_COLUMNS_MAX).collect();
                    for name in names {
                        self.equal_by_name(scope, before, &name);
                    }
                }
                Some(JoinConstraint::None) | None => {}
            }
        }
    }

    /// The column of that name on the left of a join equals the one on its right.
    fn equal_by_name(&mut self, scope: &mut Scope<'_>, split: usize, name: &str) {
        let find = |relations: &[Relation]| relations.iter().find_map(|r| Some((r.id, r.column(self.schema, name)?)));
        let (left, right) = scope.relations.split_at(split);
        if let (Some((left, left_origins)), Some((right, right_origins))) = (find(left), find(right)) {
            self.record(left, &left_origins, right, &right_origins, false);
            scope.merged.push(name.to_owned());
        }
    }

    fn table_factor(&mut self, factor: &TableFactor, ctes: Ctes<'_>, scope: &mut Scope<'_>) {
        let (mut relation, alias) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let relation = self.named_relation(&name_parts(name), ctes);
                self.note_name(name, &relation);
                (relation, alias.as_ref())
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let outputs = match lateral {
                    true => self.query(subquery, ctes, Some(scope), false),
                    false => self.query(subquery, ctes, scope.parent, false),
                };
                (self.derived(None, outputs), alias.as_ref())
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                return self.table_with_joins(table_with_joins, ctes, scope);
            }
            TableFactor::MatchRecognize { table, alias, .. } | TableFactor::Pivot { table, alias, .. } => {
                // Its columns are the input's and what it measures; names of the input's columns stay.
                let mut inner = Scope::inside(scope.parent);
                self.table_factor(table, ctes, &mut inner);
                let mut outputs = Outputs { columns: Vec::new(), open: true };
                for relation in &inner.relations {
                    outputs.columns.extend(relation.outputs(self.schema).columns);
                }
                (self.derived(None, outputs), alias.as_ref())
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                for expr in array_exprs {
                    self.scan(expr, ctes, scope);
                }
                (self.derived(None, Outputs { columns: Vec::new(), open: true }), alias.as_ref())
            }
            TableFactor::Table { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::JsonTable { alias, .. }
            | TableFactor::NestedJoin { alias, .. } => {
                (self.derived(None, Outputs { columns: Vec::new(), open: true }), alias.as_ref())
            }
            _ => (self.derived(None, Outputs { columns: Vec::new(), open: true }), None),
        };
        if let Some(alias) = alias {
            relation.name = Some(lower(&alias.name));
            let names = alias_columns(alias);
            if !names.is_empty() {
                let mut outputs = relation.outputs(self.schema);
                outputs.rename(&names);
                // A complete list of names, as UNNEST has it, leaves no unknown column.
                outputs.open &= outputs.columns.len() > names.len();
                relation.source = Source::Derived(Rc::new(outputs));
            }
        }
        scope.relations.push(relation);
    }

    /// A table of the catalog or a common table expression.
    fn named_relation(&mut self, parts: &[String], ctes: Ctes<'_>) -> Relation {
        let name = parts.last().cloned();
        if let ([only], Some(outputs)) = (parts, parts.first().and_then(|first| ctes.get(first))) {
            return Relation { id: self.fresh_id(), name: Some(only.clone()), source: Source::Derived(outputs) };
        }
        let borrowed: Vec<&str> = parts.iter().map(String::as_str).collect();
        match self.schema.resolve(&borrowed, self.session) {
            Some(table) => {
                self.facts.tables.insert(table);
                Relation { id: self.fresh_id(), name, source: Source::Base(table) }
            }
            None => {
                self.facts.unknown_tables = true;
                self.derived(name, Outputs { columns: Vec::new(), open: true })
            }
        }
    }

    fn note_name(&mut self, name: &ObjectName, relation: &Relation) {
        let first = name.0.first().and_then(|part| part.as_ident());
        if let (Source::Base(table), Some(first)) = (&relation.source, first) {
            self.facts.names.push(NamedTable { at: first.span.start, parts: name.0.len(), table: *table });
        }
    }

    fn derived(&mut self, name: Option<String>, outputs: Outputs) -> Relation {
        Relation { id: self.fresh_id(), name, source: Source::Derived(Rc::new(outputs)) }
    }
}

/// Rows as they are: one entry in FROM, no condition, no group, and only plain columns.
fn is_preview(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let plain = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => column_name(expr).is_some(),
        _ => true,
    };
    query.with.is_none()
        && select.selection.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty())
        && matches!(select.from.as_slice(), [only] if only.joins.is_empty())
        && select.projection.iter().all(plain)
}

fn alias_columns(alias: &TableAlias) -> Vec<String> {
    alias.columns.iter().map(|column| lower(&column.name)).collect()
}

/// The name that a plain column keeps in the result.
fn column_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(lower(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().map(lower),
        _ => None,
    }
}

fn constraint(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(c)
        | JoinOperator::Inner(c)
        | JoinOperator::Left(c)
        | JoinOperator::LeftOuter(c)
        | JoinOperator::Right(c)
        | JoinOperator::RightOuter(c)
        | JoinOperator::FullOuter(c)
        | JoinOperator::CrossJoin(c)
        | JoinOperator::Semi(c)
        | JoinOperator::LeftSemi(c)
        | JoinOperator::RightSemi(c)
        | JoinOperator::Anti(c)
        | JoinOperator::LeftAnti(c)
        | JoinOperator::RightAnti(c)
        | JoinOperator::StraightJoin(c)
        | JoinOperator::AsOf { constraint: c, .. } => Some(c),
        _ => None,
    }
}
