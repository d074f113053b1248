//! Whether a text may become a description, whoever wrote it: a model's output is data (promise I10).
//!
//! The guard is pure and looks at the text and the evidence only. It knows no model, so rule-based drafts pass
//! through it too.

mod columns;
mod grounding;
mod language;
mod question;
mod units;
mod wording;

use std::fmt;

use catalog_core::model::{DescribeRequest, Language};

use crate::prompt::invisible;
use crate::words::Lexicon;

pub use columns::columns_behind;
pub use question::{QUESTION_CHARS_MAX, QUESTION_WORDS_MAX, check_question};

/// Most words of a description, counted on white space.
pub const WORDS_MAX: usize = 20;
/// Most characters of a description.
pub const CHARS_MAX: usize = 240;

/// What a description may name.
#[derive(Debug, Clone)]
pub struct GuardEvidence<'a> {
    /// The language it must be in.
    pub language: Language,
    /// The names of the table, its columns and its neighbours.
    pub names: Vec<&'a str>,
    /// The public codes (promise I4).
    pub public_codes: Vec<&'a str>,
    /// What the evidence says beside the names: comments, descriptions of neighbours.
    pub texts: Vec<&'a str>,
    /// What the operator's glossary says.
    pub meanings: Vec<&'a str>,
    /// The descriptions of other tables.
    pub other_texts: &'a [String],
}

impl<'a> GuardEvidence<'a> {
    /// The evidence of a request; `other_texts` are the descriptions that other tables have already.
    pub fn of(request: &DescribeRequest<'a>, other_texts: &'a [String]) -> Self {
        let mut names: Vec<&str> = request.table.fqn().parts().iter().map(String::as_str).collect();
        names.extend(request.table.columns.iter().map(|column| column.name.as_str()));
        names.extend(request.keys.iter().map(|key| key.other.name()));
        names.extend(request.neighbours.iter().map(|neighbour| neighbour.fqn.name()));
        names.extend(request.table.upstream.iter().map(|fqn| fqn.name()));
        let public_codes = request.public_codes.iter().flatten().map(String::as_str).collect();
        let meanings = request.context.glossary.iter().map(|entry| entry.meaning.as_str()).collect();
        Self { language: request.language, names, public_codes, texts: texts(request), meanings, other_texts }
    }

    /// The same for the description of a column: other tables may describe theirs in the same words.
    pub(crate) fn of_columns(request: &DescribeRequest<'a>) -> Self {
        Self::of(request, &[])
    }

    /// The words of all evidence.
    pub(crate) fn lexicon(&self) -> Lexicon {
        let names = self.names.iter().chain(&self.public_codes);
        Lexicon::of(names.chain(&self.texts).chain(&self.meanings).copied())
    }
}

fn texts<'a>(request: &DescribeRequest<'a>) -> Vec<&'a str> {
    let table = request.table;
    let columns = table.columns.iter().filter_map(|column| column.description.as_ref());
    let neighbours = request.neighbours.iter().chain(request.context.siblings);
    let mut texts: Vec<&str> = columns.chain(&table.description).map(|comment| comment.text.as_str()).collect();
    texts.extend(neighbours.filter_map(|neighbour| neighbour.description.as_deref()));
    texts
}

/// Why a text was refused. It quotes nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// There is no word in it.
    Empty,
    /// It has more than [`WORDS_MAX`] words.
    TooManyWords {
        /// How many it has.
        words: usize,
    },
    /// It has more than [`CHARS_MAX`] characters.
    TooLong,
    /// It has control, zero-width or other invisible characters, or more than one line.
    Invisible,
    /// It is a question, an exclamation or more than one sentence.
    NotOneSentence,
    /// It has a web or mail address.
    Url,
    /// It has markup, code or a character that plain prose does not need.
    Markup,
    /// It gives orders, or speaks in the first or second person.
    Instruction,
    /// A placeholder was left in it.
    Placeholder,
    /// It is in another language or script.
    WrongLanguage,
    /// It names an identifier that is not in the evidence, or holds a string that is no word.
    UnknownIdentifier,
    /// It has a number that is not in the evidence.
    UnknownNumber,
    /// It quotes something that is not in the evidence.
    UnknownQuote,
    /// It has a proper name that is not in the evidence.
    UnknownName,
    /// It has a unit that is not in the evidence.
    UnknownUnit,
    /// It says what the table is for, which no evidence shows.
    Purpose,
    /// It says itself that it guesses.
    Guess,
    /// It speaks of tables and columns instead of what they hold. [`check`] leaves this to whoever asks a model.
    Structure,
    /// Another table has the same description.
    Duplicate,
}

impl Rejection {
    /// The reason as one lowercase word, for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooManyWords { .. } => "too_many_words",
            Self::TooLong => "too_long",
            Self::Invisible => "invisible",
            Self::NotOneSentence => "not_one_sentence",
            Self::Url => "url",
            Self::Markup => "markup",
            Self::Instruction => "instruction",
            Self::Placeholder => "placeholder",
            Self::WrongLanguage => "wrong_language",
            Self::UnknownIdentifier => "unknown_identifier",
            Self::UnknownNumber => "unknown_number",
            Self::UnknownQuote => "unknown_quote",
            Self::UnknownName => "unknown_name",
            Self::UnknownUnit => "unknown_unit",
            Self::Purpose => "purpose",
            Self::Guess => "guess",
            Self::Structure => "structure",
            Self::Duplicate => "duplicate",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no word in it"),
            Self::TooManyWords { words } => write!(f, "it has {words} words, {WORDS_MAX} are allowed"),
            Self::TooLong => write!(f, "it has more than {CHARS_MAX} characters"),
            Self::Invisible => f.write_str("it has invisible characters or a line break"),
            Self::NotOneSentence => f.write_str("it is not one statement"),
            Self::Url => f.write_str("it has an address"),
            Self::Markup => f.write_str("it has markup or code"),
            Self::Instruction => f.write_str("it addresses the reader"),
            Self::Placeholder => f.write_str("a placeholder was left in it"),
            Self::WrongLanguage => f.write_str("it is in another language"),
            Self::UnknownIdentifier => f.write_str("it names an identifier that the table does not have"),
            Self::UnknownNumber => f.write_str("it has a number that the names do not have"),
            Self::UnknownQuote => f.write_str("it quotes what the names do not have"),
            Self::UnknownName => f.write_str("it has a proper name that the facts do not have"),
            Self::UnknownUnit => f.write_str("it has a unit that the facts do not have"),
            Self::Purpose => f.write_str("it says what the table is used for"),
            Self::Guess => f.write_str("it guesses"),
            Self::Structure => f.write_str("it speaks of tables or columns instead of what they hold"),
            Self::Duplicate => f.write_str("another table has the same description"),
        }
    }
}

/// Lets a description through, or says why not. The first reason found is given.
///
/// # Errors
/// The [`Rejection`].
pub fn check(text: &str, evidence: &GuardEvidence<'_>) -> Result<(), Rejection> {
    let text = text.trim_matches(' ');
    if !text.chars().any(char::is_alphabetic) {
        return Err(Rejection::Empty);
    }
    if text.chars().any(invisible) {
        return Err(Rejection::Invisible);
    }
    let words = text.split_whitespace().count();
    if words > WORDS_MAX {
        return Err(Rejection::TooManyWords { words });
    }
    if text.chars().count() > CHARS_MAX {
        return Err(Rejection::TooLong);
    }
    wording::check(text)?;
    language::check(text, evidence.language)?;
    units::check(text, evidence)?;
    grounding::check(text, evidence)
}
