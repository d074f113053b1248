//! Small rewrites of the token stream where Trino's grammar leaves what sqlparser knows. Spans stay with their tokens.
//!
//! - `prefix`: what stands before a query and is none of it (`WITH SESSION`, `WITH FUNCTION`, `PREPARE … FROM`);
//! - `words`: words that change no name, no join and no literal;
//! - `types`: types of casts that hold types;
//! - `json`: clauses of the JSON functions;
//! - `queries`: `TABLE t` and `VALUES 1, 2` as queries;
//! - `windows`: row patterns in windows.

mod json;
mod prefix;
mod queries;
mod types;
mod windows;
mod words;

pub(super) use prefix::drop_preparation;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// Rewrites in place.
pub(super) fn adapt(tokens: &mut Vec<TokenWithSpan>) {
    prefix::drop_explain_options(tokens);
    prefix::drop_functions(tokens);
    windows::simplify(tokens);
    words::drop_words(tokens);
    words::drop_subset(tokens);
    words::drop_literal_types(tokens);
    json::simplify(tokens);
    types::simplify_casts(tokens);
    queries::wrap_values(tokens);
    queries::expand_tables(tokens);
    queries::expand_compared_values(tokens);
}

fn is_word(token: Option<&TokenWithSpan>, text: &str) -> bool {
    matches!(token.map(|t| &t.token), Some(Token::Word(Word { value, quote_style: None, .. })) if value.eq_ignore_ascii_case(text))
}

fn is_any_word(token: Option<&TokenWithSpan>, texts: &[&str]) -> bool {
    texts.iter().any(|text| is_word(token, text))
}

fn is_open(token: Option<&TokenWithSpan>) -> bool {
    matches!(token.map(|t| &t.token), Some(Token::LParen))
}

fn word(text: &str, like: &TokenWithSpan) -> TokenWithSpan {
    TokenWithSpan::new(Token::make_keyword(text), like.span)
}

/// Most tokens between two parentheses that are looked at together: nested calls must not cost the square of their
/// number.
const SPAN_MAX: usize = 2_000;

/// The index of the parenthesis that closes the one at `open`, if it is not too far away.
fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open).take(SPAN_MAX) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// Keeps the tokens that are not marked.
fn drop_marked(tokens: &mut Vec<TokenWithSpan>, dropped: Vec<bool>) {
    let mut dropped = dropped.into_iter();
    tokens.retain(|_| !dropped.next().unwrap_or(false));
}
