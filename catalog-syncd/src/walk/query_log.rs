//! Beside the walk: what people really ask.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use catalog_core::model::{Confidence, FieldPath, FieldValue, Fqn, MinedQuery, MinedQueryLog, Proposal, TableRef};
use catalog_core::ports::QueryLogSource;
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::{DesiredField, fail_point};
use catalog_querylog::{JsonLinesLog, MinerOptions, QueryMiner, SchemaTable};

use super::gate::hash;
use super::run::Walk;

/// Entries read at a time.
const PAGE: usize = 1_000;

/// A query log to mine.
#[derive(Clone)]
pub struct QueryLogInput {
    source: Arc<dyn QueryLogSource>,
    /// Changes when the log does.
    token: String,
    /// The name of a log that only grows: it is mined from where the last run left it.
    growing: Option<&'static str>,
    queries_max: usize,
}

impl QueryLogInput {
    /// A file of JSON lines. Keeps the `queries_max` most valuable queries.
    ///
    /// # Errors
    /// `NotFound` when the file cannot be read.
    pub fn file(path: &Path, queries_max: usize) -> Result<Self> {
        let missing = |e: std::io::Error| {
            Error::new(ErrorKind::NotFound, "open_query_log", e.kind().to_string())
                .with("path", path.display())
                .hint("check the path given to --query-log")
        };
        let meta = std::fs::metadata(path).map_err(missing)?;
        let modified = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
        let full: PathBuf = path.canonicalize().map_err(missing)?;
        Ok(Self {
            source: Arc::new(JsonLinesLog::open(path)?),
            token: format!("{}:{}:{modified}", full.display(), meta.len()),
            growing: None,
            queries_max,
        })
    }

    /// A log that only grows, under its name: each run mines what came since the last. `token` must be another one
    /// whenever there may be something new.
    pub fn growing(
        name: &'static str,
        source: Arc<dyn QueryLogSource>,
        token: impl Into<String>,
        queries_max: usize,
    ) -> Self {
        Self { source, token: token.into(), growing: Some(name), queries_max }
    }
}

impl Walk {
    /// Mines the log unless log and schemas are what they were, and proposes its best queries. Gives the mined log and
    /// the hash of what it was mined from.
    pub(super) async fn mine(&self) -> Result<(String, MinedQueryLog)> {
        if !self.options.query_log {
            return Ok(Default::default());
        }
        let stored = self.parts.ledger.query_log().await?;
        let Some(input) = &self.query_log else { return Ok(stored.unwrap_or_default()) };
        let mut schemas = BTreeSet::new();
        self.each_fact(|s| _ = schemas.insert(format!("{} {}", s.table.fqn(), s.table.content_hash()))).await?;
        let key = hash(&(&input.token, schemas, input.queries_max));
        let earlier = match stored {
            Some(stored) if stored.0 == key => return Ok(stored),
            stored => stored.map(|(_, log)| log).unwrap_or_default(),
        };
        let (mined, tables) = self.read_log(input, &earlier).await?;
        // Proposed before it is stored: a crash between the two proposes again what is known already.
        self.propose_queries(&mined, &tables).await?;
        fail_point!("walk::after_mine");
        self.parts.ledger.set_query_log(&key, &mined).await?;
        Ok((key, mined))
    }

    async fn read_log(
        &self,
        input: &QueryLogInput,
        earlier: &MinedQueryLog,
    ) -> Result<(MinedQueryLog, HashMap<Fqn, TableRef>)> {
        let (mut schema, mut tables) = (Vec::new(), HashMap::new());
        self.each_fact(|state| {
            let reference = state.table.table_ref;
            schema.push(SchemaTable {
                fqn: reference.fqn.clone(),
                engine: reference.engine.clone(),
                columns: state.table.columns.into_iter().map(|c| c.name).collect(),
            });
            tables.insert(reference.fqn.clone(), reference);
        })
        .await?;
        let options = MinerOptions { queries_max: input.queries_max, ..MinerOptions::default() };
        let mut miner = match input.growing {
            Some(_) => QueryMiner::resume(schema, options, earlier),
            None => QueryMiner::new(schema, options),
        };
        let mut cursor = input.growing.and_then(|name| miner.cursor(name)).map(str::to_owned);
        loop {
            let page = input.source.page(cursor.as_deref(), PAGE).await?;
            self.progress.advance(page.events.len() as u64);
            for (reason, count) in page.rejected {
                miner.reject(reason, count);
            }
            for event in &page.events {
                miner.observe(event);
            }
            if let (Some(name), Some(resume)) = (input.growing, page.resume) {
                miner.set_cursor(name, resume);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok((miner.finish(), tables));
            }
            // Parsing is work without a pause; let the other tasks run between pages.
            tokio::task::yield_now().await;
        }
    }

    /// Opens a proposal for each of the most valuable queries that no steward has seen. They always go to the steward,
    /// and never into a file.
    async fn propose_queries(&self, mined: &MinedQueryLog, tables: &HashMap<Fqn, TableRef>) -> Result<()> {
        let worth = mined.queries.iter().filter(|q| q.users >= 2 && q.success_rate >= 0.5);
        let mut proposals = Vec::new();
        for query in worth {
            if proposals.len() >= self.options.query_proposals_max {
                break;
            }
            for proposal in self.proposal(query, tables) {
                if self.parts.ledger.proposal(&proposal.id).await?.is_none() {
                    proposals.push(proposal);
                }
            }
        }
        self.parts.ledger.propose(&proposals).await?;
        Ok(())
    }

    fn proposal(&self, query: &MinedQuery, tables: &HashMap<Fqn, TableRef>) -> Vec<Proposal> {
        let Some(first) = query.tables.first().and_then(|fqn| tables.get(fqn)) else { return Vec::new() };
        let desired = [DesiredField {
            field: FieldPath::VerifiedQuery { fingerprint: query.fingerprint.clone() },
            value: FieldValue::Query { sql: query.sql.clone(), question: question(query) },
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
}

/// A working title until a steward writes the question.
fn question(query: &MinedQuery) -> String {
    let tables: Vec<&str> = query.tables.iter().map(Fqn::name).collect();
    let filters: Vec<&str> = query.parameters.iter().map(|(name, _)| name.as_str()).collect();
    match filters.is_empty() {
        true => format!("What does {} show?", tables.join(" with ")),
        false => format!("What does {} show for given {}?", tables.join(" with "), filters.join(", ")),
    }
}
