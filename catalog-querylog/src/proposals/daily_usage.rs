//! Usage facts a table and a day, as the catalog's usage fields hold them.

use std::collections::BTreeMap;

use catalog_core::model::{DailyUsage, Day, Fqn, JoinKind, MinedJoin, UsageFacts};

/// One table's usage on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDay {
    /// The table.
    pub table: Fqn,
    /// The day in UTC, as `YYYY-MM-DD`.
    pub date: String,
    /// Runs and joins of that day.
    pub usage: DailyUsage,
}

/// The facts of the days before `today`, which are complete, ordered by table and day. A join stands at both of its
/// tables.
pub fn daily_usage(facts: &UsageFacts, today: Day) -> Vec<TableDay> {
    let mut days: BTreeMap<(&Fqn, Day), DailyUsage> = BTreeMap::new();
    for table in facts.tables.iter().filter(|usage| usage.day < today) {
        days.entry((&table.table, table.day)).or_default().runs += table.queries;
    }
    for join in facts.joins.iter().filter(|usage| usage.day < today) {
        let mined = MinedJoin {
            left: join.left.clone(),
            left_columns: vec![join.left_column.clone()],
            right: join.right.clone(),
            right_columns: vec![join.right_column.clone()],
            kind: JoinKind::Equality,
            runs: join.queries,
            users: 1,
        };
        days.entry((&join.left, join.day)).or_default().joins.push(mined.clone());
        if join.left != join.right {
            days.entry((&join.right, join.day)).or_default().joins.push(mined);
        }
    }
    days.into_iter()
        .map(|((table, day), usage)| TableDay { table: table.clone(), date: day.to_string(), usage })
        .collect()
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{JoinUsage, TableUsage};

    use super::*;

    #[test]
    fn a_join_stands_at_both_tables_and_today_waits() {
        let table = |name: &str| Fqn::from_parts(["c", "s", name]);
        let read = |name: &str, day: i32, queries: u64| TableUsage { table: table(name), day: Day(day), queries };
        let join = JoinUsage {
            left: table("a"),
            left_column: "id".into(),
            right: table("b"),
            right_column: "a_id".into(),
            day: Day(1),
            queries: 4,
        };
        let facts = UsageFacts {
            tables: vec![read("a", 1, 5), read("a", 2, 9), read("b", 1, 4)],
            joins: vec![join],
            ..UsageFacts::default()
        };
        let days = daily_usage(&facts, Day(2));
        let seen: Vec<_> =
            days.iter().map(|d| (d.table.name(), d.date.as_str(), d.usage.runs, d.usage.joins.len())).collect();
        assert_eq!(seen, [("a", "1970-01-02", 5, 1), ("b", "1970-01-02", 4, 1)]);
        assert_eq!(days[0].usage.joins[0].runs, 4);
    }
}
