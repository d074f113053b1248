//! What is embedded of a table. It is a template of its own: recall is tuned here without touching what people read.

use catalog_core::model::Table;

/// Version of [`views`] and [`names_text`]; part of what decides whether a table is embedded again.
pub const EMBEDDING_TEXT_VERSION: &str = "embedding_text/3";

/// Most columns whose names are embedded.
const COLUMNS_MAX: usize = 100;

/// The views of a table whose [centroid](catalog_core::model::centroid) is the one vector that every collection has:
/// the description, or the names where nobody described it; and what the rules read in the names, if that is
/// something else. Each stands between the level above the table and the table's name; columns stay out of prose.
/// Two views find more than one, and more than both in one text: long mixtures blur, and lose to short texts of
/// other tables (docs/reference/benchmarks.md).
pub fn views(table: &Table, description: Option<&str>, reading: Option<&str>) -> Vec<String> {
    let filled = |text: Option<&str>| text.map(one_line).filter(|text| !text.is_empty());
    let (description, reading) = (filled(description), filled(reading));
    let prose = |text: &String| format!("{}{text} ({})", level(table), spaced(table.fqn().name()));
    let first = description.as_ref().map_or_else(|| names_text(table), prose);
    let second = reading.filter(|reading| Some(reading) != description.as_ref());
    [Some(first), second.as_ref().map(prose)].into_iter().flatten().collect()
}

/// The views as one text, a line each.
pub fn views_text(table: &Table, description: Option<&str>, reading: Option<&str>) -> String {
    views(table, description, reading).join("\n")
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

/// How near a question is to a table with two vectors: as near as to the better one. Of a description's and the names'
/// vector mean and rank fusion found less where both were tried, with one view of the description.
pub fn better_of(description: f32, names: Option<f32>) -> f32 {
    names.filter(|score| !score.is_nan()).map_or(description, |names| description.max(names))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        assert_eq!(views_text(&table(), Some("Payments\nby card."), None), "bank: Payments by card. (card txn)");
        assert_eq!(views_text(&table(), Some(" "), None), "bank: card txn: MERCHANT CITY");
    }

    #[test]
    fn what_the_rules_read_is_a_view_of_its_own_unless_it_says_the_same() {
        let read = "bank: Card transactions. (card txn)";
        let both = views(&table(), Some("Payments by card."), Some("Card transactions."));
        assert_eq!(both, ["bank: Payments by card. (card txn)", read]);
        assert_eq!(views(&table(), None, Some("Card transactions.")), ["bank: card txn: MERCHANT CITY", read]);
        assert_eq!(views(&table(), Some("Card transactions."), Some("Card transactions.")), [read]);
    }

    #[test]
    fn the_better_of_two_vectors_counts_and_a_missing_one_does_not() {
        assert_eq!(better_of(0.2, Some(0.6)), 0.6);
        assert_eq!(better_of(0.2, Some(0.1)), 0.2);
        assert_eq!(better_of(0.2, None), 0.2);
        assert_eq!(better_of(0.2, Some(f32::NAN)), 0.2);
    }
}
