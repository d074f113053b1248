//! What a name in a FROM clause stands for, with the origin of each of its columns.

use std::rc::Rc;

use super::facts::Place;
use super::schema::{Schema, Session, TableIndex};

/// Most base columns that one output column is traced to (the branches of a UNION).
const ORIGINS_MAX: usize = 16;

/// A base column that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) place: Place,
    /// Did it pass through a cast, `lower`, `trim` or the like?
    pub(super) expression: bool,
}

/// A column of a subquery's result: its name in lower case, if it has one, and where its values come from.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    pub(super) name: Option<String>,
    pub(super) origins: Vec<Origin>,
}

/// The columns of a query's result.
#[derive(Debug, Clone, Default)]
pub(super) struct Outputs {
    pub(super) columns: Vec<Output>,
    /// May there be columns that we do not know?
    pub(super) open: bool,
}

impl Outputs {
    /// Lays another branch of a set operation over this one, column by column; names stay those of the first branch.
    pub(super) fn merge(&mut self, other: Self) {
        self.open |= other.open;
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            for origin in theirs.origins {
                if mine.origins.len() < ORIGINS_MAX && !mine.origins.contains(&origin) {
                    mine.origins.push(origin);
                }
            }
        }
    }

    /// Renames the first columns, as `t (a, b)` does.
    pub(super) fn rename(&mut self, names: &[String]) {
        for (i, name) in names.iter().enumerate() {
            match self.columns.get_mut(i) {
                Some(column) => column.name = Some(name.clone()),
                None => self.columns.push(Output { name: Some(name.clone()), origins: Vec::new() }),
            }
        }
    }
}

/// Where an entry's columns come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Base(TableIndex),
    Derived(Rc<Outputs>),
}

/// An entry of a FROM clause.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Different for every entry of the statement.
    pub(super) id: u32,
    /// Its alias or table name in lower case.
    pub(super) name: Option<String>,
    pub(super) source: Source,
}

impl Relation {
    pub(super) fn open(&self) -> bool {
        matches!(&self.source, Source::Derived(outputs) if outputs.open)
    }

    /// The origins of the column of that lower-case name; `None` when it has no such column.
    pub(super) fn column(&self, schema: &Schema, name: &str) -> Option<Vec<Origin>> {
        match &self.source {
            Source::Base(table) => {
                schema.column(*table, name).map(|column| vec![Origin { place: (*table, column), expression: false }])
            }
            Source::Derived(outputs) => {
                outputs.columns.iter().find(|c| c.name.as_deref() == Some(name)).map(|c| c.origins.clone())
            }
        }
    }

    /// All columns, as `*` gives them.
    pub(super) fn outputs(&self, schema: &Schema) -> Outputs {
        match &self.source {
            Source::Base(table) => {
                let column = |c: usize| Output {
                    name: Some(schema.column_name(*table, c as u32).to_lowercase()),
                    origins: vec![Origin { place: (*table, c as u32), expression: false }],
                };
                Outputs { columns: (0..schema.column_count(*table)).map(column).collect(), open: false }
            }
            Source::Derived(outputs) => outputs.as_ref().clone(),
        }
    }
}

/// The entries that a select sees, and those of the queries around it.
pub(super) struct Scope<'p> {
    pub(super) relations: Vec<Relation>,
    /// Columns that USING or a natural join merged into one.
    pub(super) merged: Vec<String>,
    pub(super) parent: Option<&'p Scope<'p>>,
}

/// A column reference, resolved.
pub(super) struct Resolved {
    pub(super) relation: u32,
    pub(super) origins: Vec<Origin>,
}

impl<'p> Scope<'p> {
    pub(super) fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { relations: Vec::new(), merged: Vec::new(), parent }
    }

    /// Finds a column by its lower-case parts (`c`, `t.c`, `s.t.c`, with fields of rows behind).
    pub(super) fn resolve(&self, schema: &Schema, session: &Session, parts: &[String]) -> Option<Resolved> {
        let (first, rest) = parts.split_first()?;
        for at in (0..rest.len()).rev() {
            // `qualifier` is a table's own name: what stands before it, a schema or a catalog, is not needed.
            let (qualifier, column) = (&parts[at], &parts[at + 1]);
            if let Some(found) = self.qualified(schema, qualifier, column) {
                return Some(found);
            }
        }
        self.unqualified(schema, session, first)
    }

    /// May a name stand for a column that we do not know, here or in a query around?
    pub(super) fn open(&self) -> bool {
        self.relations.iter().any(Relation::open) || self.parent.is_some_and(Self::open)
    }

    fn qualified(&self, schema: &Schema, qualifier: &str, column: &str) -> Option<Resolved> {
        match self.relations.iter().find(|r| r.name.as_deref() == Some(qualifier)) {
            Some(relation) => {
                let origins = relation.column(schema, column)?;
                Some(Resolved { relation: relation.id, origins })
            }
            None => self.parent?.qualified(schema, qualifier, column),
        }
    }

    /// One entry has the column: that one. Several: the one of which the engine says that the column was read. None:
    /// the query around, unless an entry here may have columns that we do not know.
    fn unqualified(&self, schema: &Schema, session: &Session, column: &str) -> Option<Resolved> {
        let found: Vec<Resolved> = self
            .relations
            .iter()
            .filter_map(|r| Some(Resolved { relation: r.id, origins: r.column(schema, column)? }))
            .collect();
        if found.is_empty() {
            if self.relations.iter().any(Relation::open) {
                return None;
            }
            return self.parent?.unqualified(schema, session, column);
        }
        if found.len() == 1 || self.merged.iter().any(|name| name == column) {
            return found.into_iter().next();
        }
        let was_read = |r: &Resolved| r.origins.iter().any(|o| session.reads(o.place.0, o.place.1));
        let mut read = found.into_iter().filter(was_read);
        read.next().filter(|_| read.next().is_none())
    }
}
