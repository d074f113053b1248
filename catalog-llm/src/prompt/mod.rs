//! Prompts: versioned instructions, and the facts fenced as data.
//!
//! The instructions are the same for every table of a language and an operator, so that a model server can keep them
//! in its cache. What differs from table to table stands between two boundary lines; each line there begins with a
//! word of ours, and every name and text in it is cleaned, capped and quoted, so that no text can pass for a line.

mod clean;
mod columns;
mod facts;
mod fence;
mod operator;
mod personal;
mod question;
mod refused;
mod schema;

use catalog_core::model::{DescribeRequest, Language};

pub(crate) use clean::{invisible, quoted};
pub use columns::{COLUMNS_PER_PROMPT, COLUMNS_VERSION, describe_columns};
pub use facts::chosen_columns;
pub use fence::Fence;
pub use personal::{PERSONAL_VERSION, judge_columns};
pub use question::{QUESTION_VERSION, ask_question};

/// Version of the instructions in `prompts/describe-2.*` and of the facts' form; part of every draft and of the
/// evidence key.
pub const DESCRIBE_VERSION: &str = "describe-2";

/// The version of a prompt that shows rejected descriptions too, with the rule in `prompts/refused-1.*`.
pub const DESCRIBE_REFUSED_VERSION: &str = "describe-2+refused-1";

/// Longest prompt, in characters, of the data between the boundaries.
const DATA_CHARS_MAX: usize = 16_000;

/// The sentences that the instructions give as examples: a draft that repeats one was copied, not written.
pub(crate) const EXAMPLE_SENTENCES: &[&str] = &[
    "Inspections of vessels with date, harbour, inspector and outcome.",
    "Readings of beehives with time, weight in kilograms and temperature.",
    "Inspections de navires avec date, port, inspecteur et résultat.",
    "Relevés de ruches avec heure, poids en kilogrammes et température.",
];

/// How much of the evidence a prompt tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptOptions {
    /// Most redacted rows; none without.
    pub rows_max: usize,
    /// Most columns told one by one; the others are counted.
    pub columns_max: usize,
}

impl Default for PromptOptions {
    /// Five rows and forty columns.
    fn default() -> Self {
        Self { rows_max: 5, columns_max: 40 }
    }
}

/// What is sent to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The instructions; the same for every table of a language and an operator.
    pub system: String,
    /// The facts of one table between two boundary lines.
    pub user: String,
    /// The JSON schema of the answer.
    pub schema: serde_json::Value,
    /// Version of the instructions.
    pub version: &'static str,
}

/// The prompt that asks for a description. It is built from the request alone, so it holds no raw value. Whatever
/// the names and texts say, they cannot end the data.
pub fn describe(request: &DescribeRequest<'_>, options: PromptOptions, fence: &Fence) -> Prompt {
    let mut system = match request.language {
        Language::En => include_str!("../../prompts/describe-2.en.md"),
        Language::Fr => include_str!("../../prompts/describe-2.fr.md"),
    }
    .to_owned();
    operator::add_domains(&mut system, request);
    let version = if refused::add_rule(&mut system, request) { DESCRIBE_REFUSED_VERSION } else { DESCRIBE_VERSION };
    Prompt {
        system,
        user: fence.around(&cut(facts::facts(request, options))),
        schema: schema::description(request.context.domains),
        version,
    }
}

/// Whole lines up to the limit.
fn cut(data: String) -> String {
    if data.chars().count() <= DATA_CHARS_MAX {
        return data;
    }
    let mut left = DATA_CHARS_MAX;
    data.split_inclusive('\n')
        .take_while(|line| {
            let chars = line.chars().count();
            let fits = chars <= left;
            left = left.saturating_sub(chars);
            fits
        })
        .collect()
}
