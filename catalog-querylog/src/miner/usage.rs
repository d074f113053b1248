//! Usage by day and in total.

use std::collections::HashMap;

use catalog_core::model::{Day, Fqn, JoinUsage, TableTotal, TableUsage, UsageFacts};

use super::tally::Tally;
use crate::resolve::{Join, Schema};

/// Days that are kept, the latest one included: as many as OpenMetadata takes joins for.
const DAYS: i32 = 30;

/// A joined pair of columns: `(left, left column, right, right column)`.
type Pair = (u32, u32, u32, u32);

/// Counts of queries that finished.
pub(super) struct UsageTallies {
    tables: HashMap<(u32, Day), u64>,
    joins: HashMap<(Pair, Day), u64>,
    totals: HashMap<u32, Tally>,
    newest: Day,
    most: usize,
}

impl UsageTallies {
    pub(super) fn new(most: usize) -> Self {
        Self {
            tables: HashMap::new(),
            joins: HashMap::new(),
            totals: HashMap::new(),
            newest: Day(i32::MIN),
            most: most.max(1),
        }
    }

    /// Goes on from earlier facts; tables that are gone are left out.
    pub(super) fn resume(&mut self, facts: &UsageFacts, schema: &Schema, tables: &HashMap<&Fqn, u32>) {
        for usage in &facts.tables {
            if let Some(table) = tables.get(&usage.table) {
                self.newest = self.newest.max(usage.day);
                self.tables.insert((*table, usage.day), usage.queries);
            }
        }
        for usage in &facts.joins {
            let place = |fqn: &Fqn, column: &str| {
                let table = tables.get(fqn)?;
                Some((*table, schema.column(*table, &column.to_lowercase())?))
            };
            let sides = (place(&usage.left, &usage.left_column), place(&usage.right, &usage.right_column));
            if let (Some(left), Some(right)) = sides {
                self.joins.insert(((left.0, left.1, right.0, right.1), usage.day), usage.queries);
            }
        }
        for (total, users) in facts.totals.iter().zip(facts.total_users.iter().map(Some).chain(std::iter::repeat(None)))
        {
            if let Some(table) = tables.get(&total.table) {
                let users = users.into_iter().flatten().copied();
                self.totals.insert(*table, Tally::resume(total.queries, users));
            }
        }
    }

    /// Counts a query that read these tables and made these joins.
    pub(super) fn add(
        &mut self,
        tables: impl Iterator<Item = u32>,
        joins: &[Join],
        day: Option<Day>,
        user: Option<u32>,
    ) {
        if let Some(day) = day {
            self.newest = self.newest.max(day);
            self.make_room();
        }
        let day = day.filter(|day| self.is_kept(*day));
        for table in tables {
            self.totals.entry(table).or_default().add(user);
            if let Some(day) = day {
                count(&mut self.tables, (table, day), self.most);
            }
        }
        let Some(day) = day else { return };
        for join in joins {
            for (left, right) in &join.pairs {
                count(&mut self.joins, ((join.left, *left, join.right, *right), day), self.most);
            }
        }
    }

    fn is_kept(&self, day: Day) -> bool {
        day.0 > self.newest.0.saturating_sub(DAYS)
    }

    /// Drops days that are too old, when there is no room for more.
    fn make_room(&mut self) {
        let oldest = self.newest.0.saturating_sub(DAYS);
        if self.tables.len() >= self.most {
            self.tables.retain(|(_, day), _| day.0 > oldest);
        }
        if self.joins.len() >= self.most {
            self.joins.retain(|(_, day), _| day.0 > oldest);
        }
    }

    pub(super) fn finish(self, schema: &Schema) -> UsageFacts {
        let oldest = self.newest.0.saturating_sub(DAYS);
        let kept = |day: Day| day.0 > oldest;
        let mut tables: Vec<TableUsage> = self
            .tables
            .iter()
            .filter(|((_, day), _)| kept(*day))
            .map(|((table, day), queries)| TableUsage {
                table: schema.fqn(*table).clone(),
                day: *day,
                queries: *queries,
            })
            .collect();
        tables.sort();
        let mut joins: Vec<JoinUsage> = self
            .joins
            .iter()
            .filter(|((_, day), _)| kept(*day))
            .map(|(((left, left_column, right, right_column), day), queries)| JoinUsage {
                left: schema.fqn(*left).clone(),
                left_column: schema.column_name(*left, *left_column).to_owned(),
                right: schema.fqn(*right).clone(),
                right_column: schema.column_name(*right, *right_column).to_owned(),
                day: *day,
                queries: *queries,
            })
            .collect();
        joins.sort();
        let mut totals: Vec<(TableTotal, Vec<u32>)> = self
            .totals
            .iter()
            .map(|(table, tally)| {
                let total =
                    TableTotal { table: schema.fqn(*table).clone(), queries: tally.runs(), users: tally.users() };
                (total, tally.user_numbers())
            })
            .collect();
        totals.sort();
        let (totals, total_users) = totals.into_iter().unzip();
        UsageFacts { tables, joins, totals, total_users }
    }
}

fn count<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u64>, key: K, most: usize) {
    if let Some(known) = counts.get_mut(&key) {
        *known += 1;
    } else if counts.len() < most {
        counts.insert(key, 1);
    }
}
