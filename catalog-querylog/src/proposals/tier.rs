//! How important a table is, by its use.

use std::collections::BTreeMap;

use catalog_core::model::{Fqn, UsageFacts};

/// What a table needs for a tier: enough users, and enough queries or tables made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Threshold {
    tier: u8,
    users: u64,
    queries: u64,
    downstream: u64,
}

/// The rule from use to tier, over the time that the log covers (30 days are meant).
///
/// | tier | users | and queries | or tables made from it |
/// | --- | --- | --- | --- |
/// | Tier1 | 10 | 1,000 | 10 |
/// | Tier2 | 5 | 100 | 5 |
/// | Tier3 | 2 | 20 | 1 |
/// | Tier4 | 1 | 1 | |
///
/// The numbers of queries are multiplied by `scale`: a company that asks little has important tables too. A table that
/// nobody read gets no proposal: a short log is no sign of an unused table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierRule {
    /// Multiplies the numbers of queries.
    pub scale: f64,
}

impl Default for TierRule {
    fn default() -> Self {
        Self { scale: 1.0 }
    }
}

const THRESHOLDS: [Threshold; 4] = [
    Threshold { tier: 1, users: 10, queries: 1_000, downstream: 10 },
    Threshold { tier: 2, users: 5, queries: 100, downstream: 5 },
    Threshold { tier: 3, users: 2, queries: 20, downstream: 1 },
    Threshold { tier: 4, users: 1, queries: 1, downstream: u64::MAX },
];

/// A tier for a steward to decide on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierProposal {
    /// The table.
    pub table: Fqn,
    /// The tag below the classification: `Tier1` to `Tier4`.
    pub tag: String,
    /// What it rests on: `1,200 queries by 14 people, 3 tables made from it`.
    pub why: String,
}

/// One proposal for each table that was read, in the order of the totals. `downstream` says how many tables are made
/// from a table (lineage); 0 where it says nothing.
pub fn tiers(usage: &UsageFacts, downstream: &BTreeMap<Fqn, u64>, rule: TierRule) -> Vec<TierProposal> {
    usage
        .totals
        .iter()
        .filter_map(|total| {
            let made = downstream.get(&total.table).copied().unwrap_or(0);
            let needed = |queries: u64| (queries as f64 * rule.scale).ceil().max(1.0) as u64;
            let reached = THRESHOLDS.iter().find(|threshold| {
                total.users >= threshold.users
                    && (total.queries >= needed(threshold.queries) || made >= threshold.downstream)
            })?;
            Some(TierProposal {
                table: total.table.clone(),
                tag: format!("Tier{}", reached.tier),
                why: format!("{} queries by {} people, {made} tables made from it", total.queries, total.users),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use catalog_core::model::TableTotal;

    use super::*;

    fn tier(queries: u64, users: u64, made: u64, scale: f64) -> Option<String> {
        let table = Fqn::from_parts(["t"]);
        let totals = vec![TableTotal { table: table.clone(), queries, users }];
        let usage = UsageFacts { totals, ..UsageFacts::default() };
        tiers(&usage, &[(table, made)].into(), TierRule { scale }).pop().map(|proposal| proposal.tag)
    }

    #[test]
    fn a_tier_needs_users_and_either_queries_or_tables_made_from_it() {
        assert_eq!(tier(1_000, 10, 0, 1.0).as_deref(), Some("Tier1"));
        assert_eq!(tier(50, 10, 10, 1.0).as_deref(), Some("Tier1"));
        assert_eq!(tier(100_000, 1, 50, 1.0).as_deref(), Some("Tier4"), "one person's table is nobody else's");
        assert_eq!(tier(100, 5, 0, 1.0).as_deref(), Some("Tier2"));
        assert_eq!(tier(20, 2, 0, 1.0).as_deref(), Some("Tier3"));
        assert_eq!(tier(3, 2, 0, 1.0).as_deref(), Some("Tier4"));
        assert_eq!(tier(100, 10, 0, 0.1).as_deref(), Some("Tier1"));
    }

    #[test]
    fn more_use_never_means_a_lower_tier() {
        let number = |queries, users, made| tier(queries, users, made, 1.0).map(|t| t[4..].parse::<u8>().unwrap());
        for (queries, users, made) in [(1, 1, 0), (19, 2, 0), (99, 5, 0), (999, 10, 4)] {
            assert!(number(queries + 1, users, made) <= number(queries, users, made));
            assert!(number(queries, users + 1, made) <= number(queries, users, made));
            assert!(number(queries, users, made + 1) <= number(queries, users, made));
        }
    }
}
