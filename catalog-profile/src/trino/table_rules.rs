//! What differs for single tables: the operator's rules, by name.

use catalog_core::model::Fqn;
use serde::{Deserialize, Serialize};

/// Which rows the engine is asked for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleWith {
    /// `TABLESAMPLE BERNOULLI`: reads the whole table, or as much as fills the limit.
    #[default]
    Bernoulli,
    /// `TABLESAMPLE SYSTEM`: keeps or drops whole splits; for large tables in files only.
    System,
    /// The first rows that come: cheapest, and biased.
    Limit,
}

/// What differs for the tables of one name. What is `None` is the request's or the sampler's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRule {
    /// The table's name in the catalog or in the engine; `*` stands for any text, letter case does not matter.
    pub table: String,
    /// Percentage of rows.
    pub percent: Option<f64>,
    /// Most rows.
    pub rows_max: Option<usize>,
    /// Which rows.
    pub with: Option<SampleWith>,
    /// An SQL condition that picks partitions (`day >= DATE '2026-01-01'`), from the configuration alone. Sample and
    /// scan read those rows and no others.
    pub condition: Option<String>,
}

/// The rules in their order. The first that fits a table is its rule.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRules(Vec<TableRule>);

impl TableRules {
    /// Rules in this order.
    pub fn new(rules: Vec<TableRule>) -> Self {
        Self(rules)
    }

    /// The rule of a table by the name that the catalog knows it by, or by its name in the engine.
    pub(super) fn of(&self, table: &catalog_core::model::Table) -> Option<&TableRule> {
        if self.0.is_empty() {
            return None;
        }
        let engine = &table.table_ref.engine;
        let parts = [&engine.catalog, &engine.schema, &engine.table].into_iter().filter(|part| !part.is_empty());
        let names = [table.fqn().to_string(), Fqn::from_parts(parts).to_string()].map(|name| name.to_lowercase());
        self.0.iter().find(|rule| names.iter().any(|name| fits(&rule.table.to_lowercase(), name)))
    }

    /// The condition that picks a table's partitions.
    pub(super) fn condition(&self, table: &catalog_core::model::Table) -> Option<&str> {
        self.of(table)?.condition.as_deref()
    }
}

/// ` WHERE (…)` for a condition. The line's end closes a comment, should the condition hold one.
pub(super) fn where_sql(condition: Option<&str>) -> String {
    condition.map_or(String::new(), |condition| format!(" WHERE ({condition}\n)"))
}

/// Does the name fit the pattern, in which `*` is any text? What stands between the stars has to come in its order.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text_and_nothing_else_does() {
        for (pattern, name) in [
            ("lake.sales.orders", "lake.sales.orders"),
            ("lake.*", "lake.sales.orders"),
            ("*.orders", "lake.sales.orders"),
            ("lake.*.events_*", "lake.web.events_2026"),
            ("*", ""),
            ("a*a", "aa"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("lake.sales", "lake.sales.orders"), ("a*a", "a"), ("*.orders", "lake.orders_old"), ("", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_comment_in_a_condition_ends_before_the_limit() {
        assert_eq!(where_sql(Some("day > 1 -- since")), " WHERE (day > 1 -- since\n)");
        assert_eq!(where_sql(None), "");
    }
}
