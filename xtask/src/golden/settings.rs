//! What can be asked of a run.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::vectors::{Endpoint, Form};
use super::walk::Models;
use crate::Result;

/// What the index holds of the set's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Arm {
    /// Nothing: tables without a description are not indexed.
    Invisible,
    /// Names and columns.
    Bare,
    /// The rule-based description.
    Rules,
    /// The model's description, from facts alone.
    Llm,
    /// The model's description, from facts and five redacted rows.
    LlmRows,
    /// Descriptions from a file (`--descriptions`).
    Described,
    /// The set's own descriptions, written by a person.
    Reference,
}

impl Arm {
    /// Its name on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invisible => "invisible",
            Self::Bare => "bare",
            Self::Rules => "rules",
            Self::Llm => "llm",
            Self::LlmRows => "llm_rows",
            Self::Described => "described",
            Self::Reference => "reference",
        }
    }

    /// Does a model have to answer for it?
    pub fn needs_model(self) -> bool {
        matches!(self, Self::Llm | Self::LlmRows)
    }
}

/// Who describes the generated tables of the large pool, in the arms that describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum OthersBy {
    /// The rules, also where a model describes the set's tables: nobody is asked, and measured it comes to the same as
    /// `describer` (docs/reference/benchmarks.md).
    Rules,
    /// Whoever describes the set's tables: a catalog has one describer. Models are asked about hundreds of tables.
    Describer,
    /// A person, whatever describes the set's tables: harder on rules and models, and quick.
    Person,
}

/// What to measure, on what, and where to write it.
#[derive(Debug, Clone, Args)]
pub struct Measure {
    /// A folder in the format of golden/README.md. Default: the committed set, generated.
    #[arg(long, value_name = "DIR")]
    pub set: Option<PathBuf>,
    /// Where the report goes. Default: golden in the target folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Most rows of a generated table; 0 for all. More rows change no ranking.
    #[arg(long, default_value_t = 2_000)]
    pub max_rows: u64,
    /// What the index holds. Default: all that can be measured here.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub arms: Vec<Arm>,
    /// What finds. Default: all that can be measured here.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub embedder: Vec<Form>,
    /// Only these regimes of the set.
    #[arg(long, value_delimiter = ',')]
    pub regime: Vec<String>,
    /// Only the set's files whose names begin so.
    #[arg(long, default_value = "")]
    pub only: String,
    /// Measure the set also under abbreviated names (the first letter and the consonants of each word).
    #[arg(long)]
    pub abbreviate: bool,
    /// Tables in the large pool; generated ones that no question asks for fill it up.
    #[arg(long, default_value_t = 500)]
    pub pool: usize,
    /// Let the describers read the set's glossary, as an operator's `glossary.terms`.
    #[arg(long)]
    pub glossary: bool,
    /// Who describes the generated tables.
    #[arg(long, value_enum, default_value = "rules")]
    pub others: OthersBy,
    /// Lines of {file, table, description}, for the arm `described`.
    #[arg(long, value_name = "FILE")]
    pub descriptions: Option<PathBuf>,
    /// The model that describes, by its name at the gateway.
    #[arg(long, default_value = "qwen2.5:3b")]
    pub model: String,
    /// The model that is asked once more when the first is not sure.
    #[arg(long, value_name = "NAME")]
    pub fallback_model: Option<String>,
    /// Requests that the describing model answers at once.
    #[arg(long, default_value_t = 1)]
    pub concurrent: usize,
    /// What models write, and which of the set's descriptions stand for the reference.
    #[arg(long, default_value = "en", value_parser = ["en", "fr"])]
    pub language: String,
    /// Let the model describe columns, too, and compare that with what the set says of them.
    #[arg(long)]
    pub columns: bool,
    /// Does the embedding model know French? Default: from its name.
    #[arg(long)]
    pub multilingual: Option<bool>,
    /// Leave models out even when the environment names a gateway.
    #[arg(long)]
    pub offline: bool,
    /// Fail when a measure of the offline arms fell below the baseline by more than its noise.
    #[arg(long)]
    pub check: bool,
    /// The baseline. Default: golden/baseline.json.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what was measured as the baseline.
    #[arg(long, conflicts_with = "check")]
    pub write_baseline: bool,
    /// A ledger with real decisions: a state folder, or the configuration file that names a database.
    #[arg(long, value_name = "PATH")]
    pub ledger: Option<PathBuf>,
    /// The product. Default: catalog-syncd of the target folder, built when missing.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
}

/// The models that the environment names, as `cargo xtask stack env` prints it.
#[derive(Debug, Clone)]
pub struct Gateway {
    url: String,
    key_file: PathBuf,
    dimension: usize,
    /// What the embedding model calls itself.
    pub embedder: String,
}

impl Gateway {
    /// `None` when the environment names no gateway.
    pub fn from_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Some(Self {
            url: format!("{}/v1", variable("CATALOG_TEST_LITELLM_URL")?.trim_end_matches('/')),
            key_file: variable("CATALOG_TEST_LITELLM_KEY_FILE")?.into(),
            dimension: variable("CATALOG_TEST_EMBED_DIMENSION").and_then(|n| n.parse().ok()).unwrap_or(768),
            embedder: variable("CATALOG_TEST_EMBED_MODEL").unwrap_or_else(|| "akko-embed".to_owned()),
        })
    }

    /// The embedding model.
    pub fn endpoint(&self) -> Endpoint {
        let (url, key_file) = (self.url.clone(), Some(self.key_file.clone()));
        Endpoint { url, key_file, model: "akko-embed".to_owned(), dimension: self.dimension }
    }

    /// The models that describe.
    pub fn models(&self, measure: &Measure, sample_rows: usize) -> Models {
        Models {
            url: self.url.clone(),
            key_file: self.key_file.clone(),
            model: measure.model.clone(),
            fallback: measure.fallback_model.clone(),
            concurrent: measure.concurrent.max(1),
            sample_rows,
            language: measure.language.clone(),
            columns: measure.columns,
        }
    }
}

impl Measure {
    /// The gateway, unless models are left out.
    pub fn gateway(&self) -> Option<Gateway> {
        (!self.offline && !self.check && !self.write_baseline).then(Gateway::from_environment).flatten()
    }

    /// The arms to run.
    ///
    /// # Errors
    /// When an arm is asked for that cannot be run here.
    pub fn arms(&self, gateway: Option<&Gateway>, referenced: bool) -> Result<Vec<Arm>> {
        let all = Arm::value_variants().iter().copied();
        let possible = |arm: Arm| match arm {
            Arm::Llm | Arm::LlmRows => gateway.is_some(),
            Arm::Described => self.descriptions.is_some(),
            Arm::Reference => referenced,
            Arm::Invisible | Arm::Bare | Arm::Rules => true,
        };
        if let Some(arm) = self.arms.iter().find(|arm| !possible(**arm)) {
            let lacks = match arm {
                Arm::Described => "--descriptions FILE",
                Arm::Reference => "descriptions.jsonl in the set",
                _ => "a gateway: see `cargo xtask stack env`",
            };
            return Err(format!("the arm {} needs {lacks}", arm.as_str()).into());
        }
        let wanted =
            |arm: &Arm| possible(*arm) && (self.arms.is_empty() || self.arms.contains(arm) || *arm == Arm::Bare);
        Ok(all.filter(wanted).collect())
    }

    /// The forms to run.
    pub fn forms(&self, gateway: Option<&Gateway>) -> Vec<Form> {
        let all = Form::value_variants().iter().copied();
        let possible = |form: &Form| *form == Form::Lexical || gateway.is_some();
        all.filter(|form| possible(form) && (self.embedder.is_empty() || self.embedder.contains(form))).collect()
    }

    /// The folder that everything is written to.
    pub fn folder(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| target().join("golden"))
    }

    /// The baseline's file.
    pub fn baseline_file(&self) -> PathBuf {
        self.baseline.clone().unwrap_or_else(|| Path::new(crate::WORKSPACE).join("golden/baseline.json"))
    }

    /// The product's binary, built when it is missing.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn product(&self) -> Result<PathBuf> {
        let path = self.binary.clone().unwrap_or_else(|| target().join("debug/catalog-syncd"));
        if !path.exists() && self.binary.is_none() {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut build = std::process::Command::new(cargo);
            build.args(["build", "--quiet", "--package", "catalog-syncd"]).current_dir(crate::WORKSPACE);
            if !build.status()?.success() {
                return Err("catalog-syncd could not be built".into());
            }
        }
        Ok(path)
    }
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(crate::WORKSPACE).join("target"), PathBuf::from)
}
