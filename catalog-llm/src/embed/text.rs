//! What is embedded of a table. It is a template of its own: recall is tuned here without touching what people read.

use catalog_core::model::Table;

/// Version of [`description_text`] and [`names_text`]; part of what decides whether a table is embedded again.
pub const EMBEDDING_TEXT_VERSION: &str = "embedding_text/2";

/// Most columns whose names are embedded.
const COLUMNS_MAX: usize = 100;

/// The text of the one vector that every collection has: the level above the table, the description and the table's
/// name. Long mixtures of prose and names blur, so columns stay out; a table without a description is embedded by its
/// names.
pub fn description_text(table: &Table, description: Option<&str>) -> String {
    match description.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => format!("{}{} ({})", level(table), text, spaced(table.fqn().name())),
        None => names_text(table),
    }
}

/// The text of the second vector, where the collection allows one: the level above the table, the names of table and
/// columns.
pub fn names_text(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().take(COLUMNS_MAX).map(|column| spaced(&column.name)).collect();
    format!("{}{}: {}", level(table), spaced(table.fqn().name()), columns.join(", "))
}

/// The innermost level that says something, as words: a schema `retail_banking` says of `KTOHD` what its own name does
/// not. On the golden set it finds twice as many cryptic tables and costs plain ones nothing that can be told
/// (docs/reference/benchmarks.md).
fn level(table: &Table) -> String {
    table.fqn().telling_levels().last().map_or_else(String::new, |level| format!("{}: ", spaced(level)))
}

/// How near a question is to a table with two vectors: as near as to the better one. Mean and rank fusion find less.
pub fn better_of(description: f32, names: Option<f32>) -> f32 {
    names.filter(|score| !score.is_nan()).map_or(description, |names| description.max(names))
}

/// A name as words: models know words better than identifiers.
fn spaced(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{Column, DataType, EngineName, Fqn, SourceId, TableId, TableKind, TableRef};

    use super::*;

    fn table() -> Table {
        let fqn = Fqn::from_parts(["bank", "main", "card_txn"]);
        let engine = EngineName { catalog: String::new(), schema: "main".to_owned(), table: "card_txn".to_owned() };
        let name = "MERCHANT_CITY".to_owned();
        let data_type = DataType::Text;
        Table {
            table_ref: TableRef { source: SourceId("bank".to_owned()), id: TableId::from_fqn(&fqn), fqn, engine },
            kind: TableKind::Table,
            columns: vec![Column { name, native_type: String::new(), data_type, nullable: true, description: None }],
            description: None,
            primary_key: Vec::new(),
            unique_keys: Vec::new(),
            declared_keys: Vec::new(),
            upstream: Vec::new(),
            row_count_estimate: None,
            change_token: None,
            updated_at_ms: 0,
        }
    }

    #[test]
    fn a_description_is_embedded_between_level_and_name_and_names_stand_in_for_it() {
        assert_eq!(description_text(&table(), Some("Payments by card.")), "bank: Payments by card. (card txn)");
        assert_eq!(description_text(&table(), Some(" ")), "bank: card txn: MERCHANT CITY");
    }

    #[test]
    fn the_better_of_two_vectors_counts_and_a_missing_one_does_not() {
        assert_eq!(better_of(0.2, Some(0.6)), 0.6);
        assert_eq!(better_of(0.2, Some(0.1)), 0.2);
        assert_eq!(better_of(0.2, None), 0.2);
        assert_eq!(better_of(0.2, Some(f32::NAN)), 0.2);
    }
}
