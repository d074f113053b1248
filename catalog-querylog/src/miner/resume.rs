//! Going on from a stored result.

use std::collections::HashMap;

use catalog_core::model::{Fqn, MinedJoin, MinedQueryLog};

use super::tally::Tally;
use super::{MinerOptions, QueryMiner};
use crate::resolve::{Join, Schema, SchemaTable};

impl QueryMiner {
    /// A miner that goes on from an earlier result, as if it had seen the earlier part of the log too. What names a table
    /// or a column that is gone is dropped. Queries beyond the earlier result's cap were forgotten and start anew.
    pub fn resume(schema: Vec<SchemaTable>, options: MinerOptions, earlier: &MinedQueryLog) -> Self {
        let names: Vec<Fqn> = schema.iter().map(|table| table.fqn.clone()).collect();
        let tables: HashMap<&Fqn, u32> = names.iter().zip(0..).collect();
        let mut miner = Self::new(schema, options);
        let checkpoint = &earlier.checkpoint;
        miner.events = earlier.events;
        miner.skewed = earlier.skewed;
        miner.skipped = earlier.skipped.clone();
        miner.cursors = checkpoint.cursors.clone();
        for id in &checkpoint.recent_ids {
            miner.seen.insert_hash(*id);
        }
        for user in &checkpoint.users {
            miner.users.number(user);
        }
        for (i, mined) in earlier.joins.iter().enumerate() {
            if let Some(join) = known_join(mined, &miner.schema, &tables) {
                let users = checkpoint.join_users.get(i).into_iter().flatten().copied();
                miner.joins.insert(join, Tally::resume(mined.runs, users));
            }
        }
        for usage in &earlier.columns {
            let column = |table: &u32| Some((*table, miner.schema.column(*table, &usage.column.to_lowercase())?));
            if let Some(place) = tables.get(&usage.table).and_then(column) {
                miner.columns.insert(place, (usage.filters, usage.projections));
            }
        }
        miner.queries.resume(earlier, &tables);
        miner.usage.resume(&earlier.usage, &miner.schema, &tables);
        miner
    }
}

fn known_join(mined: &MinedJoin, schema: &Schema, tables: &HashMap<&Fqn, u32>) -> Option<Join> {
    let (left, right) = (*tables.get(&mined.left)?, *tables.get(&mined.right)?);
    let pairs = mined
        .left_columns
        .iter()
        .zip(&mined.right_columns)
        .map(|(l, r)| Some((schema.column(left, &l.to_lowercase())?, schema.column(right, &r.to_lowercase())?)));
    Some(Join { left, right, pairs: pairs.collect::<Option<_>>()?, kind: mined.kind })
}
