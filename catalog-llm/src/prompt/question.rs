//! The prompt that asks which question a query answers.

use catalog_core::model::{Language, QuestionRequest};

use super::clean::quoted;
use super::facts::{NAME_CHARS_MAX, TEXT_CHARS_MAX, line};
use super::{Fence, Prompt, cut, schema};

/// Version of the instructions in `prompts/question-1.*`.
pub const QUESTION_VERSION: &str = "question-1";

/// Longest query that is shown; of a longer one the beginning.
const SQL_CHARS_MAX: usize = 4_000;
/// Most tables that are shown with their descriptions.
const TABLES_MAX: usize = 8;

/// The prompt for the question of a query in normal form: it holds parameters and public codes, never a cell value.
pub fn ask_question(request: &QuestionRequest<'_>, fence: &Fence) -> Prompt {
    let system = match request.language {
        Language::En => include_str!("../../prompts/question-1.en.md"),
        Language::Fr => include_str!("../../prompts/question-1.fr.md"),
    };
    let mut data = String::new();
    line(&mut data, format_args!("query {}", quoted(&request.query.sql, SQL_CHARS_MAX)));
    for table in request.tables.iter().take(TABLES_MAX) {
        let name = quoted(table.fqn().name(), NAME_CHARS_MAX);
        match table.description.as_ref().map(|text| text.text.trim()).filter(|text| !text.is_empty()) {
            Some(text) => line(&mut data, format_args!("table {name} {}", quoted(text, TEXT_CHARS_MAX))),
            None => line(&mut data, format_args!("table {name}")),
        }
    }
    Prompt {
        system: system.to_owned(),
        user: fence.around(&cut(data)),
        schema: schema::question(),
        version: QUESTION_VERSION,
    }
}
