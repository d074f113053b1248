//! Names in SQL.

use catalog_core::model::EngineName;

/// A name as a delimited identifier: whatever it holds, it stays one name.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name for a FROM; parts that are empty are left out.
pub(super) fn table_name(name: &EngineName) -> String {
    let parts = [&name.catalog, &name.schema, &name.table];
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| quoted(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_name() {
        let name = EngineName { catalog: "c".into(), schema: String::new(), table: "t\"; DROP TABLE x --".into() };
        assert_eq!(table_name(&name), "\"c\".\"t\"\"; DROP TABLE x --\"");
    }
}
