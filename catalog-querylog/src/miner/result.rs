//! Counts to the result, with what it takes to go on.

use std::collections::HashMap;

use catalog_core::model::{MinedJoin, MinedQueryLog, MinerCheckpoint, UsageCount};

use super::QueryMiner;
use super::tally::Tally;
use crate::resolve::{Join, Schema};

/// Most query ids that are stored with a result: an overlap of minutes holds far fewer.
const STORED_IDS_MAX: usize = 20_000;

impl QueryMiner {
    /// The result. Joins and columns are ordered by runs and filters, most first; queries by their rank.
    pub fn finish(self) -> MinedQueryLog {
        let schema = &self.schema;
        let (joins, join_users) = joins(schema, &self.joins);
        let (queries, query_checkpoints) = self.queries.ranked(schema, self.options.queries_max);
        MinedQueryLog {
            events: self.events,
            skipped: self.skipped,
            joins,
            columns: columns(schema, &self.columns),
            queries,
            skewed: self.skewed,
            usage: self.usage.finish(schema),
            checkpoint: MinerCheckpoint {
                cursors: self.cursors,
                recent_ids: self.seen.latest(STORED_IDS_MAX),
                users: self.users.into_hashes(),
                join_users,
                queries: query_checkpoints,
            },
        }
    }
}

fn joins(schema: &Schema, tallies: &HashMap<Join, Tally>) -> (Vec<MinedJoin>, Vec<Vec<u32>>) {
    let name = |table: u32, column: u32| schema.column_name(table, column).to_owned();
    let mut joins: Vec<(MinedJoin, Vec<u32>)> = tallies
        .iter()
        .map(|(join, tally)| {
            let mined = MinedJoin {
                left: schema.fqn(join.left).clone(),
                left_columns: join.pairs.iter().map(|pair| name(join.left, pair.0)).collect(),
                right: schema.fqn(join.right).clone(),
                right_columns: join.pairs.iter().map(|pair| name(join.right, pair.1)).collect(),
                kind: join.kind,
                runs: tally.runs(),
                users: tally.users(),
            };
            (mined, tally.user_numbers())
        })
        .collect();
    joins.sort_by(|(a, _), (b, _)| b.runs.cmp(&a.runs).then_with(|| a.cmp(b)));
    joins.into_iter().unzip()
}

fn columns(schema: &Schema, counts: &HashMap<(u32, u32), (u64, u64)>) -> Vec<UsageCount> {
    let mut columns: Vec<UsageCount> = counts
        .iter()
        .map(|((table, column), (filters, projections))| UsageCount {
            table: schema.fqn(*table).clone(),
            column: schema.column_name(*table, *column).to_owned(),
            filters: *filters,
            projections: *projections,
        })
        .collect();
    columns.sort_by(|a, b| b.filters.cmp(&a.filters).then_with(|| (&a.table, &a.column).cmp(&(&b.table, &b.column))));
    columns
}
