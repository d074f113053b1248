//! Joins as SQL for Trino.

use std::collections::BTreeMap;

use catalog_core::model::{EngineName, Fqn};

use super::graph::JoinStep;

/// `FROM … AS t1 JOIN … AS t2 ON …`; every identifier is quoted.
pub(super) fn from_clause(start: &Fqn, steps: &[JoinStep], names: &BTreeMap<Fqn, EngineName>) -> String {
    let mut order = vec![start];
    let mut sql = format!("FROM {} AS t1", table_name(start, names));
    for step in steps {
        let left = order.iter().position(|t| **t == step.left.table).unwrap_or(0) + 1;
        order.push(&step.right.table);
        let right = order.len();
        let on: Vec<String> = step
            .left
            .columns
            .iter()
            .zip(&step.right.columns)
            .map(|(l, r)| format!("t{left}.{} = t{right}.{}", quoted(l), quoted(r)))
            .collect();
        sql.push_str(&format!("\nJOIN {} AS t{right} ON {}", table_name(&step.right.table, names), on.join(" AND ")));
    }
    sql
}

fn table_name(table: &Fqn, names: &BTreeMap<Fqn, EngineName>) -> String {
    let parts: Vec<&str> = match names.get(table) {
        Some(name) => vec![&name.catalog, &name.schema, &name.table],
        None => table.parts().iter().rev().take(3).rev().map(String::as_str).collect(),
    };
    parts.into_iter().filter(|p| !p.is_empty()).map(quoted).collect::<Vec<_>>().join(".")
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
