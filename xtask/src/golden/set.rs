//! A set as it is given: folders of SQLite files with questions, keys, labels and descriptions as JSON lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use catalog_core::model::{Fqn, GlossaryTerm, Spelling};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;

/// Most bytes of one file of JSON lines.
const BYTES_MAX: u64 = 256 << 20;

/// A whole set.
#[derive(Debug)]
pub struct Set {
    /// Its name; a folder's name where it says none.
    pub name: String,
    /// What it was made from (seed, version, row limit), to compare runs over the same set alone.
    pub identity: Value,
    /// The same tables under different names, or a folder of its own.
    pub regimes: Vec<Regime>,
}

/// The tables of a set under one manner of naming.
#[derive(Debug)]
pub struct Regime {
    /// Its name.
    pub name: String,
    /// Its part in the verdict, in per cent.
    pub weight: f64,
    /// Where its files lie.
    pub dir: PathBuf,
    /// Its tables, by file and name.
    pub tables: Vec<GoldTable>,
    /// Its questions.
    pub questions: Vec<Question>,
    /// True keys as column pairs, lowercase: file, child table, child column, parent table, parent column.
    pub keys: BTreeSet<[String; 5]>,
    /// True keys of several columns, lowercase: file, child, child columns, parent, parent columns.
    pub composite: BTreeSet<[String; 5]>,
    /// True keys into another file, lowercase: file, child, child columns, parent as `file.table`, parent columns.
    pub cross: BTreeSet<[String; 5]>,
    /// What columns (file, table, name; lowercase) hold.
    pub columns: BTreeMap<[String; 3], String>,
    /// Is the column (file, table, name; lowercase) personal?
    pub personal: BTreeMap<[String; 3], bool>,
    /// Query logs.
    pub query_logs: Vec<PathBuf>,
    /// The house's words, as the configuration's `glossary.terms`.
    pub glossary: BTreeMap<String, String>,
}

/// A table of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldTable {
    /// The file's stem.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Its columns' names.
    pub columns: Vec<String>,
    /// What a person wrote of it.
    pub reference: Option<String>,
    /// The same in French.
    pub reference_fr: Option<String>,
    /// What is known to be true of it: reference, its other language, and what its columns mean.
    pub facts: Vec<String>,
}

/// A question and what answers it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its id, the same in every regime.
    pub id: String,
    /// The file it asks of.
    pub file: String,
    /// `en` or `fr`.
    pub language: String,
    /// As a person asks.
    pub text: String,
    /// Places of the tables that an answer needs; empty when no table answers it.
    pub gold: Vec<usize>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    weight: f64,
}

#[derive(Deserialize)]
struct QuestionLine {
    id: Value,
    file: String,
    #[serde(default)]
    lang: Option<String>,
    question: String,
    gold_tables: Vec<String>,
}

#[derive(Deserialize)]
struct ColumnLine {
    file: String,
    table: String,
    column: String,
    #[serde(default)]
    gold_description: Option<String>,
    #[serde(default)]
    strict_pii: bool,
}

#[derive(Deserialize)]
struct KeyLine {
    file: String,
    from_table: String,
    to_table: String,
    #[serde(default)]
    from_column: String,
    #[serde(default)]
    to_column: String,
    #[serde(default)]
    from_columns: Vec<String>,
    #[serde(default)]
    to_columns: Vec<String>,
    #[serde(default)]
    to_file: String,
}

#[derive(Deserialize)]
struct DescriptionLine {
    file: String,
    table: String,
    description: String,
    #[serde(default)]
    description_fr: Option<String>,
}

#[derive(Deserialize)]
struct GlossaryLine {
    term: String,
    meaning: String,
}

impl Set {
    /// Reads a set. A folder without `set.json` is one regime of its own.
    ///
    /// # Errors
    /// What cannot be read, by path and line.
    pub fn load(dir: &Path) -> Result<Self> {
        let about = dir.join("set.json");
        let folder = |dir: &Path| dir.file_name().map_or("set".to_owned(), |name| name.to_string_lossy().into_owned());
        if !about.exists() {
            let regime = Regime::load(&folder(dir), 100.0, dir)?;
            return Ok(Self { name: folder(dir), identity: Value::Null, regimes: vec![regime] });
        }
        let told: Value = serde_json::from_str(&read(&about)?).map_err(|e| format!("{}: {e}", about.display()))?;
        let regimes: Vec<Described> = serde_json::from_value(told["regimes"].clone())
            .map_err(|e| format!("{}: regimes: {e}", about.display()))?;
        let name = told["name"].as_str().map_or_else(|| folder(dir), str::to_owned);
        let identity = serde_json::json!({
            "name": name, "seed": told["seed"], "version": told["version"], "max_rows": told["max_rows"],
            "questions": told["counts"]["questions"], "tables": told["counts"]["tables"],
        });
        let regimes = regimes
            .iter()
            .map(|regime| Regime::load(&regime.name, regime.weight, &dir.join(&regime.name)))
            .collect::<Result<_>>()?;
        Ok(Self { name, identity, regimes })
    }
}

impl Regime {
    fn load(name: &str, weight: f64, dir: &Path) -> Result<Self> {
        let mut tables = tables(dir)?;
        tables.sort_by(|a, b| (&a.file, &a.name).cmp(&(&b.file, &b.name)));
        let place: BTreeMap<[String; 2], usize> =
            tables.iter().enumerate().map(|(at, table)| (lower([&table.file, &table.name]), at)).collect();
        for line in lines::<DescriptionLine>(dir, "descriptions.jsonl")? {
            if let Some(at) = place.get(&lower([&line.file, &line.table])) {
                let texts = [Some(line.description.clone()), line.description_fr.clone()];
                tables[*at].facts.extend(texts.into_iter().flatten());
                tables[*at].reference = Some(line.description);
                tables[*at].reference_fr = line.description_fr;
            }
        }
        let mut columns = BTreeMap::new();
        for line in lines::<ColumnLine>(dir, "columns.jsonl")? {
            if let (Some(at), Some(fact)) = (place.get(&lower([&line.file, &line.table])), line.gold_description) {
                tables[*at].facts.push(fact.clone());
                columns.insert(lower([&line.file, &line.table, &line.column]), fact);
            }
        }
        let personal = lines::<ColumnLine>(dir, "pii_gold.jsonl")?;
        let personal = personal.iter().map(|l| (lower([&l.file, &l.table, &l.column]), l.strict_pii)).collect();
        let keys = lines::<KeyLine>(dir, "fks.jsonl")?;
        let keys = keys.iter().map(|k| lower([&k.file, &k.from_table, &k.from_column, &k.to_table, &k.to_column]));
        let composite = lines::<KeyLine>(dir, "keys_composite.jsonl")?
            .into_iter()
            .map(|k| lower([&k.file, &k.from_table, &k.from_columns.join(","), &k.to_table, &k.to_columns.join(",")]));
        let cross = lines::<KeyLine>(dir, "keys_cross.jsonl")?.into_iter().map(|k| {
            let parent = format!("{}.{}", k.to_file, k.to_table);
            lower([&k.file, &k.from_table, &k.from_columns.join(","), &parent, &k.to_columns.join(",")])
        });
        let mut query_logs = files(&dir.join("querylog"), "jsonl")?;
        query_logs.sort();
        let (keys, composite, cross) = (keys.collect(), composite.collect(), cross.collect());
        let questions = questions(dir, &place)?;
        let glossary = lines::<GlossaryLine>(dir, "glossary.jsonl")?;
        Ok(Self {
            name: name.to_owned(),
            weight,
            dir: dir.to_owned(),
            tables,
            questions,
            keys,
            composite,
            cross,
            columns,
            personal,
            query_logs,
            glossary: glossary.into_iter().map(|line| (line.term, line.meaning)).collect(),
        })
    }
}

impl Regime {
    /// Leaves only the files whose names begin so, and their questions.
    pub fn narrow(&mut self, begin: &str) {
        if begin.is_empty() {
            return;
        }
        let ours = |file: &str| file.to_lowercase().starts_with(&begin.to_lowercase());
        let kept: Vec<usize> = (0..self.tables.len()).filter(|at| ours(&self.tables[*at].file)).collect();
        let place: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        self.tables = kept.iter().map(|at| self.tables[*at].clone()).collect();
        self.questions.retain(|question| ours(&question.file));
        for question in &mut self.questions {
            question.gold = question.gold.iter().filter_map(|at| place.get(at).copied()).collect();
        }
        self.keys.retain(|key| ours(&key[0]));
        self.composite.retain(|key| ours(&key[0]));
        self.cross.retain(|key| ours(&key[0]) && ours(&key[3]));
        self.personal.retain(|column, _| ours(&column[0]));
        self.columns.retain(|column, _| ours(&column[0]));
    }

    /// What the house's glossary makes of names is true of their tables.
    pub fn read_glossary(&mut self) {
        let term = |(term, meaning): (&String, &String)| GlossaryTerm { term: term.clone(), meaning: meaning.clone() };
        let glossary: Vec<GlossaryTerm> = self.glossary.iter().map(term).collect();
        for table in &mut self.tables {
            let fqn = Fqn::from_parts([table.file.as_str(), table.name.as_str()]);
            let spelling = Spelling::of(&glossary, &fqn);
            let spelled = table.columns.iter().chain([&table.name]).filter_map(|name| spelling.spell(name));
            table.facts.extend(spelled.collect::<Vec<_>>());
        }
    }

    /// Lets the French descriptions stand for the reference.
    pub fn speak_french(&mut self) {
        for table in &mut self.tables {
            table.reference = table.reference_fr.take();
        }
    }
}

fn questions(dir: &Path, place: &BTreeMap<[String; 2], usize>) -> Result<Vec<Question>> {
    let mut questions = Vec::new();
    for line in lines::<QuestionLine>(dir, "questions.jsonl")? {
        let id = line.id.as_str().map_or_else(|| line.id.to_string(), str::to_owned);
        let mut gold = Vec::new();
        for table in &line.gold_tables {
            let at = place.get(&lower([&line.file, table]));
            gold.push(*at.ok_or_else(|| format!("question {id} names {}.{table}, which is no table here", line.file))?);
        }
        gold.sort_unstable();
        gold.dedup();
        let language = line.lang.unwrap_or_else(|| "en".to_owned());
        questions.push(Question { id, file: line.file, language, text: line.question, gold });
    }
    Ok(questions)
}

/// The same in lowercase: sets and reports differ in case.
pub fn lower<const N: usize>(names: [&str; N]) -> [String; N] {
    names.map(str::to_lowercase)
}

fn read(path: &Path) -> Result<String> {
    let size = fs::metadata(path).map_err(|e| format!("failed to read {}: {e}", path.display()))?.len();
    if size > BYTES_MAX {
        return Err(format!("{} has {size} bytes, at most {BYTES_MAX} are read", path.display()).into());
    }
    Ok(fs::read_to_string(path).map_err(|e| format!("failed to read {}: {e}", path.display()))?)
}

/// The lines of a file; none when there is no such file.
pub fn lines<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Vec<T>> {
    let path = dir.join(name);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = read(&path)?;
    let filled = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = filled.map(|(number, line)| {
        serde_json::from_str(line).map_err(|e| format!("{}:{}: {e}", path.display(), number + 1).into())
    });
    parsed.collect()
}

/// The files of a folder with an ending; none when there is no folder.
pub fn files(dir: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|have| have == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn tables(dir: &Path) -> Result<Vec<GoldTable>> {
    let mut tables = Vec::new();
    for path in files(dir, "sqlite")? {
        let file = path.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
        let opened = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let connection = opened.map_err(|e| format!("failed to open {}: {e}", path.display()))?;
        let mut listed = connection.prepare(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid",
        )?;
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in listed.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
            let (table, column) = row?;
            by_name.entry(table).or_default().push(column);
        }
        let table = |(name, columns)| GoldTable {
            file: file.clone(),
            name,
            columns,
            reference: None,
            reference_fr: None,
            facts: Vec::new(),
        };
        tables.extend(by_name.into_iter().map(table));
    }
    if tables.is_empty() {
        return Err(format!("{} holds no SQLite file with tables", dir.display()).into());
    }
    Ok(tables)
}
