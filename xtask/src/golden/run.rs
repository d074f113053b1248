//! A run from the set to the report.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use super::abbreviate::abbreviate;
use super::baseline::{self, Baseline};
use super::described::{Sayings, by_file, by_person, by_walk, nothing};
use super::document::{ArmAcceptance, ArmReliability, Cost, Document, RegimeResult, Ruling};
use super::generate::{Others, others};
use super::measures::{Acceptance, Findings, Fitted, Judged, JudgedDraft, Reliability, bootstrap, judge, weighted};
use super::retrieval::{Descriptions, Retrieval, retrieve};
use super::set::{GoldTable, Regime, Set, lower};
use super::settings::{Arm, Gateway, Measure, OthersBy};
use super::vectors::{Form, ModelVectors};
use super::verdict::{Decisions, decide};
use super::walk::{Draft, Models, Walked, Wishes, walk};
use super::{columns, report};
use crate::Result;

/// The redacted rows of the arm `llm_rows`.
const ROWS: usize = 5;

/// Measures, writes the report, prints it, and compares it with the baseline where that is asked for.
///
/// # Errors
/// What cannot be read, walked or written; with `--check`, the measures that fell.
pub(super) fn measure(asked: &Measure, output: &mut dyn Write) -> Result<()> {
    let begin = Instant::now();
    let out = asked.folder();
    fs::create_dir_all(&out).map_err(|e| format!("failed to make {}: {e}", out.display()))?;
    let gateway = asked.gateway();
    let set = prepared(asked, &out)?;
    let run = Run::new(asked, &out, gateway, &set)?;
    let mut results = Vec::new();
    let (mut retrievals, mut scored) = (Vec::new(), Vec::new());
    for regime in &set.regimes {
        let (result, retrieval) = run.regime(regime, &mut scored)?;
        results.push(result);
        retrievals.push(retrieval);
    }
    let decisions = asked.ledger.as_deref().map(|path| decisions(&run.binary, path)).transpose()?;
    let verdicts = run.verdicts(&set, &retrievals, decisions.as_ref());
    let document = Document {
        set: set.name,
        identity: set.identity,
        embedder: run.model.is_some().then(|| run.embedder()),
        multilingual: run.multilingual(),
        model: run.arms_with_model().then(|| asked.model.clone()),
        glossary: asked.glossary,
        regimes: results,
        verdicts,
        calibration: Fitted::of(&scored),
        decisions,
        seconds: begin.elapsed().as_secs_f64(),
    };
    report::write(&document, &out)?;
    report::print(&document, output)?;
    writeln!(output, "\nreport: {}", out.join(report::PAGE).display())?;
    let now = Baseline::of(&document);
    let path = asked.baseline_file();
    if asked.write_baseline {
        now.write(&path)?;
        writeln!(output, "baseline: {} measures written to {}", now.measures.len(), path.display())?;
    }
    if asked.check {
        let held = baseline::check(&Baseline::read(&path)?, &now)?;
        writeln!(output, "baseline: {held} measures hold")?;
    }
    Ok(())
}

/// The set that is asked for: generated, abbreviated, narrowed.
fn prepared(asked: &Measure, out: &Path) -> Result<Set> {
    let dir = match &asked.set {
        Some(dir) => dir.clone(),
        None => {
            let dir = out.join("set");
            let definitions = Path::new(crate::WORKSPACE).join("golden");
            super::generate::generate(&definitions, &dir, (asked.max_rows > 0).then_some(asked.max_rows))?;
            dir
        }
    };
    let mut set = Set::load(&dir)?;
    if asked.abbreviate {
        if set.regimes.len() != 1 {
            return Err("--abbreviate is for a set of one regime".into());
        }
        let short = out.join("abbreviated");
        abbreviate(&set.regimes[0].dir, &short)?;
        set.regimes[0].name = "plain".to_owned();
        let weight = set.regimes[0].weight;
        let mut cryptic = Set::load(&short)?.regimes.remove(0);
        cryptic.weight = weight;
        // The copies have the same tables in the same files, in another order.
        set.regimes.push(Regime { name: "abbreviated".to_owned(), ..cryptic });
    }
    if !asked.regime.is_empty() {
        set.regimes.retain(|regime| asked.regime.contains(&regime.name));
    }
    for regime in &mut set.regimes {
        regime.narrow(&asked.only);
        if asked.glossary {
            regime.read_glossary();
        }
        if asked.language == "fr" {
            regime.speak_french();
        }
    }
    match set.regimes.iter().all(|regime| regime.questions.iter().any(|q| !q.gold.is_empty())) {
        true if !set.regimes.is_empty() => Ok(set),
        _ => Err(format!("{} holds no question with an answer for what is asked", dir.display()).into()),
    }
}

struct Run<'a> {
    asked: &'a Measure,
    out: &'a Path,
    gateway: Option<Gateway>,
    binary: PathBuf,
    model: Option<ModelVectors>,
    forms: Vec<Form>,
    others: Others,
}

/// Generated tables, and the folder of their files.
#[derive(Clone, Copy)]
struct Pool<'a> {
    dir: &'a Path,
    tables: &'a [GoldTable],
}

impl<'a> Run<'a> {
    fn new(asked: &'a Measure, out: &'a Path, gateway: Option<Gateway>, set: &Set) -> Result<Self> {
        let forms = asked.forms(gateway.as_ref());
        let vectors = |gateway: &Gateway| {
            let name: String = gateway.embedder.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
            ModelVectors::new(&gateway.endpoint(), &out.join(format!("vectors-{name}.sqlite")))
        };
        let wanted = forms.iter().any(|form| *form != Form::Lexical);
        let model = gateway.as_ref().filter(|_| wanted).map(vectors).transpose()?;
        let smallest = set.regimes.iter().map(|regime| regime.tables.len()).min().unwrap_or(0);
        let lacking = asked.pool.saturating_sub(smallest);
        let others = others(&Path::new(crate::WORKSPACE).join("golden"), &out.join("others"), lacking)?;
        Ok(Self { asked, out, binary: asked.product()?, gateway, model, forms, others })
    }

    /// As many generated tables as the large pool of the regime lacks.
    fn others(&self, regime: &Regime) -> Pool<'_> {
        let lacking = self.asked.pool.saturating_sub(regime.tables.len());
        let tables = self.others.tables(&regime.name);
        Pool { dir: self.others.folder(&regime.name), tables: &tables[..lacking.min(tables.len())] }
    }

    fn embedder(&self) -> String {
        self.gateway.as_ref().map_or_else(String::new, |gateway| gateway.embedder.clone())
    }

    fn multilingual(&self) -> bool {
        const MARKS: [&str; 5] = ["multilingual", "bge-m3", "e5-mistral", "paraphrase-multi", "labse"];
        let name = self.embedder().to_lowercase();
        // The lexical embedder joins French words with their English.
        let known = self.model.is_none() || MARKS.iter().any(|mark| name.contains(mark));
        self.asked.multilingual.unwrap_or(known)
    }

    fn arms_with_model(&self) -> bool {
        self.gateway.is_some() && (self.asked.arms.is_empty() || self.asked.arms.iter().any(|arm| arm.needs_model()))
    }

    /// Measures a regime; the model's drafts of the arm `llm` are added to `scored`.
    fn regime(&self, regime: &Regime, scored: &mut Vec<JudgedDraft>) -> Result<(RegimeResult, Retrieval)> {
        let state = |name: &str| self.out.join("state").join(&regime.name).join(name);
        let walk = |name: &str, wishes: Wishes<'_>| walk(&self.binary, &regime.dir, &state(name), wishes);
        let plainly = Wishes::default();
        let glossary = self.asked.glossary.then_some(&regime.glossary);
        let told = Wishes { glossary, ..plainly };
        let named = |arm: &str| if glossary.is_some() { format!("{arm}-glossary") } else { arm.to_owned() };
        let walked = walk(&named("rules"), told)?;
        let query_logs = &regime.query_logs;
        let with_log = (!query_logs.is_empty()).then(|| walk("rules-log", Wishes { query_logs, ..plainly }));
        let across = (!regime.cross.is_empty()).then(|| walk("across", Wishes { cross: true, ..plainly }));
        let findings = Findings::of(regime, &walked, with_log.transpose()?.as_ref(), across.transpose()?.as_ref());
        let referenced = regime.tables.iter().any(|table| table.reference.is_some());
        let (mut descriptions, mut acceptance) = (Descriptions::new(), Vec::new());
        let (mut reliabilities, mut costs, mut columns) = (Vec::new(), Vec::new(), None);
        for arm in self.asked.arms(self.gateway.as_ref(), referenced)? {
            let models = self.models(arm);
            let own = named(arm.as_str());
            let by_model = models.as_ref().map(|models| walk(&own, Wishes { models: Some(models), ..told }));
            let by_model = by_model.transpose()?;
            let source = by_model.as_ref().or((arm == Arm::Rules).then_some(&walked));
            let sayings = self.sayings(arm, regime, source, &walked)?;
            let texts: Vec<Option<String>> = sayings.ours.iter().map(|saying| saying.text.clone()).collect();
            if let Some(walked) = &by_model {
                costs.push(self.cost(arm, regime, walked, &texts)?);
                if self.asked.columns {
                    columns = Some(columns::measure(&self.binary, &state(&own), regime, self.model.as_ref())?);
                }
            }
            if !matches!(arm, Arm::Invisible | Arm::Bare) {
                let judged = judge(&regime.tables, &texts)?;
                acceptance.push(ArmAcceptance { arm, acceptance: Acceptance::of(regime.tables.len(), &judged) });
                if let Some(walked) = source {
                    let drafts = judged_drafts(regime, walked, &judged, |_| true);
                    let pairs: Vec<(f64, bool)> = drafts.iter().map(|d| (d.confidence, d.accepted)).collect();
                    reliabilities.push(ArmReliability { arm, reliability: Reliability::of(&pairs) });
                }
                if let (Arm::Llm, Some(walked)) = (arm, source) {
                    scored.extend(judged_drafts(regime, walked, &judged, |draft| draft.source.starts_with("model:")));
                }
            }
            descriptions.insert(arm, sayings);
        }
        let retrieval = retrieve(regime, &descriptions, &self.forms, self.others(regime).tables, self.model.as_ref())?;
        let answerable = regime.questions.iter().filter(|q| !q.gold.is_empty()).count();
        let result = RegimeResult {
            name: regime.name.clone(),
            weight: regime.weight,
            tables: regime.tables.len(),
            answerable,
            unanswerable: regime.questions.len() - answerable,
            cells: retrieval.cells(regime),
            lifts: retrieval.lifts(regime),
            acceptance,
            reliability: reliabilities,
            refusals: retrieval.refusals(),
            findings,
            costs,
            columns,
        };
        Ok((result, retrieval))
    }

    /// What an arm's descriptions cost, and how they compare with the reference.
    fn cost(&self, arm: Arm, regime: &Regime, walked: &Walked, texts: &[Option<String>]) -> Result<Cost> {
        let by_model = walked.drafts.values().filter(|draft| draft.source.starts_with("model:")).count();
        let both = |(text, table): (&Option<String>, &GoldTable)| Some((text.clone()?, table.reference.clone()?));
        let (drafts, references): (Vec<String>, Vec<String>) =
            texts.iter().zip(&regime.tables).filter_map(both).unzip();
        let similarity = self.model.as_ref().map(|model| model.similarity(&drafts, &references)).transpose()?;
        Ok(Cost {
            arm,
            by_model,
            described: walked.drafts.len(),
            seconds: walked.describing,
            calls: walked.calls,
            tokens: walked.tokens,
            answers: walked.answers.clone(),
            words: columns::words(texts.iter().flatten().map(String::as_str)),
            similarity: similarity.flatten(),
        })
    }

    /// What an arm says of the set's tables, and of the generated ones; `read` is the walk whose readings stand beside
    /// what no walk drafted.
    fn sayings(&self, arm: Arm, regime: &Regime, drafted: Option<&Walked>, read: &Walked) -> Result<Sayings> {
        let others = self.others(regime);
        if matches!(arm, Arm::Invisible | Arm::Bare) {
            return Ok(Sayings { ours: nothing(&regime.tables), others: nothing(others.tables) });
        }
        let walk_others = |by: Arm| {
            if others.tables.is_empty() {
                return Ok(Walked::default());
            }
            let state = self.out.join("state").join(&regime.name).join(format!("others-{}", by.as_str()));
            let models = self.models(by);
            walk(&self.binary, others.dir, &state, Wishes { models: models.as_ref(), ..Wishes::default() })
        };
        let given = self.asked.descriptions.as_deref().filter(|_| arm == Arm::Described);
        let ours = match (given, drafted) {
            (Some(path), _) => by_file(&regime.tables, read, path, false)?,
            (None, Some(walked)) => by_walk(&regime.tables, walked),
            (None, None) => by_person(&regime.tables, read),
        };
        let others = match (given, drafted, self.asked.others) {
            (Some(path), ..) => by_file(others.tables, &walk_others(Arm::Rules)?, path, true)?,
            (_, Some(_), OthersBy::Describer) => by_walk(others.tables, &walk_others(arm)?),
            (_, Some(_), OthersBy::Rules) => by_walk(others.tables, &walk_others(Arm::Rules)?),
            _ => by_person(others.tables, &walk_others(Arm::Rules)?),
        };
        Ok(Sayings { ours, others })
    }

    /// The models of an arm that needs some.
    fn models(&self, arm: Arm) -> Option<Models> {
        let rows = if arm == Arm::LlmRows { ROWS } else { 0 };
        self.gateway.as_ref().filter(|_| arm.needs_model()).map(|gateway| gateway.models(self.asked, rows))
    }

    /// What the rule says, on the vector that ADEN reads where there is a model, else on the lexical one.
    fn verdicts(&self, set: &Set, retrievals: &[Retrieval], decisions: Option<&Decisions>) -> Vec<Ruling> {
        let form = if self.forms.contains(&Form::One) { Form::One } else { Form::Lexical };
        let gains: Vec<Option<Vec<f64>>> = retrievals.iter().map(|r| r.gains(Arm::Llm, form)).collect();
        let embedder = if form == Form::Lexical { "word statistics".to_owned() } else { self.embedder() };
        let apart = !self.multilingual();
        let mut rulings = Vec::new();
        for ((regime, retrieval), gains) in set.regimes.iter().zip(retrievals).zip(&gains) {
            let Some(gains) = gains else { return Vec::new() };
            let lift = bootstrap(gains);
            let note = match regime.name == "french" && apart {
                true => format!("by {embedder}, which is not multilingual: to be read apart"),
                false => format!("by {embedder}"),
            };
            let (pool, verdict) = (retrieval.large(), decide(&lift, retrieval.large(), decisions));
            rulings.push(Ruling { regime: regime.name.clone(), form, pool, lift, verdict, note });
        }
        if set.regimes.len() > 1 {
            let groups: Vec<(&[f64], f64)> =
                set.regimes.iter().zip(&gains).filter_map(|(r, g)| Some((g.as_deref()?, r.weight))).collect();
            let lift = joint(set, &groups);
            let pool = retrievals.iter().map(Retrieval::large).min().unwrap_or(0);
            let verdict = decide(&lift, pool, decisions);
            let weights: Vec<String> = set.regimes.iter().map(|r| format!("{} {}", r.name, r.weight)).collect();
            let note = format!("by {embedder}; {}", weights.join(", "));
            rulings.push(Ruling { regime: "weighted".to_owned(), form, pool, lift, verdict, note });
        }
        rulings
    }
}

/// The weighted lift. Where every regime asks the same questions they are drawn together, because a question that is
/// hard is hard under every name; else each regime's are drawn apart.
fn joint(set: &Set, groups: &[(&[f64], f64)]) -> super::measures::Interval {
    let ids = |regime: &Regime| -> Vec<String> {
        regime.questions.iter().filter(|q| !q.gold.is_empty()).map(|q| q.id.clone()).collect()
    };
    let same = set.regimes.windows(2).all(|pair| ids(&pair[0]) == ids(&pair[1]));
    let whole: f64 = groups.iter().map(|(_, weight)| weight).sum();
    match groups.first() {
        Some((first, _)) if same && whole > 0.0 => {
            let at = |at: usize| groups.iter().map(|(gains, weight)| gains[at] * weight / whole).sum();
            bootstrap(&(0..first.len()).map(at).collect::<Vec<f64>>())
        }
        _ => weighted(groups),
    }
}

/// The arm's drafts with what the rubric says of them. `by` chooses their authors.
fn judged_drafts(
    regime: &Regime,
    walked: &Walked,
    judged: &BTreeMap<usize, Judged>,
    by: fn(&Draft) -> bool,
) -> Vec<JudgedDraft> {
    let draft = |at: usize| walked.drafts.get(&lower([&regime.tables[at].file, &regime.tables[at].name]));
    let told = judged.iter().filter_map(|(at, judged)| Some((*at, draft(*at).filter(|d| by(d))?, judged.accepted())));
    told.map(|(at, draft, accepted)| JudgedDraft {
        group: regime.tables[at].file.clone(),
        confidence: draft.confidence,
        accepted,
    })
    .collect()
}

#[derive(Deserialize)]
struct Proposal {
    state: String,
}

/// What stewards decided on descriptions, as the product lists it.
fn decisions(binary: &Path, ledger: &Path) -> Result<Decisions> {
    let mut command = Command::new(binary);
    if ledger.is_file() {
        command.arg("--config").arg(ledger);
    }
    command.args(["review"]);
    if ledger.is_dir() {
        command.arg("--state").arg(ledger);
    }
    let told = command.args(["list", "--all", "--kind", "description", "--output", "json"]).output()?;
    if !told.status.success() {
        let why = String::from_utf8_lossy(&told.stderr);
        return Err(format!("the decisions in {} cannot be listed: {}", ledger.display(), why.trim()).into());
    }
    let proposals: Vec<Proposal> = serde_json::from_slice(&told.stdout)?;
    let count = |states: &[&str]| proposals.iter().filter(|p| states.contains(&p.state.as_str())).count();
    Ok(Decisions { accepted: count(&["accepted"]), rejected: count(&["rejected"]) })
}
