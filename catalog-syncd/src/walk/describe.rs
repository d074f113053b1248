//! Stages 6, 8 and 9 of one table: describe it from facts, plan against the catalog as it is now, decide.

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::Error;
use catalog_core::model::{
    ChangeKind, Confidence, DescribeRequest, Draft, DraftSource, FieldPath, FieldValue, Fqn, KeyFact, KeyStatus,
    LeasedItem, Neighbour, PiiDecision, TableState,
};
use catalog_core::ports::ledger::{TableLinks, WorkPlan};
use catalog_llm::guard::{self, GuardEvidence};
use catalog_publish::DesiredField;

use super::gate::evidence;
use super::run::Walk;
use super::workers::Setback;

/// Version of the key inference, for the audit log.
pub(crate) const KEYS_VERSION: &str = "keys/1";

/// What a table's description may draw from other tables.
#[derive(Default)]
pub(super) struct Neighbourhood {
    /// The tables that refer to a table, with their columns.
    incoming: HashMap<Fqn, Vec<KeyFact>>,
}

impl Neighbourhood {
    /// Takes in the trusted keys of a table.
    fn add(&mut self, links: TableLinks) {
        for key in links.keys.into_iter().filter(|k| k.status != KeyStatus::Proposed) {
            let fact = KeyFact { columns: key.parent.columns, other: links.table.fqn.clone(), outgoing: false };
            self.incoming.entry(key.parent.table).or_default().push(fact);
        }
    }

    /// Puts the keys into an order of their own, whatever order the tables came in.
    fn settle(&mut self) {
        for facts in self.incoming.values_mut() {
            facts.sort_by(|a, b| (&a.other, &a.columns).cmp(&(&b.other, &b.columns)));
        }
    }

    /// The trusted keys of and into a table.
    fn keys(&self, state: &TableState) -> Vec<KeyFact> {
        let outgoing = state.keys.iter().filter(|k| k.status != KeyStatus::Proposed).map(|k| KeyFact {
            columns: k.child.columns.clone(),
            other: k.parent.table.clone(),
            outgoing: true,
        });
        let mut facts: Vec<KeyFact> = outgoing.collect();
        facts.extend(self.incoming.get(state.table.fqn()).into_iter().flatten().cloned());
        facts
    }

    /// The tables at the other end of its keys and upstream of it, each once.
    fn neighbours(&self, state: &TableState, keys: &[KeyFact]) -> Vec<Neighbour> {
        let mut names: Vec<&Fqn> = keys.iter().map(|k| &k.other).chain(&state.table.upstream).collect();
        names.retain(|n| *n != state.table.fqn());
        names.sort();
        names.dedup();
        // Names only: a neighbour's text changes in the same run, and a description that depended on it would never
        // come to rest.
        names.into_iter().map(|fqn| Neighbour { fqn: fqn.clone(), description: None }).collect()
    }
}

impl Walk {
    /// What the descriptions of this run may draw from other tables.
    pub(super) async fn neighbourhood(&self) -> catalog_core::Result<Neighbourhood> {
        let mut all = Neighbourhood::default();
        self.each_link(|links| all.add(links)).await?;
        all.settle();
        Ok(all)
    }

    /// Describes one table if its evidence changed, plans and decides, and finishes its queue item.
    pub(super) async fn describe(self: Arc<Self>, item: LeasedItem, around: Arc<Neighbourhood>) -> Result<(), Setback> {
        let reference = &item.item.table;
        let state = self.parts.ledger.state(&reference.id).await.map_err(Setback::at("describe"))?;
        let Some(mut state) = state else {
            return Err(Setback {
                stage: "describe",
                error: Error::new(catalog_core::ErrorKind::NotFound, "describe_table", "it was never inspected")
                    .with("table", &reference.fqn)
                    .hint("run sync again"),
            });
        };
        let keys = around.keys(&state);
        let neighbours = around.neighbours(&state, &keys);
        let key = evidence(&state, &neighbours, &self.parts.enricher.id(), &self.options);
        if state.evidence != key {
            state.draft = self.draft(&state, &keys, &neighbours).await.map_err(Setback::at("describe"))?;
            state.evidence = key;
        }
        let current =
            self.stages.time("plan", self.parts.publisher.read(reference)).await.map_err(Setback::at("plan"))?;
        if let Some(human) = current.as_ref().and_then(|c| c.get(&FieldPath::Description)).filter(|f| f.by_human)
            && let FieldValue::Text(text) = &human.value
        {
            state.draft = Some(written_by_a_person(text));
        }
        let desired = desired_fields(&state);
        let changes = catalog_publish::plan(reference, current.as_ref(), &desired, &self.managed());
        let decided = catalog_publish::decide(
            changes,
            &desired,
            &self.options.policy,
            self.parts.publisher.capabilities(),
            self.parts.clock.now_ms(),
        );
        let plan = WorkPlan { state, publish: decided.publish, propose: decided.propose };
        self.stages.time("decide", self.parts.ledger.finish(&item, &plan)).await.map_err(Setback::at("decide"))
    }

    /// The kinds of change that this walk has an opinion on; what a pass that is off once wrote stays.
    fn managed(&self) -> Vec<ChangeKind> {
        let passes = [
            (ChangeKind::Description, self.options.describe),
            (ChangeKind::Pii, self.options.pii),
            (ChangeKind::Key, self.options.keys),
        ];
        passes.into_iter().filter(|(_, on)| *on).map(|(kind, _)| kind).collect()
    }

    async fn draft(
        &self,
        state: &TableState,
        keys: &[KeyFact],
        neighbours: &[Neighbour],
    ) -> catalog_core::Result<Option<Draft>> {
        if let Some(text) = state.table.description.as_ref().filter(|d| d.by_human && !d.text.trim().is_empty()) {
            return Ok(Some(written_by_a_person(&text.text)));
        }
        if !self.options.describe {
            return Ok(None);
        }
        let request = DescribeRequest {
            table: &state.table,
            profile: state.profile.as_ref(),
            verdicts: &state.verdicts,
            sample: state.sample.as_ref(),
            public_codes: &state.public_codes,
            keys,
            neighbours,
            language: self.options.language,
            context: catalog_core::model::DescribeContext::default(),
        };
        let draft = self.stages.time("describe", self.parts.enricher.describe(&request)).await?;
        let Some(draft) = draft else { return Ok(None) };
        // The guard can also refuse a text that another table has; the rules may say the same of two tables alike.
        match guard::check(&draft.text, &GuardEvidence::of(&request, &[])) {
            Ok(()) => Ok(Some(draft)),
            Err(rejection) => {
                tracing::info!(table.fqn = %state.table.fqn(), why = %rejection, "draft refused by the guard");
                Ok(None)
            }
        }
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

/// What the catalog should hold of this table.
fn desired_fields(state: &TableState) -> Vec<DesiredField> {
    let mut desired = Vec::new();
    let field = |field, value, confidence, author: &str, version: &str, auto| DesiredField {
        field,
        value,
        confidence,
        author: author.to_owned(),
        prompt_version: version.to_owned(),
        evidence_hash: state.evidence.clone(),
        auto,
    };
    if let Some(draft) = state.draft.as_ref().filter(|d| d.source != DraftSource::Human) {
        let value = FieldValue::Text(draft.text.clone());
        let author = draft.source.to_string();
        desired.push(field(FieldPath::Description, value, draft.confidence, &author, &draft.prompt_version, true));
    }
    for verdict in &state.verdicts {
        let flagged = match verdict.decision {
            PiiDecision::Flagged => true,
            PiiDecision::Disputed => false,
            PiiDecision::Clear | PiiDecision::Unknown => continue,
        };
        let Some(entity) = verdict.entity else { continue };
        let yes = verdict.votes.iter().filter(|v| v.entity.is_some());
        let score = yes.map(|v| v.score).fold(0.0, f64::max);
        let path = FieldPath::ColumnPii { column: verdict.column.clone() };
        let value = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
        desired.push(field(path, value, Confidence::new(score), "vote", catalog_pii::RECOGNISER_VERSION, flagged));
    }
    for key in state.keys.iter().filter(|k| k.status != KeyStatus::Declared) {
        let path = FieldPath::ForeignKey { columns: key.child.columns.clone() };
        let confirmed = key.status == KeyStatus::Confirmed;
        let value = FieldValue::Key(Box::new(key.clone()));
        desired.push(field(path, value, Confidence::new(key.score), "keys", KEYS_VERSION, confirmed));
    }
    desired
}
