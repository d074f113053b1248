//! A normal form with places for its parameters, some of which may be filled with public codes.

use std::collections::BTreeSet;
use std::ops::Range;

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::NormalForm;
use super::mask::Piece;
use super::render::{print_piece, spaced};

/// Most codes of one list that stay.
const CODES_MAX: usize = 50;

/// A literal that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Its type: `text`, `number`, `date`, `text list`, ….
    pub(crate) kind: String,
    /// Where it stood.
    pub(crate) at: Location,
    /// Its tokens.
    pub(crate) tokens: Range<usize>,
    /// Is it a whole list of literals?
    pub(crate) list: bool,
}

/// The text around the parameters: one chunk more than there are parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    chunks: Vec<String>,
    parameters: Vec<Parameter>,
}

impl Template {
    pub(super) fn new(pieces: &[Piece], parameters: Vec<Parameter>) -> Self {
        let mut chunks = vec![String::with_capacity(pieces.len() * 6)];
        for (i, piece) in pieces.iter().enumerate() {
            let before = i.checked_sub(1).map(|b| &pieces[b]);
            if let Some(chunk) = chunks.last_mut() {
                if before.is_some_and(|before| spaced(before, piece)) {
                    chunk.push(' ');
                }
                print_piece(piece, chunk);
            }
            if matches!(piece, Piece::Parameter(_)) {
                chunks.push(String::new());
            }
        }
        Self { chunks, parameters }
    }

    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The normal form with every literal a parameter.
    pub(crate) fn plain(&self) -> NormalForm {
        self.filled(&[])
    }

    /// The normal form where the given parameters (by index, ascending) are filled with a text.
    pub(crate) fn filled(&self, codes: &[(usize, String)]) -> NormalForm {
        let mut sql = String::with_capacity(self.chunks.iter().map(String::len).sum::<usize>() + 64);
        let mut parameters = Vec::new();
        for (i, chunk) in self.chunks.iter().enumerate() {
            sql.push_str(chunk);
            let Some(parameter) = self.parameters.get(i) else { continue };
            match codes.iter().find(|(index, _)| *index == i) {
                Some((_, code)) => sql.push_str(code),
                None => {
                    let name = format!("p{}", parameters.len() + 1);
                    sql.push(':');
                    sql.push_str(&name);
                    parameters.push((name, parameter.kind.clone()));
                }
            }
        }
        NormalForm { sql, parameters }
    }
}

/// What a parameter's tokens say when each of its literals is a public code: the literal itself, or the list in order
/// without repetitions. `None` when one of them is not.
pub(crate) fn codes_of(
    parameter: &Parameter,
    tokens: &[TokenWithSpan],
    is_code: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut found = BTreeSet::new();
    for token in tokens.get(parameter.tokens.clone())? {
        match &token.token {
            Token::SingleQuotedString(text) if is_code(text) => {
                found.insert(format!("'{}'", text.replace('\'', "''")));
            }
            Token::Number(text, _) if is_code(text) => {
                found.insert(text.clone());
            }
            Token::Comma if parameter.list => {}
            _ => return None,
        }
        if found.len() > CODES_MAX {
            return None;
        }
    }
    (!found.is_empty()).then(|| found.into_iter().collect::<Vec<_>>().join(", "))
}
