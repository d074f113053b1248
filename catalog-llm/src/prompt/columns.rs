//! The prompt for the descriptions of columns, some at a time.

use catalog_core::model::{DescribeRequest, Language};
use serde_json::json;

use super::clean::{is_tellable, quoted};
use super::facts::{NAME_CHARS_MAX, facts_of, line};
use super::{Fence, Prompt, PromptOptions, cut, operator, schema};

/// Version of the instructions in `prompts/columns-1.*`.
pub const COLUMNS_VERSION: &str = "columns-1";

/// Most columns asked for at once.
pub const COLUMNS_PER_PROMPT: usize = 40;

/// The prompt that asks for descriptions of the columns at these places of the table, at most
/// [`COLUMNS_PER_PROMPT`] of them. Columns whose name itself looks like a value are left out.
pub fn describe_columns(request: &DescribeRequest<'_>, columns: &[usize], fence: &Fence) -> Prompt {
    let columns = &columns[..columns.len().min(COLUMNS_PER_PROMPT)];
    let system = match request.language {
        Language::En => include_str!("../../prompts/columns-1.en.md"),
        Language::Fr => include_str!("../../prompts/columns-1.fr.md"),
    };
    let named = columns.iter().filter_map(|&at| request.table.columns.get(at)).map(|column| column.name.as_str());
    let names: Vec<&str> = named.filter(|name| is_tellable(name, NAME_CHARS_MAX)).collect();
    let asked: Vec<String> = names.iter().map(|name| quoted(name, NAME_CHARS_MAX)).collect();
    // The wish comes first: a long list of facts is cut at its end.
    let mut data = String::new();
    line(&mut data, format_args!("describe {}", asked.join(" ")));
    operator::add_lines(&mut data, request);
    data.push_str(&facts_of(request, columns, PromptOptions { rows_max: 0, ..PromptOptions::default() }));
    Prompt {
        system: system.to_owned(),
        user: fence.around(&cut(data)),
        schema: schema::columns(&names, json!({"description": {"type": "string"}})),
        version: COLUMNS_VERSION,
    }
}
