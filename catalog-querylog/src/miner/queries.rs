//! Queries in normal form, counted and ranked.

use std::collections::HashMap;

use catalog_core::model::{MinedQuery, QueryEvent, QueryState};

use super::analysis::Analysis;
use super::options::MinerOptions;
use super::tally::Tally;
use crate::resolve::Schema;

/// The latest wall times of a query that its median is taken of.
const WALL_TIMES_MAX: usize = 64;

/// How much one join more takes off a query's rank.
const JOIN_PENALTY: f64 = 0.15;

struct QueryTally {
    sql: String,
    parameters: Vec<(String, String)>,
    tables: Vec<u32>,
    joins: usize,
    tally: Tally,
    finished: u64,
    /// A ring of wall times in milliseconds.
    wall_ms: Vec<u64>,
    last_seen_ms: Option<i64>,
}

impl QueryTally {
    /// What makes a query worth a steward's minute: `ln(1 + runs) · (1 + ln users) · success - 0.15 · joins`.
    /// Logarithms, because a dashboard that refreshes every minute is not a thousand times more interesting.
    fn rank(&self) -> f64 {
        let runs = self.tally.runs() as f64;
        let users = self.tally.users() as f64;
        let success = self.finished as f64 / runs.max(1.0);
        runs.ln_1p() * (1.0 + users.ln()) * success - JOIN_PENALTY * self.joins as f64
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

    pub(super) fn add(&mut self, analysis: &Analysis, event: &QueryEvent, user: Option<u32>) {
        let form = &analysis.normal_form;
        if form.sql.len() > self.normal_form_bytes_max {
            return;
        }
        if !self.by_fingerprint.contains_key(&analysis.fingerprint) {
            if self.by_fingerprint.len() >= self.tracked_max || self.bytes > self.bytes_max {
                self.forget_the_rarest();
            }
            self.bytes += form.sql.len();
        }
        let query = self.by_fingerprint.entry(analysis.fingerprint).or_insert_with(|| QueryTally {
            sql: form.sql.clone(),
            parameters: form.parameters.clone(),
            tables: analysis.facts.tables.iter().copied().collect(),
            joins: analysis.facts.joins.len(),
            tally: Tally::default(),
            finished: 0,
            wall_ms: Vec::new(),
            last_seen_ms: None,
        });
        if let Some(ms) = event.wall_ms {
            if query.wall_ms.len() < WALL_TIMES_MAX {
                query.wall_ms.push(ms);
            } else {
                query.wall_ms[(query.tally.runs() % WALL_TIMES_MAX as u64) as usize] = ms;
            }
        }
        query.tally.add(user);
        query.finished += u64::from(event.state == QueryState::Finished);
        query.last_seen_ms = query.last_seen_ms.max(event.ended_at_ms);
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

    /// The `most` best queries, best first. A query that never finished is no answer to anything and is left out.
    pub(super) fn ranked(self, schema: &Schema, most: usize) -> Vec<MinedQuery> {
        let mut ranked: Vec<(f64, QueryTally, [u8; 32])> = self
            .by_fingerprint
            .into_iter()
            .filter(|(_, query)| query.finished > 0)
            .map(|(key, query)| (query.rank(), query, key))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.cmp(&b.2)));
        ranked.truncate(most);
        ranked.into_iter().map(|(_, query, key)| mined(query, key, schema)).collect()
    }
}

fn mined(mut query: QueryTally, fingerprint: [u8; 32], schema: &Schema) -> MinedQuery {
    query.wall_ms.sort_unstable();
    let mut tables: Vec<_> = query.tables.iter().map(|t| schema.fqn(*t).clone()).collect();
    tables.sort();
    MinedQuery {
        fingerprint: blake3::Hash::from(fingerprint).to_hex().to_string(),
        sql: query.sql,
        parameters: query.parameters,
        tables,
        joins: query.joins,
        runs: query.tally.runs(),
        users: query.tally.users(),
        success_rate: query.finished as f64 / query.tally.runs().max(1) as f64,
        median_ms: query.wall_ms.get(query.wall_ms.len() / 2).copied(),
        p95_ms: None,
        median_bytes: None,
        last_seen_ms: query.last_seen_ms,
        join_conditions: Vec::new(),
        rank: 0.0,
        noise: None,
        near: None,
    }
}
