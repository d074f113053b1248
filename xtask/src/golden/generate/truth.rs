//! What is true of the tables, as JSON lines beside the files: keys, columns, personal data, descriptions, questions.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::Summary;
use super::definition::{Column, Definition, Domain, Table};
use super::translate::{Names, tables_in};
use super::values::{Source, Target};
use crate::Result;

/// A key that holds in the data and is declared nowhere. Positions of the columns agree.
#[derive(Debug)]
pub(super) struct Key<'a> {
    pub(super) from: &'a Table,
    pub(super) from_columns: Vec<&'a Column>,
    pub(super) to_domain: &'a Domain,
    pub(super) to: &'a Table,
    pub(super) to_columns: Vec<&'a Column>,
}

impl Key<'_> {
    /// Does it leave the domain of its child?
    pub(super) fn leaves(&self, domain: &Domain) -> bool {
        self.to_domain.name != domain.name
    }
}

/// The keys of a domain: each tag's columns together; a copied column, or one of several, goes on to where the
/// original goes.
///
/// # Errors
/// When a target is missing, which a loaded definition excludes.
pub(super) fn keys<'a>(definition: &'a Definition, domain: &'a Domain) -> Result<Vec<Key<'a>>> {
    let mut keys = Vec::new();
    for table in &domain.tables {
        for columns in table.references().into_values() {
            let (from_columns, targets): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
            let Some(first) = targets.first() else { continue };
            let (to_domain, to) = find(definition, domain, first.domain.as_deref(), &first.table)?;
            let to_columns: Vec<_> = targets.iter().filter_map(|t| to.column(&t.column)).collect();
            if from_columns.len() > 1 {
                for (from, target) in from_columns.iter().zip(&targets) {
                    keys.extend(onward(definition, domain, table, from, target)?);
                }
            }
            keys.push(Key { from: table, from_columns, to_domain, to, to_columns });
        }
        for column in &table.columns {
            if let Source::Copy(target) = &column.making.source {
                keys.extend(onward(definition, domain, table, column, target)?);
            }
        }
    }
    Ok(keys)
}

/// Where the column goes that this one repeats: `claim.policy` repeats the policy of a cover, and is a key to policies.
fn onward<'a>(
    definition: &'a Definition,
    domain: &'a Domain,
    table: &'a Table,
    column: &'a Column,
    target: &Target,
) -> Result<Option<Key<'a>>> {
    let (_, origin) = find(definition, domain, target.domain.as_deref(), &target.table)?;
    let Some(Source::Reference(next)) = origin.column(&target.column).map(|c| &c.making.source) else {
        return Ok(None);
    };
    let (to_domain, to) = find(definition, domain, next.domain.as_deref(), &next.table)?;
    let to_columns: Vec<_> = to.column(&next.column).into_iter().collect();
    Ok(Some(Key { from: table, from_columns: vec![column], to_domain, to, to_columns }))
}

fn find<'a>(
    definition: &'a Definition,
    own: &'a Domain,
    domain: Option<&str>,
    table: &str,
) -> Result<(&'a Domain, &'a Table)> {
    let domain = definition.domains.iter().find(|d| Some(d.name.as_str()) == domain).unwrap_or(own);
    let table = domain.table(table).ok_or_else(|| format!("{}.{table} is not there", domain.name))?;
    Ok((domain, table))
}

/// Writes every file of truth of one regime.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(definition: &Definition, regime: usize, folder: &Path, summary: &mut Summary) -> Result<()> {
    let mut keys_of_one = Lines::create(&folder.join("fks.jsonl"))?;
    let mut composite = Lines::create(&folder.join("keys_composite.jsonl"))?;
    let mut across = Lines::create(&folder.join("keys_cross.jsonl"))?;
    let (mut single, mut composites, mut cross) = (0, 0, 0);
    for domain in &definition.domains {
        for key in keys(definition, domain)? {
            if key.leaves(domain) {
                cross += 1;
                across.write(&across_line(&key, domain, regime))?;
                continue;
            }
            if key.from_columns.len() > 1 {
                composites += 1;
                composite.write(&composite_line(&key, domain, regime))?;
            } else {
                single += 1;
            }
            for (from, to) in key.from_columns.iter().zip(&key.to_columns) {
                keys_of_one.write(&json!({
                    "suite": definition.set.name, "db": domain.name, "file": domain.name,
                    "from_table": key.from.names[regime], "from_column": from.names[regime],
                    "to_table": key.to.names[regime], "to_column": to.names[regime],
                    "source": if key.from_columns.len() > 1 { "composite" } else { "true" },
                }))?;
            }
        }
    }
    [keys_of_one, composite, across].into_iter().try_for_each(Lines::end)?;
    (summary.keys, summary.composite_keys, summary.cross_keys) = (single, composites, cross);
    tables(definition, regime, folder, summary)?;
    glossary(definition, regime, folder)?;
    questions(definition, regime, folder, summary)
}

/// The house's abbreviations, each kept to its domain.
fn glossary(definition: &Definition, regime: usize, folder: &Path) -> Result<()> {
    let mut lines = Lines::create(&folder.join("glossary.jsonl"))?;
    for domain in &definition.domains {
        for (term, meaning) in domain.glossary.get(&definition.set.regimes[regime].name).into_iter().flatten() {
            lines.write(&json!({"term": format!("{}.{term}", domain.name), "meaning": meaning}))?;
        }
    }
    lines.end()
}

fn composite_line(key: &Key<'_>, domain: &Domain, regime: usize) -> serde_json::Value {
    json!({
        "file": domain.name, "from_table": key.from.names[regime], "from_columns": in_regime(&key.from_columns, regime),
        "to_table": key.to.names[regime], "to_columns": in_regime(&key.to_columns, regime),
    })
}

fn across_line(key: &Key<'_>, domain: &Domain, regime: usize) -> serde_json::Value {
    json!({
        "file": domain.name, "from_table": key.from.names[regime], "from_columns": in_regime(&key.from_columns, regime),
        "to_file": key.to_domain.name, "to_table": key.to.names[regime],
        "to_columns": in_regime(&key.to_columns, regime),
    })
}

fn in_regime<'a>(columns: &[&'a Column], regime: usize) -> Vec<&'a str> {
    columns.iter().map(|c| c.names[regime].as_str()).collect()
}

fn tables(definition: &Definition, regime: usize, folder: &Path, summary: &mut Summary) -> Result<()> {
    let mut columns = Lines::create(&folder.join("columns.jsonl"))?;
    let mut personal = Lines::create(&folder.join("pii_gold.jsonl"))?;
    let mut descriptions = Lines::create(&folder.join("descriptions.jsonl"))?;
    (summary.tables, summary.columns, summary.personal_columns) = (0, 0, 0);
    for domain in &definition.domains {
        for table in &domain.tables {
            summary.tables += 1;
            let name = &table.names[regime];
            descriptions.write(&json!({
                "file": domain.name, "table": name, "description": table.en, "description_fr": table.fr,
            }))?;
            for (i, column) in table.columns.iter().enumerate() {
                let strict = is_strict(&column.label);
                summary.columns += 1;
                summary.personal_columns += usize::from(strict);
                let (suite, file, column_name) = (&definition.set.name, &domain.name, &column.names[regime]);
                let unique =
                    i == 0 && matches!(column.making.source, Source::Id { .. } | Source::Code { .. } | Source::Uuid);
                let gold = Some(&column.description).filter(|d| !d.is_empty());
                columns.write(&json!({
                    "suite": suite, "db": file, "file": file, "table": name, "column": column_name,
                    "type": type_word(&column.making.source), "pk": unique, "gold_description": gold,
                }))?;
                personal.write(&json!({
                    "suite": suite, "file": file, "table": name, "column": column_name, "label": column.label,
                    "strict_pii": strict,
                }))?;
            }
        }
    }
    [columns, personal, descriptions].into_iter().try_for_each(Lines::end)
}

fn type_word(source: &Source) -> &'static str {
    match source.sql_type() {
        Some("INTEGER" | "REAL") => "number",
        Some("DATE" | "TIMESTAMP") => "time",
        _ => "text",
    }
}

/// Labels of columns that point to one person by themselves.
pub(super) fn is_strict(label: &str) -> bool {
    label != "NONE" && label != "PHONE_ORG" && !label.ends_with("_QUASI")
}

fn questions(definition: &Definition, regime: usize, folder: &Path, summary: &mut Summary) -> Result<()> {
    let mut lines = Lines::create(&folder.join("questions.jsonl"))?;
    summary.questions = super::QuestionCounts::default();
    for domain in &definition.domains {
        let names = Names::new(domain, regime);
        for (i, question) in domain.questions.iter().enumerate() {
            let gold: Vec<&str> =
                tables_in(&question.sql, domain).into_iter().map(|t| domain.tables[t].names[regime].as_str()).collect();
            let answerable = !question.sql.is_empty();
            for (lang, text) in [("en", &question.en), ("fr", &question.fr)] {
                let Some(text) = text else { continue };
                summary.questions.add(lang, answerable, gold.len());
                lines.write(&json!({
                    "id": format!("{}/{}/{lang}", domain.name, i + 1), "suite": definition.set.name, "db": domain.name,
                    "file": domain.name, "lang": lang, "question": text, "sql": names.translate(&question.sql),
                    "dialect": "sqlite", "gold_tables": gold, "answerable": answerable,
                }))?;
            }
        }
    }
    lines.end()
}

/// A file of JSON lines that is being written.
pub(super) struct Lines(BufWriter<File>);

impl Lines {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        Ok(self.0.write_all(b"\n")?)
    }

    pub(super) fn end(mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }
}
