//! Counting: events in, joins, column usage and queries out.

mod analysis;
mod near;
mod noise;
mod options;
mod public_codes;
mod queries;
mod recent_ids;
mod result;
mod resume;
mod tally;
mod usage;

use std::collections::{BTreeMap, HashMap};

use catalog_core::model::{Day, QueryEvent, QueryState, SkipReason};

use self::analysis::{Analysed, Analyses, Context};
pub use self::options::MinerOptions;
pub use self::public_codes::PublicCodes;
use self::queries::QueryTallies;
use self::recent_ids::RecentIds;
use self::tally::{Tally, Users};
use self::usage::UsageTallies;
use crate::resolve::{Join, Schema, SchemaTable};
use crate::source::OWN_SOURCE;

/// How far ahead of ours an engine's clock may be.
const SKEW_MS: i64 = 10 * 60 * 1_000;

/// Mines a query log. Feed it every event once, in any order; ask for the result at the end.
///
/// Memory is bounded by [`MinerOptions`], whatever the log's length: queries beyond its caps are forgotten, the rarest
/// first, and a join beyond its cap is not counted. No literal of any query is kept but for public codes.
///
/// A log that grows is mined in parts: store the result, and go on from it with [`QueryMiner::resume`].
pub struct QueryMiner {
    schema: Schema,
    options: MinerOptions,
    codes: Option<PublicCodes>,
    events: u64,
    skewed: u64,
    skipped: BTreeMap<SkipReason, u64>,
    cursors: BTreeMap<String, String>,
    seen: RecentIds,
    users: Users,
    analyses: Analyses,
    joins: HashMap<Join, Tally>,
    columns: HashMap<(u32, u32), (u64, u64)>,
    queries: QueryTallies,
    usage: UsageTallies,
}

impl QueryMiner {
    /// A miner that resolves names against these tables.
    pub fn new(schema: Vec<SchemaTable>, options: MinerOptions) -> Self {
        Self {
            schema: Schema::new(schema),
            codes: None,
            events: 0,
            skewed: 0,
            skipped: BTreeMap::new(),
            cursors: BTreeMap::new(),
            seen: RecentIds::new(options.recent_ids_max),
            users: Users::new(options.users_max),
            analyses: Analyses::new(options.analyses_max),
            joins: HashMap::new(),
            columns: HashMap::new(),
            queries: QueryTallies::new(&options),
            usage: UsageTallies::new(options.daily_counts_max),
            options,
        }
    }

    /// Lets public codes stay in the normal form (promise I4): `codes` says which value is a public code of which
    /// column. Without it every literal that is compared with a column becomes a parameter.
    #[must_use]
    pub fn with_public_codes(mut self, codes: PublicCodes) -> Self {
        self.codes = Some(codes);
        self
    }

    /// Where the source of that name goes on: what [`QueryMiner::set_cursor`] was told before the result that this miner
    /// resumes from.
    pub fn cursor(&self, source: &str) -> Option<&str> {
        self.cursors.get(source).map(String::as_str)
    }

    /// Notes where a source goes on, to be stored with the result: both are kept, or neither.
    pub fn set_cursor(&mut self, source: impl Into<String>, cursor: impl Into<String>) {
        self.cursors.insert(source.into(), cursor.into());
    }

    /// Counts one event. An event that teaches nothing is counted by its reason; one whose text cannot be parsed still
    /// counts the tables and columns that the engine says it read, as returned.
    pub fn observe(&mut self, event: &QueryEvent) {
        self.events += 1;
        if event.source.as_deref() == Some(OWN_SOURCE) || self.options.own_users.contains(&event.user_hash) {
            return self.skip(SkipReason::Own);
        }
        if !event.query_id.is_empty() && !self.seen.insert(&event.query_id) {
            return self.skip(SkipReason::Duplicate);
        }
        let session = self.schema.session(event);
        let context = Context { schema: &self.schema, codes: self.codes.as_ref(), options: &self.options };
        let analysed = self.analyses.of(event, &session, context);
        let user = self.users.number(&event.user_hash);
        let ended_at_ms = self.believed(event.ended_at_ms);
        let day = ended_at_ms.map(Day::of_ms);
        let finished = event.state == QueryState::Finished;
        match analysed {
            Ok(analysed) => {
                self.count(&analysed, event, ended_at_ms, user);
                if finished {
                    let facts = &analysed.analysis.facts;
                    self.usage.add(facts.tables.iter().copied(), &facts.joins, day, user);
                }
            }
            Err(reason) => {
                for (table, columns) in session.inputs() {
                    for column in columns {
                        self.columns.entry((*table, *column)).or_default().1 += 1;
                    }
                }
                if finished {
                    self.usage.add(session.inputs().iter().map(|(table, _)| *table), &[], day, user);
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

    /// The event's time, unless it lies in the future: one wrong clock must not make all other queries old.
    fn believed(&mut self, ended_at_ms: Option<i64>) -> Option<i64> {
        let at = ended_at_ms?;
        if self.options.now_ms.is_some_and(|now| at > now.saturating_add(SKEW_MS)) {
            self.skewed += 1;
            return None;
        }
        Some(at)
    }

    fn count(&mut self, analysed: &Analysed, event: &QueryEvent, ended_at_ms: Option<i64>, user: Option<u32>) {
        let facts = &analysed.analysis.facts;
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
        if facts.is_query && !facts.doubtful_names {
            self.queries.add(analysed, event, ended_at_ms, user, &self.schema);
        }
    }
}
