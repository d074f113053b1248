//! The prompt for one table: versioned instructions, and the facts fenced as data.

mod clean;
mod facts;

use catalog_core::model::{DescribeRequest, Language};

pub(crate) use clean::invisible;

/// Version of the instructions in `prompts/` and of the facts' form; part of every draft and of the evidence key.
pub const DESCRIBE_VERSION: &str = "describe-1";

/// Longest prompt, in characters, of the data between the boundaries.
const DATA_CHARS_MAX: usize = 16_000;

/// What is sent to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The instructions; the same for every table of a language.
    pub system: String,
    /// The facts of one table between two boundary lines.
    pub user: String,
    /// [`DESCRIBE_VERSION`].
    pub version: &'static str,
}

/// The prompt that asks for a description. It is built from the request alone, so it holds no raw value. Whatever
/// the names and texts say, they cannot end the data: the boundary carries a hash of what it encloses.
pub fn describe(request: &DescribeRequest<'_>) -> Prompt {
    let system = match request.language {
        Language::En => include_str!("../../prompts/describe-1.en.md"),
        Language::Fr => include_str!("../../prompts/describe-1.fr.md"),
    };
    let data = cut(facts::facts(request));
    let boundary = boundary(&data);
    let user = format!("===== data {boundary} =====\n{data}===== end {boundary} =====\n");
    Prompt { system: system.to_owned(), user, version: DESCRIBE_VERSION }
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

/// A mark that does not occur in the data: its hash, hashed again in the case, out of reach by any known means, that
/// the data hold it.
fn boundary(data: &str) -> String {
    let mut hash = blake3::hash(data.as_bytes());
    loop {
        let mark = hash.to_hex()[..16].to_owned();
        if !data.contains(&mark) {
            return mark;
        }
        hash = blake3::hash(hash.as_bytes());
    }
}
