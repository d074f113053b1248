//! Whether a text may become the question of a verified query.

use catalog_core::model::QuestionRequest;

use super::{GuardEvidence, Rejection, grounding, language, units, wording};
use crate::prompt::invisible;

/// Most words of a question, counted on white space.
pub const QUESTION_WORDS_MAX: usize = 40;
/// Most characters of a question.
pub const QUESTION_CHARS_MAX: usize = 320;

/// Lets a question through, or says why not: one question, plain, in its language, that names nothing which query and
/// tables do not.
///
/// # Errors
/// The [`Rejection`].
pub fn check_question(text: &str, request: &QuestionRequest<'_>) -> Result<(), Rejection> {
    if !text.chars().any(char::is_alphabetic) {
        return Err(Rejection::Empty);
    }
    if text.chars().any(invisible) {
        return Err(Rejection::Invisible);
    }
    let words = text.split_whitespace().count();
    if words > QUESTION_WORDS_MAX {
        return Err(Rejection::TooManyWords { words });
    }
    if text.chars().count() > QUESTION_CHARS_MAX {
        return Err(Rejection::TooLong);
    }
    // The same prose as a description's, but for the mark that ends it.
    let Some(body) = text.strip_suffix('?') else { return Err(Rejection::NotOneSentence) };
    let body = body.trim_end_matches([' ', '\u{a0}', '\u{202f}']);
    wording::check_plain(body)?;
    language::check(body, request.language)?;
    let sql = request.query.sql.as_str();
    let identifiers = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut names: Vec<&str> = identifiers.collect();
    names.extend(request.tables.iter().flat_map(|table| table.fqn().parts()).map(String::as_str));
    let texts = request.tables.iter().filter_map(|table| table.description.as_ref()).map(|text| text.text.as_str());
    let evidence = GuardEvidence {
        language: request.language,
        names,
        public_codes: Vec::new(),
        texts: texts.collect(),
        meanings: Vec::new(),
        other_texts: &[],
    };
    units::check(body, &evidence)?;
    grounding::check(body, &evidence)
}
