//! A table's entry as it is now, field by field, with the author of each.

use catalog_core::Result;
use catalog_core::model::{
    CatalogField, ColumnSet, CurrentField, CurrentTable, FieldPath, FieldValue, ForeignKey, Fqn, KeyEvidence,
    KeyStatus, PiiEntity, Sensitivity,
};

use super::OmPublisher;
use crate::authors::{Author, History};
use crate::lineage::Graph;
use crate::settings::FkAs;
use crate::source::{column_member, path_name, referred};
use crate::wire::{OmColumn, OmConstraint, OmLabel, OmTable, said};

/// OpenMetadata's own classification of personal data.
pub(super) const PII: &str = "PII";

/// A table as the server holds it and as we read it.
pub(super) struct Snapshot {
    pub(super) table: OmTable,
    pub(super) fqn: Fqn,
    pub(super) graph: Option<Graph>,
    pub(super) current: CurrentTable,
}

/// A value that was found, with how to recognise it in an older version.
struct Found {
    field: FieldPath,
    value: FieldValue,
    author: Author,
    /// Is it written in every form that it should be?
    whole: bool,
    in_version: Box<dyn Fn(&OmTable) -> bool + Send>,
}

impl OmPublisher {
    /// The fields that are set. A value of another program counts as a person's: it is not ours to replace. The
    /// history is read only when the entry itself does not tell an author.
    pub(super) async fn current_of(&self, table: &OmTable, fqn: &Fqn, graph: Option<&Graph>) -> Result<CurrentTable> {
        let mut found = Vec::new();
        self.texts_and_labels(table, &mut found);
        self.keys(table, fqn, graph, &mut found);
        let untold = found.iter().any(|f| f.author == Author::Unknown);
        let history = if untold { Some(History::read(&self.client, &table.id).await?) } else { None };
        let fields = found.into_iter().filter_map(|f| {
            let author = match (f.author, &history) {
                (Author::Unknown, Some(history)) => self.authors.of_history(history.author(&*f.in_version)),
                (author, _) => author,
            };
            // What we wrote by half is still to be written.
            let there = f.whole || author != Author::Us;
            let current = CurrentField { value: f.value, by_human: author != Author::Us };
            there.then_some(CatalogField { field: f.field, current })
        });
        Ok(CurrentTable { version: table.state(), fields: fields.collect() })
    }

    fn texts_and_labels(&self, table: &OmTable, found: &mut Vec<Found>) {
        if let Some(text) = said(table.description.as_ref()).map(str::to_owned) {
            found.push(Found {
                field: FieldPath::Description,
                value: FieldValue::Text(text.clone()),
                author: self.authors.of_member(table, "description"),
                whole: true,
                in_version: Box::new(move |t| t.description.as_ref() == Some(&text)),
            });
        }
        let single = [
            (FieldPath::Domain, &self.settings.domain_classification),
            (FieldPath::Tier, &self.settings.tier_classification),
        ];
        for (field, classification) in single {
            let Some(label) = table.labels().iter().find(|label| label.below(classification).is_some()) else {
                continue;
            };
            let label = label.clone();
            found.push(Found {
                field,
                value: FieldValue::Tag(label.below(classification).unwrap_or_default()),
                author: if label.is_automatic() { Author::Unknown } else { Author::Person },
                whole: true,
                in_version: Box::new(move |t| t.labels().contains(&label)),
            });
        }
        for column in &table.columns {
            self.column(table, column, &mut vec![column.name.clone()], found);
        }
    }

    fn column(&self, table: &OmTable, column: &OmColumn, path: &mut Vec<String>, found: &mut Vec<Found>) {
        // A nested field whose path reads like a column's name cannot be told from it: the column is meant.
        let shadowed = path.len() > 1 && table.columns.iter().any(|c| c.name == path_name(path));
        if !shadowed {
            if let Some(text) = said(column.description.as_ref()).map(str::to_owned) {
                let at = path.clone();
                found.push(Found {
                    field: FieldPath::ColumnDescription { column: path_name(path) },
                    value: FieldValue::Text(text.clone()),
                    author: self.authors.of_member(table, &column_member(path)),
                    whole: true,
                    in_version: Box::new(move |t| {
                        column_at(&t.columns, &at).is_some_and(|c| c.description.as_ref() == Some(&text))
                    }),
                });
            }
            found.extend(self.pii(column, path));
        }
        for child in column.children() {
            path.push(child.name.clone());
            self.column(table, child, path, found);
            path.pop();
        }
    }

    /// The PII labels of a column as one value. Ours come in a pair, the level and what the column holds; a level
    /// alone is somebody else's, and so is a pair that somebody confirmed.
    fn pii(&self, column: &OmColumn, path: &[String]) -> Option<Found> {
        let in_family = |family: &str| column.labels().iter().find(|label| label.below(family).is_some());
        let family = &self.settings.entity_classification;
        let (level, kind) = (in_family(PII), in_family(family));
        let automatic = [level, kind].into_iter().flatten().all(OmLabel::is_automatic);
        let name = |label: &OmLabel, family: &str| label.below(family).unwrap_or_default();
        let (value, author) = match (level, kind) {
            (None, None) => return None,
            (Some(level), Some(kind)) => match pii_value(&name(level, PII), &name(kind, family)) {
                Some(value) => (value, if automatic { Author::Us } else { Author::Person }),
                None => (FieldValue::Tag(name(level, PII)), Author::Person),
            },
            (Some(level), None) => (FieldValue::Tag(name(level, PII)), Author::Person),
            (None, Some(kind)) => (FieldValue::Tag(name(kind, family)), Author::Person),
        };
        let field = FieldPath::ColumnPii { column: path_name(path) };
        Some(Found { field, value, author, whole: true, in_version: Box::new(|_| false) })
    }

    /// Keys of ours: lines of lineage edges, constraints, or both. A key counts as there when it is written in every
    /// form that the settings ask for; a constraint of somebody else counts as theirs.
    fn keys(&self, table: &OmTable, fqn: &Fqn, graph: Option<&Graph>, found: &mut Vec<Found>) {
        let as_lineage = self.settings.fk_as.contains(&FkAs::Lineage);
        let lines = graph.map(|graph| graph.keys_of(&table.id, fqn)).unwrap_or_default();
        if !self.settings.fk_as.contains(&FkAs::TableConstraint) {
            found.extend(lines.into_iter().map(|key| Found {
                field: FieldPath::ForeignKey { columns: key.child.columns.clone() },
                value: FieldValue::Key(Box::new(key)),
                author: Author::Us,
                whole: true,
                in_version: Box::new(|_| false),
            }));
            return;
        }
        for constraint in table.constraints() {
            let Some((columns, parent, parent_columns)) = foreign(constraint) else { continue };
            let plain = plain_key(fqn, &columns, &parent, &parent_columns);
            let line = lines.iter().find(|key| key.child == plain.child && key.parent == plain.parent).cloned();
            let constraint = constraint.clone();
            found.push(Found {
                field: FieldPath::ForeignKey { columns },
                author: if line.is_some() { Author::Us } else { Author::Unknown },
                whole: line.is_some() || !as_lineage,
                value: FieldValue::Key(Box::new(line.unwrap_or(plain))),
                in_version: Box::new(move |t| t.constraints().contains(&constraint)),
            });
        }
    }
}

/// The columns of a foreign key's constraint, its parent and the columns there.
pub(super) fn foreign(constraint: &OmConstraint) -> Option<(Vec<String>, Fqn, Vec<String>)> {
    if constraint.constraint_type.as_deref() != Some("FOREIGN_KEY") {
        return None;
    }
    let columns = constraint.columns.clone()?;
    let (parent, parent_columns) = referred(&columns, constraint.referred_columns.as_deref()?)?;
    Some((columns, parent, parent_columns))
}

/// A key of which only the columns are known.
fn plain_key(child: &Fqn, columns: &[String], parent: &Fqn, parent_columns: &[String]) -> ForeignKey {
    ForeignKey {
        child: ColumnSet { table: child.clone(), columns: columns.to_vec() },
        parent: ColumnSet { table: parent.clone(), columns: parent_columns.to_vec() },
        score: 1.0,
        status: KeyStatus::Confirmed,
        orphans: None,
        vacuous: false,
        sampled: false,
        evidence: KeyEvidence::new(),
    }
}

fn pii_value(level: &str, kind: &str) -> Option<FieldValue> {
    let entity: PiiEntity = serde_json::from_value(serde_json::Value::String(kind.to_owned())).ok()?;
    let sensitivity = match level {
        "Sensitive" => Sensitivity::Sensitive,
        "NonSensitive" => Sensitivity::NonSensitive,
        _ => return None,
    };
    Some(FieldValue::Pii { entity, sensitivity })
}

/// The column at a path, names compared exactly.
pub(super) fn column_at<'a>(columns: &'a [OmColumn], path: &[String]) -> Option<&'a OmColumn> {
    let (first, rest) = path.split_first()?;
    let column = columns.iter().find(|c| c.name == *first)?;
    if rest.is_empty() { Some(column) } else { column_at(column.children(), rest) }
}
