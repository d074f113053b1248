//! Describes the tables of warehouses with the running models, and says how it went.
//!
//! ```text
//! describe_folder [--warehouse PATH] [--limit N] [--every N] [--language en|fr] [--rows N]
//!                 [--model NAME] [--fallback NAME|none] [--url URL] [--fallback-url URL] [--seconds N] [--overhead]
//! ```
//! Without a path it makes the sample bank. `--every 5` takes each fifth table; `--overhead` asks no model and times
//! our own code. Models are asked through the gateway of the stack, or at `--url` without a key. A line of JSON for each table, then one for all. Values of cells are compared and never printed.

#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use catalog_core::memory::ManualClock;
use catalog_core::model::{
    CellRef, DescribeContext, DescribeRequest, Enrichment, KeyFact, Language, Neighbour, PiiVerdict, ProfiledTable,
    PromptSample, RawSample, SampleRequest, Table,
};
use catalog_core::ports::{Enricher, PiiVoter, Profiler, RawScanner};
use catalog_llm::client::{ChatAnswer, ChatModel, ChatRequest};
use catalog_llm::prompt::PromptOptions;
use catalog_llm::{ConnectionSettings, LlmSettings, ModelClient, ModelEnricher};
use catalog_local::describe::RuleEnricher;
use catalog_local::sources::{self, Warehouse};
use catalog_net::EgressPolicy;
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, ScannerOptions, TallyOptions};
use catalog_profile::{ProfileOptions, ScanProfiler};
use e2e::{Result, variable};
use serde_json::{Value, json};

/// A small model on busy cores.
const ANSWER_WITHIN: Duration = Duration::from_secs(400);
/// Rounds of the timing without a model.
const ROUNDS: u32 = 20;

/// A table with all that may be said of it, and the values that may not.
struct Case {
    table: Table,
    profiled: ProfiledTable,
    verdicts: Vec<PiiVerdict>,
    codes: Vec<Vec<String>>,
    rows: PromptSample,
    keys: Vec<KeyFact>,
    neighbours: Vec<Neighbour>,
    values: BTreeSet<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let wishes = wishes();
    let wish = |name: &str| wishes.get(name).map(String::as_str);
    let scratch = tempfile::tempdir()?;
    let path = match wish("warehouse") {
        Some(path) => path.to_owned(),
        None => {
            catalog_local::sample_warehouse::create(scratch.path())?;
            scratch.path().display().to_string()
        }
    };
    let rows = wish("rows").map_or(Ok(5), str::parse)?;
    let language = if wish("language") == Some("fr") { Language::Fr } else { Language::En };
    let settings = LlmSettings {
        model: wish("model").unwrap_or("qwen2.5:3b").to_owned(),
        fallback_model: Some(wish("fallback").unwrap_or("none").to_owned()).filter(|name| name != "none"),
        prompt: PromptOptions { rows_max: rows, ..PromptOptions::default() },
        ..LlmSettings::default()
    };
    let chat: Arc<dyn ChatModel> = if wish("overhead").is_some() {
        Arc::new(AtOnce)
    } else {
        Arc::new(Routed::new(&settings, wish("url"), wish("fallback-url"))?)
    };
    let enricher = ModelEnricher::new(chat, Arc::new(RuleEnricher), settings);
    let mut tables = Vec::new();
    for warehouse in sources::open(&path, &EgressPolicy::default()).await? {
        tables.extend(listed(&warehouse).await?.into_iter().map(|table| (warehouse.clone(), table)));
    }
    let (every, limit): (usize, usize) =
        (wish("every").map_or(Ok(1), str::parse)?, wish("limit").map_or(Ok(usize::MAX), str::parse)?);
    let until = Instant::now() + Duration::from_secs(wish("seconds").map_or(Ok(100_000), str::parse)?);
    let mut told = Told::default();
    for (warehouse, table) in tables.into_iter().step_by(every.max(1)).take(limit) {
        if Instant::now() > until {
            break;
        }
        let Ok(case) = case(&warehouse, table, rows).await else { continue };
        let rounds = if wish("overhead").is_some() { ROUNDS } else { 1 };
        let begin = Instant::now();
        let mut made = Enrichment::default();
        for _ in 0..rounds {
            made = enricher.enrich(&case.request(language)).await?;
        }
        told.table(&case, &made, begin.elapsed() / rounds);
    }
    println!("{}", told.summary(&json!(enricher.statistics())));
    Ok(())
}

/// The flags by name; a flag without a value is "".
fn wishes() -> BTreeMap<String, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |at: usize| arguments.get(at).and_then(|argument| argument.strip_prefix("--"));
    let value = |at: usize| arguments.get(at).filter(|_| flag(at).is_none()).cloned().unwrap_or_default();
    (0..arguments.len()).filter_map(|at| Some((flag(at)?.to_owned(), value(at + 1)))).collect()
}

async fn listed(warehouse: &Warehouse) -> Result<Vec<Table>> {
    let (mut tables, mut next) = (Vec::new(), None);
    loop {
        let page = warehouse.source.list(next.as_deref(), 500).await?;
        tables.extend(page.tables.into_iter().filter_map(|found| match found {
            catalog_core::ports::Discovered::Table(table) => Some(*table),
            catalog_core::ports::Discovered::Unreadable(..) => None,
        }));
        next = page.next;
        if next.is_none() {
            return Ok(tables);
        }
    }
}

/// Stages 2 to 5b, as the walk does them. Keys are the declared ones.
async fn case(warehouse: &Warehouse, table: Table, rows: usize) -> Result<Case> {
    let sample = warehouse.sampler.sample(&table, &SampleRequest::default()).await?;
    let profiler = ScanProfiler::new(Arc::clone(&warehouse.scanner), ProfileOptions::default());
    let profiled = profiler.profile(&table, &sample).await?;
    let masked = Masker::default().mask(&sample);
    let hits = PatternScanner::new(ScannerOptions::default()).scan(&sample).await?;
    let evidence = catalog_pii::evidence(&table, Some(&profiled.profile), &hits, masked.clone());
    let (pattern, name) = (PatternVoter.vote(&evidence).await?, NameVoter.vote(&evidence).await?);
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let verdicts = catalog_pii::tally(&names, Some(&pattern), Some(&name), TallyOptions { checksum_alone: false });
    let codes = catalog_pii::public_codes(&profiled, &verdicts);
    let types: Vec<_> = table.columns.iter().map(|column| column.data_type).collect();
    let redacted = catalog_pii::redact(&masked, &verdicts, &codes, &types, rows);
    let keys: Vec<KeyFact> = table
        .declared_keys
        .iter()
        .map(|key| KeyFact { columns: key.columns.clone(), other: key.parent.clone(), outgoing: true })
        .collect();
    let neighbours = keys.iter().map(|key| Neighbour { fqn: key.other.clone(), description: None }).collect();
    let values = secret_values(&sample, &table, &codes);
    Ok(Case { table, profiled, verdicts, codes, rows: redacted, keys, neighbours, values })
}

/// The cells of the sample that no description may hold: four characters and more, neither public code nor name.
fn secret_values(sample: &RawSample, table: &Table, codes: &[Vec<String>]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for at in 0..table.columns.len() {
        for cell in sample.cells(at) {
            let text = match cell {
                CellRef::Text(text) => text.trim().to_lowercase(),
                CellRef::Int(number) => number.to_string(),
                CellRef::Real(number) => number.to_string(),
                CellRef::Null | CellRef::Bool(_) | CellRef::Bytes(_) => continue,
            };
            if text.chars().count() >= 4 {
                values.insert(text);
            }
        }
    }
    let names = table.columns.iter().map(|column| column.name.to_lowercase()).chain([table.fqn().to_string()]);
    let names: Vec<String> = names.map(|name| name.to_lowercase()).collect();
    values.retain(|value| {
        let public = codes.iter().flatten().any(|code| code.eq_ignore_ascii_case(value));
        !public && !names.iter().any(|name| name.contains(value.as_str()))
    });
    values
}

impl Case {
    fn request(&self, language: Language) -> DescribeRequest<'_> {
        DescribeRequest {
            table: &self.table,
            profile: Some(&self.profiled.profile),
            verdicts: &self.verdicts,
            sample: Some(&self.rows),
            public_codes: &self.codes,
            keys: &self.keys,
            neighbours: &self.neighbours,
            language,
            context: DescribeContext::default(),
        }
    }

    /// Does the sentence hold a value of the sample as whole words?
    fn leaks(&self, sentence: &str) -> bool {
        let sentence = sentence.to_lowercase();
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        self.values.iter().any(|value| {
            sentence.match_indices(value.as_str()).any(|(at, _)| {
                edge(sentence[..at].chars().next_back()) && edge(sentence[at + value.len()..].chars().next())
            })
        })
    }
}

/// What is counted over all tables.
#[derive(Default)]
struct Told {
    tables: usize,
    by_model: usize,
    words: Vec<usize>,
    seconds: Vec<f64>,
    leaks: usize,
    confidence: f64,
}

impl Told {
    fn table(&mut self, case: &Case, made: &Enrichment, took: Duration) {
        self.tables += 1;
        self.seconds.push(took.as_secs_f64());
        let mut line = json!({"table": case.table.fqn().to_string(), "seconds": took.as_secs_f64()});
        if let Some(draft) = &made.draft {
            let (source, words) = (draft.source.to_string(), draft.text.split_whitespace().count());
            if source.starts_with("model:") {
                self.by_model += 1;
                self.words.push(words);
                self.confidence += draft.confidence.value();
            }
            let leaks = case.leaks(&draft.text);
            self.leaks += usize::from(leaks);
            line["source"] = json!(source);
            line["text"] = json!(draft.text);
            line["confidence"] = json!(draft.confidence.value());
            line["holds_a_sample_value"] = json!(leaks);
        }
        if let Some(question) = &made.question {
            line["question"] = json!(question);
        }
        if let Some(reason) = &made.stand_in {
            line["stand_in"] = json!(reason);
        }
        println!("{line}");
    }

    fn summary(mut self, statistics: &Value) -> Value {
        self.seconds.sort_by(f64::total_cmp);
        self.words.sort_unstable();
        let mean = self.seconds.iter().sum::<f64>() / self.seconds.len().max(1) as f64;
        json!({
            "tables": self.tables,
            "described_by_a_model": self.by_model,
            "sentences_with_a_sample_value": self.leaks,
            "words_median": self.words.get(self.words.len() / 2),
            "words_max": self.words.last(),
            "seconds_mean": mean,
            "seconds_median": self.seconds.get(self.seconds.len() / 2),
            "mean_confidence": self.confidence / self.by_model.max(1) as f64,
            "statistics": statistics,
        })
    }
}

/// The gateway of the stack or the endpoint in its place, and another endpoint for the fallback model where one is named.
struct Routed {
    gateway: ModelClient,
    other: Option<(String, ModelClient)>,
}

impl Routed {
    fn new(settings: &LlmSettings, url: Option<&str>, other: Option<&str>) -> Result<Self> {
        let patient = ConnectionSettings { deadline: ANSWER_WITHIN, ..ConnectionSettings::default() };
        let gateway = match url {
            Some(url) => ConnectionSettings { url: url.to_owned(), ..patient.clone() },
            None => ConnectionSettings {
                url: format!("{}/v1", variable("CATALOG_TEST_LITELLM_URL")?),
                key_file: Some(variable("CATALOG_TEST_LITELLM_KEY_FILE")?.into()),
                ..patient.clone()
            },
        };
        let other = match (other, &settings.fallback_model) {
            (Some(url), Some(model)) => {
                let settings = ConnectionSettings { url: url.to_owned(), ..patient };
                Some((model.clone(), client(&settings)?))
            }
            _ => None,
        };
        Ok(Self { gateway: client(&gateway)?, other })
    }
}

fn client(settings: &ConnectionSettings) -> Result<ModelClient> {
    let url: url::Url = settings.url.parse()?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let policy = EgressPolicy::allowing([(host, url.port_or_known_default().unwrap_or(80))]);
    Ok(ModelClient::new(settings, &policy, Arc::new(ManualClock::at(0)))?)
}

#[async_trait]
impl ChatModel for Routed {
    async fn chat(&self, request: &ChatRequest) -> catalog_core::Result<ChatAnswer> {
        match &self.other {
            Some((model, client)) if *model == request.model => client.chat(request).await,
            _ => self.gateway.chat(request).await,
        }
    }
}

/// Answers at once, first badly and then well: what is timed is our own code, with a retry.
struct AtOnce;

#[async_trait]
impl ChatModel for AtOnce {
    async fn chat(&self, request: &ChatRequest) -> catalog_core::Result<ChatAnswer> {
        let sentence = if request.messages.len() > 2 {
            "Facts of the business with names, dates and amounts."
        } else {
            "Facts of the business, see https://x.example."
        };
        Ok(ChatAnswer {
            text: json!({"description": sentence}).to_string(),
            model: request.model.clone(),
            prompt_tokens: 0,
            answer_tokens: 0,
            truncated: false,
            tokens: Vec::new(),
        })
    }
}
