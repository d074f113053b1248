//! Proposals of verified queries: the question written, the query checked, the steward asked.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{
    ChangeKind, Confidence, FieldPath, FieldValue, Fqn, MinedQuery, MinedQueryLog, Proposal, QueryVerdict,
    QuestionRequest, Table, TableRef,
};
use catalog_core::ports::QueryCheck;
use catalog_core::ports::ledger::ProposalFilter;
use catalog_publish::DesiredField;
use catalog_querylog::proposals::{ProposalRule, RuleQuestions, propose, worth_proposing};
use catalog_querylog::sql;

use super::super::run::Walk;

/// The ledger's note of the queries that the engine refused, with the time of its answer in milliseconds since 1970.
const REFUSED_NOTE: &str = "querylog:refused";
/// The engine is asked again after so long: a table may have come back.
const REFUSED_FOR_MS: i64 = 7 * 24 * 3_600_000;
/// Queries checked for one that is proposed, so that a log of broken ones costs little.
const CHECKS_PER_PROPOSAL: usize = 4;
/// Tables whose words a writer of questions is shown.
const TABLES_SHOWN: usize = 8;
const PAGE: usize = 500;

/// Where no engine can be asked: a query that parses is taken to run, as its runs in the log say.
struct Parses;

#[async_trait]
impl QueryCheck for Parses {
    async fn check(&self, text: &str, _: &[(String, String)]) -> Result<QueryVerdict> {
        Ok(match sql::tokenize(text).and_then(sql::parse) {
            Ok(_) => QueryVerdict::Runs,
            Err(_) => QueryVerdict::Refused { error: "SYNTAX_ERROR".to_owned() },
        })
    }
}

impl Walk {
    /// Opens a proposal for each of the most valuable queries that no steward has seen and that the engine still
    /// accepts. They always go to the steward, and never into a file. `false`: the engine could not be asked.
    pub(super) async fn propose_queries(&self, mined: &MinedQueryLog, tables: &HashMap<Fqn, TableRef>) -> Result<bool> {
        let ledger = &self.parts.ledger;
        let now_ms = self.parts.clock.now_ms();
        let known = self.seen_by_a_steward().await?;
        let mut refused = self.refused(now_ms).await?;
        let before = refused.len();
        let (mut proposals, mut checks, mut settled) = (Vec::new(), 0, true);
        for query in worth_proposing(mined, ProposalRule::default()) {
            if proposals.len() >= self.options.query_proposals_max
                || checks >= self.options.query_proposals_max * CHECKS_PER_PROPOSAL
            {
                break;
            }
            if known.contains(&query.fingerprint) || refused.contains_key(&query.fingerprint) {
                continue;
            }
            let Some(first) = query.tables.first().and_then(|fqn| tables.get(fqn)) else { continue };
            checks += 1;
            match self.question(query, first, tables).await {
                Ok(Some(question)) => proposals.extend(self.proposal(query, first, question)),
                Ok(None) => _ = refused.insert(query.fingerprint.clone(), now_ms),
                Err(error) => {
                    tracing::warn!(error = %error, "queries cannot be checked now: the next run tries again");
                    settled = false;
                    break;
                }
            }
        }
        ledger.propose(&proposals).await?;
        if refused.len() != before {
            ledger.set_note(REFUSED_NOTE, &serde_json::to_string(&refused).unwrap_or_default()).await?;
        }
        Ok(settled)
    }

    /// The question that the query answers; `None` when the engine refuses it.
    async fn question(
        &self,
        query: &MinedQuery,
        first: &TableRef,
        tables: &HashMap<Fqn, TableRef>,
    ) -> Result<Option<String>> {
        let mut known: Vec<Table> = Vec::new();
        for table in query.tables.iter().take(TABLES_SHOWN).filter_map(|fqn| tables.get(fqn)) {
            known.extend(self.parts.ledger.state(&table.id).await?.map(|state| state.table));
        }
        let shown: Vec<&Table> = known.iter().collect();
        let request = QuestionRequest { query, tables: &shown, language: self.options.language };
        let check = self.parts.connection(&first.source).and_then(|c| c.query_check.clone());
        let check = check.as_deref().unwrap_or(&Parses);
        let asked = propose(&request, &*self.parts.questions, &RuleQuestions, check);
        Ok(self.stages.time("question", asked).await?.map(|verified| verified.question))
    }

    fn proposal(&self, query: &MinedQuery, first: &TableRef, question: String) -> Vec<Proposal> {
        let desired = [DesiredField {
            field: FieldPath::VerifiedQuery { fingerprint: query.fingerprint.clone() },
            value: FieldValue::Query { sql: query.sql.clone(), question, tables: query.tables.clone() },
            confidence: Confidence::new(query.success_rate),
            author: "querylog".to_owned(),
            prompt_version: String::new(),
            evidence_hash: query.fingerprint.clone(),
            auto: false,
        }];
        let changes = catalog_publish::plan(first, None, &desired, &[]);
        let catalog = self.parts.publisher.capabilities();
        catalog_publish::decide(changes, &desired, &self.options.policy, catalog, self.parts.clock.now_ms()).propose
    }

    /// The fingerprints of all queries that were ever proposed: a model may put the same query into other words, and a
    /// rejected one must not come back in them.
    async fn seen_by_a_steward(&self) -> Result<HashSet<String>> {
        let mut filter = ProposalFilter { kind: Some(ChangeKind::Query), limit: PAGE, ..ProposalFilter::default() };
        let mut seen = HashSet::new();
        loop {
            let page = self.parts.ledger.proposals(&filter).await?;
            let Some(last) = page.last() else { return Ok(seen) };
            filter.after = Some(last.id.clone());
            seen.extend(page.into_iter().filter_map(|proposal| match proposal.operation.field {
                FieldPath::VerifiedQuery { fingerprint } => Some(fingerprint),
                _ => None,
            }));
        }
    }

    async fn refused(&self, now_ms: i64) -> Result<BTreeMap<String, i64>> {
        let note = self.parts.ledger.note(REFUSED_NOTE).await?;
        let mut refused: BTreeMap<String, i64> = note.and_then(|n| serde_json::from_str(&n).ok()).unwrap_or_default();
        refused.retain(|_, at| now_ms - *at < REFUSED_FOR_MS);
        Ok(refused)
    }
}
