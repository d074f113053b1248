//! Queries in normal form, counted and ranked.

use std::collections::HashMap;

use catalog_core::model::{Fqn, MinedQuery, MinedQueryLog, QueryCheckpoint, QueryEvent, QueryNoise, QueryState};

use super::analysis::Analysed;
use super::near::mark_near_duplicates;
use super::noise;
use super::options::MinerOptions;
use super::tally::{Latest, Tally, quantile};
use crate::resolve::{Join, Schema};

/// The latest figures of a query that its quantiles are taken of.
const FIGURES_MAX: usize = 64;

/// The latest times of a query in which a beat is looked for.
const TIMES_MAX: usize = 32;

/// How much one join more takes off a query's rank.
const JOIN_PENALTY: f64 = 0.15;

/// How much one subquery more takes off.
const SUBQUERY_PENALTY: f64 = 0.1;

/// A query that was not seen for so long counts half.
const HALF_LIFE_MS: f64 = 30.0 * 86_400_000.0;

struct QueryTally {
    sql: String,
    parameters: Vec<(String, String)>,
    tables: Vec<u32>,
    join_conditions: Vec<String>,
    joins: usize,
    subqueries: usize,
    preview: bool,
    tally: Tally,
    finished: u64,
    dashboard_runs: u64,
    tool_runs: u64,
    wall_ms: Latest<u64, FIGURES_MAX>,
    bytes: Latest<u64, FIGURES_MAX>,
    ended_at_ms: Latest<i64, TIMES_MAX>,
    last_seen_ms: Option<i64>,
}

impl QueryTally {
    fn new(analysed: &Analysed, schema: &Schema) -> Self {
        let (facts, form) = (&analysed.analysis.facts, &analysed.form().normal_form);
        Self {
            sql: form.sql.clone(),
            parameters: form.parameters.clone(),
            tables: facts.tables.iter().copied().collect(),
            join_conditions: facts.joins.iter().map(|join| condition(join, schema)).collect(),
            joins: facts.joins.len(),
            subqueries: facts.subqueries,
            preview: facts.preview,
            tally: Tally::default(),
            finished: 0,
            dashboard_runs: 0,
            tool_runs: 0,
            wall_ms: Latest::default(),
            bytes: Latest::default(),
            ended_at_ms: Latest::default(),
            last_seen_ms: None,
        }
    }

    fn add(&mut self, event: &QueryEvent, ended_at_ms: Option<i64>, user: Option<u32>) {
        let run = self.tally.runs();
        event.wall_ms.into_iter().for_each(|ms| self.wall_ms.add(ms, run));
        event.bytes.into_iter().for_each(|bytes| self.bytes.add(bytes, run));
        ended_at_ms.into_iter().for_each(|ms| self.ended_at_ms.add(ms, run));
        self.tally.add(user);
        self.finished += u64::from(event.state == QueryState::Finished);
        match noise::of_source(event.source.as_deref()) {
            Some(QueryNoise::Dashboard) => self.dashboard_runs += 1,
            Some(_) => self.tool_runs += 1,
            None => {}
        }
        self.last_seen_ms = self.last_seen_ms.max(ended_at_ms);
    }

    fn noise(&self) -> Option<QueryNoise> {
        let most = |runs: u64| runs * 2 > self.tally.runs();
        if most(self.tool_runs) {
            Some(QueryNoise::Tool)
        } else if self.preview {
            Some(QueryNoise::Preview)
        } else if most(self.dashboard_runs) || noise::has_beat(&self.ended_at_ms.sorted()) {
            Some(QueryNoise::Dashboard)
        } else {
            None
        }
    }

    /// What makes a query worth a steward's minute:
    ///
    /// `ln(1 + runs) · (1 + ln users) · 2^(-age / 30 days) · success · noise - 0.15 · joins - 0.1 · subqueries`
    ///
    /// with the age counted from the latest query of the log, and noise 1 for people, 0.5 for a dashboard, 0.1 for a tool or a
    /// preview. Logarithms, because a dashboard that refreshes every minute is not a thousand times more interesting.
    fn rank(&self, newest_ms: Option<i64>) -> f64 {
        let runs = self.tally.runs() as f64;
        let users = self.tally.users() as f64;
        let success = self.finished as f64 / runs.max(1.0);
        let age_ms = match (newest_ms, self.last_seen_ms) {
            (Some(newest), Some(seen)) => newest.saturating_sub(seen).max(0) as f64,
            _ => 0.0,
        };
        let weight = match self.noise() {
            None => 1.0,
            Some(QueryNoise::Dashboard) => 0.5,
            Some(QueryNoise::Tool | QueryNoise::Preview) => 0.1,
        };
        let complexity = JOIN_PENALTY * self.joins as f64 + SUBQUERY_PENALTY * self.subqueries as f64;
        runs.ln_1p() * (1.0 + users.ln()) * (-age_ms / HALF_LIFE_MS).exp2() * success * weight - complexity
    }

    fn checkpoint(&self) -> QueryCheckpoint {
        QueryCheckpoint {
            users: self.tally.user_numbers(),
            wall_ms: self.wall_ms.sorted(),
            bytes: self.bytes.sorted(),
            ended_at_ms: self.ended_at_ms.sorted(),
            dashboard_runs: self.dashboard_runs,
            tool_runs: self.tool_runs,
            subqueries: self.subqueries,
            preview: self.preview,
        }
    }
}

/// All queries that are counted at the moment.
pub(super) struct QueryTallies {
    by_fingerprint: HashMap<[u8; 32], QueryTally>,
    bytes: usize,
    bytes_max: usize,
    tracked_max: usize,
    normal_form_bytes_max: usize,
}

impl QueryTallies {
    pub(super) fn new(options: &MinerOptions) -> Self {
        Self {
            by_fingerprint: HashMap::new(),
            bytes: 0,
            bytes_max: options.query_bytes_max,
            tracked_max: options.queries_tracked_max.max(1),
            normal_form_bytes_max: options.normal_form_bytes_max,
        }
    }

    /// Goes on from an earlier result; a query of a table that is gone is left out.
    pub(super) fn resume(&mut self, log: &MinedQueryLog, tables: &HashMap<&Fqn, u32>) {
        for (i, query) in log.queries.iter().enumerate() {
            let numbers: Option<Vec<u32>> = query.tables.iter().map(|table| tables.get(table).copied()).collect();
            let hash = blake3::Hash::from_hex(&query.fingerprint).ok();
            let (Some(tables), Some(hash)) = (numbers, hash) else { continue };
            let rest = log.checkpoint.queries.get(i).cloned().unwrap_or_default();
            self.bytes += query.sql.len();
            let tally = QueryTally {
                sql: query.sql.clone(),
                parameters: query.parameters.clone(),
                tables,
                join_conditions: query.join_conditions.clone(),
                joins: query.joins,
                subqueries: rest.subqueries,
                preview: rest.preview,
                tally: Tally::resume(query.runs, rest.users),
                finished: (query.success_rate * query.runs as f64).round() as u64,
                dashboard_runs: rest.dashboard_runs,
                tool_runs: rest.tool_runs,
                wall_ms: Latest::resume(&rest.wall_ms),
                bytes: Latest::resume(&rest.bytes),
                ended_at_ms: Latest::resume(&rest.ended_at_ms),
                last_seen_ms: query.last_seen_ms,
            };
            self.by_fingerprint.insert(*hash.as_bytes(), tally);
        }
    }

    pub(super) fn add(
        &mut self,
        analysed: &Analysed,
        event: &QueryEvent,
        ended_at_ms: Option<i64>,
        user: Option<u32>,
        schema: &Schema,
    ) {
        let form = analysed.form();
        let length = form.normal_form.sql.len();
        if length > self.normal_form_bytes_max {
            return;
        }
        if !self.by_fingerprint.contains_key(&form.fingerprint) {
            if self.by_fingerprint.len() >= self.tracked_max || self.bytes > self.bytes_max {
                self.forget_the_rarest();
            }
            self.bytes += length;
        }
        let query = self.by_fingerprint.entry(form.fingerprint);
        query.or_insert_with(|| QueryTally::new(analysed, schema)).add(event, ended_at_ms, user);
    }

    /// Keeps the half with the most runs.
    fn forget_the_rarest(&mut self) {
        let mut runs: Vec<(u64, [u8; 32])> =
            self.by_fingerprint.iter().map(|(key, q)| (q.tally.runs(), *key)).collect();
        runs.sort_unstable();
        for (_, key) in &runs[..runs.len().div_ceil(2)] {
            if let Some(query) = self.by_fingerprint.remove(key) {
                self.bytes -= query.sql.len();
            }
        }
    }

    /// The `most` best queries, best first, near duplicates marked, and what their counts rest on. A query that never
    /// finished is no answer to anything and is left out.
    pub(super) fn ranked(self, schema: &Schema, most: usize) -> (Vec<MinedQuery>, Vec<QueryCheckpoint>) {
        let newest_ms = self.by_fingerprint.values().filter_map(|query| query.last_seen_ms).max();
        let mut ranked: Vec<(f64, QueryTally, [u8; 32])> = self
            .by_fingerprint
            .into_iter()
            .filter(|(_, query)| query.finished > 0)
            .map(|(key, query)| (query.rank(newest_ms), query, key))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.cmp(&b.2)));
        ranked.truncate(most);
        let checkpoints = ranked.iter().map(|(_, query, _)| query.checkpoint()).collect();
        let mut queries: Vec<MinedQuery> =
            ranked.into_iter().map(|(rank, query, key)| mined(query, key, rank, schema)).collect();
        mark_near_duplicates(&mut queries);
        (queries, checkpoints)
    }
}

fn mined(query: QueryTally, fingerprint: [u8; 32], rank: f64, schema: &Schema) -> MinedQuery {
    let mut tables: Vec<_> = query.tables.iter().map(|t| schema.fqn(*t).clone()).collect();
    tables.sort();
    let (wall_ms, bytes) = (query.wall_ms.sorted(), query.bytes.sorted());
    MinedQuery {
        fingerprint: blake3::Hash::from(fingerprint).to_hex().to_string(),
        noise: query.noise(),
        joins: query.joins,
        runs: query.tally.runs(),
        users: query.tally.users(),
        success_rate: query.finished as f64 / query.tally.runs().max(1) as f64,
        median_ms: quantile(&wall_ms, 0.5),
        p95_ms: quantile(&wall_ms, 0.95),
        median_bytes: quantile(&bytes, 0.5),
        last_seen_ms: query.last_seen_ms,
        sql: query.sql,
        parameters: query.parameters,
        tables,
        join_conditions: query.join_conditions,
        // Rounded, so that a stored result reads back the same in every format.
        rank: (rank * 1e6).round() / 1e6,
        near: None,
    }
}

/// `account.customer_id = customer.customer_id`, with the names that the catalog has.
fn condition(join: &Join, schema: &Schema) -> String {
    let side = |table: u32, column: u32| format!("{}.{}", schema.fqn(table), schema.column_name(table, column));
    let pairs = join.pairs.iter().map(|(l, r)| format!("{} = {}", side(join.left, *l), side(join.right, *r)));
    pairs.collect::<Vec<_>>().join(" AND ")
}
