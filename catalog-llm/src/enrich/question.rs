//! What a steward is asked when nobody can tell what a table holds. The words are ours, not a model's.

use catalog_core::model::{DescribeRequest, Language};

use crate::prompt::quoted;

/// Most columns named in a question.
const COLUMNS_MAX: usize = 5;
/// Longest name shown, in characters.
const NAME_CHARS_MAX: usize = 40;

pub(super) fn question(request: &DescribeRequest<'_>) -> String {
    let table = quoted(request.table.fqn().name(), NAME_CHARS_MAX);
    let columns = request.table.columns.iter().take(COLUMNS_MAX);
    let columns: Vec<String> = columns.map(|column| quoted(&column.name, NAME_CHARS_MAX)).collect();
    let columns = columns.join(", ");
    match request.language {
        Language::En => format!("What does the table {table} hold? Its columns ({columns}) do not tell."),
        Language::Fr => format!("Que contient la table {table} ? Ses colonnes ({columns}) ne le disent pas."),
    }
}
