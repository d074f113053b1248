//! The text of a table that is embedded.

use catalog_core::model::Table;

/// Version of [`index_text`]; part of what decides whether a table is embedded again.
pub const INDEX_TEXT_VERSION: &str = "index-text/2";

/// Most columns whose names are embedded.
const COLUMNS_MAX: usize = 200;

/// The text that is embedded: database and schema, the table's name thrice (a question names the
/// table more often than a column), the description when there is one, the columns' names. Written for the lexical
/// embedder, which counts words; a semantic model is better served by the name once.
pub fn index_text(table: &Table, description: Option<&str>) -> String {
    let name = table.fqn().name();
    let mut words: Vec<&str> = table.fqn().telling_levels().collect();
    words.extend([name; 3]);
    let mut text = words.join(" ");
    if let Some(description) = description {
        text.push_str(". ");
        text.push_str(description);
    }
    text.push('\n');
    let columns: Vec<&str> = table.columns.iter().take(COLUMNS_MAX).map(|column| column.name.as_str()).collect();
    text.push_str(&columns.join(" "));
    text
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{EngineName, Fqn, SourceId, TableId, TableKind, TableRef};

    use super::*;

    #[test]
    fn the_text_has_database_name_and_description_but_no_empty_level() {
        let fqn = Fqn::from_parts(["bank", "main", "loan"]);
        let engine = EngineName { catalog: String::new(), schema: "main".to_owned(), table: "loan".to_owned() };
        let table = Table {
            table_ref: TableRef { source: SourceId("bank".to_owned()), id: TableId::from_fqn(&fqn), fqn, engine },
            kind: TableKind::Table,
            columns: Vec::new(),
            description: None,
            primary_key: Vec::new(),
            unique_keys: Vec::new(),
            declared_keys: Vec::new(),
            upstream: Vec::new(),
            row_count_estimate: None,
            change_token: None,
            updated_at_ms: 0,
        };
        assert_eq!(index_text(&table, Some("Bank loans.")), "bank loan loan loan. Bank loans.\n");
        assert_eq!(index_text(&table, None), "bank loan loan loan\n");
    }
}
