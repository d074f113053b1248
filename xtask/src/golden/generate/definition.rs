//! What is written down in `golden/`: `set.toml`, and a folder a domain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::values::{self, Making, Source, Target};
use crate::Result;

/// How many naming regimes every name has, in the order of `set.toml`.
pub(super) const REGIMES: usize = 3;

/// A whole set.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) set: SetFile,
    pub(super) domains: Vec<Domain>,
}

/// `set.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetFile {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) seed: u64,
    pub(super) regimes: Vec<Regime>,
    pub(super) domains: Vec<String>,
}

/// A way of naming, with its weight in the verdict, in per cent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Regime {
    pub(super) name: String,
    pub(super) weight: u32,
}

/// A folder under `domains/`; it becomes one file a regime.
#[derive(Debug)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) tables: Vec<Table>,
    pub(super) questions: Vec<Question>,
    pub(super) queries: QueryFile,
    pub(super) glossary: Glossary,
}

/// `glossary.toml`: by regime, what the house's list of abbreviations says of names. A domain may have none.
pub(super) type Glossary = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Debug)]
pub(super) struct Table {
    pub(super) names: [String; REGIMES],
    pub(super) rows: u64,
    /// Rows that are there twice.
    pub(super) duplicates: u64,
    pub(super) en: String,
    pub(super) fr: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) names: [String; REGIMES],
    pub(super) making: Making,
    /// `NONE`, or what personal data it holds.
    pub(super) label: String,
    pub(super) description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    table: Vec<RawTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    names: [String; REGIMES],
    rows: u64,
    #[serde(default)]
    duplicates: u64,
    en: String,
    fr: String,
    /// Three names, the making, the label, the description.
    columns: Vec<[String; REGIMES + 3]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    #[serde(default)]
    question: Vec<Question>,
}

/// A need, asked in one language or in both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    #[serde(default)]
    pub(super) en: Option<String>,
    #[serde(default)]
    pub(super) fr: Option<String>,
    /// In the names of the first regime; empty where the domain cannot answer.
    #[serde(default)]
    pub(super) sql: String,
}

/// `queries.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QueryFile {
    /// Events to write.
    pub(super) events: u64,
    pub(super) users: Vec<String>,
    /// Statements in the names of the first regime, with `{…}` for literals.
    pub(super) statements: Vec<String>,
}

impl Definition {
    /// Reads and checks a folder.
    ///
    /// # Errors
    /// A sentence with the file, or the table and column, that is wrong.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let set: SetFile = read(&folder.join("set.toml"))?;
        if set.regimes.len() != REGIMES {
            return Err(format!("set.toml lists {} regimes, names have {REGIMES}", set.regimes.len()).into());
        }
        let domains = set.domains.iter().map(|name| Domain::load(folder, name)).collect::<Result<Vec<_>>>()?;
        let definition = Self { set, domains };
        definition.check_targets()?;
        Ok(definition)
    }

    /// The column that a reference of that domain means.
    pub(super) fn target(&self, domain: &str, target: &Target) -> Option<&Column> {
        let domain = target.domain.as_deref().unwrap_or(domain);
        self.domains.iter().find(|d| d.name == domain)?.table(&target.table)?.column(&target.column)
    }

    /// Every reference goes to a column of a table that is filled before, or of the table itself.
    fn check_targets(&self) -> Result<()> {
        let mut filled: BTreeSet<(&str, &str)> = BTreeSet::new();
        for domain in &self.domains {
            for table in &domain.tables {
                filled.insert((&domain.name, &table.names[0]));
                for column in &table.columns {
                    let Some(target) = column.making.source.target() else { continue };
                    let to = (target.domain.as_deref().unwrap_or(&domain.name), target.table.as_str());
                    if !filled.contains(&to) || self.target(&domain.name, target).is_none() {
                        let (at, to) = (&column.names[0], format!("{}.{}", target.table, target.column));
                        let at = format!("{}: {}.{at}", domain.name, table.names[0]);
                        return Err(format!("{at} refers to {to}, which is not there or comes later").into());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Domain {
    fn load(folder: &Path, name: &str) -> Result<Self> {
        let folder = folder.join("domains").join(name);
        let tables: TableFile = read(&folder.join("tables.toml"))?;
        let questions: QuestionFile = read(&folder.join("questions.toml"))?;
        let tables = tables.table.into_iter().map(Table::read).collect::<Result<Vec<_>>>();
        let tables = tables.map_err(|error| format!("{name}: {error}"))?;
        let glossary = folder.join("glossary.toml");
        let domain = Self {
            name: name.to_owned(),
            tables,
            questions: questions.question,
            queries: read(&folder.join("queries.toml"))?,
            glossary: if glossary.exists() { read(&glossary)? } else { Glossary::new() },
        };
        domain.check_names()?;
        Ok(domain)
    }

    pub(super) fn table(&self, plain: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.names[0] == plain)
    }

    /// A plain name means one name in each other regime throughout the domain: SQL is translated word by word.
    fn check_names(&self) -> Result<()> {
        let mut meaning: BTreeMap<&str, &[String; REGIMES]> = BTreeMap::new();
        let tables = self.tables.iter().map(|t| &t.names);
        for names in tables.chain(self.tables.iter().flat_map(|t| t.columns.iter().map(|c| &c.names))) {
            let first = meaning.entry(&names[0]).or_insert(names);
            if *first != names {
                return Err(format!("{}: {} is named {first:?} and {names:?}", self.name, names[0]).into());
            }
        }
        for regime in 0..REGIMES {
            for table in &self.tables {
                let distinct: BTreeSet<String> = table.columns.iter().map(|c| c.names[regime].to_lowercase()).collect();
                if distinct.len() != table.columns.len() {
                    return Err(format!("{}: {} has a column name twice", self.name, table.names[regime]).into());
                }
            }
        }
        Ok(())
    }
}

impl Table {
    fn read(raw: RawTable) -> Result<Self> {
        let plain = raw.names[0].clone();
        let columns = raw.columns.into_iter().map(|[a, b, c, making, label, description]| {
            let making = values::parse(&making, &plain, &a).map_err(|error| format!("{plain}.{a}: {error}"))?;
            let label = if label.is_empty() { "NONE".to_owned() } else { label };
            Ok(Column { names: [a, b, c], making, label, description })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Self { names: raw.names, rows: raw.rows, duplicates: raw.duplicates, en: raw.en, fr: raw.fr, columns })
    }

    pub(super) fn column(&self, plain: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.names[0] == plain)
    }

    /// The columns of the table that take their parent's row by the same choice, key columns alone.
    pub(super) fn references(&self) -> BTreeMap<&str, Vec<(&Column, &Target)>> {
        let mut by_tag: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for column in &self.columns {
            if let Source::Reference(target) = &column.making.source {
                by_tag.entry(&target.tag).or_default().push((column, target));
            }
        }
        by_tag
    }
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}
