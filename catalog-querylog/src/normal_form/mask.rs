//! Tokens to tokens without literals.

use std::ops::Range;

use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Word};

use super::keywords::is_keyword;
use super::literals::{Place, literal_type, plain_word, stays, typed_prefix};
use super::template::{Parameter, Template};

/// A printed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A keyword, in upper case.
    Keyword(String),
    /// A name: unquoted in lower case, or in its quotes. With its place in the text.
    Name { text: String, quoted: bool, at: Location },
    /// A parameter: index into the parameters.
    Parameter(usize),
    /// A constant that stays, or punctuation.
    Other(String),
}

/// A text whose literals are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Masked {
    pub(super) pieces: Vec<Piece>,
    pub(super) parameters: Vec<Parameter>,
}

impl Masked {
    /// The text with places for its parameters.
    pub(crate) fn template(&self) -> Template {
        Template::new(&self.pieces, self.parameters.clone())
    }
}

/// Replaces the literals of a text.
pub(crate) fn mask(tokens: &[TokenWithSpan]) -> Masked {
    let mut masking =
        Masking { tokens, places: vec![Place::default()], out: Masked { pieces: Vec::new(), parameters: Vec::new() } };
    let mut i = 0;
    while i < tokens.len() {
        i = masking.step(i);
    }
    masking.out
}

struct Masking<'t> {
    tokens: &'t [TokenWithSpan],
    /// The parentheses around the current token, innermost last; never empty.
    places: Vec<Place>,
    out: Masked,
}

impl Masking<'_> {
    /// Handles the token at `i`; gives the index of the next one.
    fn step(&mut self, i: usize) -> usize {
        let token = &self.tokens[i].token;
        if let Some(next) = self.typed_literal(i) {
            return next;
        }
        if let Some(kind) = literal_type(token) {
            let stays = self.places.last().is_some_and(|place| stays(self.tokens, i, place));
            if stays {
                self.out.pieces.push(Piece::Other(token.to_string()));
            } else {
                self.parameter(kind, i..i + 1);
            }
            return i + 1;
        }
        match token {
            Token::Word(word) => self.word(word, i),
            Token::LParen | Token::LBracket => return self.open(i),
            Token::RParen | Token::RBracket => return self.close(i),
            Token::Comma => {
                if let Some(place) = self.places.last_mut() {
                    place.argument += 1;
                }
                self.other(i);
            }
            Token::Neq => self.out.pieces.push(Piece::Other("<>".to_owned())),
            Token::Minus if self.is_unary_before_parameter(i) => {}
            _ => self.other(i),
        }
        i + 1
    }

    fn other(&mut self, i: usize) {
        self.out.pieces.push(Piece::Other(self.tokens[i].token.to_string()));
    }

    fn parameter(&mut self, kind: &'static str, tokens: Range<usize>) {
        self.push_parameter(kind.to_owned(), tokens, false);
    }

    fn push_parameter(&mut self, kind: String, tokens: Range<usize>, list: bool) {
        self.out.pieces.push(Piece::Parameter(self.out.parameters.len()));
        let at = self.tokens[tokens.start].span.start;
        self.out.parameters.push(Parameter { kind, at, tokens, list });
    }

    fn word(&mut self, word: &Word, i: usize) {
        let at = self.tokens[i].span.start;
        if word.quote_style.is_some() {
            let text = format!("\"{}\"", word.value.replace('"', "\"\""));
            self.out.pieces.push(Piece::Name { text, quoted: true, at });
            return;
        }
        let lower = word.value.to_lowercase();
        // Behind a dot stands a name, whatever the word.
        let behind = |mark: &str| matches!(self.out.pieces.last(), Some(Piece::Other(last)) if last == mark);
        // `filter(…)` is a function but behind an aggregate's parentheses.
        let is_name = !is_keyword(&lower) || behind(".") || (lower == "filter" && !behind(")"));
        if is_name {
            self.out.pieces.push(Piece::Name { text: lower, quoted: false, at });
            return;
        }
        if let Some(place) = self.places.last_mut() {
            match lower.as_str() {
                "by" => place.in_by = true,
                "select" | "from" | "where" | "having" | "union" | "limit" | "rows" | "range" => place.in_by = false,
                _ => {}
            }
        }
        self.out.pieces.push(Piece::Keyword(lower.to_uppercase()));
    }

    /// `DATE '2026-01-31'` is one literal with a type.
    fn typed_literal(&mut self, i: usize) -> Option<usize> {
        let kind = typed_prefix(&self.tokens[i].token)?;
        matches!(self.tokens.get(i + 1)?.token, Token::SingleQuotedString(_)).then(|| {
            self.parameter(kind, i..i + 2);
            i + 2
        })
    }

    /// Handles an opening parenthesis or bracket; a list of nothing but literals becomes one parameter.
    fn open(&mut self, i: usize) -> usize {
        let opener = i.checked_sub(1).and_then(|b| plain_word(&self.tokens[b].token)).unwrap_or_default();
        self.other(i);
        let folds = matches!(opener.as_str(), "in" | "array");
        if let (true, Some((kind, close))) = (folds, self.literals_until_close(i + 1)) {
            self.push_parameter(format!("{kind} list"), i + 1..close, true);
            self.other(close);
            return close + 1;
        }
        let row = opener == "values";
        self.places.push(Place { opener, row, ..Place::default() });
        i + 1
    }

    /// Handles a closing parenthesis or bracket. Behind a row of VALUES the rows of literals are dropped: one row
    /// shows the shape.
    fn close(&mut self, i: usize) -> usize {
        self.other(i);
        if self.places.len() > 1 && self.places.pop().is_some_and(|place| place.row) {
            return self.skip_rows(i + 1);
        }
        i + 1
    }

    /// Behind a row of VALUES: the index after all following rows that hold only literals.
    fn skip_rows(&self, mut at: usize) -> usize {
        while matches!(self.tokens.get(at).map(|t| &t.token), Some(Token::Comma))
            && matches!(self.tokens.get(at + 1).map(|t| &t.token), Some(Token::LParen))
            && let Some((_, close)) = self.literals_until_close(at + 2)
        {
            at = close + 1;
        }
        at
    }

    /// If only literals, signs, NULLs and commas stand between `from` and the closing bracket: the first one's type
    /// and the index of the bracket.
    fn literals_until_close(&self, from: usize) -> Option<(&'static str, usize)> {
        let mut kind = None;
        let mut i = from;
        loop {
            let token = &self.tokens.get(i)?.token;
            if matches!(token, Token::RParen | Token::RBracket) {
                return kind.map(|kind| (kind, i));
            }
            let next = self.tokens.get(i + 1).map(|t| &t.token);
            let typed = typed_prefix(token).filter(|_| matches!(next, Some(Token::SingleQuotedString(_))));
            let is_null = plain_word(token).is_some_and(|w| matches!(w.as_str(), "null" | "true" | "false"));
            match typed.or(literal_type(token)) {
                Some(found) => kind = kind.or(Some(found)),
                None if is_null || matches!(token, Token::Comma | Token::Minus | Token::Plus) => {}
                None => return None,
            }
            i += if typed.is_some() { 2 } else { 1 };
        }
    }

    /// A sign of a number that becomes a parameter goes with it.
    fn is_unary_before_parameter(&self, i: usize) -> bool {
        let Some(Token::Number(..)) = self.tokens.get(i + 1).map(|t| &t.token) else { return false };
        if self.places.last().is_some_and(|place| stays(self.tokens, i + 1, place)) {
            return false;
        }
        match i.checked_sub(1).map(|b| &self.tokens[b].token) {
            None => true,
            Some(Token::Word(word)) => {
                word.quote_style.is_none()
                    && is_keyword(&word.value.to_lowercase())
                    && !word.value.eq_ignore_ascii_case("end")
            }
            Some(token) => {
                matches!(
                    token,
                    Token::Eq
                        | Token::Neq
                        | Token::Lt
                        | Token::Gt
                        | Token::LtEq
                        | Token::GtEq
                        | Token::LParen
                        | Token::Comma
                )
            }
        }
    }
}
