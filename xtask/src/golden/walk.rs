//! Walks the set with the product itself, `catalog-syncd sync`, and reads its report.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::set::lower;
use crate::Result;

/// The configuration of a walk, in its state folder.
pub const CONFIGURATION: &str = "golden.toml";

/// What a walk does beside inspecting, inferring keys and describing by rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// The models that describe, if any.
    pub models: Option<&'a Models>,
    /// Query logs to read.
    pub query_logs: &'a [PathBuf],
    /// The house's words.
    pub glossary: Option<&'a BTreeMap<String, String>>,
    /// Look for keys between all files and leave descriptions out.
    pub cross: bool,
}

/// The models of a walk that has some.
#[derive(Debug, Clone)]
pub struct Models {
    /// The OpenAI-compatible address.
    pub url: String,
    /// A file with its key.
    pub key_file: PathBuf,
    /// The model that describes.
    pub model: String,
    /// The model that is asked once more, if any.
    pub fallback: Option<String>,
    /// Requests in flight at once.
    pub concurrent: usize,
    /// Redacted rows in the prompt.
    pub sample_rows: usize,
    /// `en` or `fr`: what descriptions are written in.
    pub language: String,
    /// Describe columns, too?
    pub columns: bool,
}

/// What a walk found. Files and names are in lowercase.
#[derive(Debug, Default)]
pub struct Walked {
    /// Drafts by file and table.
    pub drafts: BTreeMap<[String; 2], Draft>,
    /// What the rules read in names, by file and table.
    pub readings: BTreeMap<[String; 2], String>,
    /// Decisions on personal data by file, table and column.
    pub decisions: BTreeMap<[String; 3], String>,
    /// Keys of one column or several: file, child, columns, parent, columns; and are they confirmed?
    pub keys: Vec<([String; 5], bool)>,
    /// The tables of each mined query, most valuable query first.
    pub queries: Vec<BTreeSet<[String; 2]>>,
    /// Wall time of the walk.
    pub seconds: f64,
    /// Time spent on describing, summed over workers.
    pub describing: f64,
    /// Calls of models in this walk, where the product tells.
    pub calls: Option<u64>,
    /// Tokens of prompts and answers in this walk, where the product tells.
    pub tokens: Option<u64>,
    /// What became of each table at the models; `None` without models.
    pub answers: Option<Answers>,
    /// What went wrong and was passed over.
    pub parked: usize,
}

/// What became of the tables that a model was to describe, as the report tells it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Answers {
    /// Tables that were to be described.
    pub tables: u64,
    /// Answered before and kept: they are not counted below.
    pub cached: u64,
    /// Described by the first answer.
    pub first_try: u64,
    /// Described by the second answer, given knowing why the first was refused.
    pub after_retry: u64,
    /// Described by the fallback model.
    pub after_fallback: u64,
    /// Described by the rules.
    pub by_rules: u64,
    /// Made a question to the steward.
    pub questions: u64,
    /// Left without a description.
    pub nothing: u64,
    /// Refused answers by reason.
    pub refusals: BTreeMap<String, u64>,
}

/// A description as the walk made it.
#[derive(Debug, Clone, Deserialize)]
pub struct Draft {
    /// The sentence.
    pub text: String,
    /// How sure its author is, 0 to 1.
    pub confidence: f64,
    /// `rules` or `model:<name>`.
    pub source: String,
}

#[derive(Deserialize)]
struct Report {
    tables: Vec<TableReport>,
    foreign_keys: Vec<KeyReport>,
    queries: Vec<QueryReport>,
    parked: Vec<serde_json::Value>,
    run: RunReport,
}

#[derive(Deserialize)]
struct RunReport {
    seconds: f64,
    stages: BTreeMap<String, f64>,
    #[serde(default)]
    model_calls: Option<u64>,
    #[serde(default)]
    model_tokens: Option<u64>,
    #[serde(default)]
    descriptions: Option<Answers>,
}

#[derive(Deserialize)]
struct TableReport {
    fqn: String,
    description: Option<Draft>,
    #[serde(default)]
    reading: Option<String>,
    columns: Vec<ColumnReport>,
}

#[derive(Deserialize)]
struct ColumnReport {
    name: String,
    pii: PiiReport,
}

#[derive(Deserialize)]
struct PiiReport {
    decision: String,
}

#[derive(Deserialize)]
struct KeyReport {
    child_table: String,
    child_columns: Vec<String>,
    parent_table: String,
    parent_columns: Vec<String>,
    status: String,
}

#[derive(Deserialize)]
struct QueryReport {
    tables: Vec<String>,
}

/// Walks a folder of SQLite files into the state folder `state`, which a later walk goes on from: what did not change is not asked of
/// a model again.
///
/// # Errors
/// When the walk cannot begin or end; tables that it parks are counted.
pub fn walk(binary: &Path, dir: &Path, state: &Path, wishes: Wishes<'_>) -> Result<Walked> {
    fs::create_dir_all(state)?;
    let configuration = state.join(CONFIGURATION);
    fs::write(&configuration, settings(state, wishes)?)?;
    let mut command = Command::new(binary);
    command.arg("--config").arg(&configuration).args(["sync", "--output", "json", "--warehouse"]).arg(dir);
    if !wishes.query_logs.is_empty() {
        let log = state.join("querylog.jsonl");
        let mut joined = fs::File::create(&log)?;
        for path in wishes.query_logs {
            joined.write_all(&fs::read(path)?)?;
        }
        command.arg("--query-log").arg(log);
    }
    let told = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|e| format!("failed to run {}: {e}", binary.display()))?;
    // 3: done, but some tables could not be walked.
    if !matches!(told.status.code(), Some(0 | 3)) {
        let why = String::from_utf8_lossy(&told.stderr);
        return Err(format!("the walk over {} failed: {}", dir.display(), why.trim()).into());
    }
    let report: Report = serde_json::from_slice(&told.stdout)
        .map_err(|e| format!("the walk over {} printed no report: {e}", dir.display()))?;
    Ok(read(report))
}

fn settings(state: &Path, wishes: Wishes<'_>) -> Result<String> {
    use toml::Table;
    let path = |path: &Path| path.display().to_string();
    let mut all = Table::new();
    let mut set = |section: &str, pairs: Vec<(&str, toml::Value)>| {
        let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
        all.insert(section.to_owned(), pairs.collect::<Table>().into());
    };
    let key = state.parent().unwrap_or(state).join("fingerprints.key");
    set("state", vec![("dir", path(state).into()), ("key_file", path(&key).into())]);
    set("passes", vec![("index", false.into()), ("describe", (!wishes.cross).into())]);
    if wishes.cross {
        set("fk", vec![("cross_catalog", "all".into())]);
    }
    if let Some(glossary) = wishes.glossary {
        let terms = glossary.iter().map(|(term, meaning)| (term.clone(), meaning.clone().into()));
        set("glossary", vec![("terms", terms.collect::<Table>().into())]);
    }
    if let Some(models) = wishes.models {
        // Whoever waits for a model does no work of its own.
        set("sync", vec![("workers", i64::try_from(models.concurrent.max(2))?.into())]);
        set(
            "llm",
            vec![
                ("url", models.url.clone().into()),
                ("key", format!("file:{}", path(&models.key_file)).into()),
                ("model", models.model.clone().into()),
                ("fallback_model", models.fallback.clone().unwrap_or_default().into()),
                ("fallback_enabled", models.fallback.is_some().into()),
                // A table is fitted to scores as they are.
                ("calibration", "none".into()),
                // What is measured is the description; votes would double the calls.
                ("vote", false.into()),
                ("concurrent", i64::try_from(models.concurrent)?.into()),
                ("deadline_secs", 300.into()),
            ],
        );
        set("prompt", vec![("sample_rows", i64::try_from(models.sample_rows)?.into())]);
        let columns = if models.columns { "missing" } else { "off" };
        set("describe", vec![("language", models.language.clone().into()), ("columns", columns.into())]);
    }
    Ok(toml::to_string(&all)?)
}

fn read(report: Report) -> Walked {
    let mut walked = Walked {
        seconds: report.run.seconds,
        describing: report.run.stages.get("describe").copied().unwrap_or(0.0),
        calls: report.run.model_calls,
        tokens: report.run.model_tokens,
        answers: report.run.descriptions,
        parked: report.parked.len(),
        ..Walked::default()
    };
    for table in report.tables {
        let [file, name] = ends(&table.fqn);
        for column in table.columns {
            walked.decisions.insert(lower([&file, &name, &column.name]), column.pii.decision);
        }
        if let Some(reading) = table.reading {
            walked.readings.insert([file.clone(), name.clone()], reading);
        }
        if let Some(draft) = table.description {
            walked.drafts.insert([file, name], draft);
        }
    }
    for key in report.foreign_keys {
        let ([child_file, child], [parent_file, parent]) = (ends(&key.child_table), ends(&key.parent_table));
        // A key into another file keeps the file before the table's name.
        let parent = if child_file == parent_file { parent } else { format!("{parent_file}.{parent}") };
        let found = lower([&child_file, &child, &key.child_columns.join(","), &parent, &key.parent_columns.join(",")]);
        walked.keys.push((found, key.status == "confirmed"));
    }
    walked.queries = report.queries.iter().map(|q| q.tables.iter().map(|fqn| ends(fqn)).collect()).collect();
    walked
}

/// A report's name for a table as file and table, in lowercase.
pub fn ends(fqn: &str) -> [String; 2] {
    let plain = |part: Option<&str>| part.unwrap_or_default().trim_matches('"').to_lowercase();
    [plain(fqn.split('.').next()), plain(fqn.rsplit('.').next())]
}
