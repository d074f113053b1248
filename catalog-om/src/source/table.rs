//! A table as OpenMetadata holds it, in the domain's words.

use std::collections::BTreeMap;

use catalog_core::model::{
    AuthoredText, CatalogTag, Column, DeclaredKey, EngineName, Fqn, SourceId, Table, TableId, TableRef, TagOrigin,
};
use catalog_core::{Error, ErrorKind, Result};

use crate::authors::{Author, Authors};
use crate::types::{data_type, table_kind};
use crate::wire::{OmColumn, OmLabel, OmReference, OmTable, said};

/// Service, database, schema, table.
const TABLE_PARTS: usize = 4;

/// What turning a table into ours needs to know.
pub(super) struct Reading {
    pub(super) source: SourceId,
    pub(super) services: BTreeMap<String, String>,
    pub(super) authors: Authors,
    pub(super) entity_classification: String,
    /// Are foreign keys among the constraints declared by a schema, and none of them ours?
    pub(super) constraints_are_declared: bool,
}

impl Reading {
    /// The table's names; also for one whose service is not mapped.
    ///
    /// # Errors
    /// `Corrupt` for a name that is none.
    pub(super) fn table_ref(&self, om: &OmTable) -> Result<TableRef> {
        let fqn = name_of(om)?;
        let part = |reference: &Option<OmReference>, at: usize| {
            let named = reference.as_ref().and_then(|r| r.name.clone());
            named.or_else(|| fqn.parts().get(at).cloned()).unwrap_or_default()
        };
        let mapped = self.services.get(&part(&om.service, 0)).cloned();
        let engine = EngineName {
            catalog: mapped.unwrap_or_else(|| part(&om.database, 1)),
            schema: part(&om.database_schema, 2),
            table: om.name.clone(),
        };
        Ok(TableRef { source: self.source.clone(), id: TableId(om.id.clone()), fqn, engine })
    }

    /// The names of a table of which nothing else could be read.
    pub(super) fn table_ref_of(&self, id: Option<&str>, fqn: Option<&str>) -> Option<TableRef> {
        let fqn: Fqn = fqn?.parse().ok()?;
        let part = |at: usize| fqn.parts().get(at).cloned().unwrap_or_default();
        let catalog = self.services.get(&part(0)).cloned().unwrap_or_else(|| part(1));
        let engine = EngineName { catalog, schema: part(2), table: fqn.name().to_owned() };
        Some(TableRef { source: self.source.clone(), id: TableId(id?.to_owned()), fqn, engine })
    }

    /// The table, unless no engine is known for its service.
    ///
    /// # Errors
    /// `Configuration` when the service needs an entry in `engine.services`.
    pub(super) fn table(&self, om: &OmTable, table_ref: TableRef) -> Result<Table> {
        let service = om.service.as_ref().and_then(|s| s.name.as_deref()).unwrap_or_default();
        if !self.reaches(service, om.service_type.as_deref()) {
            return Err(Error::new(
                ErrorKind::Configuration,
                "map_table",
                "no catalog of Trino is known for the service",
            )
            .with("table", &table_ref.fqn)
            .with("service", service)
            .hint("add it to engine.services"));
        }
        let of_column = |column: &OmColumn| column.constraint.clone().unwrap_or_default();
        let marked = |mark: &str| {
            om.columns.iter().filter(|c| of_column(c) == mark).map(|c| c.name.clone()).collect::<Vec<String>>()
        };
        let listed = |kind: &str| {
            let of_kind = om.constraints().iter().filter(|c| c.constraint_type.as_deref() == Some(kind));
            of_kind.filter_map(|c| c.columns.clone()).filter(|c| !c.is_empty()).collect::<Vec<Vec<String>>>()
        };
        let marked_key = marked("PRIMARY_KEY");
        let primary_key = if marked_key.is_empty() {
            listed("PRIMARY_KEY").into_iter().next().unwrap_or_default()
        } else {
            marked_key
        };
        let mut unique_keys = listed("UNIQUE");
        unique_keys.extend(marked("UNIQUE").into_iter().map(|name| vec![name]));
        Ok(Table {
            kind: table_kind(om.table_type.as_deref()),
            columns: om.columns.iter().map(|column| self.column(om, column, &primary_key)).collect(),
            description: self.text_of_others(om, om.description.as_ref(), "description"),
            primary_key,
            unique_keys,
            declared_keys: if self.constraints_are_declared { declared_keys(om) } else { Vec::new() },
            upstream: Vec::new(),
            row_count_estimate: None,
            change_token: None,
            updated_at_ms: om.updated_at,
            table_ref,
        })
    }

    /// Can the engine read tables of this service?
    pub(super) fn reaches(&self, service: &str, service_type: Option<&str>) -> bool {
        self.services.contains_key(service) || service_type.is_none_or(|kind| kind.eq_ignore_ascii_case("trino"))
    }

    fn column(&self, om: &OmTable, column: &OmColumn, primary_key: &[String]) -> Column {
        let fixed = matches!(column.constraint.as_deref(), Some("PRIMARY_KEY" | "NOT_NULL"));
        Column {
            name: column.name.clone(),
            native_type: column.data_type_display.clone().unwrap_or_else(|| column.data_type.to_lowercase()),
            data_type: data_type(&column.data_type),
            nullable: !fixed && !primary_key.contains(&column.name),
            description: self.text_of_others(om, column.description.as_ref(), &column_member(&[&column.name])),
        }
    }

    /// A text that is not ours. Ours is left out: it is no evidence for a new one, and our own write must not look
    /// like a change. Where the server does not tell the author, a person is assumed.
    fn text_of_others(&self, om: &OmTable, text: Option<&String>, member: &str) -> Option<AuthoredText> {
        let text = said(text)?;
        let by_human = match self.authors.of_member(om, member) {
            Author::Us => return None,
            Author::Program => false,
            Author::Person | Author::Unknown => true,
        };
        Some(AuthoredText { text: text.to_owned(), by_human })
    }

    /// The tags of each column, nested fields under their path.
    pub(super) fn column_tags(&self, om: &OmTable) -> Vec<(String, Vec<CatalogTag>)> {
        let mut found = Vec::new();
        for column in &om.columns {
            self.add_tags(column, &mut vec![column.name.clone()], &mut found);
        }
        found
    }

    fn add_tags(&self, column: &OmColumn, path: &mut Vec<String>, found: &mut Vec<(String, Vec<CatalogTag>)>) {
        let labels: Vec<&OmLabel> =
            column.labels().iter().filter(|l| l.source.as_deref() != Some("Glossary")).collect();
        if !labels.is_empty() {
            let marked = labels.iter().any(|l| l.below(&self.entity_classification).is_some() && l.is_automatic());
            let tags = labels.into_iter().map(|label| CatalogTag {
                fqn: label.tag_fqn.clone(),
                origin: match (label.is_automatic(), marked) {
                    (true, true) => TagOrigin::Ours,
                    (true, false) => TagOrigin::Catalog,
                    (false, _) => match label.label_type.as_deref() {
                        Some("Automated" | "Generated" | "Propagated" | "Derived") => TagOrigin::Catalog,
                        _ => TagOrigin::Person,
                    },
                },
            });
            found.push((path_name(path), tags.collect()));
        }
        for child in column.children() {
            path.push(child.name.clone());
            self.add_tags(child, path, found);
            path.pop();
        }
    }
}

/// How a column is named in a field's path: a column of the table by its name, a nested one by its quoted path.
pub(crate) fn path_name<S: AsRef<str>>(path: &[S]) -> String {
    match path {
        [name] => name.as_ref().to_owned(),
        path => Fqn::from_parts(path.iter().map(|p| p.as_ref().to_owned())).to_string(),
    }
}

/// What change summaries call the description of a column.
pub(crate) fn column_member<S: AsRef<str>>(path: &[S]) -> String {
    format!("columns.{}.description", Fqn::from_parts(path.iter().map(|p| p.as_ref().to_owned())))
}

/// The table's full name: as it is given, or put together from those of its parents.
fn name_of(om: &OmTable) -> Result<Fqn> {
    om.fully_qualified_name.parse().or_else(|_| {
        let parent = om.database_schema.as_ref().and_then(|s| s.fully_qualified_name.as_ref());
        let parent: Option<Fqn> = parent.and_then(|name| name.parse().ok());
        parent
            .map(|parent| parent.child(&om.name))
            .ok_or_else(|| Error::new(ErrorKind::Corrupt, "read_table", "the table's name is none").with("id", &om.id))
    })
}

/// A column's full name cut into its table and its path.
pub(crate) fn split_column(fqn: &str) -> Option<(Fqn, Vec<String>)> {
    let fqn: Fqn = fqn.parse().ok()?;
    let (table, path) = fqn.parts().split_at_checked(TABLE_PARTS)?;
    (!path.is_empty()).then(|| (Fqn::from_parts(table), path.to_vec()))
}

/// The columns that a constraint refers to, if they all belong to one table and are as many as its own.
pub(crate) fn referred(columns: &[String], referred: &[String]) -> Option<(Fqn, Vec<String>)> {
    let split: Vec<(Fqn, Vec<String>)> = referred.iter().map(|name| split_column(name)).collect::<Option<_>>()?;
    let parent = split.first()?.0.clone();
    let one = split.iter().all(|(table, _)| *table == parent) && split.len() == columns.len();
    one.then(|| (parent, split.into_iter().map(|(_, path)| path_name(&path)).collect()))
}

fn declared_keys(om: &OmTable) -> Vec<DeclaredKey> {
    let of_kind = om.constraints().iter().filter(|c| c.constraint_type.as_deref() == Some("FOREIGN_KEY"));
    of_kind
        .filter_map(|constraint| {
            let columns = constraint.columns.clone()?;
            let (parent, parent_columns) = referred(&columns, constraint.referred_columns.as_deref()?)?;
            Some(DeclaredKey { columns, parent, parent_columns })
        })
        .collect()
}
