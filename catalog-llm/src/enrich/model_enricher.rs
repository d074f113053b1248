//! From a request to an enrichment: model, retry, fallback model, rules, question.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::model::{DescribeContext, DescribeRequest, Draft, DraftSource, Enrichment};
use catalog_core::ports::Enricher;
use catalog_core::{Error, ErrorKind, Result};

use super::attempt::{Candidate, Outcome, Question};
use super::cache::AnswerCache;
use super::question::question;
use super::statistics::{Counters, EnrichStatistics};
use super::{columns, domain};
use crate::client::ChatModel;
use crate::guard::{self, GuardEvidence};
use crate::prompt::{self, COLUMNS_VERSION, DESCRIBE_VERSION, Fence, Prompt};
use crate::settings::LlmSettings;

/// Rules that are at least this sure read plain names: their draft stands where a model cannot tell.
const RULES_SURE: f64 = 0.5;

/// Describes by asking a small local model, within what the guard lets through. A refused answer is asked for once
/// more with the reason; then the fallback model is asked once; then the rules write. A table of which no model can
/// tell what it holds becomes a question to the steward.
pub struct ModelEnricher {
    chat: Arc<dyn ChatModel>,
    rules: Arc<dyn Enricher>,
    settings: LlmSettings,
    fence: Fence,
    cache: Option<Arc<dyn AnswerCache>>,
    counters: Counters,
}

impl ModelEnricher {
    /// A describer that asks `chat` and lets `rules` write where no model's text is accepted.
    pub fn new(chat: Arc<dyn ChatModel>, rules: Arc<dyn Enricher>, settings: LlmSettings) -> Self {
        Self { chat, rules, settings, fence: Fence::random(), cache: None, counters: Counters::default() }
    }

    /// Keeps answers there, so that the same evidence is not asked about twice.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<dyn AnswerCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// What became of the tables so far.
    pub fn statistics(&self) -> EnrichStatistics {
        self.counters.now().clone()
    }

    async fn make(&self, request: &DescribeRequest<'_>, prompt: &Prompt) -> Result<Enrichment> {
        let mut made = self.described(request, prompt).await?;
        if made.domain.is_none() {
            made.domain = domain::place(None, request);
        }
        if request.context.describe_columns && made.stand_in.is_none() {
            let LlmSettings { model, calibration, .. } = &self.settings;
            let described =
                columns::describe(request, &*self.chat, model, &self.fence, calibration, &self.counters).await;
            match described {
                Ok(columns) => made.columns = columns,
                Err(error) => made.stand_in = Some(outage(request, &error)),
            }
        }
        Ok(made)
    }

    async fn described(&self, request: &DescribeRequest<'_>, prompt: &Prompt) -> Result<Enrichment> {
        let evidence = GuardEvidence::of(request, request.context.other_texts);
        let LlmSettings { model, fallback_model, fallback_below, .. } = &self.settings;
        let asked = Question {
            request,
            prompt,
            lexicon: evidence.lexicon(),
            evidence,
            tokens_max: self.settings.tokens_max,
            second_sample: self.settings.second_sample,
        };
        let chat = &*self.chat;
        let first = match asked.ask(chat, model, true, &self.counters).await {
            Ok(outcome) => outcome,
            Err(error) => return self.stand_in(request, &error).await,
        };
        let sure = |candidate: &Candidate| self.settings.calibration.apply(candidate.score).value() >= *fallback_below;
        let other = fallback_model.as_ref().filter(|other| *other != model);
        let (mut best, mut cannot_tell) = match first {
            Outcome::Accepted(candidate) => (Some((candidate, false)), false),
            Outcome::CannotTell => (None, true),
            Outcome::Refused => (None, false),
        };
        let mut missed = None;
        if let Some(other) = other.filter(|_| !best.as_ref().is_some_and(|(candidate, _)| sure(candidate))) {
            match asked.ask(chat, other, false, &self.counters).await {
                Ok(Outcome::Accepted(second)) => {
                    if best.as_ref().is_none_or(|(first, _)| second.score > first.score) {
                        best = Some((second, true));
                    }
                }
                Ok(Outcome::CannotTell) => cannot_tell = true,
                Ok(Outcome::Refused) => {}
                // A table that nobody else described is asked about again when the fallback model is back.
                Err(error) if best.is_none() => missed = Some(outage(request, &error)),
                Err(error) => drop(outage(request, &error)),
            }
        }
        match best {
            Some((candidate, by_fallback)) => Ok(self.taken(candidate, by_fallback, prompt.version)),
            None => {
                let mut made = self.without_model(request, cannot_tell).await?;
                made.stand_in = missed;
                Ok(made)
            }
        }
    }

    fn taken(&self, candidate: Candidate, by_fallback: bool, version: &str) -> Enrichment {
        let mut counts = self.counters.now();
        match (by_fallback, candidate.retried) {
            (true, _) => counts.after_fallback += 1,
            (false, true) => counts.after_retry += 1,
            (false, false) => counts.first_try += 1,
        }
        counts.shortened += u64::from(candidate.shortened);
        let draft = Draft {
            confidence: self.settings.calibration.apply(candidate.score),
            text: candidate.text,
            source: DraftSource::Model(candidate.model),
            prompt_version: version.to_owned(),
        };
        Enrichment { draft: Some(draft), domain: candidate.domain, ..Enrichment::default() }
    }

    /// What the rules say where no model's text was accepted. Where a model cannot tell, they have to be sure.
    async fn without_model(&self, request: &DescribeRequest<'_>, cannot_tell: bool) -> Result<Enrichment> {
        let drafted = self.rules.describe(request).await?;
        let evidence = GuardEvidence::of(request, request.context.other_texts);
        let fit = |draft: &Draft| {
            guard::check(&draft.text, &evidence).is_ok() && (!cannot_tell || draft.confidence.value() >= RULES_SURE)
        };
        let draft = drafted.filter(fit);
        let mut counts = self.counters.now();
        if draft.is_some() {
            counts.by_rules += 1;
            return Ok(draft.into());
        }
        if !cannot_tell {
            counts.nothing += 1;
            return Ok(Enrichment::default());
        }
        counts.questions += 1;
        Ok(Enrichment { question: Some(question(request)), ..Enrichment::default() })
    }

    /// The rules write while no model can be asked; the table is to be described again.
    async fn stand_in(&self, request: &DescribeRequest<'_>, error: &Error) -> Result<Enrichment> {
        self.counters.now().outages += 1;
        let mut made = self.without_model(request, false).await?;
        made.stand_in = Some(outage(request, error));
        Ok(made)
    }

    /// All that an answer depends on, but for what stewards accepted and rejected meanwhile: that shapes the texts to
    /// come, and each decision would have every table asked about again.
    fn key(&self, request: &DescribeRequest<'_>) -> String {
        let context = DescribeContext { examples: &[], refused: &[], ..request.context };
        let prompt = prompt::describe(&DescribeRequest { context, ..*request }, self.settings.prompt, &self.fence);
        let mut hasher = blake3::Hasher::new();
        // The first line is the boundary, which another process draws anew.
        let facts = prompt.user.split_once('\n').map_or("", |(_, rest)| rest);
        let facts = facts.rsplit_once("===== end ").map_or(facts, |(facts, _)| facts);
        let names = request.table.columns.iter().map(|column| column.name.as_str());
        let columns = if request.context.describe_columns { COLUMNS_VERSION } else { "" };
        for part in [self.id().as_str(), &prompt.system, facts, columns].into_iter().chain(names) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// Says in the log that a model could not be asked about the table, and gives the reason as one sentence.
fn outage(request: &DescribeRequest<'_>, error: &Error) -> String {
    tracing::warn!(table.fqn = %request.table.fqn(), error = %error, "the model could not be asked");
    error.to_string()
}

#[async_trait]
impl Enricher for ModelEnricher {
    fn id(&self) -> String {
        let LlmSettings { model, fallback_model, calibration, second_sample, .. } = &self.settings;
        let fallback = fallback_model.as_deref().unwrap_or("none");
        // Another way to a confidence gives kept answers another one, and may ask the fallback model of others.
        let calibrated = calibration.version().map(|version| format!("/{version}")).unwrap_or_default();
        let twice = if *second_sample { "/twice" } else { "" };
        format!("{model}+{fallback}/{DESCRIBE_VERSION}{calibrated}{twice}")
    }

    /// The table's own sentence. It fails where a model could not be asked, so that the table is described later;
    /// [`Enricher::enrich`] gives what the rules say meanwhile.
    async fn describe(&self, request: &DescribeRequest<'_>) -> Result<Option<Draft>> {
        let made = self.enrich(request).await?;
        match made.stand_in {
            Some(_) => Err(Error::new(ErrorKind::Unavailable, "describe_table", "the model could not be asked")
                .with("table", request.table.fqn())),
            None => Ok(made.draft),
        }
    }

    async fn enrich(&self, request: &DescribeRequest<'_>) -> Result<Enrichment> {
        self.counters.now().tables += 1;
        let prompt = prompt::describe(request, self.settings.prompt, &self.fence);
        let (id, key) = (&request.table.table_ref.id, self.key(request));
        if let Some(cache) = &self.cache {
            match cache.get(id, &key).await {
                Ok(Some(kept)) => {
                    self.counters.now().cached += 1;
                    return Ok(kept);
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(error = %error, "the cache of answers was not read"),
            }
        }
        let made = self.make(request, &prompt).await?;
        if let Some(cache) = self.cache.as_ref().filter(|_| made.stand_in.is_none())
            && let Err(error) = cache.put(id, &key, &made).await
        {
            tracing::debug!(error = %error, "the answer was not kept");
        }
        Ok(made)
    }
}
