//! `TABLE t` and `VALUES 1, 2` as queries.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is_any_word, is_open, is_word, word};

/// Writes `SELECT * FROM t` for `TABLE t` where a query begins.
pub(super) fn expand_tables(tokens: &mut Vec<TokenWithSpan>) {
    let begins = |i: usize| {
        let before = i.checked_sub(1).and_then(|b| tokens.get(b));
        before.is_none() || is_open(before) || is_any_word(before, &["union", "all", "except", "intersect"])
    };
    let is_table = |i: usize| {
        let named = matches!(tokens.get(i + 1).map(|t| &t.token), Some(Token::Word(_)));
        is_word(tokens.get(i), "table") && named && begins(i)
    };
    let places: Vec<usize> = (0..tokens.len()).filter(|i| is_table(*i)).collect();
    for i in places.into_iter().rev() {
        let first = tokens[i].clone();
        let star = TokenWithSpan::new(Token::Mul, first.span);
        tokens.splice(i..=i, [word("SELECT", &first), star, word("FROM", &first)]);
    }
}

/// Writes `= ANY (SELECT * FROM (VALUES …))` for `= ANY (VALUES …)`.
pub(super) fn expand_compared_values(tokens: &mut Vec<TokenWithSpan>) {
    let is_compared = |i: usize| {
        is_any_word(tokens.get(i), &["any", "all", "some"])
            && is_open(tokens.get(i + 1))
            && is_word(tokens.get(i + 2), "values")
    };
    let places: Vec<usize> = (0..tokens.len()).filter(|i| is_compared(*i)).collect();
    for i in places.into_iter().rev() {
        let Some(close) = closing(tokens, i + 1) else { continue };
        let first = tokens[i + 2].clone();
        let mark = |token: Token| TokenWithSpan::new(token, first.span);
        tokens.insert(close, mark(Token::RParen));
        let before = [word("SELECT", &first), mark(Token::Mul), word("FROM", &first), mark(Token::LParen)];
        tokens.splice(i + 2..i + 2, before);
    }
}

/// Puts each bare value behind VALUES into parentheses.
pub(super) fn wrap_values(tokens: &mut Vec<TokenWithSpan>) {
    let is_bare = |i: usize| {
        let next = tokens.get(i + 1).map(|t| &t.token);
        is_word(tokens.get(i), "values")
            && matches!(
                next,
                Some(
                    Token::Number(..)
                        | Token::SingleQuotedString(_)
                        | Token::Minus
                        | Token::Placeholder(_)
                        | Token::Colon
                )
            )
    };
    if !(0..tokens.len()).any(is_bare) {
        return;
    }
    let mut out = Vec::with_capacity(tokens.len() + 16);
    // Inside a bare list: the depth of parentheses since its start.
    let mut depth: Option<usize> = None;
    for (i, token) in tokens.iter().enumerate() {
        let paren = |paren: Token| TokenWithSpan::new(paren, token.span);
        let ends_list = matches!(&token.token, Token::RParen if depth == Some(0))
            || ["order", "limit", "offset", "fetch", "union", "intersect", "except"]
                .iter()
                .any(|w| is_word(Some(token), w));
        if depth == Some(0) && ends_list {
            out.push(paren(Token::RParen));
            depth = None;
        }
        match (&token.token, depth) {
            (Token::Comma, Some(0)) => {
                out.extend([paren(Token::RParen), token.clone(), paren(Token::LParen)]);
                continue;
            }
            (Token::LParen, Some(d)) => depth = Some(d + 1),
            (Token::RParen, Some(d)) => depth = Some(d.saturating_sub(1)),
            _ => {}
        }
        out.push(token.clone());
        if depth.is_none() && is_bare(i) {
            out.push(paren(Token::LParen));
            depth = Some(0);
        }
    }
    if let (Some(_), Some(last)) = (depth, tokens.last()) {
        out.push(TokenWithSpan::new(Token::RParen, last.span));
    }
    *tokens = out;
}
