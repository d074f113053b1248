//! Beside the walk: what people really ask.

mod input;
mod public_codes;
mod table_use;
mod verified_queries;

use std::collections::{BTreeMap, HashMap};

use catalog_core::Result;
use catalog_core::model::{Fqn, MinedJoin, MinedQueryLog, SourceId, TableRef};
use catalog_core::ports::QueryLogPage;
use catalog_publish::fail_point;
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};

use self::input::Log;
use self::public_codes::CodeSet;
pub(super) use self::table_use::TableUse;
use super::gate::hash;
use super::run::{SourceFailure, Walk};

pub use self::input::QueryLogInput;

/// Entries read at a time.
const PAGE: usize = 1_000;

/// What the query log taught, and what of it could not be read.
#[derive(Default)]
pub(super) struct Mined {
    /// Joins, queries and usage.
    pub(super) log: MinedQueryLog,
    /// How many tables are made from a table.
    pub(super) downstream: BTreeMap<Fqn, u64>,
    /// Logs that are out of reach; what they hold is mined later.
    pub(super) failures: Vec<SourceFailure>,
}

impl Mined {
    /// Changes when the joins say something new: counts move with every query, their magnitude seldom does.
    pub(super) fn joins_key(&self) -> String {
        let said = |join: &MinedJoin| {
            let MinedJoin { left, left_columns, right, right_columns, kind, runs, users } = join;
            hash(&(left, left_columns, right, right_columns, kind, (runs + 1).ilog2(), (users + 1).ilog2()))
        };
        let mut said: Vec<String> = self.log.joins.iter().map(said).collect();
        said.sort_unstable();
        hash(&said)
    }
}

/// What mining rests on beside the log.
struct Around {
    key: String,
    downstream: BTreeMap<Fqn, u64>,
}

impl Walk {
    /// Mines the logs unless they and the schemas are what they were, proposes the best queries and queues the tables
    /// whose use has news.
    pub(super) async fn mine(&self) -> Result<Mined> {
        if !self.options.query_log {
            return Ok(Mined::default());
        }
        let stored = self.parts.ledger.query_log().await?;
        let around = self.around().await?;
        let (before_key, before) = stored.unwrap_or_default();
        let Some(input) = &self.query_log else {
            return Ok(Mined { log: before, downstream: around.downstream, failures: Vec::new() });
        };
        let tokens: Vec<&str> = input.logs.iter().map(|log| log.token.as_str()).collect();
        let key = hash(&(tokens, around.key, input.queries_max));
        if before_key == key {
            self.queue_used(&before, &before, &around.downstream).await?;
            return Ok(Mined { log: before, downstream: around.downstream, failures: Vec::new() });
        }
        let (log, tables, failures) = self.read_logs(input, &before).await?;
        // Proposed and queued before it is stored: a crash between the two does again what is known already.
        let settled = self.propose_queries(&log, &tables).await? && failures.is_empty();
        self.queue_used(&before, &log, &around.downstream).await?;
        fail_point!("walk::after_mine");
        self.parts.ledger.set_query_log(if settled { &key } else { "" }, &log).await?;
        Ok(Mined { log, downstream: around.downstream, failures })
    }

    /// The schemas and public codes as a key, and who is made from whom.
    async fn around(&self) -> Result<Around> {
        let (mut hasher, mut downstream) = (blake3::Hasher::new(), BTreeMap::<Fqn, u64>::new());
        self.each_fact(|state| {
            let table = &state.table;
            hasher.update(hash(&(table.fqn(), table.content_hash(), &state.public_codes)).as_bytes());
            for upstream in &table.upstream {
                *downstream.entry(upstream.clone()).or_default() += 1;
            }
        })
        .await?;
        Ok(Around { key: hasher.finalize().to_hex().to_string(), downstream })
    }

    async fn read_logs(
        &self,
        input: &QueryLogInput,
        earlier: &MinedQueryLog,
    ) -> Result<(MinedQueryLog, HashMap<Fqn, TableRef>, Vec<SourceFailure>)> {
        let (mut schema, mut tables, mut codes) = (Vec::new(), HashMap::new(), CodeSet::default());
        self.each_fact(|state| {
            codes.add(&state);
            let reference = state.table.table_ref;
            schema.push(SchemaTable {
                fqn: reference.fqn.clone(),
                engine: reference.engine.clone(),
                columns: state.table.columns.into_iter().map(|c| c.name).collect(),
            });
            tables.insert(reference.fqn.clone(), reference);
        })
        .await?;
        let now_ms = Some(self.parts.clock.now_ms());
        let options = MinerOptions {
            queries_max: input.queries_max,
            own_users: self.options.own_users.clone(),
            now_ms,
            ..MinerOptions::default()
        };
        let miner = match input.resumes() {
            true => QueryMiner::resume(schema, options, earlier),
            false => QueryMiner::new(schema, options),
        };
        let mut miner = miner.with_public_codes(codes.into_port());
        let mut failures = Vec::new();
        for log in &input.logs {
            let from = input.resumes().then(|| miner.cursor(&log.name).map(str::to_owned)).flatten();
            match self.read_log(log, from, &mut miner).await {
                Ok(()) => {}
                Err(error) if log.grows => {
                    failures.push(SourceFailure {
                        source: SourceId(format!("query log {}", log.name)),
                        stage: "query log",
                        error,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok((miner.finish(), tables, failures))
    }

    /// Reads a log to its end. When it fails on the way, what was read counts and its place is kept.
    async fn read_log(&self, log: &Log, mut cursor: Option<String>, miner: &mut QueryMiner) -> Result<()> {
        loop {
            let QueryLogPage { events, rejected, next, resume } = log.source.page(cursor.as_deref(), PAGE).await?;
            self.progress.advance(events.len() as u64);
            for (reason, count) in rejected {
                miner.reject(reason, count);
            }
            events.iter().for_each(|event| miner.observe(event));
            if let Some(place) = next.clone().or(resume) {
                miner.set_cursor(&log.name, place);
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(());
            }
            // Parsing is work without a pause; let the other tasks run between pages.
            tokio::task::yield_now().await;
        }
    }
}
