//! What a run measured, as it is written to `golden-report.json`.

use serde::Serialize;
use serde_json::Value;

use super::columns::ColumnDescriptions;
use super::measures::{Acceptance, Findings, Fitted, Interval, Recall, Reliability};
use super::settings::Arm;
use super::vectors::Form;
use super::verdict::{Decisions, Verdict};
use super::walk::Answers;

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// The set's name.
    pub set: String,
    /// What the set was made from; null for a folder that does not say.
    pub identity: Value,
    /// The embedding model, if one answered.
    pub embedder: Option<String>,
    /// Does it know French?
    pub multilingual: bool,
    /// The model that described, if one answered.
    pub model: Option<String>,
    /// Did the describers read the set's glossary?
    pub glossary: bool,
    /// Each manner of naming.
    pub regimes: Vec<RegimeResult>,
    /// What the rule says, by regime and weighted; empty without the arm `llm`.
    pub verdicts: Vec<Ruling>,
    /// What the scores of the model's drafts are worth, over all regimes; none without the arm `llm`.
    pub calibration: Option<Fitted>,
    /// What stewards decided, if a ledger was given.
    pub decisions: Option<Decisions>,
    /// Wall time of the run in seconds.
    pub seconds: f64,
}

/// One manner of naming.
#[derive(Debug, Clone, Serialize)]
pub struct RegimeResult {
    /// Its name.
    pub name: String,
    /// Its part in the verdict, in per cent.
    pub weight: f64,
    /// Tables of the set.
    pub tables: usize,
    /// Questions with an answer.
    pub answerable: usize,
    /// Questions without one.
    pub unanswerable: usize,
    /// Recall, one cell for each arm, form, pool and group of questions.
    pub cells: Vec<Cell>,
    /// Differences between arms, question by question.
    pub lifts: Vec<Lift>,
    /// What the rubric says of each arm's descriptions.
    pub acceptance: Vec<ArmAcceptance>,
    /// How confidences compare with what the rubric accepts.
    pub reliability: Vec<ArmReliability>,
    /// How well the best score tells questions with an answer from those without, in the large pool.
    pub refusals: Vec<Refusal>,
    /// Personal data, keys and proposals, of the walk without a model.
    pub findings: Findings,
    /// What the models cost.
    pub costs: Vec<Cost>,
    /// What the model says of columns, with `--columns`.
    pub columns: Option<ColumnDescriptions>,
}

/// Recall of one arm under one form in one pool.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// What the index held.
    pub arm: Arm,
    /// What found.
    pub form: Form,
    /// `domain`, `set` or `large`.
    pub pool: &'static str,
    /// Tables in the pool; the mean over domains for `domain`.
    pub tables: usize,
    /// `all`, `language:<code>`, `domain:<file>` or `tables:one|several`.
    pub group: String,
    /// The means.
    #[serde(flatten)]
    pub recall: Recall,
}

/// The difference of recall@5 between two arms, paired by question.
#[derive(Debug, Clone, Serialize)]
pub struct Lift {
    /// The arm.
    pub arm: Arm,
    /// What it is compared with.
    pub base: Arm,
    /// What found.
    pub form: Form,
    /// The pool.
    pub pool: &'static str,
    /// The group of questions, as in [`Cell::group`].
    pub group: String,
    /// The difference, 0 to 1, with its interval.
    pub lift: Interval,
}

/// The rubric over one arm.
#[derive(Debug, Clone, Serialize)]
pub struct ArmAcceptance {
    /// The arm.
    pub arm: Arm,
    /// The shares.
    #[serde(flatten)]
    pub acceptance: Acceptance,
}

/// Confidences of one arm against the rubric.
#[derive(Debug, Clone, Serialize)]
pub struct ArmReliability {
    /// The arm.
    pub arm: Arm,
    /// Its bins and errors.
    #[serde(flatten)]
    pub reliability: Reliability,
}

/// Questions without an answer against the others.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// The arm.
    pub arm: Arm,
    /// What found.
    pub form: Form,
    /// The chance that a question with an answer has a better best score than one without (area under the ROC curve).
    pub area: f64,
}

/// What an arm's descriptions cost in this run.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// The arm.
    pub arm: Arm,
    /// Descriptions written by the model; the others are the rules'.
    pub by_model: usize,
    /// Descriptions in all.
    pub described: usize,
    /// Seconds spent on describing; near 0 when nothing changed since the last run.
    pub seconds: f64,
    /// Calls of the model in this run, if the walk tells.
    pub calls: Option<u64>,
    /// Tokens of prompts and answers in this run, if the walk tells.
    pub tokens: Option<u64>,
    /// At which answer each table was described in this run, and why answers were refused.
    pub answers: Option<Answers>,
    /// Words of a description: the median and the most; 0 without any.
    pub words: [usize; 2],
    /// Mean cosine of description and reference under the embedding model, if both are there.
    pub similarity: Option<f64>,
}

/// What the rule says of a regime, or of all by their weights.
#[derive(Debug, Clone, Serialize)]
pub struct Ruling {
    /// The regime, or `weighted`.
    pub regime: String,
    /// What found.
    pub form: Form,
    /// Tables in the pool.
    pub pool: usize,
    /// The lift of `llm` over `bare`.
    pub lift: Interval,
    /// What follows.
    pub verdict: Verdict,
    /// What has to be known to read it.
    pub note: String,
}
