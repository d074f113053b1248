//! Stages 6, 8 and 9 of one table: describe it from facts, plan against the catalog as it is now, decide.

use std::sync::Arc;

use catalog_core::model::{
    ChangeKind, Confidence, DescribeContext, DescribeRequest, Draft, DraftSource, Enrichment, FieldPath, FieldValue,
    GlossaryTerm, KeyFact, LeasedItem, Neighbour, Proposal, TableId, TableState, WakeReason, WalkStage, WorkItem,
};
use catalog_core::ports::Enricher;
use catalog_core::ports::ledger::WorkPlan;
use catalog_core::{Error, ErrorKind, Result};
use catalog_llm::guard::{self, GuardEvidence};
use catalog_local::describe::RuleEnricher;
use catalog_publish::fail_point;

use super::desired::desired_fields;
use super::gate::{evidence, hash};
use super::neighbourhood::Neighbourhood;
use super::query_log::TableUse;
use super::run::Walk;
use super::workers::Setback;

/// Version of the key inference, for the audit log.
pub(crate) const KEYS_VERSION: &str = "keys/1";
/// Upstream tables that a description is shown.
const UPSTREAM_MAX: usize = 3;
/// The ledger's note of when a stand-in last wrote in place of the describer of choice, in milliseconds since 1970.
const STAND_IN_NOTE: &str = "describe:stand-in";
/// The describer of choice is not tried again sooner than this after it could not be asked.
const STAND_IN_PAUSE_MS: i64 = 10 * 60_000;

/// The key of the ledger's note with what a steward said about a table's description.
pub(crate) fn steward_note(table: &TableId) -> String {
    format!("steward:{}", hash(table))
}

impl Walk {
    /// Describes one table if its evidence changed, plans and decides, and finishes its queue item.
    pub(super) async fn describe(self: Arc<Self>, item: LeasedItem, around: Arc<Neighbourhood>) -> Result<(), Setback> {
        let reference = &item.item.table;
        let state = self.parts.ledger.state(&reference.id).await.map_err(Setback::at("describe"))?;
        let Some(mut state) = state else {
            return Err(Setback {
                stage: "describe",
                error: Error::new(ErrorKind::NotFound, "describe_table", "it was never inspected")
                    .with("table", &reference.fqn)
                    .hint("run sync again"),
            });
        };
        let enrichment = self.enrich(&mut state, &around).await.map_err(Setback::at("describe"))?;
        fail_point!("walk::after_draft");
        let current =
            self.stages.time("plan", self.parts.publisher.read(reference)).await.map_err(Setback::at("plan"))?;
        if let Some(human) = current.as_ref().and_then(|c| c.get(&FieldPath::Description)).filter(|f| f.by_human)
            && let FieldValue::Text(text) = &human.value
        {
            state.draft = Some(written_by_a_person(text));
        }
        let (mut desired, managed) = (desired_fields(&state, &enrichment), self.managed());
        let table_use = around.table_use(&reference.fqn);
        desired.extend(table_use.into_iter().flat_map(TableUse::desired));
        let mut changes = catalog_publish::plan(reference, current.as_ref(), &desired, &managed);
        self.without_told_days(&mut changes).await.map_err(Setback::at("plan"))?;
        let mut decided = catalog_publish::decide(
            changes,
            &desired,
            &self.options.policy,
            self.parts.publisher.capabilities(),
            self.parts.clock.now_ms(),
        );
        if let Some(question) = &enrichment.question {
            let descriptions = |p: &&mut Proposal| p.operation.field == FieldPath::Description;
            decided.propose.iter_mut().filter(descriptions).for_each(|p| p.why = format!("the model asks: {question}"));
        }
        if let Some(tier) = table_use.and_then(|table| table.tier.as_ref()) {
            let tiers = |p: &&mut Proposal| p.operation.field == FieldPath::Tier;
            decided.propose.iter_mut().filter(tiers).for_each(|p| p.why.clone_from(&tier.why));
        }
        if self.options.policy.suggests() {
            let suggested =
                catalog_publish::suggest(&*self.parts.publisher, reference, &self.options.policy, &mut decided);
            suggested.await.map_err(Setback::at("decide"))?;
        }
        let ledger = &*self.parts.ledger;
        catalog_publish::withdraw_unwanted(ledger, reference, &decided.publish, &managed)
            .await
            .map_err(Setback::at("plan"))?;
        let plan = WorkPlan { state, publish: decided.publish, propose: decided.propose };
        fail_point!("walk::before_outbox");
        self.stages.time("decide", ledger.finish(&item, &plan)).await.map_err(Setback::at("decide"))?;
        fail_point!("walk::after_outbox");
        Ok(())
    }

    /// Describes the table anew if what a description rests on changed. Domain and columns are asked for every time:
    /// the describer answers the same question from its cache.
    async fn enrich(&self, state: &mut TableState, around: &Neighbourhood) -> Result<Enrichment> {
        let keys = around.keys(state);
        let mut neighbours = around.neighbours(state, &keys);
        let author = self.parts.enricher.id();
        let said = self.parts.ledger.note(&steward_note(&state.table.table_ref.id)).await?;
        let mut key = evidence(state, &neighbours, &author, &self.options, &self.parts.words);
        if let Some(said) = &said {
            key = hash(&(key, said));
        }
        let stale = state.evidence != key;
        let by_person = state.table.description.as_ref().filter(|d| d.by_human && !d.text.trim().is_empty());
        let by_person = by_person.map(|d| written_by_a_person(&d.text));
        let more = self.options.describe_columns || !self.parts.words.domains.is_empty();
        // What a steward said of the table is one more word of the house: the meaning of its name. It is a remark and
        // never stands in the name's place ("too vague").
        let term = state.table.fqn().name().to_owned();
        let said = said.map(|said| GlossaryTerm { term, meaning: format!("a steward says: {said}") });
        let glossary: Vec<GlossaryTerm> = said.into_iter().chain(self.parts.words.glossary.iter().cloned()).collect();
        let mut enrichment = Enrichment::default();
        if self.options.describe && (more || (stale && by_person.is_none())) {
            self.tell_of_upstream(state, &mut neighbours).await;
            enrichment = self.ask_describer(state, &keys, &neighbours, around, &glossary).await?;
        }
        if stale {
            state.draft = by_person.or_else(|| enrichment.draft.clone());
            state.evidence = if enrichment.stand_in.is_some() { String::new() } else { key };
        }
        if self.options.describe {
            let by_rules = state.draft.as_ref().filter(|draft| stale && draft.source == DraftSource::Rules);
            // What the rules just wrote is what they read.
            state.reading = match by_rules.map(|draft| draft.text.clone()) {
                Some(written) => Some(written),
                None => self.read_names(state, &keys, around, &glossary).await?,
            };
        }
        Ok(enrichment)
    }

    async fn ask_describer(
        &self,
        state: &TableState,
        keys: &[KeyFact],
        neighbours: &[Neighbour],
        around: &Neighbourhood,
        glossary: &[GlossaryTerm],
    ) -> Result<Enrichment> {
        let request = DescribeRequest {
            table: &state.table,
            profile: state.profile.as_ref(),
            verdicts: &state.verdicts,
            sample: state.sample.as_ref(),
            public_codes: &state.public_codes,
            keys,
            neighbours,
            language: self.options.language,
            context: DescribeContext {
                examples: &around.accepted_for(state.table.fqn()),
                refused: &around.refused_for(state.table.fqn()),
                glossary,
                domains: &self.parts.words.domains,
                describe_columns: self.options.describe_columns,
                ..DescribeContext::default()
            },
        };
        let mut enrichment = self.stages.time("describe", self.parts.enricher.enrich(&request)).await?;
        if let Some(why) = &enrichment.stand_in {
            tracing::warn!(table.fqn = %state.table.fqn(), why, "the rules described it in place of the model");
            let now = self.parts.clock.now_ms().to_string();
            self.parts.ledger.set_note(STAND_IN_NOTE, &now).await?;
        }
        // The guard can also refuse a text that another table has; the rules may say the same of two tables alike.
        let evidence = GuardEvidence::of(&request, &[]);
        if let Some(draft) = &enrichment.draft
            && let Err(rejection) = guard::check(&draft.text, &evidence)
        {
            tracing::info!(table.fqn = %state.table.fqn(), why = %rejection, "draft refused by the guard");
            enrichment.draft = None;
        }
        Ok(enrichment)
    }

    /// What the rules read in the names, whoever describes the table: a view of its own for the index. Nobody reads it,
    /// so that it may say what another table's says; what the guard or a steward refused it never says.
    async fn read_names(
        &self,
        state: &TableState,
        keys: &[KeyFact],
        around: &Neighbourhood,
        glossary: &[GlossaryTerm],
    ) -> Result<Option<String>> {
        let fqn = state.table.fqn();
        let request = DescribeRequest {
            table: &state.table,
            profile: state.profile.as_ref(),
            verdicts: &state.verdicts,
            sample: None,
            public_codes: &state.public_codes,
            keys,
            neighbours: &[],
            language: self.options.language,
            context: DescribeContext { glossary, ..DescribeContext::default() },
        };
        let Some(read) = RuleEnricher.describe(&request).await?.map(|draft| draft.text) else { return Ok(None) };
        let refused = around.refused_for(fqn).iter().any(|refused| refused.fqn == *fqn && refused.text == read);
        let allowed = !refused && guard::check(&read, &GuardEvidence::of(&request, &[])).is_ok();
        Ok(allowed.then_some(read))
    }

    /// Puts the catalog's words for upstream tables beside their names. They are no part of the evidence: a text that
    /// changes in the same run would never let a description come to rest.
    async fn tell_of_upstream(&self, state: &TableState, neighbours: &mut [Neighbour]) {
        let Some(connection) = self.parts.connection_of(&state.table) else { return };
        match connection.source.upstream(&state.table, UPSTREAM_MAX).await {
            Ok(upstream) => {
                for table in upstream {
                    if let Some(known) = neighbours.iter_mut().find(|n| n.fqn == table.fqn) {
                        known.description = table.description;
                    }
                }
            }
            Err(error) => tracing::warn!(table.fqn = %state.table.fqn(), error = %error, "lineage cannot be read"),
        }
    }

    /// Queues the tables that a stand-in described, once the describer of choice had time to come back.
    pub(super) async fn retry_stand_ins(&self) -> Result<()> {
        let ledger = &self.parts.ledger;
        let since = ledger.note(STAND_IN_NOTE).await?.and_then(|at| at.parse::<i64>().ok());
        let Some(at) = since else { return Ok(()) };
        if self.parts.clock.now_ms() - at < STAND_IN_PAUSE_MS {
            return Ok(());
        }
        let mut waiting = Vec::new();
        self.each_fact(|state| {
            // Left empty by `enrich`, so that the description is made anew.
            if state.evidence.is_empty() {
                waiting.push(WorkItem::new(state.table.table_ref, WakeReason::Age));
            }
        })
        .await?;
        ledger.enqueue(&waiting, WalkStage::Describe).await?;
        ledger.set_note(STAND_IN_NOTE, "").await
    }

    /// The kinds of change that this walk has an opinion on; what a pass that is off once wrote stays.
    fn managed(&self) -> Vec<ChangeKind> {
        let describe = self.options.describe;
        let passes = [
            (ChangeKind::Description, describe),
            (ChangeKind::ColumnDescription, describe && self.options.describe_columns),
            (ChangeKind::Domain, describe && !self.parts.words.domains.is_empty()),
            (ChangeKind::Pii, self.options.pii),
            (ChangeKind::Key, self.options.keys),
        ];
        passes.into_iter().filter(|(_, on)| *on).map(|(kind, _)| kind).collect()
    }
}

fn written_by_a_person(text: &str) -> Draft {
    Draft {
        text: text.to_owned(),
        confidence: Confidence::new(1.0),
        source: DraftSource::Human,
        prompt_version: String::new(),
    }
}
