//! Counting: events in, joins, column usage and queries out.

mod analysis;
mod options;
mod queries;
mod recent_ids;
mod tally;

use std::collections::{BTreeMap, HashMap};

use catalog_core::model::{MinedJoin, MinedQueryLog, QueryEvent, SkipReason, UsageCount};

use self::analysis::{Analyses, Analysis};
pub use self::options::MinerOptions;
use self::queries::QueryTallies;
use self::recent_ids::RecentIds;
use self::tally::{Tally, Users};
use crate::resolve::{Join, Schema, SchemaTable};
use crate::source::OWN_SOURCE;

/// Mines a query log. Feed it every event once, in any order; ask for the result at the end.
///
/// Memory is bounded by [`MinerOptions`], whatever the log's length: queries beyond its caps are forgotten, the rarest
/// first, and a join beyond its cap is not counted. No literal of any query is kept.
pub struct QueryMiner {
    schema: Schema,
    options: MinerOptions,
    events: u64,
    skipped: BTreeMap<SkipReason, u64>,
    seen: RecentIds,
    users: Users,
    analyses: Analyses,
    joins: HashMap<Join, Tally>,
    columns: HashMap<(u32, u32), (u64, u64)>,
    queries: QueryTallies,
}

impl QueryMiner {
    /// A miner that resolves names against these tables.
    pub fn new(schema: Vec<SchemaTable>, options: MinerOptions) -> Self {
        Self {
            schema: Schema::new(schema),
            events: 0,
            skipped: BTreeMap::new(),
            seen: RecentIds::new(options.recent_ids_max),
            users: Users::new(options.users_max),
            analyses: Analyses::new(options.analyses_max),
            joins: HashMap::new(),
            columns: HashMap::new(),
            queries: QueryTallies::new(&options),
            options,
        }
    }

    /// Counts one event. An event that teaches nothing is counted by its reason; one whose text cannot be parsed still
    /// counts the columns that the engine says it read, as returned.
    pub fn observe(&mut self, event: &QueryEvent) {
        self.events += 1;
        if event.source.as_deref() == Some(OWN_SOURCE) {
            return self.skip(SkipReason::Own);
        }
        if !event.query_id.is_empty() && !self.seen.insert(&event.query_id) {
            return self.skip(SkipReason::Duplicate);
        }
        let session = self.schema.session(event);
        match self.analyses.of(event, &self.schema, &session, &self.options) {
            Ok(analysis) => {
                let user = self.users.number(&event.user_hash);
                self.count(&analysis, event, user);
            }
            Err(reason) => {
                for (table, columns) in session.inputs() {
                    for column in columns {
                        self.columns.entry((*table, *column)).or_default().1 += 1;
                    }
                }
                self.skip(reason);
            }
        }
    }

    /// Counts entries that a source could not turn into events.
    pub fn reject(&mut self, reason: SkipReason, count: u64) {
        self.events += count;
        *self.skipped.entry(reason).or_default() += count;
    }

    fn skip(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn count(&mut self, analysis: &Analysis, event: &QueryEvent, user: Option<u32>) {
        let facts = &analysis.facts;
        for join in &facts.joins {
            if let Some(tally) = self.joins.get_mut(join) {
                tally.add(user);
            } else if self.joins.len() < self.options.joins_max {
                self.joins.entry(join.clone()).or_default().add(user);
            }
        }
        for place in &facts.filters {
            self.columns.entry(*place).or_default().0 += 1;
        }
        for place in &facts.projections {
            self.columns.entry(*place).or_default().1 += 1;
        }
        if facts.is_query && !facts.doubtful_quotes {
            self.queries.add(analysis, event, user);
        }
    }

    /// The result. Joins and columns are ordered by runs and filters, most first; queries by their rank.
    pub fn finish(self) -> MinedQueryLog {
        let schema = &self.schema;
        let name = |table: u32, column: u32| schema.column_name(table, column).to_owned();
        let mut joins: Vec<MinedJoin> = self
            .joins
            .iter()
            .map(|(join, tally)| MinedJoin {
                left: schema.fqn(join.left).clone(),
                left_columns: join.pairs.iter().map(|pair| name(join.left, pair.0)).collect(),
                right: schema.fqn(join.right).clone(),
                right_columns: join.pairs.iter().map(|pair| name(join.right, pair.1)).collect(),
                kind: join.kind,
                runs: tally.runs(),
                users: tally.users(),
            })
            .collect();
        joins.sort_by(|a, b| b.runs.cmp(&a.runs).then_with(|| a.cmp(b)));
        let mut columns: Vec<UsageCount> = self
            .columns
            .iter()
            .map(|((table, column), (filters, projections))| UsageCount {
                table: schema.fqn(*table).clone(),
                column: name(*table, *column),
                filters: *filters,
                projections: *projections,
            })
            .collect();
        columns
            .sort_by(|a, b| b.filters.cmp(&a.filters).then_with(|| (&a.table, &a.column).cmp(&(&b.table, &b.column))));
        let queries = self.queries.ranked(schema, self.options.queries_max);
        MinedQueryLog {
            events: self.events,
            skipped: self.skipped,
            joins,
            columns,
            queries,
            ..MinedQueryLog::default()
        }
    }
}
