//! The models: who describes, who votes, who embeds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::{DomainSpec, GlossaryTerm};
use catalog_core::ports::{Clock, Embedder, Ledger, PiiVoter, QuestionWriter};
use catalog_core::{Error, ErrorKind, Result};
use catalog_llm::client::{BudgetLimits, ChatModel};
use catalog_llm::confidence::Calibration;
use catalog_llm::enrich::NoteCache;
use catalog_llm::{
    ConnectionSettings, EmbedSettings, LlmSettings, LlmVoter, ModelClient, ModelEmbedder, ModelEnricher, ModelQuestions,
};
use catalog_local::describe::RuleEnricher;
use catalog_net::EgressPolicy;
use catalog_pii::NameVoter;

use super::machine::SystemClock;
use super::remote_catalog::path;
use crate::config::{Config, SecretRef};
use crate::walk::HouseWords;

/// Clients of the models. What is not configured is `None`, and its stand-in is used: rules, names, word statistics.
pub(super) struct Models {
    pub(super) enricher: Option<Arc<ModelEnricher>>,
    pub(super) voter: Option<Arc<dyn PiiVoter>>,
    pub(super) embedder: Option<Arc<dyn Embedder>>,
    pub(super) questions: Option<Arc<dyn QuestionWriter>>,
    client: Arc<ModelClient>,
}

impl Models {
    /// The models that the configuration names; `None` when it names no endpoint. Nothing is dialled yet.
    pub(super) fn new(config: &Config, egress: &EgressPolicy, ledger: &Arc<dyn Ledger>) -> Result<Option<Self>> {
        let llm = &config.llm;
        if llm.url.is_empty() {
            return Ok(None);
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let settings = llm_settings(config)?;
        let client = Arc::new(ModelClient::new(&settings.connection, egress, Arc::clone(&clock))?);
        let chat: Arc<dyn ChatModel> = client.clone();
        let enricher = llm.enabled.then(|| {
            let rules = Arc::new(RuleEnricher);
            let model = ModelEnricher::new(Arc::clone(&chat), rules, settings.clone());
            Arc::new(model.with_cache(Arc::new(NoteCache::new(Arc::clone(ledger)))))
        });
        // A small model alone denies e-mail addresses: a yes of either counts, a no needs both.
        let voter = (llm.enabled && llm.vote)
            .then(|| Arc::new(LlmVoter::new(chat, llm.model.clone()).beside(Arc::new(NameVoter))) as Arc<dyn PiiVoter>);
        let questions = llm
            .enabled
            .then(|| Arc::new(ModelQuestions::new(client.clone(), llm.model.clone())) as Arc<dyn QuestionWriter>);
        let embedder = match config.embed.model.is_empty() {
            true => None,
            false => {
                let settings = EmbedSettings {
                    connection: settings.connection,
                    model: config.embed.model.clone(),
                    dimension: config.embed.dimension,
                    batch: config.embed.batch,
                    document_prefix: config.embed.document_prefix.clone(),
                    query_prefix: config.embed.query_prefix.clone(),
                };
                Some(Arc::new(ModelEmbedder::new(settings, egress, clock)?) as Arc<dyn Embedder>)
            }
        };
        Ok(Some(Self { enricher, voter, embedder, questions, client }))
    }

    /// The client, for what was spent.
    pub(super) fn client(&self) -> Arc<ModelClient> {
        Arc::clone(&self.client)
    }

    /// A run's budget starts anew.
    pub(super) fn begin_run(&self) {
        self.client.budget().begin_run();
    }
}

fn llm_settings(config: &Config) -> Result<LlmSettings> {
    let llm = &config.llm;
    let limit = |value: u64| if value > 0 { value } else { u64::MAX };
    let connection = ConnectionSettings {
        url: llm.url.clone(),
        key_file: secret_file("llm.key", &llm.key)?,
        ca_file: path(&llm.ca_file),
        deadline: Duration::from_secs(llm.deadline_secs),
        concurrency: llm.concurrent,
        budget: BudgetLimits {
            calls_per_run: limit(llm.run_calls_max),
            tokens_per_run: limit(llm.run_tokens_max),
            tokens_per_day: limit(llm.day_tokens_max),
            ..BudgetLimits::default()
        },
    };
    let fallback = llm.fallback_enabled && !llm.fallback_model.is_empty();
    Ok(LlmSettings {
        connection,
        model: llm.model.clone(),
        fallback_model: fallback.then(|| llm.fallback_model.clone()),
        fallback_below: llm.fallback_below,
        tokens_max: llm.answer_tokens_max,
        calibration: calibration(&llm.calibration)?,
        second_sample: llm.second_sample,
        ..LlmSettings::default()
    })
}

/// What scores are worth, as the configuration says.
fn calibration(wanted: &str) -> Result<Calibration> {
    let bad = |why: String| {
        Error::new(ErrorKind::Configuration, "read_configuration", why)
            .with("key", "llm.calibration")
            .hint("write \"golden\", \"none\" or \"file:PATH\"")
    };
    match (wanted, wanted.strip_prefix("file:")) {
        ("golden", _) => Ok(Calibration::golden()),
        ("none", _) => Ok(Calibration::default()),
        (_, Some(path)) => {
            let text = std::fs::read_to_string(path).map_err(|e| bad(format!("{path} cannot be read: {e}")))?;
            Calibration::from_json(&text).map_err(|e| bad(format!("{path} is no table of calibration: {e}")))
        }
        _ => Err(bad(format!("{wanted:?} is no calibration"))),
    }
}

/// The file of a secret that is only taken from one.
pub(super) fn secret_file(key: &'static str, secret: &SecretRef) -> Result<Option<PathBuf>> {
    match (secret.file(), secret.is_empty()) {
        (Some(file), _) => Ok(Some(file.to_owned())),
        (None, true) => Ok(None),
        (None, false) => {
            Err(Error::new(ErrorKind::Configuration, "read_configuration", "this secret has to be a file")
                .with("key", key)
                .hint("write \"file:PATH\": it is read again when it changes"))
        }
    }
}

/// The operator's words, as describers take them.
pub(crate) fn house_words(config: &Config) -> HouseWords {
    let term = |(term, meaning): (&String, &String)| GlossaryTerm { term: term.clone(), meaning: meaning.clone() };
    let domains = config.domain.list.iter().map(|entry| DomainSpec {
        name: entry.name.clone(),
        description: entry.description.clone(),
        examples: entry.examples.clone(),
        instructions: entry.instructions.clone(),
    });
    HouseWords { glossary: config.glossary.terms.iter().map(term).collect(), domains: domains.collect() }
}
